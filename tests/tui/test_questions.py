"""A question that stopped the relay: seen and answered in the app, by line, and without a screen."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.adapters.scripted import Line
from core.domain import events as e
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from core.domain.task import Touch, Touched
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played
from tests.tui.driving import Driver, shown
from tests.waiting import wait_until
from tui.app import RelaypairApp
from tui.cockpit import AppOptions, Leave
from tui.exit_codes import ExitCode
from tui.headless import Headless, HeadlessOptions
from tui.keymap import in_scope
from tui.line import LineMode
from tui.sources.chrome import waiting
from tui.state import READ, ViewState, with_question

GOAL = "let `greet` take a loud flag"
README = "README.md\n<<<<<<< SEARCH\n`greet(name)` says hello.\n=======\n`greet(name, loud=False)` says hello.\n>>>>>>> REPLACE\n"
OUTSIDE = (PLAN, EDITS + README, "Again.\n" + EDITS + README)
LARGE_PLAN = json.dumps(
    {"tasks": [{"title": "Do", "intent": "it", "files": ["app/a.py"], "lines": 5}]}
)


def made(lines: int) -> str:
    body = "".join(f"line_{n} = {n}\n" for n in range(lines))
    return f"app/a.py\n```python\n{body}```\n"


def opened(folder: Path, *lines: Line) -> Played:
    return open_played(make_repository(folder / "r", GREETING), folder / "s", *lines)


@asynccontextmanager
async def asking(played: Played) -> AsyncIterator[tuple[RelaypairApp, Pilot[Leave]]]:
    """The app, run on until its question is on screen and may be answered."""
    app = RelaypairApp(played.session, AppOptions(goal=GOAL))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(lambda: played.state.cursor is Phase.RETRIEVE)
        await pilot.press("escape", "R")
        await wait_until(lambda: bool(played.state.question))
        await played.session.idle()
        await wait_until(lambda: "! to answer" in shown(app))
        await pilot.press("exclamation_mark")
        await readable(app)
        yield app, pilot


async def readable(app: RelaypairApp) -> None:
    await wait_until(lambda: time.monotonic() - app.view.question_at > READ)


async def press_when_done(played: Played, pilot: Driver, *keys: str) -> None:
    await pilot.press(*keys)
    await wait_until(lambda: played.state.question is None and not played.session.is_busy)


async def test_the_app_offers_the_answers_by_key(tmp_path: Path) -> None:
    async with asking(opened(tmp_path, *OUTSIDE)) as (app, _):
        assert "edits outside the scope of T1: README.md is not among its files" in shown(app)
        assert "w widen, d drop, n refuse: edits outside" in shown(app)


@pytest.mark.parametrize(
    ("key", "state", "files"),
    [
        ("w", PhaseState.PASSED, {"app/greet.py", "tests/test_greet.py", "README.md"}),
        ("d", PhaseState.PASSED, {"app/greet.py", "tests/test_greet.py"}),
        ("n", PhaseState.FAILED, set()),
    ],
)
async def test_a_key_of_the_app_answers(
    tmp_path: Path, key: str, state: PhaseState, files: set[str]
) -> None:
    played = opened(tmp_path, *OUTSIDE)
    async with asking(played) as (app, pilot):
        await press_when_done(played, pilot, key)
        assert played.state.phases[Phase.GENERATE].state is state
        assert {h.path for h in played.state.hunks} == files
        await wait_until(lambda: app.view.focus != "question")


async def test_a_key_that_is_no_answer_says_so_and_decides_nothing(tmp_path: Path) -> None:
    played = opened(tmp_path, *OUTSIDE)
    async with asking(played) as (app, pilot):
        await pilot.press("y")
        await wait_until(lambda: "the question that waits does not offer it" in shown(app))
        assert played.state.question


async def test_a_large_change_goes_on_by_a_key(tmp_path: Path) -> None:
    played = opened(tmp_path, LARGE_PLAN, made(50))
    async with asking(played) as (app, pilot):
        assert "T1 changes 50 lines where its plan said 5" in shown(app)
        assert "y go on, n ask again, e edit: T1" in shown(app)
        await pilot.press("e")
        await wait_until(lambda: app.view.focus == "diffs")
        await pilot.press("exclamation_mark")
        await press_when_done(played, pilot, "y")
        assert played.checker.ran


async def test_a_large_change_is_asked_for_again_by_a_key_and_a_note(tmp_path: Path) -> None:
    played = opened(tmp_path, LARGE_PLAN, made(50), made(9))
    async with asking(played) as (_, pilot):
        await pilot.press("n")
        await press_when_done(played, pilot, *"less", "enter")
        assert "less" in played.model.asked[-1].prompt
        assert [h.added for h in played.state.hunks] == [9]


class Script:
    """Lines typed by a script, and what was printed."""

    is_live = False

    def __init__(self, *lines: str) -> None:
        self.left = list(lines)
        self.printed: list[str] = []

    async def read(self, prompt: str, draft: str = "") -> str:
        if not self.left:
            raise EOFError
        return self.left.pop(0)

    def write(self, text: str) -> None:
        self.printed += text.split("\n")

    def interrupt(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("word", "files"),
    [
        ("widen", {"app/greet.py", "tests/test_greet.py", "README.md"}),
        ("drop", {"app/greet.py", "tests/test_greet.py"}),
        ("refuse", set()),
    ],
)
async def test_a_word_of_the_line_mode_answers(tmp_path: Path, word: str, files: set[str]) -> None:
    played = opened(tmp_path, *OUTSIDE)
    script = Script("run", "question", word, "question")
    await LineMode(played.session, script).run(GOAL)
    assert {h.path for h in played.state.hunks} == files
    offer = "`widen` lets T1 do exactly this; `drop` leaves these edits out; `refuse` uses nothing"
    assert sum(offer in line for line in script.printed) == 2
    assert "No question waits." in script.printed


async def test_a_word_takes_a_large_change_and_another_asks_again(tmp_path: Path) -> None:
    played = opened(tmp_path, LARGE_PLAN, made(50), made(60))
    await LineMode(played.session, Script("run", "refuse less", "approve")).run(GOAL)
    assert "less" in played.model.asked[-1].prompt
    assert played.checker.ran
    assert played.state.cursor is None


async def test_a_script_that_leaves_the_question_open_ends_as_asked(tmp_path: Path) -> None:
    played = opened(tmp_path, *OUTSIDE)
    assert await LineMode(played.session, Script("run")).run(GOAL) is ExitCode.ASKED


@pytest.mark.parametrize("lines", [OUTSIDE, (LARGE_PLAN, made(50))])
async def test_without_a_screen_the_run_ends_as_asked_and_says_the_question(
    tmp_path: Path, lines: tuple[Line, ...]
) -> None:
    played = opened(tmp_path, *lines)
    printed: list[str] = []
    code = await Headless(played.session, HeadlessOptions(), printed.append).run(GOAL)
    assert code is ExitCode.ASKED
    question = played.state.question
    assert question is not None
    choices = ", ".join(choice.value.replace(" ", "-") for choice in question.choices)
    assert f"the relay asks: {question.text} ({choices})" in printed
    assert played.state.outcome == "asked"


def test_the_question_keeps_its_keys_on_a_narrow_screen(tmp_path: Path) -> None:
    from core.domain.question import Question
    from core.domain.state import RunState

    question = Question("q", "edits outside the scope of T1: " + "a" * 200, tuple(Choice)[:3], "T1")
    run = RunState(question=question)
    view = with_question(ViewState(focus="question"), run, 10.0)
    text = "".join(part for part, _ in waiting(run, view, 40))
    assert text.startswith(" w widen, d drop, n refuse: edits")
    assert len(text) == 40


async def test_what_a_task_was_widened_by_is_in_the_plan_panel(tmp_path: Path) -> None:
    played = opened(tmp_path, *OUTSIDE)
    async with asking(played) as (app, pilot):
        await press_when_done(played, pilot, "w")
        assert played.state.tasks[0].widened == (Touched("README.md", Touch.CHANGE),)
        await pilot.press("1")
        await wait_until(lambda: "widened by you" in shown(app))


def test_an_answer_is_told_in_words() -> None:
    from tui.wording import sentence

    assert sentence(e.QuestionAnswered("q", Choice.GO_ON)) == "answered by user: go on"


def test_no_key_is_offered_that_the_question_of_retrieve_does_not_take() -> None:
    from core.domain.question import Question
    from core.domain.state import RunState

    question = Question("q", "nothing here speaks of x", (Choice.GO_ON,), phase=Phase.RETRIEVE)
    run = RunState(question=question)
    view = with_question(ViewState(focus="question"), run, 10.0)
    keys = {a.key for a in in_scope("question") if not a.enabled(run, view)}
    assert keys == {"y"}

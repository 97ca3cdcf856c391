"""What a phase handed on can be read and edited, also a reply that was refused."""

import json
from pathlib import Path

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from core.domain.receipt import GenerateReceipt, PlanReceipt, ReviewReceipt
from tests.engine.test_corrections import sent_back
from tests.playing import EDITS, PLAN, Played
from tests.tui.driving import shown
from tests.tui.test_questions import GOAL, OUTSIDE, README, asking, opened, press_when_done
from tests.waiting import wait_until
from tui import outputs
from tui.handlers.outputs import edit_output
from tui.line_desk import Desk
from tui.line_outputs import edit, receipt

BOTH = json.dumps(
    {
        "tasks": [
            {"title": "One", "intent": "it", "files": ["app/greet.py", "tests/test_greet.py"]},
            {"title": "Two", "intent": "it", "files": ["app/two.py"]},
        ]
    }
)


async def refused(folder: Path, *lines: str) -> Played:
    """A run whose user used nothing of a reply outside the scope."""
    played = opened(folder, *(lines or OUTSIDE))
    await played.play(GOAL)
    assert played.state.question is not None
    await played.do(c.AnswerQuestion(played.state.question.id, Choice.REFUSE))
    assert played.state.phases[Phase.GENERATE].state is PhaseState.FAILED
    return played


def text_of(played: Played, digest: str) -> str:
    return played.session.blob(digest).decode()


def kept(played: Played, text: str) -> str:
    return played.session.keep(text.encode())


def draft(played: Played, phase: Phase) -> str:
    asked = outputs.refused_question(played.session.past(), played.state)
    found = outputs.draft(played.state, phase, asked, lambda d: text_of(played, d))
    assert found is not None
    return found.text


async def edited(played: Played, phase: Phase, text: str) -> None:
    asked = outputs.refused_question(played.session.past(), played.state)
    made = outputs.edited_receipt(played.state, phase, asked, text, lambda t: kept(played, t))
    await played.do(c.EditOutput(phase, made))


def page(played: Played, phase: Phase) -> str:
    asked = outputs.refused_question(played.session.past(), played.state)
    return outputs.page(played.state, phase, asked, lambda d: text_of(played, d))


async def test_a_refused_reply_is_shown_with_who_gave_it(tmp_path: Path) -> None:
    text = page(await refused(tmp_path), Phase.GENERATE)
    assert text.startswith("Not used: edits outside the scope of T1: README.md is not among")
    assert "The reply for T1, by x/writer" in text
    assert README in text


async def test_a_refused_reply_goes_on_as_the_user_edits_it_without_another_call(
    tmp_path: Path,
) -> None:
    played = await refused(tmp_path)
    asked = len(played.model.asked)
    text = draft(played, Phase.GENERATE)
    assert text.startswith("=== relaypair: the reply for T1 ===\n")
    await edited(played, Phase.GENERATE, text.replace(README, ""))
    assert played.state.cursor is Phase.APPLY
    await played.do(c.RunOn())
    assert {h.path for h in played.state.hunks} == {"app/greet.py", "tests/test_greet.py"}
    assert played.state.cursor is None
    assert len(played.model.asked) == asked
    assert "edited by you" in page(played, Phase.GENERATE)
    assert "Not used" not in page(played, Phase.GENERATE)


async def test_an_open_question_is_answered_by_editing_the_reply(tmp_path: Path) -> None:
    played = opened(tmp_path, *OUTSIDE)
    await played.play(GOAL)
    await edited(played, Phase.GENERATE, draft(played, Phase.GENERATE).replace(README, ""))
    assert played.state.question is None
    await played.do(c.RunOn())
    assert played.state.cursor is None


async def test_each_edit_of_a_reply_is_placed_anew(tmp_path: Path) -> None:
    """Also where the count of its blocks and its words stay the same."""
    played = opened(tmp_path, PLAN, EDITS)
    await played.play(GOAL)
    for word in ("louder", "loudest"):
        text = draft(played, Phase.GENERATE)
        was = "louder" if word == "loudest" else "loud"
        await edited(played, Phase.GENERATE, text.replace(f"if {was} else", f"if {word} else"))
        assert played.state.cursor is Phase.APPLY
        await played.do(c.RunOn(Phase.APPLY))
        assert any(f"if {word} else" in line for h in played.state.hunks for line in h.new)


async def test_edits_that_a_correction_kept_are_named_and_stay(tmp_path: Path) -> None:
    greet, test = (part + "\n" for part in EDITS.split("\ntests/test_greet.py\n"))
    louder = f"tests/test_greet.py\n{test}".replace("HELLO, ADA!", "HELLO, BOB!")
    played = await sent_back(tmp_path, EDITS, louder)
    text = draft(played, Phase.GENERATE)
    assert "=== earlier edits stay in app/greet.py (without this line they go) ===\n" in text
    await edited(played, Phase.GENERATE, text.replace("BOB", "EVE"))
    receipt = played.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    [output] = receipt.outputs
    assert output.files == ("tests/test_greet.py", "app/greet.py")
    assert "earlier edits stay" not in text_of(played, output.reply)
    await played.do(c.RunOn(Phase.APPLY))
    assert {f.path for f in played.state.files} == {"app/greet.py", "tests/test_greet.py"}
    stays = draft(played, Phase.GENERATE)
    gone = "".join(line for line in stays.splitlines(True) if "earlier edits stay" not in line)
    for text in (stays + greet, gone):
        await edited(played, Phase.GENERATE, text)
        receipt = played.state.phases[Phase.GENERATE].receipt
        assert isinstance(receipt, GenerateReceipt) and receipt.outputs[0].kept == ()
    assert receipt.did == ("T1: 1 edit, edited by you",)
    assert receipt.outputs[0].files == ("tests/test_greet.py",)


async def test_edits_by_hand_are_held_to_the_scope_as_well(tmp_path: Path) -> None:
    played = await refused(tmp_path, *OUTSIDE, EDITS)
    await edited(played, Phase.GENERATE, draft(played, Phase.GENERATE))
    await played.do(c.Step())
    assert not any(h.path == "README.md" for h in played.state.hunks)
    assert played.state.phases[Phase.APPLY].state is not PhaseState.PASSED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=== relaypair: the reply for T1 ===\nNothing here.\n", "T1: no edit blocks in the reply"),
        ("=== relaypair: the reply for T1 ===\n\n", "T1 has no edits"),
        ("", "T1 has no edits"),
        (f"=== relaypair: the reply for T9 ===\n{EDITS}", "T1 has no edits"),
    ],
)
async def test_what_is_no_reply_is_not_taken(tmp_path: Path, text: str, why: str) -> None:
    played = await refused(tmp_path)
    with pytest.raises(outputs.NoOutput, match=why):
        await edited(played, Phase.GENERATE, text)
    assert not played.told(e.OutputEdited)


async def test_a_task_that_was_never_asked_for_is_not_lost(tmp_path: Path) -> None:
    """Generate would count as passed without it."""
    played = await refused(tmp_path, BOTH, EDITS + README, EDITS + README)
    text = draft(played, Phase.GENERATE).replace(README, "")
    assert text.rstrip().endswith("=== relaypair: the reply for T2 ===")
    with pytest.raises(outputs.NoOutput, match="T2 has no edits: write some, or leave the task"):
        await edited(played, Phase.GENERATE, text)
    await edited(played, Phase.GENERATE, text + "app/two.py\n```python\nx = 2\n```\n")
    await played.do(c.RunOn())
    assert "app/two.py" in {h.path for h in played.state.hunks}


async def test_the_plan_and_the_commit_message_are_edited_as_json(tmp_path: Path) -> None:
    played = opened(tmp_path, PLAN, EDITS)
    await played.play(GOAL)
    text = draft(played, Phase.PLAN)
    assert json.loads(text)["tasks"][0]["title"] == "Add a loud flag"
    await edited(played, Phase.PLAN, text.replace("Add a loud flag", "Shout"))
    plan = played.state.phases[Phase.PLAN].receipt
    assert isinstance(plan, PlanReceipt)
    assert (plan.tasks[0].title, plan.edited_by_user) == ("Shout", True)
    review = json.loads(draft(played, Phase.REVIEW))
    review["commit_message"] = ["Shout", "", "Because."]
    await edited(played, Phase.REVIEW, json.dumps(review))
    receipt = played.state.phases[Phase.REVIEW].receipt
    assert isinstance(receipt, ReviewReceipt)
    assert receipt.commit_message == "Shout\n\nBecause."
    assert json.loads(draft(played, Phase.REVIEW))["commit_message"] == ["Shout", "", "Because."]


async def test_what_checks_said_cannot_be_edited(tmp_path: Path) -> None:
    played = opened(tmp_path, PLAN, EDITS)
    await played.play(GOAL)
    found = json.loads(draft(played, Phase.VERIFY))
    assert set(found) == set(outputs.COMMON)
    with pytest.raises(outputs.NoOutput, match="must be an object with did"):
        await edited(played, Phase.VERIFY, json.dumps({"tree_hash": "0"}))
    with pytest.raises(outputs.NoOutput, match="no JSON"):
        await edited(played, Phase.VERIFY, "{")
    with pytest.raises(outputs.NoOutput, match="no receipt of verify: did"):
        await edited(played, Phase.VERIFY, json.dumps({"did": 3}))


async def test_a_key_opens_the_editor_and_a_text_that_is_no_reply_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = opened(tmp_path, *OUTSIDE)
    seen: list[str] = []

    def edit_text(text: str, suffix: str) -> str:
        seen.append(text)
        return "nonsense" if len(seen) == 1 else seen[0].replace(README, "")

    async with asking(played) as (app, pilot):
        monkeypatch.setattr(app, "edit_text", edit_text)
        await press_when_done(played, pilot, "n")
        await wait_until(lambda: "E edits the reply" in shown(app))
        await pilot.press("E")
        await wait_until(lambda: "E opens your text again: T1 has no edits" in shown(app))
        await pilot.press("E")
        await wait_until(lambda: played.state.cursor is Phase.APPLY)
        assert seen[1] == "nonsense"
        await wait_until(lambda: "apply is next: R runs on" in shown(app))


class Typed:
    """A terminal whose editor does to the text what it is told."""

    is_live = True

    def __init__(self) -> None:
        self.printed: list[str] = []

    def write(self, text: str) -> None:
        self.printed += text.split("\n")


async def test_a_word_of_the_line_mode_edits_by_the_users_editor(tmp_path: Path) -> None:
    played = await refused(tmp_path)
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
        f"path.write_text(path.read_text().replace({README!r}, ''))\n"
    )
    terminal = Typed()
    desk = Desk(played.session, terminal, ("python3", str(script)))  # type: ignore[arg-type]
    await receipt(desk, "generate")
    assert "The reply for T1, by x/writer" in "\n".join(terminal.printed)
    await edit(desk, "generate")
    output = played.state.phases[Phase.GENERATE].receipt
    assert isinstance(output, GenerateReceipt)
    assert output.outputs[0].files == ("app/greet.py", "tests/test_greet.py")
    await played.do(c.RunOn())
    assert not played.state.hunks_in(HunkState.ACCEPTED)
    assert played.state.cursor is None


def test_the_handler_is_the_one_of_the_registry() -> None:
    from tui.handlers.table import HANDLERS

    assert HANDLERS["edit-output"] is edit_output

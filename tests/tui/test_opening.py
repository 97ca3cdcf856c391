import asyncio
import time
from dataclasses import replace

from core.domain import commands as c
from core.domain import events as e
from core.domain.context import ItemState
from core.domain.goal import Goal
from core.domain.hunk import Landing
from core.domain.phase import Phase, PhaseState
from core.domain.state import PhaseRun, RunState
from core.engine.reduce import reduce
from tests.tui.driving import Driven, driving, wait_until
from tui import reasons, sample
from tui.app import RelaypairApp
from tui.cockpit import AppOptions
from tui.late_session import LateSession
from tui.scripted_session import ScriptedSession, sample_session
from tui.sources.waiting import waits
from tui.state import READ, ViewState


async def test_a_run_that_is_taken_up_shows_what_happened_before() -> None:
    async with driving(sample_session(), focus="events") as driven:
        await wait_until(lambda: not driven.app.view.is_opening)
        told = [row.text for row in driven.app.view.log]
        assert any(text.startswith("apply: ok after") for text in told)
        assert driven.app.view.says == ""


async def test_a_run_that_has_begun_opens_on_its_hunks_and_not_in_the_prompt() -> None:
    app = RelaypairApp(LateSession(sample_session), AppOptions(begun=True))
    async with app.run_test(size=(120, 40)) as pilot:
        driven = Driven(app, ScriptedSession(), pilot)
        await driven.sees("12 hunks")
        assert app.view.focus == "diffs"


async def test_a_key_before_the_repository_is_open_is_answered_by_what_is_going_on() -> None:
    session = _Slow()
    app = RelaypairApp(session, AppOptions(goal="add x"))
    async with app.run_test(size=(120, 40)) as pilot:
        driven = Driven(app, session, pilot)
        await driven.sees("the repository is being opened")
        await driven.press("R")
        await driven.sees("run: the repository is still being opened")
        session.gate.set()
        await wait_until(lambda: c.StartRun("add x") in session.submitted)
        await driven.press("escape")
        await driven.sees("press . to start")


class _Slow(ScriptedSession):
    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def open(self) -> None:
        await self.gate.wait()


def test_a_failed_phase_always_offers_a_way_on_beside_a_long_reason() -> None:
    run = _failed("the reply is not the JSON object asked for " * 5)
    keys, reason = waits(run, ViewState())
    assert keys == "plan FAIL; r reruns with a note, m swaps the model"
    assert reason.startswith(": the reply is not")


def test_the_waiting_line_says_what_is_next_once() -> None:
    run = replace(RunState(run_id="1"), waiting="plan skipped")
    assert "".join(waits(run, ViewState())) == "retrieve is next: R runs on (plan skipped)"
    run = replace(run, waiting="press . to go on")
    assert "".join(waits(run, ViewState())) == "retrieve is next: R runs on"


def test_a_stale_phase_is_next_whatever_was_next_before_the_context_changed() -> None:
    session = sample_session()
    item = session.state.items[0]
    session.publish(e.ContextMarked(item.id, ItemState.DROPPED))
    session.publish(e.RunPaused("review is next"))
    cursor = session.state.cursor
    assert cursor is not None
    assert session.state.is_stale(cursor)

    text = "".join(waits(session.state, ViewState()))

    assert text.startswith(f"{cursor.value} is next: R runs on (what it worked from has changed; ")


def test_a_review_goes_back_no_further_than_verify() -> None:
    run = replace(_failed(""), kind="review", goal=Goal("review x"))
    legs = {p: replace(leg, state=PhaseState.SKIPPED) for p, leg in run.phases.items()}
    legs[Phase.VERIFY] = PhaseRun()
    at_verify = replace(run, phases=legs)

    assert reasons.back(at_verify, ViewState()) == "a review begins at verify"
    assert reasons.back(replace(at_verify, kind="relay"), ViewState()) == ""


def test_a_check_outside_the_phases_is_told_while_it_runs() -> None:
    view = ViewState(doing="the checks run on 2 accepted hunks", is_busy=True)
    assert waits(RunState(), view)[0] == "the checks run on 2 accepted hunks; ctrl+c stops it"
    assert "the checks run" not in waits(RunState(), replace(view, is_busy=False))[0]


def test_what_was_landed_and_how_to_take_it_back_is_told_beside_what_is_left() -> None:
    landing = Landing("1", (), ("h1",), verified=True)
    session = sample_session()
    run = reduce(session.state, e.Recorded(900, 1.0, "1", e.EditsLanded(landing)))

    done = {p: replace(leg, state=PhaseState.SKIPPED) for p, leg in run.phases.items()}

    text = "".join(waits(replace(run, phases=done), ViewState()))

    assert text.startswith("landed, verified; U restores the files (1 hunk in 0 files; ")
    assert text.endswith("undecided)")


async def test_the_prompt_and_the_words_of_a_failed_phase_can_be_read() -> None:
    session = sample_session()
    async with driving(session, focus="phases") as driven:
        session.publish(e.PhaseFailed(Phase.GENERATE, "the reply was cut short"))
        await driven.sees("generate FAIL")
        await wait_until(lambda: not driven.app.view.is_opening)
        while driven.app.view.phase is not Phase.GENERATE:
            await driven.press("left_square_bracket")
        await driven.press("p")
        await driven.sees("canned text of prompt-")


async def test_the_answer_to_a_question_gives_the_keys_back_to_the_panel() -> None:
    session = sample_session()
    async with driving(session, focus="diffs") as driven:
        session.publish(e.ApprovalRequested(sample.PYTEST, "pyproject.toml proposes it"))
        await driven.sees("! to answer")
        await driven.press("exclamation_mark")
        shown = driven.app.view.question_at
        await wait_until(lambda: time.monotonic() - shown > READ)
        await driven.press("y")
        await wait_until(lambda: driven.app.view.focus == "diffs")
        await driven.press("n")
        await wait_until(lambda: isinstance(session.submitted[-1], c.DecideHunk))


async def test_pausing_says_that_the_relay_stops_after_the_phase() -> None:
    view = ViewState(is_pausing=True)
    session = sample_session()
    session.publish(e.PhaseStarted(Phase.VERIFY, 1, "local", "default", "k"))
    assert waits(session.state, view)[0].endswith("the relay stops after it, P again cancels it")


def _failed(reason: str) -> RunState:
    run = RunState(run_id="1")
    legs = dict(run.phases)
    session = sample_session()
    session.publish(e.PhaseFailed(Phase.PLAN, reason))
    legs[Phase.PLAN] = session.state.phases[Phase.PLAN]
    return replace(run, phases=legs)

"""The one line that tells a user what is so and what to press, on a terminal of 80 columns."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.errors import FaultKind
from core.domain.goal import Goal
from core.domain.hunk import HunkState, LandedFile, Landing
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.question import Choice, Question
from core.domain.receipt import GenerateReceipt, PlanReceipt, ReviewReceipt
from core.domain.risk import RiskTier
from core.domain.state import AcceptedCheck, PhaseRun, RunState
from core.engine.gate import gate_before
from tui import reasons
from tui.handlers.relay import promise
from tui.ink import plain
from tui.keymap import hints
from tui.sample import PYTEST
from tui.scripted_session import large_session, sample_session
from tui.sources.chrome import waiting
from tui.sources.waiting import KEYS_WITHIN
from tui.state import ViewState, armed, logged, questions, with_question

LONG = "why this is so, " * 30
MANY = large_session(12_000).state
DONE = dict.fromkeys(ORDER, PhaseRun(PhaseState.PASSED))


def _run(waiting: str, phase: Phase, leg: PhaseRun) -> RunState:
    """One that has come to a phase: those before it have passed."""
    phases = dict(RunState().phases) | dict.fromkeys(phase.before, PhaseRun(PhaseState.PASSED))
    phases[phase] = leg
    routes = sample_session().state.routes
    return RunState(goal=Goal("go"), run_id="1", phases=phases, waiting=waiting, routes=routes)


def _fresh(run: RunState) -> RunState:
    legs = {p: replace(leg, input_key=run.key(p)) for p, leg in run.phases.items()}
    return replace(run, phases=legs)


def _of_phases() -> Iterator[tuple[RunState, ViewState, str]]:
    for phase in ORDER:
        runs = _run("", phase, PhaseRun(PhaseState.RUNNING, model="x/" + "m" * 90))
        yield runs, ViewState(), "P pauses"
        yield runs, ViewState(), "ctrl+c cancels"
        yield runs, ViewState(is_pausing=True), "P again"
        failed = _run("", phase, PhaseRun(PhaseState.FAILED, reason=LONG))
        yield failed, ViewState(), "r reruns"
        broke = _run("", phase, PhaseRun(PhaseState.FAILED, reason=LONG, fault="budget"))
        for keys in ("$ raises", "m swaps", "R goes on"):
            yield broke, ViewState(), keys
        named = f"{phase.value} sent the change back to {phase.value}: {LONG}"
        yield _fresh(_run(named, phase, PhaseRun())), ViewState(), "R runs on"
        yield _run("press . to go on", phase, PhaseRun()), ViewState(), "R runs on"
        cut = f"{phase.value} was interrupted; . takes it up, calls already paid for are kept"
        yield _run(cut, phase, PhaseRun()), ViewState(), ". takes it up"


def _beside_phases() -> Iterator[tuple[RunState, ViewState, str]]:
    refused = PhaseRun(PhaseState.FAILED, reason=LONG, receipt=GenerateReceipt())
    yield _run("", Phase.GENERATE, refused), ViewState(), "E edits the reply"
    for doing in (
        "the checks run on 12000 accepted hunks in a scratch copy",
        "the accepted hunks are written to the files",
        "the files get back what they held",
    ):
        yield RunState(), ViewState(is_busy=True, doing=doing), "ctrl+c stops it"


def _between() -> Iterator[tuple[RunState, ViewState, str]]:
    yield _run("press . to start", Phase.RETRIEVE, PhaseRun()), ViewState(), "press ."
    asks = _fresh(_run(f"the plan asks: {LONG} Add a note or go on.", Phase.GENERATE, PhaseRun()))
    yield asks, ViewState(), "R runs on, r reruns the plan"
    near = "$0.0800 of $0.1000 are used; go on, or choose cheaper models (m)"
    yield _fresh(_run(near, Phase.VERIFY, PhaseRun())), ViewState(), "$ sets"
    high = _high_risk()
    yield high, ViewState(), "3, then y or n"
    yield high, ViewState(focus="diffs"), "y or n on 12000 hunks"
    yield high, ViewState(), "R runs on"


def _high_risk() -> RunState:
    files = tuple(
        replace(f, hunks=tuple(replace(h, risk=RiskTier.HIGH, rule="auth") for h in f.hunks))
        for f in MANY.files
    )
    run = _fresh(replace(_run("", Phase.VERIFY, PhaseRun()), files=files))
    run = replace(run, approvals={PYTEST.id: True})
    [paused] = gate_before(run, Phase.VERIFY, (PYTEST,))
    assert isinstance(paused, e.RunPaused)
    return replace(run, waiting=paused.reason)


def _at_the_end() -> Iterator[tuple[RunState, ViewState, str]]:
    done = _fresh(replace(MANY, phases=DONE, goal=Goal("go")))
    yield done, ViewState(), "3 goes to them"
    yield done, ViewState(focus="diffs"), "y accepts, n rejects"
    some = replace(done, decisions={h.id: HunkState.ACCEPTED for h in done.hunks[1:]})
    every = replace(done, decisions={h.id: HunkState.ACCEPTED for h in done.hunks})
    none = replace(done, decisions={h.id: HunkState.REJECTED for h in done.hunks})
    yield every, ViewState(), "V checks them"
    yield none, ViewState(), "u takes a decision back, r reruns"
    for run in (some, every):
        red = replace(run, accepted_check=AcceptedCheck(run.accepted_key, "t", False, LONG))
        yield red, ViewState(), "v shows why, V checks again"
        good = replace(run, accepted_check=AcceptedCheck(run.accepted_key, "t", True, LONG))
        yield good, ViewState(), "L lands them"
        for action, key in (("land", "L again"), ("undo-landing", "U again"), ("back", "B again")):
            for state in (red, good):
                text = promise(action, state, ViewState())
                yield state, armed(ViewState(), action, text), key
    text = promise("land", every, ViewState())
    yield every, armed(ViewState(), "land", text), "V checks first"
    skip = promise("skip", every, ViewState())
    yield every, armed(ViewState(), "skip", skip), "S again"
    landing = Landing(
        "1", tuple(LandedFile(f"{n}.py", "", "") for n in range(1_000)), ("h",), False
    )
    landing = replace(landing, hunk_ids=tuple(h.id for h in done.hunks))
    review = PhaseRun(PhaseState.PASSED, receipt=ReviewReceipt(commit_message="Do it"))
    landed = replace(
        done,
        landings=(landing,),
        waiting="landed 1 hunk",
        phases={**DONE, Phase.REVIEW: review},
        decisions={i: HunkState.LANDED for i in landing.hunk_ids},
    )
    for keys in ("NOT verified", "U restores", "M shows the commit message"):
        yield _fresh(landed), ViewState(), keys


def _questions() -> Iterator[tuple[RunState, ViewState, str]]:
    command = CheckCommand(("sh", "-c", LONG), "pyproject.toml")
    asked = RunState(goal=Goal("go"), asked=(command,))
    scope = Question("q", LONG, tuple(Choice)[:3], "T1", kept=GenerateReceipt())
    both = replace(asked, question=scope)
    for run in (asked, both):
        yield run, with_question(ViewState(), run, 10.0), "! to answer"
        yield run, with_question(ViewState(focus="question"), run, 10.0), "y yes, n no"
    large = Question("s", LONG, (Choice.GO_ON, Choice.AGAIN), "T1")
    for keys in ("y go on", "n ask again", "e edit"):
        run = RunState(question=large)
        view = ViewState(focus="phases", question="s")
        yield run, view, keys
    only = RunState(question=scope)
    for keys in ("w widen", "d drop", "n refuse"):
        yield only, with_question(ViewState(focus="phases"), only, 10.0), keys


EVERY = [*_of_phases(), *_beside_phases(), *_between(), *_at_the_end(), *_questions()]


@pytest.mark.parametrize("width", [80, 120])
def test_every_key_of_the_waiting_line_stands_within_the_first_76_columns(width: int) -> None:
    for run, view, keys in EVERY:
        text = plain(waiting(run, view, width))
        assert len(text) <= width, text
        assert keys in text[:KEYS_WITHIN], (keys, text)


def test_no_line_runs_out_of_keys_that_are_offered_twice() -> None:
    for run, view, _ in EVERY:
        text = plain(waiting(run, view, 400))
        assert text.count("R runs on") <= 1, text


def test_after_the_last_hunk_of_high_risk_the_line_offers_to_go_on() -> None:
    run = _high_risk()
    assert reasons.step(run, ViewState()).startswith("12000 hunks of high risk must be decided")
    run = replace(run, decisions={h.id: HunkState.ACCEPTED for h in run.hunks})
    assert plain(waiting(run, ViewState(), 80)).rstrip() == " verify is next: R runs on"
    assert reasons.step(run, ViewState()) == ""


def test_what_is_cut_off_of_an_answer_is_offered_where_it_can_be_read() -> None:
    view = logged(replace(ViewState(), says=LONG), 0.0, f"that cannot be done: {LONG}".strip())
    view = replace(view, says=LONG.strip())
    assert plain(waiting(RunState(), view, 80)).endswith("5: all of it")
    assert "5: all" not in plain(waiting(RunState(), replace(view, says="no"), 80))


def test_a_fault_of_the_budget_is_the_kind_that_the_engine_tells() -> None:
    assert FaultKind.BUDGET.value == "budget"


def test_a_change_that_is_no_longer_large_asks_nothing_and_lets_the_relay_go_on() -> None:
    files = tuple(
        replace(f, hunks=tuple(replace(h, task="T1") for h in f.hunks)) for f in MANY.files
    )
    plan = sample_session().state.phases[Phase.PLAN].receipt
    assert isinstance(plan, PlanReceipt)
    tasks = (replace(plan.tasks[0], id="T1", lines=5),)
    passed = PhaseRun(PhaseState.PASSED, receipt=replace(plan, tasks=tasks))
    run = _run("", Phase.VERIFY, PhaseRun())
    run = replace(run, phases={**run.phases, Phase.PLAN: passed}, files=files, staged_key="k")
    [asked] = gate_before(_fresh(run), Phase.VERIFY, ())
    assert isinstance(asked, e.QuestionAsked)
    run = _fresh(replace(run, question=asked.question, waiting=asked.question.text))
    view = with_question(ViewState(focus="phases"), run, 10.0)
    assert ("R", "run") not in hints(run, view)
    others = [h.id for h in run.hunks][1:]
    left = replace(run, decisions=dict.fromkeys(others[10:], HunkState.REJECTED))
    assert f"T1 changes {sum(h.added + h.removed for h in left.hunks[:11])} lines" in plain(
        waiting(left, view, 120)
    )
    small = replace(run, decisions=dict.fromkeys(others, HunkState.REJECTED))
    view = with_question(view, small, 11.0)
    assert questions(small) == []
    assert plain(waiting(small, view, 80)).startswith(" verify is next: R runs on")
    assert ("R", "run") in hints(small, view)

"""A question about a kept reply stays open until something takes the place of that reply."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.adapters.scripted import Line
from core.domain import commands as c
from core.domain import events as e
from core.domain.goal import Budget
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from tests.engine.test_scope import README, again, answer, asked, calls, paths, planned, played
from tests.playing import EDITS, PLAN, Played, open_played, routes

GREET, TEST = EDITS.split("\ntests/test_greet.py\n")
SECOND = "tests/test_greet.py\n" + TEST
TWO_TASKS = planned({"files": ["app/greet.py"]}, {"files": ["tests/test_greet.py"]})
ALL = {"app/greet.py", "tests/test_greet.py", "README.md"}


async def stopped(folder: Path, *more: Line) -> Played:
    """A run of one task that waits at its question."""
    return await played(folder, PLAN, EDITS + README, again(EDITS) + README, *more)


async def refused_by_budget(run: Played, phase: Phase, note: str = "only the code") -> None:
    await run.do(c.SetBudget(Budget(tokens=1)), c.RerunPhase(phase, note))
    assert run.state.phases[phase].fault == "budget"
    await run.do(c.SetBudget(Budget()))


async def cancelled_at_once(run: Played, phase: Phase, note: str = "only the code") -> None:
    await run.session.submit(c.RerunPhase(phase, note))
    await run.do(c.CancelCall())


async def cancelled_while_it_runs(run: Played, phase: Phase, note: str = "only the code") -> None:
    news = run.session.events()
    await run.session.submit(c.RerunPhase(phase, note))
    async for told in news:
        if isinstance(told.event, e.PhaseStarted):
            break
    await run.do(c.CancelCall())
    assert run.state.phases[phase].state is PhaseState.CANCELLED


NEVER_ASKED = (refused_by_budget, cancelled_at_once, cancelled_while_it_runs)
NeverAsked = Callable[..., Awaitable[None]]


@pytest.mark.parametrize("phase", [Phase.GENERATE, Phase.PLAN])
@pytest.mark.parametrize("never_asked", NEVER_ASKED)
async def test_where_nothing_was_asked_the_question_is_open(
    tmp_path: Path, never_asked: NeverAsked, phase: Phase
) -> None:
    run = await stopped(tmp_path)
    before = len(run.model.asked)
    await never_asked(run, phase)
    assert len(run.model.asked) == before
    assert asked(run).choices == (Choice.WIDEN, Choice.DROP, Choice.REFUSE)


@pytest.mark.parametrize("never_asked", NEVER_ASKED)
async def test_the_kept_reply_is_used_without_another_call(
    tmp_path: Path, never_asked: NeverAsked
) -> None:
    run = await stopped(tmp_path)
    await never_asked(run, Phase.GENERATE)
    await answer(run, Choice.WIDEN)
    await run.do(c.RunOn())
    assert calls(run) == 2
    assert paths(run) == ALL


@pytest.mark.parametrize("never_asked", NEVER_ASKED)
async def test_other_tasks_keep_what_they_have_too(tmp_path: Path, never_asked: NeverAsked) -> None:
    run = await played(tmp_path, TWO_TASKS, GREET, SECOND + README, "No.\n" + SECOND + README)
    await never_asked(run, Phase.GENERATE, note="")
    await answer(run, Choice.DROP)
    await run.do(c.RunOn())
    assert calls(run) == 3
    assert paths(run) == {"app/greet.py", "tests/test_greet.py"}


async def test_a_new_reply_takes_the_place_of_the_kept_one(tmp_path: Path) -> None:
    run = await stopped(tmp_path, EDITS)
    await run.do(c.RerunPhase(Phase.GENERATE, "only the code"))
    assert (run.state.question, run.state.set_aside) == (None, None)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED


async def test_a_question_about_the_new_reply_takes_the_place_of_the_old_one(
    tmp_path: Path,
) -> None:
    third, fourth = ("Third.\n" + EDITS + README, "Fourth.\n" + EDITS + README)
    run = await stopped(tmp_path, third, fourth)
    first = asked(run).id
    await run.do(c.RerunPhase(Phase.GENERATE, "only the code"))
    assert asked(run).id != first
    assert run.state.set_aside is None


async def test_a_new_plan_ends_the_question_about_the_old_one(tmp_path: Path) -> None:
    run = await stopped(tmp_path, PLAN)
    await run.do(c.RerunPhase(Phase.PLAN, "only the code"))
    assert (run.state.question, run.state.set_aside) == (None, None)


async def test_going_back_and_failing_there_opens_it_again(tmp_path: Path) -> None:
    run = await stopped(tmp_path)
    await run.do(c.BackTo(Phase.PLAN))
    assert run.state.question is None
    await run.do(c.SetBudget(Budget(tokens=1)), c.Step())
    assert Choice.WIDEN in asked(run).choices


async def test_a_rerun_that_a_crash_cut_short_leaves_the_question(tmp_path: Path) -> None:
    first = await stopped(tmp_path)
    run = first.state
    await first.session.close()
    at = run.last_seq
    for number, event in enumerate(
        (
            e.RerunAsked(Phase.GENERATE, "only the code"),
            e.PhaseStarted(Phase.GENERATE, 2, "x/writer", "user file", "key"),
        ),
        at + 1,
    ):
        first.journal.append(e.Recorded(number, 0.0, run.run_id, event))
    later = open_played(
        first.root, tmp_path / "s", models=routes(plan="x/planner", generate="x/writer")
    )
    later.session.resume()
    assert later.state.waiting == "generate was stopped; the question is open again"
    await answer(later, Choice.WIDEN)
    await later.do(c.RunOn())
    assert later.model.asked == []
    assert paths(later) == ALL

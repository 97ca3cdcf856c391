"""Spend caps: before the call, of the run and of a phase, in dollars, tokens and seconds."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.adapters.scripted import ScriptedChecker
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import CheckResult, Outcome
from core.domain.errors import FaultKind, ModelFault
from core.domain.goal import Budget, Limits
from core.domain.model import ModelInfo, ModelRequest
from core.domain.phase import Phase, PhaseState
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played
from tui.budget_words import read_limits

GOAL = "let `greet` take a loud flag"
CHEAP = tuple(
    ModelInfo(f"x/{n}", 0.01, 0.01, None, "", True, "x", "") for n in ("planner", "writer")
)


async def played(
    folder: Path, budget: Budget, *, known: tuple[ModelInfo, ...] = CHEAP, on: int = 1
) -> Played:
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        PLAN,
        EDITS,
        budget=budget,
        known=known,
    )
    await run.do(c.StartRun(GOAL), *[c.RunOn()] * on)
    return run


def stopped(run: Played) -> Phase | None:
    """The phase whose call was not made."""
    return next((p for p in Phase if run.state.phases[p].fault == "budget"), None)


@pytest.mark.parametrize(
    ("budget", "at"),
    [
        (Budget(dollars=0.001), Phase.GENERATE),
        (Budget(tokens=100), Phase.PLAN),
        (Budget(phases={Phase.GENERATE: Limits(tokens=100)}), Phase.GENERATE),
        (Budget(phases={Phase.PLAN: Limits(dollars=0.000001)}), Phase.PLAN),
        (Budget(seconds=0.0), Phase.PLAN),
        (Budget(phases={Phase.GENERATE: Limits(seconds=0.0)}), Phase.GENERATE),
    ],
)
async def test_a_call_that_would_cross_a_limit_is_not_made(
    tmp_path: Path, budget: Budget, at: Phase
) -> None:
    run = await played(tmp_path, budget, on=2)
    assert stopped(run) is at
    assert at not in {request.phase for request in run.model.asked}
    reached = run.told(e.BudgetReached)[-1]
    assert isinstance(reached, e.BudgetReached)
    assert reached.limit in run.state.phases[at].reason


async def test_a_limit_that_is_not_reached_stops_nothing(tmp_path: Path) -> None:
    limits = Limits(dollars=1.0, tokens=100_000, seconds=1e6)
    run = await played(tmp_path, Budget(1.0, 100_000, 1e6, {Phase.PLAN: limits}))
    assert stopped(run) is None
    assert run.state.cursor is None


async def test_without_a_price_a_cap_in_dollars_counts_tokens(tmp_path: Path) -> None:
    run = await played(tmp_path, Budget(dollars=0.01), known=())
    assert stopped(run) is Phase.PLAN
    assert "1,000 tokens without a price" in run.state.phases[Phase.PLAN].reason


async def test_at_four_fifths_the_user_is_asked_once(tmp_path: Path) -> None:
    run = await played(tmp_path, Budget(dollars=0.0012))
    assert [request.phase for request in run.model.asked] == [Phase.PLAN]
    [near] = run.told(e.BudgetNeared)
    assert near == e.BudgetNeared("$0.0012", "$0.0010")
    assert run.state.waiting.startswith("$0.0010 of $0.0012 are used; go on, or choose")
    await run.do(c.RunOn())
    assert [request.phase for request in run.model.asked] == [Phase.PLAN, Phase.GENERATE]
    assert len(run.told(e.BudgetNeared)) == 1


async def test_a_raised_limit_lets_the_run_go_on_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    run = await played(tmp_path, Budget(dollars=0.001), on=2)
    assert stopped(run) is Phase.GENERATE
    before = len(run.model.asked)
    await run.do(c.SetBudget(Budget(dollars=1.0)), c.RunOn(Phase.GENERATE))
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED
    assert len(run.model.asked) == before + 1
    assert run.state.goal.budget == Budget(dollars=1.0)
    assert not run.state.is_stale(Phase.PLAN)


async def test_the_same_limits_once_more_change_nothing(tmp_path: Path) -> None:
    run = await played(tmp_path, Budget(dollars=0.001), on=0)
    await run.do(c.SetBudget(Budget(dollars=0.001)))
    assert not run.told(e.BudgetChanged)
    assert run.told(e.CommandRefused)


@pytest.mark.parametrize(
    ("said", "now"),
    [
        ("", Budget(dollars=0.001, tokens=9_000)),
        ("1.00", Budget(dollars=1.0, tokens=9_000)),
        ("dollars none", Budget(tokens=9_000)),
        ("none", Budget()),
    ],
)
async def test_a_run_that_is_taken_up_again_has_its_limits_or_those_that_are_said_now(
    tmp_path: Path, said: str, now: Budget
) -> None:
    """The user's file may say something else by now; it is not what this run was begun with."""
    first = await played(tmp_path, Budget(dollars=0.001, tokens=9_000), on=2)
    later = open_played(
        first.root,
        tmp_path / "s",
        EDITS,
        budget=Budget(dollars=5.0),
        known=CHEAP,
        limits=read_limits(said) if said else (),
    )
    later.session.resume()
    assert later.state.goal.budget == now
    await later.do(c.RunOn(Phase.GENERATE))
    assert (stopped(later) is Phase.GENERATE) == (not said)


async def test_seconds_of_attempts_that_did_not_pass_count(tmp_path: Path) -> None:
    class Slow(ScriptedChecker):
        async def run(self, *given: Any, **more: Any) -> CheckResult:
            clock._time += 60.0
            return await super().run(*given, **more)

    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        EDITS,
        budget=Budget(seconds=30.0),
        known=CHEAP,
        checker=Slow(Outcome.FAIL),
    )
    clock = run.clock
    await run.play(GOAL)
    assert run.told(e.SentBack)
    await run.do(c.RunOn())
    assert stopped(run) is Phase.GENERATE
    assert len(run.model.asked) == 2
    assert run.state.spent.seconds >= 60.0


async def test_the_start_of_the_model_host_is_free(tmp_path: Path) -> None:
    async def slow() -> None:
        started.append(run.clock.monotonic())
        run.clock._time += 60.0

    started: list[float] = []
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        budget=Budget(seconds=30.0),
        known=CHEAP,
        warm=slow,
    )
    await run.play(GOAL)
    assert len(started) == 2
    assert run.state.spent.seconds == 0.0
    assert run.state.cursor is None


async def test_a_model_host_that_does_not_start_is_told_by_the_call(tmp_path: Path) -> None:
    async def broken() -> None:
        raise ModelFault(FaultKind.HOST_DIED, "", "The model host could not start.")

    dead = ModelFault(FaultKind.HOST_DIED, "x/planner", "The model host could not start.")
    run = open_played(
        make_repository(tmp_path / "r", GREETING), tmp_path / "s", dead, dead, dead, warm=broken
    )
    await run.play(GOAL)
    assert run.state.phases[Phase.PLAN].reason == "The model host could not start."


async def test_seconds_count_between_the_calls_of_one_phase(tmp_path: Path) -> None:
    """A phase of several calls does not outrun its limit until it ends."""
    tasks = [{"title": f"t{n}", "intent": "i", "files": [f"app/{n}.py"]} for n in range(3)]
    plan = json.dumps({"summary": "s", "tasks": tasks})

    def slow(request: ModelRequest) -> str:
        run.clock._time += 40
        return f"{request.task.files[0]}\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE"

    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", plan, slow, slow, slow, budget=Budget(seconds=70))
    await run.play(GOAL)
    assert run.state.phases[Phase.GENERATE].fault == "budget"
    assert "The budget of 70 seconds would be crossed (80 seconds)" in run.state.waiting
    assert len(run.model.asked) == 3


async def test_a_pause_that_would_outlast_a_limit_is_not_waited_for(tmp_path: Path) -> None:
    busy = ModelFault(FaultKind.RATE_LIMITED, "x/planner", "Slow down.", retry_after=50.0)
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", busy, PLAN, budget=Budget(seconds=30.0), known=CHEAP)
    await run.play(GOAL)
    assert stopped(run) is Phase.PLAN
    assert "The budget of 30 seconds would be crossed (50 seconds)" in run.state.waiting
    assert run.clock.slept == [] and not run.told(e.CallRetried)
    assert len(run.model.asked) == 1

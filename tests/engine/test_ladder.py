"""Restrained retries: the same model once, one step up, then the user; and never more calls."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.scripted import Line, ScriptedChecker
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import Outcome
from core.domain.errors import FaultKind, ModelFault, Refused
from core.domain.phase import Phase, PhaseState
from core.domain.route import Layer, Route
from core.engine.asker import TRANSPORT_RETRIES
from core.engine.ladder import MOST, Step, next_step
from core.engine.routes import keystroke_route
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"
NO_EDITS = "I would rather not."
LADDER = routes(plan="x/planner", generate="x/small > x/large")


def again(reply: str, number: int) -> str:
    """Another try: the same reply twice would be the same edits."""
    return reply.replace("I add the flag.", f"Try {number}.")


async def played(folder: Path, *lines: Line, outcomes: tuple[Outcome, ...] = ()) -> Played:
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        *lines,
        models=LADDER,
        checker=ScriptedChecker(*outcomes),
    )
    await run.play(GOAL)
    return run


def asked(run: Played) -> list[str]:
    return [r.model for r in run.model.asked if r.phase is Phase.GENERATE]


async def test_a_reply_that_does_not_pass_is_asked_for_once_more_then_one_step_up(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, PLAN, NO_EDITS, "Still not.", EDITS)
    assert asked(run) == ["x/small", "x/small", "x/large"]
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED
    [up] = run.told(e.PhaseEscalated)
    assert isinstance(up, e.PhaseEscalated)
    assert (up.model, up.to) == ("x/small", "x/large")
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert receipt is not None
    assert receipt.model == "x/large"


async def test_after_the_step_up_the_user_is_asked(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, NO_EDITS, "Still not.", "Nor I.")
    assert asked(run) == ["x/small", "x/small", "x/large"]
    assert run.state.phases[Phase.GENERATE].state is PhaseState.FAILED


async def test_a_failed_check_climbs_the_same_ladder(tmp_path: Path) -> None:
    lines = (PLAN, EDITS, again(EDITS, 2), again(EDITS, 3))
    run = await played(tmp_path, *lines, outcomes=(Outcome.FAIL,) * 9)
    await run.do(c.RunOn(), c.RunOn())
    assert asked(run) == ["x/small", "x/small", "x/large"]
    assert len(run.told(e.SentBack)) == 2
    assert run.state.phases[Phase.VERIFY].state is PhaseState.FAILED


async def test_the_second_prompt_holds_the_error_and_the_step_up_as_well(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, NO_EDITS, "Still not.", EDITS)
    prompts = [r.prompt for r in run.model.asked if r.phase is Phase.GENERATE]
    assert "was not accepted" not in prompts[0]
    assert all("was not accepted" in prompt for prompt in prompts[1:])


async def test_asking_again_forgets_what_was_found_wanting(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, NO_EDITS, "Still not.", "Nor I.", EDITS)
    await run.do(c.RunOn())
    assert asked(run)[3:] == ["x/small"]
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED


async def test_one_task_s_failures_do_not_send_another_task_up(tmp_path: Path) -> None:
    tasks = [
        {"title": t, "intent": t, "files": [f], "acceptance": ["done"]}
        for t, f in (("One", "app/greet.py"), ("Two", "tests/test_greet.py"))
    ]
    plan = json.dumps({"summary": "Two.", "tasks": tasks})
    first, second = EDITS.split("\ntests/test_greet.py\n")
    own = "tests/test_greet.py\n" + second
    run = await played(tmp_path, plan, NO_EDITS, "Still not.", first, own)
    assert asked(run) == ["x/small", "x/small", "x/large", "x/small"]


async def test_a_provider_that_is_down_is_stood_in_for_by_the_step_up(tmp_path: Path) -> None:
    down = ModelFault(FaultKind.AUTH, "x/small", "The key of x is missing.")
    run = await played(tmp_path, PLAN, down, EDITS)
    assert asked(run) == ["x/small", "x/large"]
    assert any(
        isinstance(event, e.CallRetried) and event.next_model == "x/large" for event in run.events
    )


def test_a_route_is_spelled_as_it_is_written() -> None:
    route = Route.of(Phase.PLAN, ("a/x", "b/y > c/z", "d/w"), Layer.FLAG, "--plan-model")
    assert (route.models, route.up) == (("a/x", "b/y"), ("c/z", "d/w"))
    assert route.spelled == "a/x, b/y > c/z, d/w"
    assert Route.of(Phase.PLAN, ("a/x",), Layer.FLAG).spelled == "a/x"


@pytest.mark.parametrize("written", ["a > b > c", "> b", "a >", "a >> b"])
def test_a_route_of_two_steps_or_of_none_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="one step up"):
        keystroke_route(Phase.PLAN, written)


def test_the_ladder_ends_with_the_user_whatever_the_route() -> None:
    flat, two = (Route.of(Phase.PLAN, (m,), Layer.FLAG) for m in ("a", "a > b"))
    assert [next_step(flat, n) for n in (1, 2, 3)] == [Step.AGAIN, Step.ASK, Step.ASK]
    assert [next_step(two, n) for n in (1, 2, 3)] == [Step.AGAIN, Step.UP, Step.ASK]


FAULTS = st.sampled_from(
    [
        NO_EDITS,
        EDITS,
        "",
        "app/greet.py\n<<<<<<< SEARCH\nnowhere\n=======\nx\n>>>>>>> REPLACE\n",
        "other.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n",
        FaultKind.RATE_LIMITED,
        FaultKind.TRUNCATED,
        FaultKind.EMPTY,
        FaultKind.AUTH,
        FaultKind.CUT,
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.lists(FAULTS, min_size=1, max_size=30),
    outcomes=st.lists(st.sampled_from([Outcome.FAIL, Outcome.PASS, Outcome.TIMEOUT]), max_size=8),
)
@pytest.mark.asyncio
async def test_no_path_asks_more_often_than_the_bound(
    faults: list[str | FaultKind],
    outcomes: list[Outcome],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("bound")
    lines: list[Line] = [PLAN]
    for number, fault in enumerate(faults * 4):
        is_reply = isinstance(fault, str)
        lines.append(again(str(fault), number) if is_reply else broken(FaultKind(fault)))
    run = await played(folder, *lines, outcomes=tuple(outcomes))
    for _ in range(6):
        before = len(asked(run))
        if run.state.phases[Phase.GENERATE].state is PhaseState.FAILED:
            break
        if run.state.phases[Phase.VERIFY].state is PhaseState.FAILED:
            break
        await run.do(c.RunOn())
        if len(asked(run)) == before and run.state.cursor is None:
            break
    replies = [x for x in run.told(e.ModelReplied) if getattr(x, "phase", None) is Phase.GENERATE]
    assert len(replies) <= MOST
    chain = 2
    assert len(asked(run)) <= MOST * chain * (1 + TRANSPORT_RETRIES)


def broken(kind: FaultKind) -> ModelFault:
    return ModelFault(kind, "x/small", f"{kind.value}.")

from dataclasses import dataclass

import pytest

from core.adapters.scripted import ScriptedClient
from core.domain import commands as c
from core.domain import events as e
from core.domain.errors import FaultKind, ModelFault
from core.domain.goal import Budget
from core.domain.metrics import CostBasis
from core.domain.model import ModelInfo, Timeouts
from core.domain.phase import Phase, PhaseState
from core.engine.asker import JITTER, PAUSES
from tests.faults.conftest import Opens
from tests.faults.relay import GOAL, HOST_LIMITS, HeldClock, Relay, SharedHost
from tests.playing import EDITS, PLAN, routes
from tests.servers import OPENAI_KEY, RunningFaultServer
from tests.waiting import wait_until
from tui.news import after_event
from tui.sources.relay import state_word
from tui.state import ViewState

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN = ModelInfo("x/planner", 2.0, 10.0, 128_000, "", True, "x", "")


@dataclass(frozen=True)
class Case:
    """A provider that fails the same way each time."""

    name: str
    kind: FaultKind
    requests: int
    said: tuple[str, ...]
    """What happened, and what to do next; the model's name is looked for besides."""
    limits: Timeouts = HOST_LIMITS


def row(number: int, case: Case) -> object:
    return pytest.param(case, id=f"{number} {case.name}", marks=pytest.mark.fault(number))


NEXT = "try again in a moment or choose another model"
KEY = "set OPENAI_API_KEY to a valid key and start again, or choose another model"
PAGE = "(“<html><body> [31mPlease log in to the proxy"
CASES = (
    row(91, Case("401", FaultKind.AUTH, 1, ("refused the key (401)", KEY))),
    row(91, Case("403", FaultKind.AUTH, 1, ("refused the key (403)", KEY))),
    row(92, Case("402", FaultKind.QUOTA, 1, ("out of quota", "top it up or choose another model"))),
    row(92, Case("quota", FaultKind.QUOTA, 1, ("out of quota", "top it up or choose another"))),
    row(93, Case("429", FaultKind.RATE_LIMITED, 3, ("asks to slow down (429)", NEXT))),
    row(94, Case("500", FaultKind.OVERLOADED, 3, ("problem on its side (500", NEXT))),
    row(94, Case("529", FaultKind.OVERLOADED, 3, ("problem on its side (529", NEXT))),
    row(95, Case("hang", FaultKind.TIMEOUT, 3, ("sent no text for 0.3 s", NEXT), Timeouts(0.3))),
    row(95, Case("disconnect", FaultKind.UNREACHABLE, 3, ("broke before it answered", NEXT))),
    row(96, Case("cut-mid", FaultKind.CUT, 3, ("cut off after 120 characters", NEXT))),
    row(96, Case("no-finish", FaultKind.CUT, 3, ("cut off after 120 characters", NEXT))),
    row(97, Case("html", FaultKind.NOT_A_REPLY, 3, (PAGE, "check its address and any proxy"))),
    row(97, Case("bad-json-first", FaultKind.NOT_A_REPLY, 3, ("broken event (“{not json”)", NEXT))),
    row(97, Case("json-body", FaultKind.NOT_A_REPLY, 3, ("other than a streamed reply", "proxy"))),
)


@pytest.mark.parametrize("case", CASES)
async def test_a_provider_that_fails_is_asked_so_often_and_told_in_one_sentence(
    case: Case, opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({case.name: [PLAN]})
    run = opens(host, models=routes(plan=f"openai/{case.name}"), limits=case.limits)
    await run.play()
    assert run.failed(Phase.PLAN)
    assert run.phase(Phase.PLAN).fault == case.kind.value
    assert len(await server.seen(case.name)) == case.requests
    assert run.phase(Phase.PLAN).retries == 0
    line = run.said("plan: FAIL: ", f"openai/{case.name}", *case.said)
    assert line.isprintable()
    assert OPENAI_KEY not in "\n".join(run.shown)
    assert run.state.files == ()
    assert run.is_untouched


@pytest.mark.fault(92)
@pytest.mark.fault(91)
async def test_the_next_model_of_the_route_stands_in_for_one_without_key_or_credit(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"good": [PLAN]})
    run = opens(host, models=routes(plan="openai/402,openai/401,openai/good"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    assert [r["model"] for r in await server.seen()] == ["402", "401", "good"]
    run.said("openai/402", "out of quota", "asking again on openai/401")
    run.said("openai/401", "OPENAI_API_KEY", "asking again on openai/good")
    assert run.is_untouched


@pytest.mark.fault(93)
async def test_a_wait_that_was_asked_for_counts_down_and_can_be_cancelled(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    clock = HeldClock()
    run = opens(host, models=routes(plan="openai/429"), clock=clock)
    await run.do(c.StartRun(GOAL), c.Step())
    await run.session.submit(c.Step())
    await wait_until(lambda: clock.slept == [2.0])
    await wait_until(lambda: any(isinstance(x, e.CallRetried) for x in run.events))
    words = [plan_word(run, clock.now() + passed) for passed in (0.0, 1.0, 2.5)]
    assert words[:2] == ["again 2s", "again 1s"]
    assert words[2].startswith("run ")
    await run.do(c.CancelCall())
    assert run.phase(Phase.PLAN).state is PhaseState.CANCELLED
    assert len(await server.seen("429")) == 1
    run.said("openai/429", "asks to slow down", "asking again in 2.0s")
    run.said("plan", "was cancelled", "runs it again")
    assert run.is_untouched


def plan_word(run: Relay, now: float) -> str:
    """What the screen's phase bar says of plan at a time."""
    view = ViewState()
    for recorded in run.recorded:
        view = after_event(view, recorded)
    return state_word(run.state, Phase.PLAN, now, view.asks_again)[0]


@pytest.mark.fault(93)
async def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for(opens: Opens) -> None:
    busy = ModelFault(
        FaultKind.RATE_LIMITED,
        "x/planner",
        "x/planner asks to slow down (429); choose another model.",
        retry_after=90.0,
    )
    client = ScriptedClient(busy, busy)
    run = opens(client, models=routes(plan="x/planner"))
    await run.play()
    assert run.failed(Phase.PLAN)
    assert len(client.asked) == 1
    assert run.clock.slept == []
    run.said("plan: FAIL: x/planner asks to slow down (429)")
    assert run.is_untouched


@pytest.mark.fault(94)
async def test_retries_of_the_line_and_of_what_is_said_are_counted_apart(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"ok": ["That is no plan.", PLAN]})
    run = opens(host, models=routes(plan="openai/500-once"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    assert len(await server.seen("500-once")) == 3
    assert run.phase(Phase.PLAN).retries == 1
    [pause] = run.clock.slept
    assert PAUSES[0] * (1 - JITTER) <= pause <= PAUSES[0] * (1 + JITTER)
    run.said("openai/500-once", "problem on its side (500", "asking again in")
    run.said("plan: asked once more", "not the JSON object")
    assert run.is_untouched


@pytest.mark.fault(94)
async def test_relays_that_were_turned_away_together_do_not_come_back_together(
    opens: Opens,
) -> None:
    down = ModelFault(FaultKind.OVERLOADED, "x/planner", "x/planner is overloaded; try again.")
    client = ScriptedClient(*[down] * 9)
    run = opens(client, models=routes(plan="x/planner"))
    await run.play()
    for _ in range(2):
        await run.do(c.RunOn())
    assert len(client.asked) == 9
    assert len(set(run.clock.slept)) == 6
    run.said("plan: FAIL: x/planner is overloaded")
    assert run.is_untouched


@pytest.mark.fault(95)
async def test_offline_the_run_is_resumed_and_goes_on_with_a_local_engine(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    goal = "rename `part` to `leave`"
    first = opens(host, models=routes(plan="hosted_vllm/any", generate="hosted_vllm/any"))
    await first.play(goal=goal)
    assert first.failed(Phase.PLAN)
    assert len([x for x in first.events if isinstance(x, e.CallLost)]) == 3
    first.said("plan: FAIL: hosted_vllm/any cannot be reached", "check the network or its address")
    await first.close()
    run = opens(host, models=routes(plan="hosted_vllm/any", generate="hosted_vllm/any"))
    run.session.resume()
    assert run.state.goal.text == goal
    await run.do(c.SwapModel(None, "builtin/rewrite"), c.RunOn())
    assert [h.path for h in run.state.hunks] == ["app/greet.py"]
    assert await server.seen() == []
    assert run.is_untouched


@pytest.mark.fault(95)
async def test_a_host_that_has_no_address_is_named_as_the_cause(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run = opens(host, models=routes(plan="lm_studio/any"))
    await run.play()
    assert run.phase(Phase.PLAN).fault == FaultKind.UNREACHABLE.value
    assert len([x for x in run.events if isinstance(x, e.CallLost)]) == 3
    run.said("plan: FAIL: lm_studio/any cannot be reached", "check the network or its address")
    assert await server.seen() == []
    assert run.is_untouched


@pytest.mark.fault(96)
async def test_what_came_before_a_cut_is_shown_counted_and_not_used(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"cut-mid": [PLAN]})
    run = opens(host, models=routes(plan="openai/cut-mid"))
    await run.play()
    assert run.failed(Phase.PLAN)
    assert len(await server.seen("cut-mid")) == 3
    assert run.streamed == 3 * PLAN[:120]
    assert run.state.tasks == ()
    usage = run.state.usage
    assert (usage.calls, usage.basis) == (3, CostBasis.UNKNOWN)
    assert usage.tokens_out > 60
    run.said("a call to openai/cut-mid was lost", "(about ", " in, ", " out, $?)")
    assert run.is_untouched


@pytest.mark.fault(96)
async def test_a_cut_call_of_a_known_price_costs_by_estimate(opens: Opens) -> None:
    cut = ModelFault(
        FaultKind.CUT, "x/planner", "It was cut; try again.", tokens_in=10_000, tokens_out=1_000
    )
    client = ScriptedClient(cut, PLAN, models=(KNOWN,))
    run = opens(client, models=routes(plan="x/planner"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    assert len(client.asked) == 2
    run.said("a call to x/planner was lost", "(about 10k in, 1.0k out, ~$0.0300)")
    assert run.state.usage.cost == pytest.approx(0.031)
    assert run.is_untouched


@pytest.mark.fault(96)
async def test_a_cancelled_call_of_a_known_price_costs_by_estimate(
    opens: Opens, host: SharedHost
) -> None:
    run = opens(host, models=routes(plan="openai/dribble"))
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.RETRIEVE))
    await run.session.submit(c.Step())
    await wait_until(lambda: len(run.streamed) > 20)
    await run.do(c.CancelCall())
    [lost] = [event for event in run.events if isinstance(event, e.CallLost)]
    sent, got = lost.usage.tokens_in, lost.usage.tokens_out
    assert sent > 500 and got > 0
    assert lost.usage.cost == pytest.approx((2 * sent + 10 * got) / 1e6)
    assert lost.usage.basis is CostBasis.ESTIMATED
    assert run.is_untouched


@pytest.mark.fault(98)
async def test_after_an_overflow_the_lowest_ranked_context_is_left_out_once(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"ok": [PLAN]})
    run = opens(host, models=routes(plan="openai/overflow-once"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    first, second = [str(r["body"]) for r in await server.seen("overflow-once")]
    best, *others = run.state.context
    assert all(item.text.split("\n")[0] in first for item in (best, *others))
    assert best.text.split("\n")[0] in second
    assert len(second) < len(first)
    run.said("did not fit openai/overflow-once", "the 2 lowest-ranked of 3 pieces")
    assert run.is_untouched


@pytest.mark.fault(98)
async def test_a_request_that_still_does_not_fit_is_not_trimmed_again(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run = opens(host, models=routes(plan="openai/overflow"))
    await run.play()
    assert run.phase(Phase.PLAN).fault == FaultKind.OVERFLOW.value
    assert len(await server.seen("overflow")) == 2
    run.said("plan: FAIL: ", "too long for openai/overflow (400)", "drop some context or choose")
    assert run.is_untouched


@pytest.mark.fault(98)
async def test_what_cannot_fit_the_window_is_not_sent(opens: Opens) -> None:
    small = ModelInfo("x/planner", 2.0, 10.0, 4_010, "", True, "x", "")
    client = ScriptedClient(PLAN, models=(small,))
    run = opens(client, models=routes(plan="x/planner"))
    await run.play()
    assert run.phase(Phase.PLAN).fault == FaultKind.OVERFLOW.value
    assert client.asked == []
    run.said("do not fit the 4,010 of x/planner", "drop context or choose another model")
    assert run.is_untouched


@pytest.mark.fault(99)
@pytest.mark.parametrize(
    ("model", "requests", "said"),
    [
        ("gpt-9x", 0, "There is no model gpt-9x; did you mean openai/gpt-5"),
        ("openai/404", 1, "The provider knows no model openai/404 at this address (404)"),
    ],
)
async def test_a_model_that_nobody_knows_is_refused_at_the_start_of_its_phase(
    opens: Opens,
    host: SharedHost,
    server: RunningFaultServer,
    model: str,
    requests: int,
    said: str,
) -> None:
    run = opens(host, models=routes(plan=model))
    await run.play()
    assert run.passed(Phase.RETRIEVE)
    assert run.phase(Phase.PLAN).fault == FaultKind.UNKNOWN_MODEL.value
    assert len(await server.seen()) == requests
    run.said("plan: FAIL: ", said)
    assert run.is_untouched


@pytest.mark.fault(99)
async def test_naming_such_a_model_does_not_touch_the_call_that_runs(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"thinking": [PLAN]})
    run = opens(host, models=routes(plan="openai/thinking"))
    await run.do(c.StartRun(GOAL), c.Step())
    await run.session.submit(c.Step())
    await wait_until(lambda: run.phase(Phase.PLAN).state is PhaseState.RUNNING)
    await run.session.submit(c.SwapModel(Phase.PLAN, "gpt-9x"))
    await run.session.idle()
    assert run.passed(Phase.PLAN)
    assert run.phase(Phase.PLAN).model == "openai/thinking"
    await run.do(c.RerunPhase(Phase.PLAN))
    assert run.phase(Phase.PLAN).fault == FaultKind.UNKNOWN_MODEL.value
    assert [r["model"] for r in await server.seen()] == ["thinking"]
    run.said("plan: FAIL: There is no model gpt-9x; did you mean openai/gpt-5")
    assert run.is_untouched


@pytest.mark.fault(100)
async def test_without_a_price_the_cost_is_unknown_and_a_cap_in_dollars_counts_tokens(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"planner": [PLAN], "writer": [EDITS]})
    run = opens(host, budget=Budget(dollars=0.02))
    await run.play()
    await run.do(c.RunOn())
    assert run.passed(Phase.PLAN)
    assert run.phase(Phase.GENERATE).fault == FaultKind.BUDGET.value
    assert [r["model"] for r in await server.seen()] == ["planner"]
    assert run.state.usage.cost is None
    run.said("openai/planner replied", "120 in, 7 out, $?")
    run.said(
        "The budget of 2,000 tokens without a price would be crossed", "or choose a cheaper model"
    )
    assert run.is_untouched


@pytest.mark.fault(100)
async def test_the_user_s_own_price_is_a_price(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run = opens(host, models=routes(plan="openai/no-usage"), budget=Budget(dollars=0.001))
    await run.play()
    assert run.phase(Phase.PLAN).fault == FaultKind.BUDGET.value
    assert await server.seen() == []
    run.said("The budget of $0.0010 would be crossed", "or choose a cheaper model")
    assert run.is_untouched


@pytest.mark.fault(101)
@pytest.mark.parametrize(
    ("name", "shown"), [("no-usage", "~$0.00"), ("zero-usage", "$?")], ids=["priced", "unpriced"]
)
async def test_tokens_that_were_not_reported_are_estimated_and_marked(
    opens: Opens, host: SharedHost, server: RunningFaultServer, name: str, shown: str
) -> None:
    await server.script({name: [PLAN]})
    run = opens(host, models=routes(plan=f"openai/{name}"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    assert len(await server.seen(name)) == 1
    usage = run.phase(Phase.PLAN).usage
    assert usage.tokens_in > 300
    assert usage.tokens_out > 80
    run.said(f"openai/{name} replied", f"{usage.tokens_in} in, {usage.tokens_out} out, {shown}")
    assert run.is_untouched


@pytest.mark.fault(102)
async def test_a_call_that_passes_the_limit_ends_and_no_other_is_made(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    long = PLAN.replace("Let greet shout.", "Let greet shout. " * 300)
    await server.script({"no-usage": [long], "writer": [EDITS]})
    models = routes(plan="openai/no-usage", generate="openai/writer")
    run = opens(host, models=models, budget=Budget(tokens=1_500))
    await run.play()
    await run.do(c.RunOn())
    assert run.passed(Phase.PLAN)
    assert run.state.usage.tokens > 1_500
    assert run.phase(Phase.GENERATE).fault == FaultKind.BUDGET.value
    assert [r["model"] for r in await server.seen()] == ["no-usage"]
    run.said(
        "generate: FAIL: The budget of 1,500 tokens would be crossed", "or choose a cheaper model"
    )
    assert run.is_untouched


@pytest.mark.fault(102)
@pytest.mark.parametrize(
    ("model", "limits", "limit"),
    [
        ("giant", Budget(tokens=5_000, cut=True), "5,000 tokens"),
        ("dribble", Budget(seconds=1.0, cut=True), "1 seconds"),
    ],
)
async def test_a_running_call_is_cut_at_the_limit_where_that_is_set(
    opens: Opens,
    host: SharedHost,
    server: RunningFaultServer,
    model: str,
    limits: Budget,
    limit: str,
) -> None:
    run = opens(host, models=routes(plan=f"openai/{model},openai/writer"), budget=limits)
    await run.play()
    assert run.failed(Phase.PLAN)
    assert run.phase(Phase.PLAN).fault == FaultKind.BUDGET.value
    assert [r["model"] for r in await server.seen()] == [model]
    run.said(
        f"plan: FAIL: openai/{model} passed the budget of {limit} while it replied (about ",
        "so the call was cut; raise it (`budget LIMITS`) or choose a cheaper model.",
    )
    [lost] = [event for event in run.events if isinstance(event, e.CallLost)]
    assert lost.usage.calls == 1 and lost.usage.tokens_in > 500 and lost.usage.tokens_out > 0
    assert run.state.spent.tokens < 12_000, "it was cut soon after"
    assert run.is_untouched


async def test_a_limit_that_is_raised_while_a_call_runs_holds_for_it(
    opens: Opens, host: SharedHost
) -> None:
    low, high = Budget(seconds=1.0, cut=True), Budget(seconds=2.0, cut=True)
    run = opens(host, models=routes(plan="openai/dribble"), budget=low)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.RETRIEVE))
    await run.session.submit(c.Step())
    await wait_until(lambda: len(run.streamed) > 20)
    await run.do(c.SetBudget(high))
    run.said("plan: FAIL: openai/dribble passed the budget of 2 seconds while it replied")
    [lost] = [event for event in run.events if isinstance(event, e.CallLost)]
    assert lost.usage.basis is CostBasis.ESTIMATED


@pytest.mark.fault(103)
async def test_a_chain_in_which_all_fail_tries_each_once_and_lists_them(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    chain = "openai/401,openai/402,openai/401,openai/404,openai/402"
    run = opens(host, models=routes(plan=chain))
    await run.play()
    assert run.failed(Phase.PLAN)
    assert [r["model"] for r in await server.seen()] == ["401", "402", "404"]
    run.said(
        "plan: FAIL: ",
        "knows no model openai/404",
        "Tried in turn: openai/401 (auth), openai/402 (quota), openai/404 (unknown model).",
    )
    assert run.is_untouched

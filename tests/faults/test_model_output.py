from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from core.domain import events as e
from core.domain.goal import Scope
from core.domain.model import Timeouts
from core.domain.phase import Phase, PhaseState
from tests.faults.conftest import Opens
from tests.faults.relay import HOST_LIMITS, Relay, SharedHost, block, plan_of, prompt_of
from tests.playing import GREETING, PLAN, routes
from tests.servers import RunningFaultServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

GREET = "app/greet.py"
PART = "def part(name):\n"
GOOD = block(GREET, PART, "def part(name, loud=False):\n")


@dataclass(frozen=True)
class Case:
    """A model that answers the same way each time; its plan is asked for."""

    name: str
    said: str
    requests: int = 2
    limits: Timeouts = HOST_LIMITS


def row(number: int, case: Case) -> object:
    return pytest.param(case, id=f"{number} {case.name}", marks=pytest.mark.fault(number))


CASES = (
    row(79, Case("length", "reached its output limit before it was done; ask for less")),
    row(80, Case("empty", "ended its reply without any text; try again or choose another")),
    row(80, Case("filtered", "refused to answer (content_filter); reword the goal or choose")),
    row(82, Case("giant", "sent more than the byte limit of one reply and was stopped; ask for")),
    row(
        83,
        Case("dribble", "was not done after 0.5 s; try again in a moment", 3, Timeouts(9, 5, 0.5)),
    ),
    row(83, Case("stall-mid", "fell silent for 0.3 s in the middle of", 3, Timeouts(9, 0.3, 20.0))),
    row(83, Case("keep-alive", "sent no text for 0.3 s; try again in", 3, Timeouts(0.3, 5, 20.0))),
    row(84, Case("repeat", "repeated itself over and over and was stopped; try again or")),
)
ENDED_BY_US = ("giant", "dribble", "stall-mid", "keep-alive", "repeat")


@pytest.mark.parametrize("case", CASES)
async def test_a_reply_that_is_none_is_asked_for_again_and_then_the_user_is(
    case: Case, opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    await server.script({"length": [PLAN]})
    run = opens(host, models=routes(plan=f"openai/{case.name}"), limits=case.limits)
    await run.play()
    assert run.failed(Phase.PLAN)
    assert run.state.tasks == ()
    seen = await server.seen(case.name)
    assert len(seen) == case.requests
    is_of_the_line = case.requests == 3
    assert run.phase(Phase.PLAN).retries == (0 if is_of_the_line else 1)
    assert (case.said in prompt_of(seen[-1])) is not is_of_the_line
    run.said("plan: FAIL: ", f"openai/{case.name} ", case.said)
    if case.name in ENDED_BY_US:
        await server.hung_up(case.name)
    assert run.is_untouched


@pytest.mark.fault(80)
@pytest.mark.parametrize("name", ["empty", "filtered"])
async def test_one_step_up_is_asked_after_a_second_refusal(
    opens: Opens, host: SharedHost, server: RunningFaultServer, name: str
) -> None:
    await server.script({"good": [PLAN]})
    run = opens(host, models=routes(plan=f"openai/{name} > openai/good"))
    await run.play(Phase.PLAN)
    assert run.passed(Phase.PLAN)
    assert [r["model"] for r in await server.seen()] == [name, name, "good"]
    run.said("plan: one step up", f"from openai/{name} to openai/good")
    assert run.is_untouched


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("%&?\x00 lorem", "the reply is not the JSON object asked for"),
        ("Leider kann ich das nicht.", "the reply is not the JSON object asked for"),
        ('{"tasks": [{"titel": 1}]}', "the plan is not of the form asked for"),
        ("[1, 2]", "the reply is not the JSON object asked for"),
    ],
    ids=["garbage", "another language", "another schema", "a list"],
)
async def test_a_reply_of_another_form_goes_back_once_with_the_error(
    opens: Opens, host: SharedHost, server: RunningFaultServer, reply: str, said: str
) -> None:
    await server.script({"planner": [reply]})
    run = opens(host)
    await run.play()
    assert run.failed(Phase.PLAN)
    first, second = await server.seen("planner")
    [told] = [x for x in run.events if isinstance(x, e.PhaseRetried)]
    assert told.reason.startswith(said)
    assert told.reason in prompt_of(second)
    assert told.reason not in prompt_of(first)
    run.said("plan: FAIL: ", told.reason)
    assert run.is_untouched


@pytest.mark.fault(82)
async def test_a_giant_reply_ends_at_the_limit_and_is_counted(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run = opens(host, models=routes(plan="openai/giant"))
    await run.play()
    assert run.failed(Phase.PLAN)
    assert len(await server.seen("giant")) == 2
    assert len(run.streamed.encode()) < 2 * 60_000
    assert run.state.usage.calls == 2
    assert run.state.usage.tokens_out > 20_000
    run.said("a call to openai/giant was lost", "k out, $?)")
    run.said("plan: FAIL: ", "byte limit")
    assert run.is_untouched


@pytest.mark.fault(84)
async def test_a_loop_is_cancelled_long_before_the_byte_limit(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    limits = Timeouts(10.0, 5.0, 20.0, 2_000_000)
    run = opens(host, models=routes(plan="openai/repeat"), limits=limits)
    await run.play()
    assert run.failed(Phase.PLAN)
    assert len(await server.seen("repeat")) == 2
    assert len(run.streamed) < 2 * 10_000
    run.said("plan: FAIL: openai/repeat repeated itself over and over")
    assert run.is_untouched


async def played(
    opens: Opens,
    server: RunningFaultServer,
    host: SharedHost,
    plan: str,
    *replies: str,
    **how: object,
) -> tuple[Relay, Sequence[str]]:
    """A relay whose plan is good and whose edits are these, and the prompts of the writer."""
    await server.script({"planner": [plan], "writer": replies})
    run = opens(host, **how)
    await run.play()
    return run, [prompt_of(r) for r in await server.seen("writer")]


@pytest.mark.fault(85)
async def test_edits_that_contradict_one_another_are_refused_naming_both(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    clash = GOOD + block(GREET, PART, "def leave(name):\n")
    run, prompts = await played(opens, server, host, plan_of(GREET), clash, GOOD)
    said = f"{GREET}: edit 2: it changes the same lines as edit 1"
    assert len(prompts) == 2
    assert said in prompts[1]
    [back] = [x for x in run.events if isinstance(x, e.SentBack)]
    assert said in back.reason
    assert [x for x in run.events if isinstance(x, e.EditsStaged)] != []
    assert [h.new for h in run.state.hunks] == [("def part(name, loud=False):\n",)]
    run.said("apply: sent back to generate", said)
    assert run.is_untouched


@pytest.mark.fault(85)
async def test_edits_that_still_contradict_one_another_are_never_staged_in_part(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    clash = GOOD + block(GREET, PART, "def leave(name):\n")
    run, prompts = await played(opens, server, host, plan_of(GREET), clash, clash)
    assert len(prompts) == 2
    assert [x for x in run.events if isinstance(x, e.EditsStaged)] == []
    assert run.state.phases[Phase.APPLY].state is PhaseState.FAILED
    run.said("apply: FAIL", "it changes the same lines as edit 1")
    assert run.is_untouched


@pytest.mark.fault(86)
@pytest.mark.parametrize("likeness", ["like", "unlike"])
async def test_text_that_is_nowhere_goes_back_once_with_the_nearest(
    opens: Opens, host: SharedHost, server: RunningFaultServer, likeness: str
) -> None:
    second = '    """Say goodbye to all.\n' if likeness == "like" else "    raise\n"
    lost = block(GREET, "def greet(name):\n" + second, "def greet(name, loud):\n")
    run, prompts = await played(opens, server, host, plan_of(GREET), lost, lost)
    assert len(prompts) == 2
    assert "nearest text in the file:\ndef greet(name):\n" in prompts[1]
    assert run.failed(Phase.APPLY)
    assert run.state.hunks == ()
    run.said(
        "apply: FAIL: ", GREET, "the text to find is not in the file", "nearest text is at line 1"
    )
    assert run.is_untouched


@pytest.mark.fault(86)
async def test_a_file_that_is_not_there_has_no_place_for_an_edit(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    wrong = block("app/gret.py", PART, "def leave(name):\n")
    run, prompts = await played(opens, server, host, plan_of("app/**"), wrong, wrong)
    assert len(prompts) == 2
    assert run.failed(Phase.APPLY)
    run.said("apply: FAIL: ", "app/gret.py")
    assert run.is_untouched


@pytest.mark.fault(87)
async def test_an_edit_outside_the_scope_is_turned_down_and_the_second_time_fails(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    stray = GOOD + block("README.md", "# Greetings\n", "# Hello\n")
    scope = Scope(deny=("*.md",))
    run, prompts = await played(opens, server, host, plan_of("app/**"), stray, stray, scope=scope)
    assert len(prompts) == 2
    assert "README.md" in prompts[1].partition("was not accepted")[2]
    assert run.failed(Phase.GENERATE)
    assert run.state.files == ()
    run.said("generate: FAIL: ", "outside", "README.md")
    assert run.is_untouched


@pytest.mark.fault(88)
async def test_an_edit_that_changes_nothing_is_no_success(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run, prompts = await played(opens, server, host, plan_of(GREET), block(GREET, PART, PART))
    assert len(prompts) == 2
    assert run.failed(Phase.APPLY)
    assert run.state.hunks == ()
    run.said("apply: FAIL: ", f"{GREET}: edit 1: it changes nothing")
    assert run.is_untouched


LOST = block(GREET, "def nobody(name):\n    there = 1\n", "pass\n")


@pytest.mark.fault(89)
async def test_the_same_failing_edit_is_not_asked_for_a_third_time(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    run, prompts = await played(opens, server, host, plan_of(GREET), LOST)
    assert run.failed(Phase.APPLY)
    assert len(prompts) == 2
    run.said("apply: FAIL: ", "the text to find is not in the file")
    assert run.is_untouched


@pytest.mark.fault(89)
async def test_the_same_failing_edit_goes_one_step_up_and_is_not_repaired_again(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    like = block(GREET, 'def greet(name):\n    """Say goodbye.\n', "def greet(name, loud):\n")
    await server.script({"planner": [plan_of(GREET)], "small": [like], "large": [GOOD]})
    models = routes(
        plan="openai/planner", generate="openai/small > openai/large", apply="openai/repairer"
    )
    run = opens(host, models=models)
    await run.play()
    assert run.passed(Phase.APPLY)
    asked = [r["model"] for r in await server.seen()]
    assert asked == ["planner", "small", "repairer", "small", "large"]
    run.said("apply: sent back to generate", "the text to find is not in the file")
    run.said("generate: openai/large replied")
    assert run.is_untouched


@pytest.mark.fault(90)
async def test_a_file_that_the_model_was_never_shown_is_not_edited(
    opens: Opens, host: SharedHost, server: RunningFaultServer
) -> None:
    files = GREETING | {"other/zebra.py": "stripes = 1\nhooves = 4\n"}
    blind = block("other/zebra.py", "stripes = 1\n", "stripes = 2\n")
    plan = plan_of(GREET, "other/**")
    run, prompts = await played(opens, server, host, plan, blind, files=files)
    assert len(prompts) == 2
    assert not any("hooves" in prompt for prompt in prompts)
    assert run.failed(Phase.APPLY)
    assert run.state.hunks == ()
    run.said("apply: FAIL: ", "other/zebra.py", "was never shown to the model")
    assert run.is_untouched

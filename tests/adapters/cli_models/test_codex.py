import json

import pytest

from core.domain.errors import FaultKind
from core.domain.metrics import CostBasis, Usage
from tests.adapters.cli_models.bench import PROMPT, SYSTEM, Bench

CODEX = "cli/codex"
START = ({"type": "thread.started", "thread_id": "t-1"}, {"type": "turn.started"})
DONE = {
    "type": "turn.completed",
    "usage": {"input_tokens": 900, "cached_input_tokens": 500, "output_tokens": 40},
}
AT_LIMIT = "You've hit your usage limit. Try again at 3:00 PM."


def message(text: str, kind: str = "type") -> dict[str, object]:
    return {"type": "item.completed", "item": {"id": "i", kind: "agent_message", "text": text}}


async def test_the_last_message_is_the_reply(bench: Bench) -> None:
    thought = {"type": "item.completed", "item": {"type": "reasoning", "text": "hm"}}
    begun = {"type": "item.started", "item": {"type": "agent_message", "text": "1."}}
    bench.saying("codex", *START, thought, message("I will look."), begun, message("1. cli"), DONE)
    reply = await bench.ask("cli/codex:gpt-5.5")
    assert (reply.text, reply.model) == ("1. cli", "cli/codex:gpt-5.5")
    assert bench.texts == ["I will look.", "1. cli"]
    assert reply.usage == Usage(900, 40, 500, None, CostBasis.UNKNOWN, calls=1)


async def test_a_price_of_the_user_prices_the_counts(bench: Bench) -> None:
    bench.saying("codex", message("1. cli"), DONE)
    usage = (await bench.ask(CODEX, codex=(2.0, 10.0))).usage
    assert usage.cost == pytest.approx(0.0022)
    assert usage.basis is CostBasis.PRICED


async def test_it_may_read_only_ask_nobody_and_keep_nothing(bench: Bench) -> None:
    bench.saying("codex", message("1. cli"), DONE)
    await bench.ask("cli/codex:gpt-5.5")
    argv = bench.run["argv"]
    assert argv[1] == "exec"
    assert argv[argv.index("--sandbox") + 1] == "read-only"
    assert argv[argv.index("--model") + 1] == "gpt-5.5"
    assert {
        "--json",
        "--skip-git-repo-check",
        "--ephemeral",
        "--ignore-user-config",
        'approval_policy="never"',
        "features.shell_tool=false",
    } < set(argv)


async def test_without_a_place_of_its_own_the_system_prompt_goes_first(bench: Bench) -> None:
    bench.saying("codex", message("1. cli"), DONE)
    await bench.ask(CODEX)
    assert bench.run["prompt"] == f"{SYSTEM}\n\n{PROMPT}"


@pytest.mark.parametrize(
    "lines",
    [
        [message("1. cli", "item_type"), DONE],
        [
            {"id": "0", "msg": {"type": "task_started"}},
            {"id": "0", "msg": {"type": "agent_message_delta", "delta": "1. "}},
            {"id": "0", "msg": {"type": "agent_message_delta", "delta": "cli"}},
            {"id": "0", "msg": {"type": "agent_message", "message": "1. cli"}},
            {"id": "0", "msg": {"type": "token_count", **DONE["usage"]}},  # type: ignore[dict-item]
            {"id": "0", "msg": {"type": "task_complete", "last_agent_message": "1. cli"}},
        ],
        [
            {"id": "0", "msg": {"type": "agent_message", "message": "1. cli"}},
            {
                "id": "0",
                "msg": {"type": "token_count", "info": {"total_token_usage": DONE["usage"]}},
            },
            {"id": "0", "msg": {"type": "task_complete"}},
        ],
    ],
    ids=["item_type", "msg with deltas", "msg with info"],
)
async def test_older_forms_are_read(bench: Bench, lines: list[object]) -> None:
    bench.saying("codex", *lines)
    reply = await bench.ask(CODEX)
    assert (reply.text, "".join(bench.texts)) == ("1. cli", "1. cli")
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (900, 40)


async def test_an_error_that_was_overcome_is_none(bench: Bench) -> None:
    again = {"type": "error", "message": "Reconnecting... 1/5"}
    warning = {"type": "item.completed", "item": {"type": "error", "message": "no metadata"}}
    bench.saying("codex", *START, again, warning, message("1. cli"), DONE)
    assert (await bench.ask(CODEX)).text == "1. cli"


@pytest.mark.parametrize(
    "said, kind",
    [
        (AT_LIMIT, FaultKind.QUOTA),
        ("Quota exceeded. Check your plan and billing details.", FaultKind.QUOTA),
        ("exceeded retry limit, last status: 401 Unauthorized", FaultKind.AUTH),
        ("exceeded retry limit, last status: 429 Too Many Requests", FaultKind.RATE_LIMITED),
        ("stream disconnected before completion", FaultKind.UNREACHABLE),
        (
            json.dumps({"detail": "The 'o9' model is not supported when using Codex"}),
            FaultKind.UNKNOWN_MODEL,
        ),
        (
            json.dumps({"type": "error", "error": {"message": AT_LIMIT}, "status": 429}),
            FaultKind.QUOTA,
        ),
    ],
)
async def test_a_failed_turn_is_a_fault_although_it_exits_well(
    bench: Bench, said: str, kind: FaultKind
) -> None:
    turn = {"type": "turn.failed", "error": {"message": said}}
    bench.saying("codex", {"type": "error", "message": said}, turn)
    fault = await bench.fault(kind, "codex", CODEX)
    assert "{" not in fault.sentence


async def test_who_is_not_logged_in_is_told_how(bench: Bench) -> None:
    failed = {"type": "turn.failed", "error": {"message": "Not logged in"}}
    bench.program("codex", f"say({failed!r})\nsys.exit(1)\n")
    await bench.fault(FaultKind.AUTH, "run `codex login`", CODEX)


async def test_a_turn_that_never_completes_is_cut(bench: Bench) -> None:
    bench.saying("codex", *START, message("1. cli"))
    assert (await bench.fault(FaultKind.CUT, "codex", CODEX)).partial == "1. cli"


async def test_a_turn_without_a_message_is_empty(bench: Bench) -> None:
    bench.saying("codex", *START, DONE)
    await bench.fault(FaultKind.EMPTY, "codex ended without any text", CODEX)

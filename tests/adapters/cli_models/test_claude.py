import pytest

from core.domain.errors import FaultKind
from core.domain.metrics import CostBasis, Usage
from tests.adapters.cli_models.bench import PROMPT, SYSTEM, Bench

INIT = {"type": "system", "subtype": "init", "tools": [], "model": "claude-opus-4-7"}
USAGE = {
    "input_tokens": 11,
    "cache_creation_input_tokens": 3,
    "cache_read_input_tokens": 100,
    "output_tokens": 7,
}
RESULT = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "result": "1. cli.py: add the flag",
    "stop_reason": "end_turn",
    "total_cost_usd": 0.0125,
    "usage": USAGE,
    "modelUsage": {
        "claude-haiku-4-5": {"outputTokens": 2},
        "claude-opus-4-7": {"outputTokens": 5},
    },
    "structured_output": {},
}
ASSISTANT = {
    "type": "assistant",
    "message": {
        "model": "claude-opus-4-7",
        "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "1. cli.py: add the flag"},
        ],
    },
}


def delta(text: str) -> dict[str, object]:
    event = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}
    return {"type": "stream_event", "event": event, "parent_tool_use_id": None}


THOUGHT = {
    "type": "stream_event",
    "event": {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}},
}


async def test_a_stream_gives_text_as_it_comes_and_usage_and_cost_as_told(bench: Bench) -> None:
    pieces = [delta("1. cli.py: "), delta("add the flag")]
    bench.saying("claude", INIT, THOUGHT, *pieces, ASSISTANT, RESULT)
    reply = await bench.ask("cli/claude:opus")
    assert reply.text == "1. cli.py: add the flag"
    assert bench.texts == ["1. cli.py: ", "add the flag"]
    assert reply.model == "cli/claude:claude-opus-4-7"
    assert reply.usage == Usage(114, 7, 100, 0.0125, CostBasis.PRICED, calls=1)
    assert 0 < reply.first_token <= reply.seconds


async def test_tools_servers_project_settings_and_sessions_are_off(bench: Bench) -> None:
    bench.program("claude", f"note(system=file_after('--system-prompt-file'))\nsay({RESULT!r})\n")
    await bench.ask("cli/claude:opus")
    argv = bench.run["argv"]
    assert argv[1] == "-p"
    for flag, value in {
        "--tools": "",
        "--setting-sources": "user",
        "--output-format": "stream-json",
        "--model": "opus",
    }.items():
        assert argv[argv.index(flag) + 1] == value
    assert {"--strict-mcp-config", "--no-session-persistence"} < set(argv)
    assert bench.run["prompt"] == PROMPT
    assert PROMPT not in argv
    assert f'"system": {SYSTEM!r}'.replace("'", '"') in bench.log.read_text()


async def test_no_model_behind_the_colon_leaves_the_choice_to_the_program(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    await bench.ask()
    assert "--model" not in bench.run["argv"]


async def test_the_program_is_not_told_that_it_runs_unattended(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    await bench.ask()
    assert "CI" not in bench.run["env"]


@pytest.mark.parametrize("shown", ["whole", "pretty", "array", "noise", "old", "colour"])
async def test_every_form_of_the_result_is_read(bench: Bench, shown: str) -> None:
    old = {k: v for k, v in RESULT.items() if k != "total_cost_usd"} | {"cost_usd": 0.0125}
    body = {
        "whole": f"say({RESULT!r})",
        "pretty": f"print(json.dumps({RESULT!r}, indent=2))",
        "array": f"say([{INIT!r}, {ASSISTANT!r}, {RESULT!r}])",
        "noise": f"print('(node:1) Warning: {{old}}'); print('hello ' + json.dumps({RESULT!r}))",
        "old": f"say({old!r})",
        "colour": f"print('\\x1b[2K\\x1b]0;t\\x07\\x1b[1m' + json.dumps({RESULT!r}) + '\\x1b[0m')",
    }
    bench.program("claude", body[shown] + "\n")
    reply = await bench.ask()
    assert reply.text == "1. cli.py: add the flag"
    assert reply.usage == Usage(114, 7, 100, 0.0125, CostBasis.PRICED, calls=1)


async def test_of_several_results_the_last_one_counts(bench: Bench) -> None:
    first = {"type": "result", "subtype": "success", "is_error": True, "result": "Overloaded"}
    bench.saying("claude", first, RESULT | {"result": "first"}, RESULT)
    assert (await bench.ask()).text == "1. cli.py: add the flag"


async def test_broken_lines_between_are_passed_over(bench: Bench) -> None:
    bench.saying("claude", '{"type": "result", "resu', "{" * 3000, "[" * 3000, "null", "7", RESULT)
    assert (await bench.ask()).text == "1. cli.py: add the flag"


async def test_a_price_that_is_no_number_is_no_price(bench: Bench) -> None:
    bench.program("claude", f"say({RESULT!r} | {{'total_cost_usd': float('nan')}})\n")
    usage = (await bench.ask()).usage
    assert (usage.tokens_in, usage.cost, usage.basis) == (114, None, CostBasis.UNKNOWN)


def failed(result: str, status: int | None = None) -> dict[str, object]:
    return {
        "type": "result",
        "subtype": "success",
        "is_error": True,
        "api_error_status": status,
        "result": result,
        "total_cost_usd": 0,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


@pytest.mark.parametrize(
    "said, status, kind, advice",
    [
        ("Not logged in · Please run /login", None, FaultKind.AUTH, "run `claude` by itself"),
        ("Invalid API key · Fix external API key", 401, FaultKind.AUTH, "type /login"),
        ("You've hit your session limit · resets 4:50pm", 429, FaultKind.QUOTA, "renewed"),
        ("Credit balance is too low", 400, FaultKind.QUOTA, "renewed"),
        ("This request would exceed your rate", 429, FaultKind.RATE_LIMITED, "in a moment"),
        ("API Error: 529 overloaded_error", None, FaultKind.OVERLOADED, "provider's side"),
        ("Prompt is too long", None, FaultKind.OVERFLOW, "drop some context"),
        (
            "There's an issue with the selected model (opusx). It may not exist",
            404,
            FaultKind.UNKNOWN_MODEL,
            "behind the colon",
        ),
        ("API Error: Unable to connect (ENOTFOUND)", None, FaultKind.UNREACHABLE, "the network"),
        ("blocked under our Usage Policy", None, FaultKind.EMPTY, "refused"),
        ("Something else", None, FaultKind.BAD_REQUEST, "to see why"),
    ],
)
async def test_errors_of_the_result_say_what_to_do(
    bench: Bench, said: str, status: int | None, kind: FaultKind, advice: str
) -> None:
    synthetic = {"model": "<synthetic>", "content": [{"type": "text", "text": said}]}
    message = {"type": "assistant", "error": "unknown", "message": synthetic}
    bench.program("claude", f"say({message!r}, {failed(said, status)!r})\nsys.exit(1)\n")
    fault = await bench.fault(kind, advice)
    assert "claude" in fault.sentence
    assert (fault.tokens_in, fault.tokens_out, fault.partial) == (0, 0, "")


async def test_an_error_during_the_run_names_itself(bench: Bench) -> None:
    bench.saying("claude", {"type": "result", "subtype": "error_max_turns", "is_error": False})
    await bench.fault(FaultKind.BAD_REQUEST, "error_max_turns")


async def test_an_output_limit_is_no_complete_reply(bench: Bench) -> None:
    bench.saying("claude", RESULT | {"stop_reason": "max_tokens"})
    fault = await bench.fault(FaultKind.TRUNCATED, "output limit")
    assert (fault.tokens_in, fault.tokens_out) == (114, 7)


async def test_a_refusal_is_none_either(bench: Bench) -> None:
    bench.saying("claude", RESULT | {"stop_reason": "refusal"})
    await bench.fault(FaultKind.EMPTY, "refused to answer (refusal)")


async def test_a_stream_without_a_result_is_cut(bench: Bench) -> None:
    bench.saying("claude", INIT, delta("1. cli"))
    fault = await bench.fault(FaultKind.CUT, "after 6 characters")
    assert fault.partial == "1. cli"
    assert fault.tokens_out > 0


async def test_a_program_too_old_for_a_flag_is_to_be_updated(bench: Bench) -> None:
    bench.program("claude", "sys.exit(\"error: unknown option '--no-session-persistence'\")\n")
    await bench.fault(FaultKind.BAD_REQUEST, "update claude")

import json
from typing import Any

import pytest

from core.domain.errors import FaultKind
from core.domain.metrics import CostBasis, Usage
from tests.adapters.cli_models.bench import PROMPT, Bench

GEMINI = "cli/gemini"
INIT = {"type": "init", "session_id": "s", "model": "gemini-3-pro"}
ECHO = {"type": "message", "role": "user", "content": PROMPT}
STATS = {"total_tokens": 48, "input_tokens": 40, "output_tokens": 8, "cached": 30, "input": 10}
RESULT = {"type": "result", "status": "success", "stats": STATS}
WHOLE = {
    "session_id": "s",
    "response": "1. cli",
    "stats": {
        "models": {
            "gemini-flash": {"tokens": {"prompt": 10, "candidates": 1, "cached": 0, "thoughts": 0}},
            "gemini-pro": {"tokens": {"prompt": 30, "candidates": 5, "cached": 30, "thoughts": 2}},
        },
        "tools": {"totalCalls": 0},
    },
}


def piece(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": text, "delta": True}


async def test_a_stream_gives_text_as_it_comes(bench: Bench) -> None:
    bench.saying("gemini", INIT, ECHO, piece("1. "), piece("cli"), RESULT)
    reply = await bench.ask(GEMINI)
    assert (reply.text, reply.model) == ("1. cli", "cli/gemini:gemini-3-pro")
    assert bench.texts == ["1. ", "cli"]
    assert reply.usage == Usage(40, 8, 30, None, CostBasis.UNKNOWN, calls=1)


@pytest.mark.parametrize("indent", [None, 2])
async def test_the_single_object_is_read_as_well(bench: Bench, indent: int | None) -> None:
    body = f"print('Loaded cached credentials.')\nprint(json.dumps({WHOLE!r}, indent={indent}))\n"
    bench.program("gemini", body)
    reply = await bench.ask(GEMINI)
    assert reply.text == "1. cli"
    assert reply.usage == Usage(40, 8, 30, None, CostBasis.UNKNOWN, calls=1)


async def test_tools_extensions_and_servers_are_off(bench: Bench) -> None:
    look = "note(policy=file_after('--policy'), "
    look += "system=open(os.environ['GEMINI_SYSTEM_MD']).read())\n"
    bench.program("gemini", f"{look}say({WHOLE!r})\n")
    await bench.ask("cli/gemini:pro")
    argv = bench.run["argv"]
    assert argv[argv.index("--extensions") + 1] == "none"
    assert argv[argv.index("--model") + 1] == "pro"
    assert bench.run["prompt"] == PROMPT
    seen = json.loads(bench.log.read_text().splitlines()[1])
    assert 'toolName = "*"\ndecision = "deny"' in seen["policy"]
    assert seen["system"] == "You plan changes.\n"


async def test_without_a_system_prompt_none_is_pointed_to(bench: Bench) -> None:
    bench.saying("gemini", WHOLE)
    await bench.ask(GEMINI, system="")
    assert "GEMINI_SYSTEM_MD" not in bench.run["env"]


ERRORS = [
    ("Please set an Auth method in your settings.json", FaultKind.AUTH),
    ("[API Error: API key not valid. Unauthorized]", FaultKind.AUTH),
    ("Quota exceeded for quota metric 'Gemini 3 Pro Requests'", FaultKind.QUOTA),
    ("got status: RESOURCE_EXHAUSTED", FaultKind.RATE_LIMITED),
    ("models/gemini-9 is not found: model not found", FaultKind.UNKNOWN_MODEL),
    ("The input is too long: exceeds the maximum number of tokens allowed", FaultKind.OVERFLOW),
    ("got status: 503 Service Unavailable. The model is overloaded.", FaultKind.OVERLOADED),
    ("fetch failed sending request", FaultKind.UNREACHABLE),
]


@pytest.mark.parametrize("said, kind", ERRORS)
async def test_an_error_of_the_stream_is_a_fault(bench: Bench, said: str, kind: FaultKind) -> None:
    error = {"type": "result", "status": "error", "error": {"type": "ApiError", "message": said}}
    bench.program("gemini", f"say({INIT!r}, {error!r})\nsys.exit(1)\n")
    await bench.fault(kind, "gemini", GEMINI)


@pytest.mark.parametrize("where", ["stdout", "stderr"])
@pytest.mark.parametrize("said, kind", ERRORS[:2])
async def test_an_error_object_is_read_wherever_it_is_printed(
    bench: Bench, said: str, kind: FaultKind, where: str
) -> None:
    error = {"session_id": "s", "error": {"type": "Error", "message": said, "code": 1}}
    body = f"print('[ERROR] ' + json.dumps({error!r}, indent=2), file=sys.{where})\nsys.exit(1)\n"
    bench.program("gemini", body)
    assert "{" not in (await bench.fault(kind, said, GEMINI)).sentence


async def test_its_exit_code_for_nobody_logged_in_is_known(bench: Bench) -> None:
    bench.program("gemini", "sys.exit(41)\n")
    await bench.fault(FaultKind.AUTH, "sign in", GEMINI)


async def test_a_warning_in_the_stream_is_no_error(bench: Bench) -> None:
    warning = {"type": "error", "severity": "warning", "message": "Loop detected"}
    bench.saying("gemini", INIT, piece("1. cli"), warning, RESULT)
    assert (await bench.ask(GEMINI)).text == "1. cli"


async def test_a_turn_limit_is_a_fault(bench: Bench) -> None:
    said = "Reached max session turns for this session."
    bench.program("gemini", f"print({said!r}, file=sys.stderr)\nsys.exit(53)\n")
    await bench.fault(FaultKind.BAD_REQUEST, "exit code 53 (“Reached max session turns", GEMINI)

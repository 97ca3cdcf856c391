from pathlib import Path
from typing import Any

import pytest

from core.adapters.cli_models.builtin import BUILT_IN
from core.adapters.cli_models.declared import read_commands
from core.domain.errors import FaultKind
from core.domain.metrics import CostBasis, Usage
from tests.adapters.cli_models.bench import PROMPT, SYSTEM, Bench
from tests.adapters.cli_models.test_claude import RESULT

MINE = "cli/mine"


async def test_a_program_that_prints_text_is_a_model(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine", "--quiet"], "model": ["-m", "{model}"]}
    bench.program("mine", "print('\\x1b[1m1. cli\\x1b[0m\\r')\nprint('2. tests')\n")
    reply = await bench.ask("cli/mine:big", mine=(3.0, 15.0))
    assert reply.text == "1. cli\n2. tests\n"
    assert bench.texts == ["1. cli\n", "2. tests\n"]
    assert reply.model == "cli/mine:big"
    assert bench.run["argv"][1:] == ["--quiet", "-m", "big"]
    assert bench.run["prompt"] == f"{SYSTEM}\n\n{PROMPT}"


async def test_what_is_not_told_is_estimated_or_unknown(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine"]}
    bench.saying("mine", "x" * 32)
    priced = (await bench.ask(MINE, prompt="p" * 312, system="", mine=(10.0, 100.0))).usage
    assert (priced.tokens_in, priced.tokens_out, priced.basis) == (95, 11, CostBasis.ESTIMATED)
    assert priced.cost == pytest.approx(0.00205)
    bench.log.unlink()
    unpriced = (await bench.ask(MINE)).usage
    assert (unpriced.cost, unpriced.basis) == (None, CostBasis.UNKNOWN)


@pytest.mark.parametrize("output", ["json", "jsonl"])
async def test_paths_say_where_things_stand(bench: Bench, output: str) -> None:
    fields = {
        "text": "choices.0.text",
        "model": "model",
        "tokens_in": "usage.in",
        "tokens_out": "usage.out",
        "tokens_cached": "usage.cached",
        "cost": "usage.dollars",
        "error": "error.message",
    }
    bench.declared["mine"] = {"command": ["mine"], "output": output, "fields": fields}
    usage = {"in": 10, "out": 2, "cached": 4, "dollars": 0.5}
    first = {"choices": [{"text": "no"}], "error": {"message": ""}}
    bench.saying("mine", "warming up", first, {
        "choices": [{"text": "1. cli"}], "model": "big", "usage": usage
    })  # fmt: skip
    reply = await bench.ask(MINE)
    assert (reply.text, reply.model) == ("1. cli", "cli/mine:big")
    assert reply.usage == Usage(10, 2, 4, 0.5, CostBasis.PRICED, calls=1)


async def test_an_error_at_its_path_is_a_fault(bench: Bench) -> None:
    fields = {"text": "reply", "error": "error"}
    bench.declared["mine"] = {"command": ["mine"], "output": "json", "fields": fields}
    bench.saying("mine", {"error": "daily limit reached", "reply": "partly"})
    assert (await bench.fault(FaultKind.QUOTA, "mine", MINE)).partial == "partly"


async def test_pieces_make_the_reply_where_nothing_repeats_it(bench: Bench) -> None:
    bench.declared["mine"] = {
        "command": ["mine"],
        "output": "jsonl",
        "streams": True,
        "fields": {"piece": "delta"},
    }
    bench.saying("mine", {"delta": "1. "}, {"other": 1}, {"delta": "cli"})
    assert (await bench.ask(MINE)).text == "1. cli"
    assert bench.texts == ["1. ", "cli"]


async def test_a_program_may_speak_like_a_known_one(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine"], "output": "jsonl", "like": "claude"}
    bench.saying("mine", RESULT)
    assert (await bench.ask(MINE)).usage.cost == 0.0125


async def test_a_prompt_can_be_an_argument(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine", "--ask={prompt}"], "prompt": "argument"}
    bench.saying("mine", "1. cli")
    await bench.ask(MINE, system="")
    assert bench.run["argv"][1:] == [f"--ask={PROMPT}"]
    assert bench.run["prompt"] == ""


async def test_an_argument_that_no_system_takes_is_refused_before(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine", "{prompt}"], "prompt": "argument"}
    bench.saying("mine", "1. cli")
    await bench.ask(MINE, system="", prompt="p" * 131_071)
    bench.log.unlink()
    await bench.fault(FaultKind.OVERFLOW, "131,071 bytes", MINE, system="", prompt="p" * 131_072)
    assert not bench.log.exists()


async def test_a_prompt_can_be_a_file(bench: Bench) -> None:
    bench.more_env = {"GIT_AUTHOR_NAME": "U"}
    bench.declared["mine"] = {
        "command": ["mine", "--file", "{prompt_file}"],
        "system": ["--system", "{system_file}"],
        "prompt": "file",
        "set": {"MINE_HOME": "{own}", "CI": ""},
        "pass": ["DEEPSEEK_*", "GIT_*"],
    }
    bench.program("mine", "note(file=file_after('--file'))\nprint(file_after('--system'))\n")
    assert (await bench.ask(MINE)).text.strip() == SYSTEM.strip()
    seen = bench.run["env"]
    assert Path(seen["MINE_HOME"]).name == "own"
    assert "DEEPSEEK_API_KEY" in seen
    assert {"CI", "GIT_DIR", "GIT_AUTHOR_NAME"}.isdisjoint(seen)


async def test_a_program_without_a_model_flag_takes_no_model(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine"]}
    bench.saying("mine", "1. cli")
    await bench.fault(FaultKind.UNKNOWN_MODEL, "takes no model", "cli/mine:big")


def test_a_name_of_ours_can_be_declared_anew() -> None:
    commands = read_commands({"codex": {"command": ["/opt/codex", "exec"]}})
    assert commands["codex"].program == "/opt/codex"
    assert commands["claude"] is BUILT_IN["claude"]


@pytest.mark.parametrize("table, key", [
    ({}, "mine.command"),
    ({"command": []}, "mine.command"),
    ({"command": "mine"}, "mine.command"),
    ({"command": ["./mine"]}, "mine.command"),
    ({"command": ["bin/mine"]}, "mine.command"),
    ({"command": ["mine"], "promt": "stdin"}, "mine.promt"),
    ({"command": ["mine"], "prompt": "pipe"}, "mine.prompt"),
    ({"command": ["mine"], "prompt": "argument"}, "mine.command"),
    ({"command": ["mine", "{prompt}"]}, "mine.command"),
    ({"command": ["mine"], "output": "xml"}, "mine.output"),
    ({"command": ["mine"], "output": "json"}, "mine.fields"),
    ({"command": ["mine"], "output": "json", "fields": {"txt": "a"}}, "mine.fields.txt"),
    ({"command": ["mine"], "output": "json", "fields": {"text": 1}}, "mine.fields"),
    ({"command": ["mine"], "like": "claude"}, "mine.output"),
    ({"command": ["mine"], "output": "json", "like": "vim"}, "mine.like"),
    ({"command": ["mine"], "streams": "yes"}, "mine.streams"),
    ({"command": ["mine"], "set": {"A": 1}}, "mine.set"),
    ({"command": ["mine"], "pass": "HOME"}, "mine.pass"),
    ("mine", "mine"),
])  # fmt: skip
def test_a_mistake_names_its_key(table: Any, key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}: "):
        read_commands({"mine": table})

import contextlib
import os
import stat
import tempfile
from pathlib import Path

import pytest

from core.adapters.cli_models.builtin import BUILT_IN
from core.adapters.cli_models.client import CliModels
from core.domain.errors import FaultKind, ModelFault
from tests.adapters.cli_models.bench import KEY, Bench
from tests.adapters.cli_models.test_claude import RESULT, delta

INTRUDER = """\
import pathlib, re
words = [*sys.argv[1:], *os.environ.values(), os.getcwd(), prompt]
paths = {p for word in words for p in re.split(r"[:\\s'\\"=]", word) if p.startswith("/")}
places = {q for p in paths for q in (pathlib.Path(p), *pathlib.Path(p).parents)}
note(found=[str(p) for p in places if (p / ".git").exists() or p.name == ".git"])
for place in places:
    if (place / ".git").exists():
        (place / "intruder.txt").write_text("was here")
"""
"""Goes into every repository that its input, arguments, environment and place lead it to."""


@pytest.mark.parametrize("name", BUILT_IN)
async def test_nothing_leads_to_the_repository(bench: Bench, name: str) -> None:
    bench.program(name, INTRUDER)
    with contextlib.suppress(ModelFault):
        await bench.ask(f"cli/{name}")
    assert '"found": []' in bench.log.read_text()
    assert str(bench.repo) not in str(bench.run)


async def test_it_starts_in_an_empty_directory(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    await bench.ask()
    assert bench.run["entries"] == []
    assert not Path(bench.run["cwd"]).is_relative_to(bench.repo)


async def test_temporary_files_inside_the_repository_are_avoided(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.repo / "cli.py").with_name(".git").joinpath("tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(bench.repo / ".git/tmp"))
    bench.saying("claude", RESULT)
    await bench.ask()
    assert not Path(bench.run["cwd"]).is_relative_to(bench.repo)


@pytest.mark.parametrize("name, own", [
    ("claude", "ANTHROPIC_API_KEY"), ("codex", "OPENAI_API_KEY"), ("gemini", "GEMINI_API_KEY"),
])  # fmt: skip
async def test_a_program_sees_its_own_variables_and_no_others(
    bench: Bench, name: str, own: str
) -> None:
    bench.more_env = {
        "https_proxy": "http://proxy.example:3128",
        "SSH_AUTH_SOCK": "/run/agent",
        "LD_PRELOAD": "/evil.so",
        "PYTHONPATH": "/evil",
        "SECRET_TOKEN": "t" * 20,
    }
    bench.saying(name)
    with contextlib.suppress(ModelFault):
        await bench.ask(f"cli/{name}")
    seen = bench.run["env"]
    assert {key for key in seen if key.endswith("_API_KEY")} == {own}
    assert seen["HOME"] == str(bench.home)
    assert seen["https_proxy"] == "http://proxy.example:3128"
    assert (seen["TERM"], seen["NO_COLOR"]) == ("dumb", "1")
    withheld = {"SSH_AUTH_SOCK", "LD_PRELOAD", "PYTHONPATH", "SECRET_TOKEN", "GIT_DIR", "OLDPWD"}
    assert withheld.isdisjoint(seen)
    assert seen.get("PWD", bench.run["cwd"]) == bench.run["cwd"]


async def test_a_repository_that_is_the_home_folder_keeps_the_login(bench: Bench) -> None:
    bench.more_env = {"HOME": str(bench.repo), "PATH": f"{bench.bin}:/usr/bin:/bin"}
    bench.saying("claude", RESULT)
    await bench.ask()
    assert bench.run["env"]["HOME"] == str(bench.repo)


async def test_a_program_inside_the_repository_is_never_run(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    inside = bench.repo / "node_modules/.bin"
    inside.mkdir(parents=True)
    (bench.bin / "claude").rename(inside / "claude")
    await bench.fault(FaultKind.CANNOT, "no program claude on your PATH")
    assert not bench.log.exists()


async def test_files_it_writes_are_counted_and_deleted(bench: Bench) -> None:
    write = "open('a.py', 'w').close()\nos.mkdir('d')\nopen('d/b.py', 'w').close()\n"
    lock = "os.chmod('d', 0)\nos.symlink(os.environ['HOME'], 'home')\n"
    (bench.home / "kept").mkdir(mode=0o750)
    bench.program("claude", f"{write}{lock}say({RESULT!r})\n")
    mode = bench.home.stat().st_mode
    await bench.ask()
    assert bench.home.stat().st_mode == mode
    assert stat.S_IMODE((bench.home / "kept").stat().st_mode) == 0o750
    assert bench.notes == [f"claude wrote {2 if os.getuid() == 0 else 1} file"
                           f"{'s' if os.getuid() == 0 else ''}, ignored"]  # fmt: skip


async def test_a_fault_names_the_files_too(bench: Bench) -> None:
    bench.program("claude", "open('a.py', 'w').close()\nopen('b.py', 'w').close()\n")
    fault = await bench.fault(FaultKind.EMPTY, "(it wrote 2 files, ignored).")
    assert fault.sentence.count(".") == 1
    assert bench.notes == []


@pytest.mark.parametrize("where", ["stdout", "stderr"])
async def test_a_key_is_shown_nowhere(bench: Bench, where: str) -> None:
    body = f"print('refused key ' + os.environ['ANTHROPIC_API_KEY'], file=sys.{where})\n"
    bench.program("claude", f"{body}sys.exit(1)\n")
    fault = await bench.fault(FaultKind.EMPTY, "[key]")
    assert KEY not in fault.sentence + fault.partial


async def test_a_key_in_what_streamed_is_masked_in_a_fault(bench: Bench) -> None:
    bench.program("claude", f"say({delta('the key is ' + KEY)!r})\nsys.exit(1)\n")
    fault = await bench.fault(FaultKind.BAD_REQUEST, "exit code 1")
    assert fault.partial == "the key is [key]"


async def test_an_escape_sequence_reaches_no_sentence(bench: Bench) -> None:
    body = "print('\\x1b]0;owned\\x07\\x1b[31mred\\x1b[0m\\x9b1m', file=sys.stderr)\nsys.exit(1)\n"
    bench.program("claude", body)
    fault = await bench.fault(FaultKind.BAD_REQUEST, "red")
    assert all(c.isprintable() for c in fault.sentence)
    assert "owned" not in fault.sentence


@pytest.mark.parametrize("name", BUILT_IN)
async def test_a_missing_program_is_named_with_what_to_do(bench: Bench, name: str) -> None:
    fault = await bench.fault(FaultKind.CANNOT, f"no program {name}", f"cli/{name}")
    assert "`relaypair doctor`" in fault.sentence
    assert not fault.is_transient
    assert not bench.log.exists()


async def test_a_program_that_cannot_run_is_a_fault(bench: Bench) -> None:
    (bench.bin / "claude").write_text("#!/no/such/interpreter\n")
    (bench.bin / "claude").chmod(0o755)
    await bench.fault(FaultKind.BAD_REQUEST, "exit code 127")


@pytest.mark.parametrize("model, said", [
    ("cli/nobody", "known are cli/claude, cli/codex, cli/gemini"),
    ("cli/", "known are"),
    ("cli/claude:", "write cli/claude:MODEL"),
    ("cli/claude:--dangerously-skip-permissions", "write cli/claude:MODEL"),
    ("cli/claude:a b", "write cli/claude:MODEL"),
])  # fmt: skip
async def test_an_id_that_names_no_model_is_refused(bench: Bench, model: str, said: str) -> None:
    bench.saying("claude", RESULT)
    await bench.fault(FaultKind.UNKNOWN_MODEL, said, model)
    assert not bench.log.exists()


def test_models_say_which_programs_are_there(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    models = {model.id: model for model in bench.client().models}
    assert list(models) == ["cli/claude", "cli/codex", "cli/gemini"]
    assert models["cli/claude"].has_key
    assert (models["cli/codex"].has_key, models["cli/codex"].note) == (
        False,
        "codex is not installed",
    )
    assert models["cli/claude"].price_in is None


async def test_a_closed_client_starts_nothing(bench: Bench) -> None:
    bench.saying("claude", RESULT)
    client: CliModels = bench.client()
    await client.close()
    with pytest.raises(ModelFault, match="closing"):
        await client.complete(bench.request())
    assert not bench.log.exists()

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.adapters.check_output import HEAD, TAIL, Output
from core.adapters.check_reports import EXCERPT, excerpt, read_report, without
from core.adapters.checker import SandboxedChecker
from core.adapters.containment import FILE_SIZE, Rung, best_rung, describe, works
from core.adapters.repo import WorkingRepo
from core.domain.check import SYNTAX, CheckCommand, CheckResult, Outcome
from core.domain.edit import FileVersion

UNITTEST = ("python3", "-m", "unittest", "discover")
PYTEST = ("python3", "-m", "pytest", "-q")

CALC = "def double(n):\n    return n * 2\n"
TESTS = """\
import unittest

import calc


class Doubling(unittest.TestCase):
    def test_two(self):
        self.assertEqual(calc.double(2), 4)

    def test_nothing(self):
        self.assertEqual(calc.double(0), 0)
"""
RED = TESTS + '\n    def test_old(self):\n        self.fail("red before")\n'


@dataclass
class Bench:
    """A repository and its checker."""

    root: Path
    checker: SandboxedChecker
    heard: list[str] = field(default_factory=list)

    async def run(
        self,
        *argv: str,
        change: Mapping[str, str] | None = None,
        removed: tuple[str, ...] = (),
        seconds: float = 30.0,
    ) -> CheckResult:
        changes = [FileVersion(p, text.encode()) for p, text in (change or {}).items()]
        tree = await self.checker.prepare(changes, removed)
        command = CheckCommand(argv, "--check", timeout=seconds)
        return await self.checker.run(command, tree, self.heard.append)

    async def python(self, code: str, **options: float) -> CheckResult:
        return await self.run("python3", "-c", code, **options)  # type: ignore[arg-type]


@pytest.fixture
def environment(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return env


@pytest.fixture
def bench(tmp_path: Path, environment: dict[str, str]) -> Bench:
    return make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": TESTS})


def make_bench(
    tmp_path: Path, environment: Mapping[str, str], files: Mapping[str, str], **options: object
) -> Bench:
    root = tmp_path / "user"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    repo = WorkingRepo.open(root, environment)
    return Bench(root, SandboxedChecker(repo, tmp_path / "cache", environment, **options))  # type: ignore[arg-type]


def add_environment(root: Path) -> None:
    """A `.venv` of the user's in which pytest is installed."""
    (root / ".venv/bin").mkdir(parents=True)
    base = Path(sys.executable).resolve()
    (root / ".venv/pyvenv.cfg").write_text(f"home = {base.parent}\n")
    (root / ".venv/bin/python3").symlink_to(base)
    (root / ".venv/lib").symlink_to(Path(sys.prefix) / "lib")
    (root / ".gitignore").write_text(".venv\n")


@pytest.fixture
def with_pytest(tmp_path: Path, environment: dict[str, str]) -> Bench:
    quick = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    files = {"calc.py": CALC, "test_calc.py": TESTS}
    bench = make_bench(tmp_path, environment | {quick: "1"}, files, passed_variables=(quick,))
    add_environment(bench.root)
    return bench


def run_in(folder: Path, *argv: str) -> None:
    subprocess.run(argv, cwd=folder, check=True)


def interpreter() -> Path:
    """The Python below our own environment, as a user's would be linked."""
    return Path(sys.executable).resolve()


def listing(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


async def test_a_passing_suite_passes_with_its_counts(bench: Bench) -> None:
    result = await bench.run(*UNITTEST)
    assert (result.outcome, result.summary, result.exit_code) == (Outcome.PASS, "2 passed", 0)
    assert result.passed and result.failures == () and result.excerpt == ""
    assert result.containment == best_rung().value
    assert describe(best_rung()) in result.notes


async def test_a_change_that_breaks_a_test_fails_with_evidence(bench: Bench) -> None:
    result = await bench.run(*UNITTEST, change={"calc.py": CALC.replace("* 2", "* 3")})
    assert result.outcome is Outcome.FAIL
    assert [name.split()[0] for name in result.failures] == ["test_two"]
    assert "AssertionError: 6 != 4" in result.excerpt
    assert 'File "test_calc.py", line 8' in result.excerpt
    assert str(bench.root.parent) not in result.excerpt + result.output
    assert len(result.excerpt) <= EXCERPT


async def test_the_change_is_checked_and_the_working_files_stay_as_they_are(bench: Bench) -> None:
    before = listing(bench.root)
    result = await bench.run("cat", "calc.py", change={"calc.py": "changed\n"})
    assert result.output == "changed\n"
    assert listing(bench.root) == before


async def test_the_result_names_exactly_the_tree_it_judged(bench: Bench) -> None:
    tree = await bench.checker.prepare([FileVersion("calc.py", b"x = 1\n")])
    result = await bench.checker.run(CheckCommand(("true",), "t"), tree)
    assert result.tree_hash == tree
    other = await bench.checker.run(CheckCommand(("true",), "t"), "0" * 64)
    assert other.outcome is Outcome.INVALID


async def test_a_working_file_that_changed_meanwhile_makes_the_tree_invalid(bench: Bench) -> None:
    tree = await bench.checker.prepare([])
    (bench.root / "calc.py").write_text("x = 1\n")
    result = await bench.checker.run(CheckCommand(("true",), "t"), tree)
    assert result.outcome is Outcome.INVALID
    assert "changed since" in result.summary


async def test_syntax_is_no_command(bench: Bench) -> None:
    tree = await bench.checker.prepare([])
    assert (await bench.checker.run(SYNTAX, tree)).outcome is Outcome.INVALID


# Row 104


async def test_a_check_that_hangs_times_out(bench: Bench) -> None:
    result = await bench.run("sleep", "1e9", seconds=0.3)
    assert (result.outcome, result.summary) == (Outcome.TIMEOUT, "ended after 0.3 s, its limit")
    assert result.seconds < 3.0


# Row 105


async def test_what_a_check_left_running_is_ended_and_told(bench: Bench) -> None:
    result = await bench.run("sh", "-c", "setsid sleep 987 >/dev/null 2>&1 & exit 0")
    assert result.outcome is Outcome.PASS
    assert "left running by the check, ended: sleep" in result.notes


# Row 107


async def test_files_a_check_writes_are_told_and_gone_in_the_next_run(bench: Bench) -> None:
    result = await bench.run(
        "sh", "-c", "mkdir out; for i in 1 2 3 4 5 6 7; do echo > out/$i; done"
    )
    notes = [n for n in result.notes if "discarded" in n]
    assert notes == [
        "7 files written in the copy, discarded: out/1, out/2, out/3, out/4, out/5 and 2 more"
    ]
    assert (await bench.run("ls")).output == "calc.py\ntest_calc.py\n"
    assert not (bench.root / "out").exists()


async def test_a_second_check_in_the_same_tree_sees_nothing_of_the_first(bench: Bench) -> None:
    tree = await bench.checker.prepare([])
    spoil = CheckCommand(
        ("sh", "-c", "echo bad > calc.py; echo > $HOME/.rc; echo > $TMPDIR/t"), "t"
    )
    await bench.checker.run(spoil, tree)
    look = CheckCommand(("sh", "-c", "cat calc.py; ls -A $HOME $TMPDIR"), "t")
    result = await bench.checker.run(look, tree)
    assert result.output.startswith(CALC)
    assert ".rc" not in result.output and "\nt\n" not in result.output


# Row 108


async def test_home_is_a_private_folder(bench: Bench, environment: dict[str, str]) -> None:
    await bench.run("sh", "-c", "echo > $HOME/x; echo > ~/y")
    assert listing(Path(environment["HOME"])) == {}


# Row 109


async def test_a_check_that_asks_gets_the_end_of_input(bench: Bench) -> None:
    result = await bench.python("input('sure? ')")
    assert result.outcome is Outcome.FAIL
    assert "EOFError" in result.excerpt


# Row 110


async def test_a_flood_is_kept_at_both_ends_and_counted(bench: Bench) -> None:
    code = "import sys\nfor n in range(200000): sys.stdout.write(f'line {n}\\n')"
    result = await bench.python(code)
    size = sum(len(f"line {n}\n") for n in range(200000))
    assert result.output_bytes == size
    assert result.output.startswith("line 0\nline 1\n")
    assert result.output.endswith("line 199999\n")
    assert f"{size - HEAD - TAIL:,} bytes of {size:,} were not kept" in result.output
    assert len(result.output) < HEAD + TAIL + 100
    assert sum(map(len, bench.heard)) < size


async def test_a_flood_of_a_hundred_megabytes_is_drained_quickly(bench: Bench) -> None:
    started = time.monotonic()
    result = await bench.run("sh", "-c", "yes | head -c 100000000")
    assert result.output_bytes == 100_000_000
    assert time.monotonic() - started < 10.0


async def test_nothing_that_a_terminal_obeys_is_passed_on(bench: Bench) -> None:
    code = (
        "import os\nos.write(1, b'A\\x1b]0;PWNED\\x07B\\x1b[31mC\\x1b[2J\\x9b1mD\\xff\\x00\\x7f'"
        "+ '\\u202eE\\x9b2JF\\n'.encode() + b'10%\\r50%\\r100%\\nend\\r\\n')"
    )
    result = await bench.python(code)
    assert result.output == "ABC�1mD�EF\n100%\nend\n"
    assert "".join(bench.heard) == result.output


async def test_output_is_heard_while_the_check_runs(bench: Bench) -> None:
    tree = await bench.checker.prepare([])
    first = asyncio.Event()
    command = CheckCommand(("sh", "-c", "echo early; sleep 600"), "t")
    running = asyncio.create_task(bench.checker.run(command, tree, lambda _text: first.set()))
    await asyncio.wait_for(first.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# Row 111


async def test_the_environment_is_scrubbed(tmp_path: Path, environment: dict[str, str]) -> None:
    secrets = {
        "OPENAI_API_KEY": "k1",
        "GITHUB_TOKEN": "k2",
        "SSH_AUTH_SOCK": "k3",
        "GIT_DIR": "k4",
        "PYTHONSTARTUP": "k5",
        "LD_PRELOAD": "",
        "RELAYPAIR_MODEL": "k6",
        "DATABASE": "k7",
    }
    user = environment | secrets | {"TZ": "Asia/Tokyo", "LC_TIME": "C", "TERM": "xterm"}
    bench = make_bench(tmp_path, user, {"src/calc.py": CALC})
    result = await bench.python("import json,os; print(json.dumps(dict(os.environ)))")
    found = json.loads(result.output)
    scratch = Path(found["GIT_CEILING_DIRECTORIES"])
    assert {k: v for k, v in found.items() if k not in ("PWD", "LC_CTYPE")} == {
        "PATH": environment["PATH"],
        "LANG": "C.UTF-8",
        "LC_TIME": "C",
        "TZ": "Asia/Tokyo",
        "TERM": "dumb",
        "CI": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": "src:.",
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "tmp"),
        "GIT_CEILING_DIRECTORIES": str(scratch),
    }


async def test_variables_the_user_names_are_passed_but_never_a_key(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    user = environment | {"DATABASE": "db", "X_API_KEY": "secret", "GIT_DIR": "g"}
    passed = ("DATABASE", "X_API_KEY", "GIT_DIR", "ABSENT")
    bench = make_bench(tmp_path, user, {"a": ""}, passed_variables=passed)
    result = await bench.run("env")
    assert "DATABASE=db" in result.output
    assert "secret" not in result.output and "GIT_DIR=" not in result.output
    assert "never passed to a check: X_API_KEY, GIT_DIR" in result.notes


async def test_our_own_environment_is_not_on_the_path(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    ours = str(Path(sys.prefix) / "bin")
    user = environment | {"PATH": f"{ours}:relative:.:{environment['PATH']}"}
    bench = make_bench(tmp_path, user, {"a": ""})
    result = await bench.run("sh", "-c", "echo $PATH; command -v python3")
    assert ours not in result.output and "relative" not in result.output


async def test_paths_into_the_repository_lead_into_the_copy(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    root = tmp_path / "user"
    user = environment | {"PATH": f"{root}/bin:{environment['PATH']}"}
    bench = make_bench(tmp_path, user, {"bin/tool": "#!/bin/sh\necho old\n"})
    (root / "bin/tool").chmod(0o755)
    fresh = FileVersion("bin/tool", b"#!/bin/sh\necho changed\n", executable=True)
    tree = await bench.checker.prepare([fresh])
    for argv in (("tool",), (f"{root}/bin/tool",), ("./bin/tool",)):
        result = await bench.checker.run(CheckCommand(argv, "t"), tree)
        assert result.output == "changed\n"


# Row 112


@pytest.mark.skipif(best_rung() is Rung.PLAIN, reason="this machine cannot shut in a check")
async def test_the_network_is_off_unless_it_is_allowed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    served = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = served.sockets[0].getsockname()[1]
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
    outcomes = []
    for allowed in (False, True):
        folder = tmp_path / str(allowed)
        bench = make_bench(folder, environment, {"a": ""}, allow_network=allowed)
        outcomes.append((await bench.python(code)).outcome)
    served.close()
    await served.wait_closed()
    assert outcomes == [Outcome.FAIL, Outcome.PASS]


# Row 113


async def test_two_runs_that_differ_are_flaky(tmp_path: Path, environment: dict[str, str]) -> None:
    counter = tmp_path / "counter"
    bench = make_bench(tmp_path, environment, {"a": ""}, rung=Rung.PLAIN)
    result = await bench.run("sh", "-c", f"echo >> {counter}; [ $(wc -l < {counter}) -gt 1 ]")
    assert result.outcome is Outcome.FLAKY
    assert not result.passed
    assert "two runs on the same tree differ: fail (exit code 1), then pass" in result.summary
    assert len(counter.read_text().splitlines()) == 2


async def test_two_runs_that_fail_in_different_tests_are_flaky(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    tests = TESTS + (
        "\n    def test_a(self):\n        import os; self.assertTrue(os.path.exists(FLAG))\n"
        "\n    def test_b(self):\n        import os; seen = os.path.exists(FLAG); open(FLAG, 'w').close()\n"
        "        self.assertFalse(seen)\n"
    )
    tests = f"FLAG = {str(tmp_path / 'flag')!r}\n{tests}"
    files = {"calc.py": CALC, "test_calc.py": tests}
    bench = make_bench(tmp_path, environment, files, rung=Rung.PLAIN)
    assert (await bench.run(*UNITTEST)).outcome is Outcome.FLAKY


async def test_the_second_run_starts_from_the_same_tree_as_the_first(bench: Bench) -> None:
    result = await bench.run("sh", "-c", "if [ -e mark ]; then exit 0; fi; touch mark; exit 1")
    assert result.outcome is Outcome.FAIL


# Row 114


async def test_failures_that_are_there_without_the_change_do_not_count(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": RED})
    result = await bench.run(*UNITTEST, change={"calc.py": CALC + "# a remark\n"})
    assert result.outcome is Outcome.PASS
    assert result.summary == "1 known failure, no new ones (1 failed, 2 passed)"
    assert [name.split()[0] for name in result.known_failures] == ["test_old"]
    assert result.failures == ()


async def test_a_new_failure_among_known_ones_fails(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": RED})
    result = await bench.run(*UNITTEST, change={"calc.py": CALC.replace("2", "3")})
    assert result.outcome is Outcome.FAIL
    assert [name.split()[0] for name in result.failures] == ["test_two"]
    assert [name.split()[0] for name in result.known_failures] == ["test_old"]
    assert result.summary.startswith("1 new failure: test_two")
    assert "1 known" in result.summary


async def test_the_changed_tree_is_back_after_the_base_was_checked(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": RED})
    change = [FileVersion("calc.py", b"double = None\n")]
    tree = await bench.checker.prepare(change)
    await bench.checker.run(CheckCommand(UNITTEST, "t"), tree)
    assert listing(tmp_path / "cache/scratch-0/tree")["calc.py"] == b"double = None\n"
    result = await bench.checker.run(CheckCommand(("cat", "calc.py"), "t"), tree)
    assert result.output == "double = None\n"


async def test_the_base_is_checked_once_for_many_changes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    counter = tmp_path / "counter"
    files = {"a": "x", "check.sh": f"echo >> {counter}; exit 1"}
    bench = make_bench(tmp_path, environment, files, rung=Rung.PLAIN)
    for text in ("y", "z"):
        await bench.run("sh", "check.sh", change={"a": text})
    assert len(counter.read_text().splitlines()) == 2 + 1 + 2
    (bench.root / "a").write_text("another base")
    await bench.run("sh", "check.sh", change={"a": "w"})
    assert len(counter.read_text().splitlines()) == 5 + 2 + 1


async def test_a_failure_without_names_is_no_pass_even_if_it_was_there_before(bench: Bench) -> None:
    result = await bench.run("sh", "-c", "exit 1", change={"calc.py": "x"})
    assert result.outcome is Outcome.FAIL
    assert "names no tests" in result.summary
    assert not result.blames


async def test_known_failures_with_nothing_that_passes_prove_nothing(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    files = {"calc.py": CALC, "test_calc.py": "import missing_module\n"}
    bench = make_bench(tmp_path, environment, files)
    result = await bench.run(*UNITTEST, change={"calc.py": CALC + "# a remark\n"})
    assert result.outcome is Outcome.FAIL
    assert "nothing passes" in result.summary
    assert not result.blames


async def test_without_a_change_every_failure_counts(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": RED})
    result = await bench.run(*UNITTEST)
    assert result.outcome is Outcome.FAIL
    assert len(result.failures) == 1 and result.known_failures == ()


# Row 115


@pytest.mark.parametrize(
    ("argv", "outcome", "word"),
    [
        (("no-such-tool", "-q"), Outcome.NOT_FOUND, "no-such-tool cannot be executed here"),
        (("./calc.py",), Outcome.NOT_FOUND, "./calc.py"),
        (("sh", "-c", "no-such-tool"), Outcome.NOT_FOUND, "sh"),
        (("sh", "-c", "exit 126"), Outcome.NOT_FOUND, "sh"),
        (("sh", "-c", "kill -9 $$"), Outcome.KILLED, "SIGKILL, as when memory runs out"),
        (("sh", "-c", "kill -SEGV $$"), Outcome.KILLED, "SIGSEGV"),
        (("sh", "-c", "sh -c 'kill -ABRT $$'; exit 134"), Outcome.KILLED, "SIGABRT"),
        (("python3", "-I", "-m", "nox"), Outcome.NOT_FOUND, "No module named nox"),
        (("sh", "-c", "exit 3"), Outcome.FAIL, "exit code 3"),
        (("true",), Outcome.PASS, "exit code 0, and no test counts"),
    ],
)
async def test_ways_to_end_are_told_apart(
    bench: Bench, argv: tuple[str, ...], outcome: Outcome, word: str
) -> None:
    result = await bench.run(*argv)
    assert result.outcome is outcome
    assert word in result.summary


async def test_a_file_that_grows_too_large_ends_its_writer(bench: Bench) -> None:
    result = await bench.run("truncate", "-s", str(FILE_SIZE + 1), "big")
    assert result.outcome in (Outcome.KILLED, Outcome.FAIL)
    assert not (bench.root / "big").exists()


# Row 116


@pytest.mark.parametrize(
    "printed",
    [
        "Ran 0 tests in 0.000s\n\nOK",
        "no tests ran in 0.01s",
        "3 skipped in 0.02s",
        "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; finished in 0.00s",
        "?   \texample.com/a\t[no test files]",
        "ok  \texample.com/a\t0.002s [no tests to run]",
        "# tests 0\n# pass 0\n# fail 0",
        "  0 passing (1ms)",
    ],
)
async def test_a_run_without_a_test_is_no_pass(bench: Bench, printed: str) -> None:
    result = await bench.run("printf", "%s\n", printed)
    assert result.outcome is Outcome.NO_TESTS
    assert "nothing was proved" in result.summary


async def test_an_empty_suite_is_no_pass(tmp_path: Path, environment: dict[str, str]) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC})
    assert (await bench.run(*UNITTEST)).outcome is Outcome.NO_TESTS


# Row 117


async def test_a_stale_cache_of_the_users_is_not_believed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"calc.py": CALC, "test_calc.py": TESTS})
    (bench.root / "calc.py").write_text("def double(n):\n    return n * 99\n")
    code = "import py_compile as p; p.compile('calc.py', invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)"
    run_in(bench.root, "/usr/bin/env", "PATH=/usr/local/bin:/usr/bin:/bin", "python3", "-c", code)
    (bench.root / "calc.py").write_text(CALC)
    assert list((bench.root / "__pycache__").iterdir())
    assert (await bench.run(*UNITTEST)).outcome is Outcome.PASS


# The user's interpreter


async def test_pytest_of_the_projects_own_environment_is_used(with_pytest: Bench) -> None:
    result = await with_pytest.run(*PYTEST, change={"calc.py": CALC.replace("2", "3")})
    assert result.outcome is Outcome.FAIL
    assert result.failures == ("test_calc.py::Doubling::test_two",)
    assert "E   AssertionError: 6 != 4" in result.excerpt.replace("       ", "   ")
    assert "shared with your folder, not copied: .venv" in result.notes


async def test_failures_are_named_where_the_summary_leaves_them_out(with_pytest: Bench) -> None:
    wrong = {"calc.py": CALC.replace("2", "3")}
    result = await with_pytest.run(*PYTEST, "-rxXs", change=wrong)
    assert result.failures == ("Doubling.test_two",)
    assert result.excerpt.startswith("failing: Doubling.test_two")
    assert result.blames


async def test_python_of_the_projects_own_environment_is_used(with_pytest: Bench) -> None:
    for name in ("python", "python3"):
        result = await with_pytest.run(name, "-c", "import sys; print(sys.executable)")
        assert result.output.strip() == ".venv/bin/python3"


async def test_pytest_that_collects_nothing_is_no_pass(with_pytest: Bench) -> None:
    result = await with_pytest.run(*PYTEST, "-k", "nothing_has_this_name")
    assert (result.outcome, result.exit_code) == (Outcome.NO_TESTS, 5)


async def test_wrong_usage_of_pytest_is_no_failing_test(with_pytest: Bench) -> None:
    result = await with_pytest.run(*PYTEST, "--no-such-option")
    assert result.outcome is Outcome.ERROR


async def test_a_module_that_cannot_be_imported_is_named(with_pytest: Bench) -> None:
    result = await with_pytest.run(*PYTEST, change={"calc.py": "import missing_thing\n"})
    assert result.outcome is Outcome.FAIL
    assert result.failures == ("test_calc.py",)
    assert "missing_thing" in result.excerpt


async def test_a_missing_pytest_is_not_a_failing_test(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    bench = make_bench(tmp_path, environment, {"test_calc.py": TESTS})
    (bench.root / ".venv/bin").mkdir(parents=True)
    (bench.root / ".venv/bin/python3").symlink_to(interpreter())
    result = await bench.run("python3", "-S", "-m", "pytest")
    assert result.outcome is Outcome.NOT_FOUND
    assert "No module named pytest" in result.summary


# A package that comes from the original tree


def install_editable(root: Path, tmp_path: Path, source: str) -> dict[str, str]:
    """An interpreter on the PATH whose site leads to the user's own folder."""
    folder = tmp_path / "site"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    (folder / "bin/python3").symlink_to(interpreter())
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    (site / "__editable__.pth").write_text(f"{root / source}\n")
    return {"PATH": f"{folder}/bin:/usr/bin:/bin"}


async def test_a_package_that_python_takes_from_the_original_tree_is_invalid(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    files = {
        "code/python/calc/__init__.py": CALC,
        "tests/test_calc.py": TESTS,
        "pyproject.toml": '[project]\nname = "calc"\n',
    }
    user = environment | install_editable(tmp_path / "user", tmp_path, "code/python")
    bench = make_bench(tmp_path, user, files, rung=Rung.PLAIN)
    result = await bench.run("python3", "-m", "unittest", "discover", "tests")
    assert result.outcome is Outcome.INVALID
    assert f"imports calc from {bench.root}/code/python/calc" in result.summary


@pytest.mark.parametrize("source", ["", "src"])
async def test_the_copy_wins_over_an_editable_install_of_the_usual_kind(
    source: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    files = {f"{source}/calc/__init__.py".lstrip("/"): CALC, "tests/test_calc.py": TESTS}
    user = environment | install_editable(tmp_path / "user", tmp_path, source)
    bench = make_bench(tmp_path, user, files, rung=Rung.PLAIN)
    path = f"{source}/calc/__init__.py".lstrip("/")
    result = await bench.run(
        "python3", "-m", "unittest", "discover", "tests", change={path: CALC.replace("2", "3")}
    )
    assert result.outcome is Outcome.FAIL


# Ending


async def test_cancelling_a_check_leaves_the_checker_usable(bench: Bench) -> None:
    tree = await bench.checker.prepare([])
    heard = asyncio.Event()
    command = CheckCommand(("sh", "-c", "echo up; sleep 600"), "t")
    running = asyncio.create_task(bench.checker.run(command, tree, lambda _t: heard.set()))
    await heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await bench.run(*UNITTEST)).outcome is Outcome.PASS


async def test_a_check_on_every_rung_that_works_here_gives_the_same_result(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    said = {}
    for rung in (rung for rung in Rung if works(rung)):
        bench = make_bench(
            tmp_path / rung.value,
            environment,
            {"calc.py": CALC, "test_calc.py": TESTS},
            rung=rung,
        )
        result = await bench.run(*UNITTEST)
        said[result.containment] = (result.outcome, result.summary)
    assert said[Rung.PLAIN.value] == (Outcome.PASS, "2 passed")
    assert len(set(said.values())) == 1


# What runners print


@pytest.mark.parametrize(
    ("printed", "failures", "counts"),
    [
        (
            "=== short test summary info ===\nFAILED t.py::test_a[x y] - assert 1 == 2\n"
            "ERROR t.py::test_b\n=== 1 failed, 3 passed, 1 skipped, 1 error in 0.10s ===",
            ("t.py::test_a[x y]", "t.py::test_b"),
            "2 failed, 3 passed, 1 skipped",
        ),
        (
            "FAIL: test_x (m.T.test_x)\nERROR: test_y (m.T.test_y)\nRan 5 tests in 0.1s\n\n"
            "FAILED (failures=1, errors=1, skipped=1)",
            ("test_x (m.T.test_x)", "test_y (m.T.test_y)"),
            "2 failed, 2 passed, 1 skipped",
        ),
        (
            "running 2 tests\ntest a::works ... ok\ntest a::breaks ... FAILED\n\n"
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; finished in 0.00s",
            ("a::breaks",),
            "1 failed, 1 passed",
        ),
        (
            "error[E0308]: mismatched types\n  --> src/lib.rs:3:5\n\nerror: could not compile `x`",
            ("src/lib.rs:3",),
            "",
        ),
        (
            "--- FAIL: TestA (0.00s)\n    a_test.go:5: got 1, want 2\nFAIL\n"
            "FAIL\texample.com/a\t0.002s\nok  \texample.com/b\t0.001s",
            ("TestA",),
            "1 failed, 1 passed",
        ),
        (
            "FAIL\texample.com/a [build failed]\nFAIL",
            ("example.com/a",),
            "1 failed",
        ),
        (
            "not ok 1 - adds\n# tests 2\n# suites 0\n# pass 1\n# fail 1\n# skipped 0",
            ("adds",),
            "1 failed, 1 passed",
        ),
        (
            "  ● math \u203a adds\n\n    expect(received)\n\nTests:       1 failed, 2 passed, 3 total",
            ("math \u203a adds",),
            "1 failed, 2 passed",
        ),
        (
            "  math\n    1) adds\n    ✔ subtracts\n\n  1 passing (3ms)\n  1 failing\n",
            ("adds",),
            "1 failed, 1 passed",
        ),
        ("--- a/file\n+++ b/file\nERROR something\n", (), ""),
    ],
)
def test_runners_are_understood(printed: str, failures: tuple[str, ...], counts: str) -> None:
    report = read_report(printed)
    assert (report.failures, report.counts) == (failures, counts)


@pytest.mark.skipif(not Path("/usr/bin/node").exists(), reason="no node here")
async def test_failing_tests_of_node_are_named(tmp_path: Path, environment: dict[str, str]) -> None:
    files = {
        "sum.js": "exports.sum = (a, b) => a + b\n",
        "sum.test.js": (
            "const test = require('node:test'); const assert = require('node:assert');\n"
            "const { sum } = require('./sum.js');\n"
            "test('adds', () => assert.strictEqual(sum(1, 2), 3));\n"
            "test('adds nothing', () => assert.strictEqual(sum(1, 0), 1));\n"
        ),
        "package.json": '{"scripts": {"test": "node --test"}}',
    }
    bench = make_bench(tmp_path, environment, files)
    wrong = {"sum.js": "exports.sum = (a, b) => a - b\n"}
    result = await bench.run("npm", "test", "--silent", change=wrong)
    assert result.outcome is Outcome.FAIL
    assert result.failures[:1] == ("adds",)
    assert "1 passed" in (result.summary + result.output.replace("# pass 1", "1 passed"))
    assert (await bench.run("npm", "test", "--silent")).outcome is Outcome.PASS
    assert not (bench.root / "node_modules").exists()


UNITTEST_TWICE = """\
======================================================================
ERROR: test_old (tests.test_a.A.test_old)
----------------------------------------------------------------------
ModuleNotFoundError: No module named 'duckdb'

======================================================================
FAIL: test_new (tests.test_a.A.test_new)
----------------------------------------------------------------------
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 3 tests in 0.1s

FAILED (failures=1, errors=1)
"""


def test_what_failed_before_is_left_out_of_the_excerpt() -> None:
    known = ("test_old (tests.test_a.A.test_old)",)
    text = excerpt(
        without(UNITTEST_TWICE, known), ("test_new (tests.test_a.A.test_new)",), "1 failed"
    )
    assert "AssertionError: 1 != 2" in text
    assert "duckdb" not in text


def test_failing_names_are_kept_wherever_they_stand() -> None:
    output = Output(lambda _text: None)
    for number in range(20_000):
        line = f"not ok {number} - breaks\n" if number == 9_000 else f"ok {number} - holds\n"
        output.feed(line.encode(), 0.0)
    kept = output.finish()
    assert kept.count("not ok 9000 - breaks") == 1
    assert len(kept) < HEAD + TAIL + 1_000

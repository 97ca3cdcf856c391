import ast
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.codec import vocabulary
from core.domain.commands import Command
from core.domain.events import EPHEMERAL, Event
from core.domain.phase import Phase
from core.phases import PHASES

ROOT = Path(__file__).parent.parent
OURS = sorted(
    p
    for top in ("core", "tui")
    for p in (ROOT / top).rglob("*.py")
    if "demo/sample" not in p.as_posix()
)

HEAVY = ("litellm", "openai", "tiktoken", "boto3", "botocore", "huggingface_hub", "aiohttp")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def loaded_by(statement: str) -> set[str]:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); {statement}; print(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize("module", ["tui.app", "core.bootstrap", "tui.cli", "tui.headless"])
def test_starting_imports_no_provider_library(module: str) -> None:
    assert loaded_by(f"import {module}").isdisjoint(HEAVY)


def test_opening_a_session_imports_no_provider_library() -> None:
    statement = (
        "from pathlib import Path; from core.bootstrap import Workspace; "
        f"Workspace.open(Path({str(ROOT)!r}), {{'PATH': '/usr/bin:/bin'}}).session()"
    )
    assert loaded_by(statement).isdisjoint(HEAVY)


def test_core_loads_no_screen() -> None:
    assert loaded_by("import core.bootstrap, core.engine.session").isdisjoint(
        {"textual", "prompt_toolkit", "rich", "tui"}
    )


def test_the_domain_needs_only_the_standard_library() -> None:
    for path in (ROOT / "core/domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names or name.startswith("core.domain"), (
                    f"{relative(path)} imports {name}"
                )


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_takes_task_inputs_and_ports_and_gives_its_receipt(phase: Phase) -> None:
    function = PHASES[phase]
    assert inspect.iscoroutinefunction(function)
    assert list(inspect.signature(function).parameters) == ["task", "inputs", "ports"]
    hints = typing.get_type_hints(function)
    assert hints["return"].__name__.endswith("Receipt")


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_emits_nothing_retries_nothing_and_times_nothing(phase: Phase) -> None:
    source = inspect.getsource(sys.modules[PHASES[phase].__module__])
    for word in (
        "publish",
        "core.engine",
        "core.domain.events",
        "sleep(",
        "monotonic",
        "time.",
        "core.adapters",
    ):
        assert word not in source, word


def subclasses(base: type) -> list[type]:
    return list(vocabulary(base).values())


@pytest.mark.parametrize(
    "kind", [*subclasses(Event), *subclasses(Command)], ids=lambda k: k.__name__
)
def test_events_and_commands_are_frozen_and_slotted(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)


def test_commands_are_imperative_and_events_past_tense() -> None:
    for name in (k.__name__ for k in subclasses(Event)):
        assert name.endswith(("ed", "Lost", "Back", "Undone", "Given", "Split")), name
    for name in (k.__name__ for k in subclasses(Command)):
        assert not name.endswith("ed") or name == "VerifyAccepted", name
    assert all(kind in subclasses(Event) for kind in EPHEMERAL)


WRITERS = {
    "core/adapters/worktree.py",
    "core/adapters/disk.py",
    "core/adapters/index_store.py",
    "core/adapters/journal.py",
    "core/adapters/scratch.py",
    "core/adapters/sample.py",
}
"""worktree.py writes the user's files through disk.py; the others write only in our own state and
cache folders.
"""

WRITING = {
    "write_text",
    "write_bytes",
    "unlink",
    "rename",
    "replace",
    "rmdir",
    "touch",
    "hardlink_to",
    "symlink_to",
    "mkdir",
}


def writes(path: Path) -> list[str]:
    found = []
    for call in calls(ast.parse(path.read_text())):
        name = (
            call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        )
        owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        arguments = [
            a.value
            for a in [*call.args, *(k.value for k in call.keywords)]
            if isinstance(a, ast.Constant)
        ]
        if name in (
            "write_text",
            "write_bytes",
            "unlink",
            "rmdir",
            "hardlink_to",
            "symlink_to",
            "touch",
        ):
            found.append(name)
        elif name in ("replace", "rename", "remove", "makedirs") and owner == "os":
            found.append(f"os.{name}")
        elif (
            name == "open"
            and owner != "os"
            and any(str(a)[:1] in "wax" for a in arguments[:2] if isinstance(a, str))
        ):
            found.append("open for writing")
    return found


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_files_are_written_by_the_few_that_may(path: Path) -> None:
    if relative(path) not in WRITERS | OWN_TEMPORARIES:
        assert writes(path) == []


OWN_TEMPORARIES = {
    "tui/editor.py",
    "core/adapters/checker.py",
    "core/adapters/differ.py",
    "core/adapters/child.py",
    "core/adapters/cli_models/workspace.py",
    "tui/commands/compare.py",
}
"""Files that write temporary files of their own."""


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    if relative(path) != "core/config.py":
        names = {
            ast.unparse(n)
            for n in ast.walk(ast.parse(path.read_text()))
            if isinstance(n, ast.Attribute)
        }
        assert names.isdisjoint({"os.environ", "os.getenv", "os.environb"})


CATCHERS = ("core/engine/runner.py", "tui/app.py")


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_everything_is_caught_only_at_three_edges(path: Path) -> None:
    name = relative(path)
    if name.startswith("core/adapters/") or name in CATCHERS:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("Exception", "BaseException", "everything"), (
                f"{name}:{node.lineno}"
            )


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_git_and_processes_have_one_door_each(path: Path) -> None:
    doors = {
        "core/adapters/git.py",
        "core/adapters/checker.py",
        "core/adapters/containment.py",
        "core/adapters/supervise.py",
        "core/adapters/child.py",
        "tui/editor.py",
    }
    if relative(path) in doors:
        return
    tree = ast.parse(path.read_text())
    names = {ast.unparse(call.func) for call in calls(tree)}
    assert not any(
        n.startswith("subprocess.")
        or n.endswith(("create_subprocess_exec", "create_subprocess_shell"))
        for n in names
    )
    assert "shell=True" not in path.read_text()


@pytest.mark.parametrize("package, door", [
    ("litellm", ("core/adapters/model_host/server.py",)),
    ("git", ("core/adapters/git.py",)),
    ("rapidfuzz", ("core/similarity.py",)),
    ("ast_grep_py", ("core/syntax/",)),
    ("yaml", ("core/edits/rules.py",)),
    ("pydantic", ("core/codec.py",)),
    ("sqlite3", ("core/adapters/journal.py", "core/adapters/index_", "core/adapters/records.py")),
])  # fmt: skip
def test_each_library_enters_by_one_door(package: str, door: tuple[str, ...]) -> None:
    users = set()
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            users |= {relative(path) for name in names if name.partition(".")[0] == package}
    assert {user for user in users if not user.startswith(door)} == set()
    assert users


def test_the_tree_names_no_machine_and_no_download_host() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if name.endswith(".lock"):
            rows = (ROOT / name).read_text().split("\n")
            assert not [row for row in rows if row.startswith("--") or "://" in row], name

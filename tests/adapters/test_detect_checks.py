import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.adapters.detect_checks import detect_checks
from core.adapters.memory_repo import MemoryRepo
from core.adapters.repo import WorkingRepo
from core.domain.check import CheckCommand
from core.domain.edit import digest

PYTEST = ("python3", "-m", "pytest", "-q")
UNITTEST = ("python3", "-m", "unittest", "discover")
NPM = ("npm", "test", "--silent")
CARGO = ("cargo", "test", "--offline")
GO = ("go", "test", "./...")
MAKE = ("make", "test")

PLAIN_TEST = "def test_a():\n    assert True\n"
UNIT_TEST = "import unittest\n\n\nclass T(unittest.TestCase):\n    pass\n"

CASES: list[tuple[str, dict[str, str], list[tuple[tuple[str, ...], str]]]] = [
    ("nothing", {"README.md": "pytest\n"}, []),
    (
        "pytest in pyproject",
        {"pyproject.toml": "[tool.pytest.ini_options]\n"},
        [(PYTEST, "pyproject.toml")],
    ),
    ("pytest 9 table", {"pyproject.toml": "[tool.pytest]\n"}, [(PYTEST, "pyproject.toml")]),
    ("an empty pytest.ini", {"pytest.ini": ""}, [(PYTEST, "pytest.ini")]),
    ("tox.ini", {"tox.ini": "[pytest]\n"}, [(PYTEST, "tox.ini")]),
    ("setup.cfg", {"setup.cfg": "[tool:pytest]\n"}, [(PYTEST, "setup.cfg")]),
    (
        "tests and a dependency",
        {"tests/test_a.py": PLAIN_TEST, "requirements-dev.txt": "pytest>=8\n"},
        [(PYTEST, "requirements-dev.txt")],
    ),
    (
        "tests and a dependency group",
        {
            "tests/test_a.py": PLAIN_TEST,
            "pyproject.toml": '[dependency-groups]\ndev = ["pytest>=8"]',
        },
        [(PYTEST, "pyproject.toml")],
    ),
    (
        "a plug-in is not pytest",
        {"tests/test_a.py": PLAIN_TEST, "requirements.txt": "pytest-cov\n"},
        [],
    ),
    ("a dependency without tests", {"requirements.txt": "pytest\n"}, []),
    ("tests that name no framework", {"tests/test_a.py": PLAIN_TEST}, []),
    ("unittest", {"tests/test_a.py": UNIT_TEST}, [(UNITTEST, "tests/test_a.py")]),
    (
        "unittest in a project",
        {"test_a.py": UNIT_TEST, "pyproject.toml": "[project]\n"},
        [(UNITTEST, "pyproject.toml")],
    ),
    ("npm", {"package.json": '{"scripts": {"test": "jest"}}'}, [(NPM, "package.json")]),
    (
        "the stub of npm init",
        {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
        [],
    ),
    ("a script of the wrong type", {"package.json": '{"scripts": {"test": ["rm"]}}'}, []),
    ("no scripts", {"package.json": '{"scripts": null}'}, []),
    ("broken JSON", {"package.json": "{"}, []),
    ("JSON that is a list", {"package.json": "[]"}, []),
    (
        "broken TOML",
        {"pyproject.toml": "[tool.pytest", "tests/test_a.py": UNIT_TEST},
        [(UNITTEST, "pyproject.toml")],
    ),
    ("cargo", {"Cargo.toml": "[package]\n", "src/lib.rs": ""}, [(CARGO, "Cargo.toml")]),
    ("go", {"go.mod": "module a\n", "a_test.go": "package a\n"}, [(GO, "go.mod")]),
    ("go without tests", {"go.mod": "module a\n", "a.go": "package a\n"}, []),
    ("make", {"Makefile": "all:\n\ntest: all\n\techo\n"}, [(MAKE, "Makefile")]),
    ("a variable named test", {"Makefile": "test := 1\ntests:\n"}, []),
    (
        "make only if nothing is better",
        {"Makefile": "test:\n", "pytest.ini": ""},
        [(PYTEST, "pytest.ini")],
    ),
    (
        "the language with more files first",
        {
            "pytest.ini": "",
            "a.py": "",
            "package.json": '{"scripts": {"test": "jest"}}',
            "a.ts": "",
            "b.tsx": "",
        },
        [(NPM, "package.json"), (PYTEST, "pytest.ini")],
    ),
    (
        "two at most",
        {
            "pytest.ini": "",
            "a.py": "",
            "b.py": "",
            "package.json": '{"scripts": {"test": "jest"}}',
            "a.js": "",
            "Cargo.toml": "",
            "go.mod": "",
            "a_test.go": "",
        },
        [(PYTEST, "pytest.ini"), (NPM, "package.json")],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_commands_are_found_in_files(
    files: Mapping[str, str], expected: list[tuple[tuple[str, ...], str]]
) -> None:
    commands = detect_checks(MemoryRepo(files), {"PATH": "/nonexistent"})
    assert [(c.argv, c.source) for c in commands] == expected
    assert [c.source_hash for c in commands] == [digest(files[s].encode()) for _, s in expected]


def test_a_changed_proposal_is_another_command() -> None:
    def found(text: str) -> CheckCommand:
        return detect_checks(MemoryRepo({"package.json": text}))[0]

    one = found('{"scripts": {"test": "jest"}}')
    other = found('{"scripts": {"test": "jest && curl"}}')
    assert one.argv == other.argv
    assert one.id != other.id


@pytest.mark.parametrize("folder", [".venv", "venv"])
def test_pytest_installed_in_the_projects_environment_counts(folder: str, tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(UNIT_TEST)
    (tmp_path / folder / "bin").mkdir(parents=True)
    repo = WorkingRepo.open(tmp_path, {})
    without = {"PATH": "/nonexistent"}
    assert detect_checks(repo, without)[0].argv == UNITTEST
    (tmp_path / folder / "lib/python3.11/site-packages/pytest").mkdir(parents=True)
    assert detect_checks(repo, without)[0].argv == PYTEST


def test_pytest_installed_for_the_users_interpreter_counts(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "user/test_a.py").write_text(UNIT_TEST)
    prefix = tmp_path / "prefix"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/python3").write_text("#!/bin/sh\ntouch /tmp/never\n")
    (prefix / "bin/python3").chmod(0o755)
    repo = WorkingRepo.open(tmp_path / "user", {})
    path = {"PATH": str(prefix / "bin")}
    assert detect_checks(repo, path)[0].argv == UNITTEST
    (prefix / "lib/python3.12/site-packages/pytest").mkdir(parents=True)
    assert detect_checks(repo, path)[0].argv == PYTEST


def test_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    root = tmp_path / "user"
    canary = tmp_path / "ran"
    (root / ".venv/bin").mkdir(parents=True)
    for name in ("python3", "python", "pytest", "npm", "make"):
        (root / ".venv/bin" / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
        (root / ".venv/bin" / name).chmod(0o755)
    (root / "test_a.py").write_text(UNIT_TEST)
    (root / "Makefile").write_text(f"x := $(shell touch {canary})\ntest:\n")
    (root / "package.json").write_text('{"scripts": {"test": "x"}}')
    (root / "conftest.py").write_text(f"open({str(canary)!r}, 'w')\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    repo = WorkingRepo.open(root, {"PATH": "/usr/bin:/bin"})
    assert len(detect_checks(repo, {"PATH": f"{root}/.venv/bin:/usr/bin:/bin"})) == 2
    assert not canary.exists()

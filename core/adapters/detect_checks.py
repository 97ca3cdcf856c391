"""Check commands that a repository suggests, found by reading files; they are only proposed.

The Python environment is looked at the same way: asking it would run what the project put there.
"""

import json
import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.adapters.check_environment import ENVIRONMENTS, users_path
from core.domain.check import CheckCommand
from core.ports import Repo

MAX_COMMANDS = 2

_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_USES_UNITTEST = re.compile(r"^\s*(?:import unittest|from unittest\b)", re.MULTILINE)
_NAMES_PYTEST = re.compile(r"(?:^|[\"'\s\[=])pytest(?![\w-])", re.MULTILINE)
_TEST_TARGET = re.compile(r"^test\s*:(?!=)", re.MULTILINE)

_NO_TEST_STUB = "no test specified"
"""Of `npm init`: a script that only fails."""

_DEPENDENCY_FILES = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "Pipfile",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/dev.txt",
    "requirements/test.txt",
)

_LANGUAGES = {
    ".py": "python",
    ".js": "node",
    ".jsx": "node",
    ".mjs": "node",
    ".ts": "node",
    ".tsx": "node",
    ".rs": "rust",
    ".go": "go",
}

MAX_TEST_FILES = 20
"""Test files that are read to see which framework they use."""


def detect_checks(
    repo: Repo, environment: Mapping[str, str] | None = None
) -> tuple[CheckCommand, ...]:
    """At most two commands, that of the language with the most files first; none without a sign.

    `environment` gives the PATH on which an installed pytest is looked for.
    """
    reading = _Reading(repo, users_path(environment or {}, repo.root))
    ways: dict[str, Callable[[_Reading], CheckCommand | None]] = {
        "python": _python,
        "node": _node,
        "rust": _rust,
        "go": _go,
    }
    found = [way(reading) for language, way in sorted(ways.items(), key=reading.by_files)]
    commands = [command for command in found if command]
    if not commands:
        commands = [command for command in (_make(reading),) if command]
    return tuple(commands[:MAX_COMMANDS])


class _Reading:
    """The repository's files, as far as they tell how it is tested."""

    def __init__(self, repo: Repo, path: str) -> None:
        self._repo = repo
        self.path = path
        self.files = repo.files()
        self._sizes = Counter(_LANGUAGES.get(Path(f).suffix, "") for f in self.files)

    @property
    def root(self) -> Path:
        return self._repo.root

    @property
    def test_files(self) -> list[str]:
        return [path for path in self.files if _TEST_FILE.search(path)]

    def by_files(self, way: tuple[str, object]) -> int:
        return -self._sizes[way[0]]

    def text(self, path: str) -> str | None:
        version = self._repo.read(path)
        return version.data.decode("utf-8", "replace") if version else None

    def propose(self, argv: tuple[str, ...], source: str) -> CheckCommand:
        version = self._repo.read(source)
        return CheckCommand(argv, source, version.hash if version else "")


def _python(reading: _Reading) -> CheckCommand | None:
    configured = _pytest_configuration(reading)
    source = configured or _dependency_file(reading)
    if configured or (reading.test_files and (source or _has_pytest(reading))):
        return reading.propose(("python3", "-m", "pytest", "-q"), source or _stands_for(reading))
    if any(_uses_unittest(reading, path) for path in reading.test_files[:MAX_TEST_FILES]):
        return reading.propose(("python3", "-m", "unittest", "discover"), _stands_for(reading))
    return None


def _pytest_configuration(reading: _Reading) -> str:
    """The file that configures pytest, in pytest's own order."""
    for name in ("pytest.ini", ".pytest.ini"):
        if reading.text(name) is not None:
            return name
    tool = _toml(reading.text("pyproject.toml")).get("tool", {})
    if isinstance(tool, dict) and "pytest" in tool:
        return "pyproject.toml"
    for name, section in (("tox.ini", "[pytest]"), ("setup.cfg", "[tool:pytest]")):
        if section in (reading.text(name) or ""):
            return name
    return ""


def _dependency_file(reading: _Reading) -> str:
    named = (n for n in _DEPENDENCY_FILES if _NAMES_PYTEST.search(reading.text(n) or ""))
    return next(named, "")


def _has_pytest(reading: _Reading) -> bool:
    """Whether pytest is installed for the interpreter that a check would use."""
    for name in ENVIRONMENTS:
        if (reading.root / name / "bin").is_dir():
            return any((reading.root / name).glob("lib/python3*/site-packages/pytest"))
    interpreter = shutil.which("python3", path=reading.path)
    if interpreter is None:
        return False
    prefix = Path(interpreter).resolve().parent.parent
    places = ("lib/python3*/site-packages", "lib/python3/dist-packages")
    managed = ("versions/*/lib/python3*/site-packages",) if "shims" in interpreter else ()
    return any(any(prefix.glob(f"{place}/pytest")) for place in (*places, *managed))


def _uses_unittest(reading: _Reading, path: str) -> bool:
    return bool(_USES_UNITTEST.search(reading.text(path) or ""))


def _stands_for(reading: _Reading) -> str:
    """The file that an approval hangs on where none names the command: the project's own."""
    files = ("pyproject.toml", "setup.cfg", "setup.py")
    own = (name for name in files if reading.text(name) is not None)
    return next(own, reading.test_files[0])


def _node(reading: _Reading) -> CheckCommand | None:
    try:
        script = json.loads(reading.text("package.json") or "{}")["scripts"]["test"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(script, str) or not script.strip() or _NO_TEST_STUB in script:
        return None
    return reading.propose(("npm", "test", "--silent"), "package.json")


def _rust(reading: _Reading) -> CheckCommand | None:
    if reading.text("Cargo.toml") is None:
        return None
    return reading.propose(("cargo", "test", "--offline"), "Cargo.toml")


def _go(reading: _Reading) -> CheckCommand | None:
    has_tests = any(path.endswith("_test.go") for path in reading.files)
    if reading.text("go.mod") is None or not has_tests:
        return None
    return reading.propose(("go", "test", "./..."), "go.mod")


def _make(reading: _Reading) -> CheckCommand | None:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if _TEST_TARGET.search(reading.text(name) or ""):
            return reading.propose(("make", "test"), name)
    return None


def _toml(text: str | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return {}

"""Where a Python project's packages would be imported from: asked of the user's interpreter.

An editable install leads to the original tree, and a check that imports it proves nothing about the
copy with the change.
"""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from core.ports import Repo

QUESTION = """\
import importlib.util, json, os, sys
sys.path[:] = [p for p in sys.path if p]
found = {}
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        continue
    where = spec and (spec.origin or next(iter(spec.submodule_search_locations or ()), ""))
    if where:
        found[name] = os.path.realpath(where)
print("ORIGINS" + json.dumps(found))
"""
"""A program for the user's interpreter. It finds modules and imports none."""

SECONDS = 20.0
"""Time for the answer; an interpreter starts in well under one."""

ROOTS = ("", "src/", "lib/", "python/")
"""Folders in which projects keep their packages."""

ASIDE = frozenset({"tests", "test", "testing", "docs", "doc", "examples", "setup", "conftest"})
"""Names that many projects have and nobody installs."""

OTHER_TOOLS = frozenset({"npm", "npx", "pnpm", "yarn", "bun", "deno", "node", "cargo", "go"})
"""Commands that import no Python."""

MAX_NAMES = 100


def package_names(repo: Repo) -> tuple[str, ...]:
    """Top-level packages and modules of the project, by where they lie in the listing."""
    project = _project_name(repo)
    found: dict[str, None] = {}
    for path in repo.files():
        if not path.endswith(".py"):
            continue
        module = path.removesuffix("/__init__.py")
        folder, _, name = module.removesuffix(".py").rpartition("/")
        is_package = module != path
        root = f"{folder}/" if folder else ""
        if root in ROOTS or (is_package and name == project):
            found[name] = None
    return tuple(n for n in found if n.isidentifier() and n not in ASIDE)[:MAX_NAMES]


def read_answer(output: str) -> dict[str, str]:
    """Module to the file it would come from; empty if the interpreter did not answer."""
    _, _, answer = output.rpartition("ORIGINS")
    try:
        found = json.loads(answer)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def foreign(origins: dict[str, str], root: Path, tree: Path) -> tuple[str, str] | None:
    """The first module that comes from the original tree, and its file."""
    for name, where in origins.items():
        path = Path(where)
        if path.is_relative_to(root) and not path.is_relative_to(tree):
            return name, where
    return None


def imports_python(argv: Iterable[str]) -> bool:
    """Whether a command line may run Python."""
    return Path(next(iter(argv))).name not in OTHER_TOOLS


def _project_name(repo: Repo) -> str:
    version = repo.read("pyproject.toml")
    try:
        data = tomllib.loads(version.data.decode("utf-8")) if version else {}
        return str(data.get("project", {}).get("name", "")).replace("-", "_").replace(".", "_")
    except (ValueError, AttributeError):
        return ""

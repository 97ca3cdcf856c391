"""The summary of a repository, from its file names and manifests."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.domain.context import Trust
from core.domain.project import ProjectSummary
from core.retrieval.corpus import is_searched, lane
from core.retrieval.locks import is_lock_file
from core.syntax.languages import language_of

Reader = Callable[[str], str | None]
"""The text of a path; None for no file, or one that is not text."""

THIN = 0.05
"""Test files for each source file below which a change is hardly checked by them."""
FEW = 5
"""Source files below which a share says nothing."""
MANIFESTS = 20
"""Manifests that are read; a monorepo has hundreds."""

_PROSE = frozenset({"markdown", "json", "yaml", "html", "css", "hcl"})
"""Languages that are no source code of a project's own logic."""

_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_INSTRUCTIONS = re.compile(
    r"(?:^|/)(?:AGENTS|CLAUDE|GEMINI|CONVENTIONS)\.md$|^\.cursorrules$|^\.windsurfrules$"
    r"|^\.cursor/rules/|^\.github/(?:copilot-instructions\.md$|instructions/)",
    re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"^\.github/workflows/|^\.gitlab-ci\.yml$|^\.circleci/|^Jenkinsfile$|^azure-pipelines\.yml$"
    r"|^(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|package\.json|Cargo\.toml|go\.mod|Makefile)$"
    r"|^Dockerfile$"
)
_ENTRY = re.compile(
    r"^(?:src/)?(?:main\.(?:py|go|rs|js|ts)|index\.(?:js|ts)|app\.py|manage\.py|server\.(?:js|ts))$"
    r"|^cmd/[^/]+/main\.go$|(?:^|/)__main__\.py$|^src/bin/[^/]+\.rs$"
)
_KNOWN = (
    *("django", "flask", "fastapi", "starlette", "pytest", "click", "typer", "textual", "pydantic"),
    *("sqlalchemy", "numpy", "pandas", "torch", "tokio", "serde", "clap", "axum", "actix-web"),
    *("rails", "sinatra", "rspec", "minitest", "spring-boot", "junit", "gin", "cobra", "testify"),
)
_KNOWN_IN_JSON = (
    *("react", "next", "vue", "svelte", "@angular/core", "express", "koa", "fastify", "jest"),
    *("vitest", "mocha", "ava", "typescript", "webpack", "vite", "laravel/framework"),
    "phpunit/phpunit",
)


def summarise(paths: Sequence[str], read: Reader) -> ProjectSummary:
    """What these files are; `read` is asked for manifests only."""
    spoken: Counter[str] = Counter()
    tests = 0
    for path in paths:
        language = language_of(path)
        if language and language not in _PROSE and is_searched(path):
            is_test = lane(path) is Trust.TEST
            tests += is_test
            spoken[language] += not is_test
    manifests = [p for p in paths if _name(p) in _MANIFESTS][:MANIFESTS]
    texts = [(p, text) for p in manifests if (text := read(p)) is not None]
    source = sum(spoken.values())
    return ProjectSummary(
        files=len(paths),
        languages=tuple((name, n) for name, n in spoken.most_common() if n),
        tests=tests,
        frameworks=tuple(dict.fromkeys(f for p, t in texts for f in _frameworks(p, t))),
        entry_points=tuple(dict.fromkeys([*_scripts(texts), *filter(_ENTRY.search, paths)])),
        lock_files=tuple(p for p in paths if is_lock_file(p) and _name(p) != "go.mod"),
        owners=next((p for p in _OWNERS if p in set(paths)), ""),
        instructions=tuple(filter(_INSTRUCTIONS.search, paths)),
        protected=tuple(filter(_PROTECTED.search, paths)),
        hint=_hint(source, tests),
    )


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _hint(source: int, tests: int) -> str:
    if source and not tests:
        return "there are no tests here: checks can prove syntax only, so read every hunk"
    if source >= FEW and tests / source < THIN:
        return (
            f"{tests} test files for {source} source files: a check that passes proves little, "
            "so ask for tests first or read every hunk"
        )
    return ""


def _frameworks(path: str, text: str) -> Iterator[str]:
    """Well-known names among what a manifest depends on."""
    depends = set(_MANIFESTS[_name(path)](text))
    if path.endswith(".json"):
        yield from (name for name in _KNOWN_IN_JSON if name in depends)
        return
    depends = {_bare(word) for word in depends}
    yield from (name for name in _KNOWN if name in depends)


def _bare(name: str) -> str:
    """`github.com/gin-gonic/gin` and `spring-boot-starter-web` as people call them."""
    short = name.lower()
    if short.startswith("spring-boot"):
        return "spring-boot"
    return short.rpartition("/")[2] if "." in short.partition("/")[0] else short


_WORD = re.compile(r"[A-Za-z0-9@][\w./@-]*")


def _toml(text: str) -> Iterator[str]:
    try:
        yield from _strings(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return


def _json(text: str) -> Iterator[str]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return
    for group in ("dependencies", "devDependencies", "peerDependencies", "require", "require-dev"):
        found = raw.get(group) if isinstance(raw, dict) else None
        yield from found if isinstance(found, dict) else ()


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - it is TOML
    """Keys and first words of texts: dependencies are spelt as both."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str) and (word := re.match(r"[A-Za-z0-9][\w-]*", value)):
        yield word[0]


def _words(text: str) -> Iterator[str]:
    yield from (word[0] for word in _WORD.finditer(text))


_MANIFESTS: dict[str, Callable[[str], Iterator[str]]] = {
    "pyproject.toml": _toml,
    "Cargo.toml": _toml,
    "package.json": _json,
    "composer.json": _json,
    "requirements.txt": _words,
    "setup.py": _words,
    "setup.cfg": _words,
    "go.mod": _words,
    "Gemfile": _words,
    "pom.xml": _words,
    "build.gradle": _words,
}


def _scripts(texts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Commands that manifests install."""
    for path, text in texts:
        try:
            if _name(path) == "pyproject.toml":
                found = tomllib.loads(text).get("project", {}).get("scripts", {})
                yield from (f"{name} = {target}" for name, target in found.items())
            elif _name(path) == "package.json":
                raw = json.loads(text)
                found = raw.get("bin") if isinstance(raw, dict) else None
                own = {str(raw.get("name", "")): found} if isinstance(found, str) else found
                yield from (f"{name} = {target}" for name, target in (own or {}).items())
        except (ValueError, AttributeError, RecursionError):
            continue

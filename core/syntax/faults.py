"""Whether a file parses, and where it does not."""

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.syntax.languages import language_of, unix
from core.syntax.tree import find_all, key, parse

LIMIT = 20
"""Most faults told of one file."""

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_PROSE = frozenset({"markdown", "html"})
"""Languages in which any text is valid."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place where a file stops being valid."""

    line: int
    """1-based."""
    column: int
    """0-based, in characters."""
    message: str


def syntax_errors(path: str, text: str) -> tuple[SyntaxFault, ...]:
    """Where the text is not valid in the language of its path; empty for unknown languages.

    Python, JSON and TOML answer with the standard library's own message and the first fault only.
    """
    text = unix(text)
    suffix = PurePosixPath(path).suffix.lower()
    language = language_of(path)
    exact = _EXACT.get(suffix) or (_python if language == "python" else None)
    if exact is not None:
        fault = exact(text)
        return (fault,) if fault else ()
    if language is None or language in _PROSE:
        return ()
    return _tree_faults(text, language)


def _python(text: str) -> SyntaxFault | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        return SyntaxFault(line, column, error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxFault(1, 0, str(error) or "nested too deeply")
    return None


def _json(text: str) -> SyntaxFault | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return SyntaxFault(error.lineno, error.colno - 1, error.msg)
    except RecursionError:
        return SyntaxFault(1, 0, "nested too deeply")
    return None


def _json_lines(text: str) -> SyntaxFault | None:
    for number, line in enumerate(text.split("\n"), 1):
        fault = _json(line) if line.strip() else None
        if fault:
            return SyntaxFault(number, fault.column, fault.message)
    return None


def _toml(text: str) -> SyntaxFault | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        line, column = text.count("\n") + 1, 0
        if place and place[1]:
            line, column = int(place[1]), int(place[2]) - 1
        return SyntaxFault(line, column, _PLACE.sub("", message))
    return None


_EXACT: dict[str, Callable[[str], SyntaxFault | None]] = {
    ".json": _json,
    ".webmanifest": _json,
    ".jsonl": _json_lines,
    ".toml": _toml,
}


def _tree_faults(text: str, language: str) -> tuple[SyntaxFault, ...]:
    root = parse(text, language)
    faults: dict[tuple[int, int], SyntaxFault] = {}
    for node in [root] if root.kind() == "ERROR" else find_all(root, {"rule": {"kind": "ERROR"}}):
        start = node.range().start
        near = " ".join(node.text().split())[:40]
        faults[key(node)] = SyntaxFault(start.line + 1, start.column, f"unexpected `{near}`")
    if not faults:
        faults = {(f.line, f.column): f for f in _missing(text, language)}
    return tuple(sorted(faults.values(), key=lambda f: (f.line, f.column)))[:LIMIT]


def _missing(text: str, language: str) -> list[SyntaxFault]:
    """Tokens the parser had to invent: leaves of no width and with no text."""
    leaves = find_all(parse(text, language), {"rule": {"regex": "^$"}})
    found = []
    for node in leaves:
        is_wanted = node.kind() not in _EMPTY_BY_NATURE or (
            node.kind() == ";" and language in _SEMICOLONS
        )
        if node.is_leaf() and is_wanted and not node.is_named():
            start = node.range().start
            found.append(SyntaxFault(start.line + 1, start.column, f"missing `{node.kind()}`"))
    return found


_EMPTY_BY_NATURE = frozenset({"\n", "", ";", "automatic_semicolon"})
"""Leaves that stand for a line end where the language lets one be left out."""

_SEMICOLONS = frozenset({"c", "cpp", "csharp", "dart", "java", "php", "rust", "solidity", "zig"})
"""Languages in which a `;` is never left out."""

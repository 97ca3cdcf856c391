"""A file as chunks: one for each function or method, the heads of classes, windows of the rest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.retrieval.definitions import defined_name
from core.syntax.kinds import DEFINITIONS
from core.syntax.languages import language_of, unix
from core.syntax.outline import outline_of
from core.syntax.tree import of_kinds, parse

WINDOW = 60
"""Lines of a chunk where there is nothing to cut at; longer functions are cut into such parts."""
LEAST = 4
"""Fewer lines between two definitions stay with the chunk before them."""
MOST_ROWS = 20_000
"""A file of more lines is cut into windows without looking for definitions."""

_HOLDERS = frozenset({"class", "module", "impl", "section", "block", "type"})
"""Kinds whose inner definitions are chunks of their own."""
_QUIET = frozenset({"variable", "field", "key", "rule"})
"""Kinds that are symbols but too small to be chunks."""
_UNPARSED = frozenset({None, "json", "yaml", "html", "css"})
"""Data and mark-up: windows say as much as their outlines."""
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a file defines."""

    name: str
    kind: str
    start: int
    """1-based."""
    end: int
    """1-based, inclusive."""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of lines that is ranked on its own."""

    start: int
    """0-based."""
    end: int
    """0-based, half open."""
    symbol: str = ""
    """Dotted name of what it defines, or empty."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A file's chunks, its definitions and its lines."""

    chunks: tuple[Chunk, ...]
    definitions: tuple[Definition, ...]
    lines: tuple[str, ...]


def cut(path: str, text: str) -> Cut:
    """Cut a text; every line belongs to exactly one chunk, an empty text has none."""
    plain = unix(text)
    lines = plain.split("\n")
    if not plain.strip():
        return Cut((), (), ())
    found = _definitions(path, plain, lines) if len(lines) <= MOST_ROWS else []
    return Cut(tuple(_chunks(len(lines), found)), tuple(found), tuple(lines))


def _definitions(path: str, text: str, lines: list[str]) -> list[Definition]:
    language = language_of(path)
    if language in _UNPARSED or language is None:
        return _by_first_line(lines) if language is None else []
    if language == "python":
        found = [*_of_python(text), *_assigned(text)]
        return sorted(found, key=lambda d: (d.start, -d.end))
    if not DEFINITIONS[language]:
        return []
    return [
        Definition(s.name, s.kind, s.start_line, s.end_line, s.parent)
        for s in outline_of(parse(text, language), language, lines)
    ]


def _of_python(text: str) -> Iterator[Definition]:
    """What `outline` finds but for variables, at the price of the parse alone."""
    open_until: list[tuple[int, str, str]] = []
    root = parse(text, "python")
    for node in of_kinds(root, ("class_definition", "function_definition")):
        named = node.field("name")
        if named is None:
            continue
        span = node.range()
        start, end = span.start.line, span.end.line
        while open_until and open_until[-1][0] < start:
            open_until.pop()
        above = node.parent()
        if above is not None and above.kind() == "decorated_definition":
            start = above.range().start.line
        parent = ".".join(name for _, name, _ in open_until)
        kind = "class" if node.kind() == "class_definition" else "function"
        if kind == "function" and open_until and open_until[-1][2] == "class":
            kind = "method"
        open_until.append((end, named.text(), kind))
        yield Definition(named.text(), kind, start + 1, end + 1, parent)


def _assigned(text: str) -> Iterator[Definition]:
    row, last = 1, 0
    for match in _ASSIGNED.finditer(text):
        row += text.count("\n", last, match.start())
        last = match.start()
        yield Definition(match[1], "variable", row, row)


def _by_first_line(lines: Sequence[str]) -> list[Definition]:
    """For a language without a grammar: a definition lasts until the next one begins."""
    heads = [(row, name) for row, line in enumerate(lines) if (name := defined_name(line))]
    ends = [*(row for row, _ in heads[1:]), len(lines)][: len(heads)]
    return [
        Definition(name, "function", row + 1, end)
        for (row, name), end in zip(heads, ends, strict=True)
    ]


def _chunks(count: int, definitions: Iterable[Definition]) -> Iterator[Chunk]:
    """Runs of lines with the innermost definition around them, short gaps joined, long ones cut."""
    runs: list[list[object]] = []
    for start, end, symbol in _runs(count, definitions):
        gap = end - start < LEAST and bool(runs)
        if gap and (not symbol or symbol == runs[-1][3]):
            runs[-1][1] = end
        else:
            runs.append([start, end, symbol, symbol.rpartition(".")[0]])
    for start_, end_, symbol_, _ in runs:
        yield from _windows(int(str(start_)), int(str(end_)), str(symbol_))


def _windows(start: int, end: int, symbol: str) -> Iterator[Chunk]:
    size = end - start
    parts = max(1, round(size / WINDOW))
    for part in range(parts):
        yield Chunk(start + size * part // parts, start + size * (part + 1) // parts, symbol)


def _runs(count: int, definitions: Iterable[Definition]) -> Iterator[tuple[int, int, str]]:
    """Half-open runs `(start, end, symbol)` that cover all lines in order."""
    at = 0
    stack: list[tuple[int, str, bool]] = []
    for one in definitions:
        if one.kind in _QUIET:
            continue
        start, end = one.start - 1, min(one.end, count)
        while stack and stack[-1][0] <= start:
            closed, name, _ = stack.pop()
            if closed > at:
                yield at, closed, name
                at = closed
        if (stack and not stack[-1][2]) or start < at or end <= start:
            continue
        if start > at:
            yield at, start, stack[-1][1] if stack else ""
            at = start
        dotted = f"{one.parent}.{one.name}" if one.parent else one.name
        stack.append((end, dotted, one.kind in _HOLDERS))
    while stack:
        closed, name, _ = stack.pop()
        if closed > at:
            yield at, closed, name
            at = closed
    if at < count:
        yield at, count, ""

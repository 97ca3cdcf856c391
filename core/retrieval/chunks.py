"""A file as chunks: one for each function or method, the heads of classes, windows of the rest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.retrieval.definitions import defined_name
from core.syntax.kinds import DEFINITIONS
from core.syntax.languages import language_of, unix
from core.syntax.outline import outline_of
from core.syntax.tree import parse

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
_OPEN_DOUBLE, _OPEN_SINGLE = (
    rf"{q}{q}{q}[^\\{q}]*+(?:(?:\\.|{q}(?!{q}{q}))[^\\{q}]*+)*+" for q in "\"'"
)
"""A long string but for its end, by its runs and not by the character; never gone back in."""
_DOUBLE, _SINGLE = rf"{_OPEN_DOUBLE}\"{{3}}", rf"{_OPEN_SINGLE}'{{3}}"
_DOUBLE_STRING = re.compile(_DOUBLE, re.S)
_LONG_STRING = re.compile(f"{_DOUBLE}|{_SINGLE}", re.S)
_SHORT = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*"
_LEXED = re.compile(f"{_DOUBLE}|{_SINGLE}|{_SHORT}", re.S)
_LEXED_TO_THE_END = re.compile(
    rf"{_OPEN_DOUBLE}(?:\"{{3}}|\Z)|{_OPEN_SINGLE}(?:'{{3}}|\Z)|{_SHORT}", re.S
)
"""A long string may lack its end: where each of many looks for one, that takes for ever."""
MOST_ESCAPED = 200
"""Three quotes behind a backslash of a text whose long strings are looked for again and again."""
_QUOTES = (re.compile('"""'), re.compile("'''"))
_BEFORE, _AFTER = frozenset("\"'\\"), frozenset("\"'")
"""What three quotes stand beside that may open no long string."""
_STATEMENT = re.compile(r"\n([ \t]*)(?:(?:async[ \t]+)?(def|class)[ \t]+(\w+)|(?=(@))|[^\s#)\]}])")
"""A line of Python that begins a statement, or may: with its indentation and what it defines.

Lines are searched for by the line end before them: that a literal leads makes it twice as fast.
"""
_ASSIGNED = re.compile(r"\n([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=(?!=)")


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
        return sorted(_of_python(text, lines), key=lambda d: (d.start, -d.end))
    if not DEFINITIONS[language]:
        return []
    return [
        Definition(s.name, s.kind, s.start_line, s.end_line, s.parent)
        for s in outline_of(parse(text, language), language, lines)
    ]


def _of_python(text: str, lines: Sequence[str]) -> Iterator[Definition]:
    """What `outline` finds but for inner variables, by indentation: parsing takes longer."""
    plain = "\n" + _without_strings(text)
    open_at: list[tuple[int, Definition]] = []
    """Indentation of what is not at its end, outermost first."""
    row, last, decorated = 1, 0, (0, 0)
    for match in _STATEMENT.finditer(plain):
        indent, word = len(match[1]), match[2] or match[4]
        if not word and not (open_at and indent <= open_at[-1][0]):
            continue
        row += plain.count("\n", last, match.start())
        last = match.start()
        while open_at and indent <= open_at[-1][0]:
            yield _ended(*open_at.pop(), lines, row)
        if word == "@":
            decorated = decorated if decorated[0] and decorated[1] == indent else (row, indent)
        elif word:
            first = decorated[0] if decorated[1] == indent and decorated[0] else row
            decorated = (0, 0)
            open_at.append((indent, _begun(match, first, [one for _, one in open_at[-1:]])))
        else:
            decorated = (0, 0)
    while open_at:
        yield _ended(*open_at.pop(), lines, len(lines) + 1)
    yield from _assigned(plain)


def _without_strings(text: str) -> str:
    """A text whose long strings are blank, all of them where three quotes mislead."""
    if '"""' not in text and "'''" not in text:
        return text
    if _misleads(text):
        is_odd = text.count('\\"""') + text.count("\\'''") > MOST_ESCAPED
        return (_LEXED_TO_THE_END if is_odd else _LEXED).sub(_only_rows, text)
    return (_LONG_STRING if "'''" in text else _DOUBLE_STRING).sub(_only_rows, text)


def _begun(match: re.Match[str], first: int, around: Sequence[Definition]) -> Definition:
    """A definition whose end is not known, within the one around it."""
    parent = _dotted(around[0]) if around else ""
    is_method = bool(around) and around[0].kind == "class"
    kind = "class" if match[2] == "class" else "method" if is_method else "function"
    return Definition(match[3], kind, first, 0, parent)


def _dotted(one: Definition) -> str:
    return f"{one.parent}.{one.name}" if one.parent else one.name


def _ended(indent: int, one: Definition, lines: Sequence[str], row: int) -> Definition:
    """A definition that ends before `row`."""
    return Definition(one.name, one.kind, one.start, _last_row(lines, row, indent), one.parent)


def _misleads(text: str) -> bool:
    """Whether three quotes may stand within another string or a comment."""
    for quotes in _QUOTES:
        last = remark = -1
        for found in quotes.finditer(text):
            start, end = found.span()
            if text[start - 1 : start] in _BEFORE or text[end : end + 1] in _AFTER:
                return True
            if start > last:
                first = text.rfind("\n", 0, start) + 1
                found_end = text.find("\n", end)
                last = found_end if found_end >= 0 else len(text)
                remark = text.find("#", first, last)
            if 0 <= remark < start:
                return True
    return False


def _only_rows(found: re.Match[str]) -> str:
    """A string or comment as its rows; what follows it on its last row begins no statement."""
    if found[0][0] == "#":
        return ""
    rows = found[0].count("\n")
    return "'" + "\n" * rows + ")"


def _last_row(lines: Sequence[str], row: int, indent: int) -> int:
    """The last row before `row` that belongs to a block indented deeper than `indent`."""
    row -= 1
    while row > 1:
        line = lines[row - 1].lstrip()
        if line and (line[0] != "#" or len(lines[row - 1]) - len(line) > indent):
            break
        row -= 1
    return row


def _assigned(text: str) -> Iterator[Definition]:
    """Variables of a text that begins with the end of a line before it."""
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
        stack.append((end, _dotted(one), one.kind in _HOLDERS))
    while stack:
        closed, name, _ = stack.pop()
        if closed > at:
            yield at, closed, name
            at = closed
    if at < count:
        yield at, count, ""

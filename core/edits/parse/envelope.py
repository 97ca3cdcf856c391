"""The `*** Begin Patch` envelope: files added, deleted, moved and updated in chunks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import BLANKS, INVISIBLE, rows_of, text_of
from core.edits.parse.paths import named_path
from core.edits.parse.tidy import tidy

_BEGIN = re.compile(rf"^([ \t{INVISIBLE}]*+)\*\*\*[ \t]*Begin Patch[ \t:*]*$", re.IGNORECASE)
_END = re.compile(r"^\*\*\*[ \t]*End Patch[ \t:*]*$", re.IGNORECASE)
_FILE = re.compile(r"^\*\*\*[ \t]*(Add|Delete|Update) File:(.*)$", re.IGNORECASE)
_MOVE = re.compile(r"^\*\*\*[ \t]*Move (?:to|File to):(.*)$", re.IGNORECASE)
_LAST = re.compile(r"^\*\*\*[ \t]*End of File[ \t*]*$", re.IGNORECASE)
_NUMBERS = re.compile(r"^@@ *-([0-9]{1,9})(?:,[0-9]*)? +\+[0-9]{1,9}(?:,[0-9]*)? *(?:@@ ?(.*))?$")
_LONGEST_HEADER = 4_000
"""Characters. A longer line is no header."""


@dataclass(slots=True)
class _Chunk:
    """One `@@` part of an update."""

    scopes: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    line: int | None = None
    at_end: bool = False


def opens_envelope(line: str) -> bool:
    """Whether a line begins an envelope."""
    return "***" in line[:40] and bool(_BEGIN.match(line))


def envelope_end(lines: list[str], row: int) -> int:
    """The row of the line that ends the envelope begun on `row`; `row` itself if there is none."""
    indent = _indent(lines[row])
    for i in range(row + 1, len(lines)):
        if lines[i].startswith(indent + "***"):
            if _END.match(lines[i][len(indent) :]):
                return i
            if opens_envelope(lines[i]):
                return row
    return row


def parse_envelope(reply: str) -> tuple[Intent, ...]:
    """The intents of every envelope, numbered in order; a move comes before the edits of its file.

    Raises `ParseFault` for an envelope without end, without files, or with a line that has no
    meaning where it stands.
    """
    lines = rows_of(reply)
    found: list[Intent] = []
    row, seen = 0, False
    while row < len(lines):
        if not opens_envelope(lines[row]):
            row += 1
            continue
        seen, end = True, envelope_end(lines, row)
        if end == row:
            raise ParseFault("the patch has no `*** End Patch` line; the reply seems cut")
        body = _outdented(lines, row, end)
        made = list(_Reader(body, row + 2).intents())
        if not made:
            raise ParseFault("the patch is empty; give at least one file between its two markers")
        found += made
        row = end + 1
    if not seen and any(_FILE.match(line) for line in lines if line.startswith("***")):
        raise ParseFault("the patch has no `*** Begin Patch` line; give it whole")
    return tuple(tidy(intent, number) for number, intent in enumerate(found, 1))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(BLANKS))]


def _outdented(lines: list[str], row: int, end: int) -> list[str]:
    indent = _indent(lines[row])
    return (
        [line.removeprefix(indent) for line in lines[row + 1 : end]]
        if indent
        else lines[row + 1 : end]
    )


class _Reader:
    """Walks over the lines between the two markers."""

    def __init__(self, lines: list[str], first: int) -> None:
        self.lines = lines
        self.first = first
        """The reply's line number of the first of them."""
        self.row = 0

    def intents(self) -> Iterator[Intent]:
        while self.row < len(self.lines):
            line = self.lines[self.row]
            if not line.strip():
                self.row += 1
                continue
            header = _FILE.match(line) if len(line) <= _LONGEST_HEADER else None
            if not header:
                raise self._fault("is no file header; write `*** Update File: PATH`")
            path = named_path(header[2])
            if not path:
                raise self._fault("names no file; write the path after the colon")
            self.row += 1
            kind = header[1].lower()
            if kind == "delete":
                yield Intent(path, Op.DELETE)
            elif kind == "add":
                yield Intent(path, Op.CREATE, new=self._added())
            else:
                yield from self._updated(path)

    def _fault(self, problem: str) -> ParseFault:
        text = self.lines[self.row][:60]
        return ParseFault(f"line {self.first + self.row} of the reply (`{text}`) {problem}")

    def _at_header(self) -> bool:
        line = self.lines[self.row]
        return line.startswith("***") and bool(_FILE.match(line) or _MOVE.match(line))

    def _added(self) -> str:
        rows: list[str] = []
        blanks = 0
        while self.row < len(self.lines) and not self._at_header():
            line = self.lines[self.row]
            if line.startswith("+"):
                rows += [""] * blanks + [line[1:]]
                blanks = 0
            elif not line.strip():
                blanks += 1
            elif not _LAST.match(line):
                raise self._fault("is not part of an added file; begin each of its lines with +")
            self.row += 1
        return text_of(rows)

    def _updated(self, path: str) -> Iterator[Intent]:
        target = ""
        if self.row < len(self.lines) and (move := _MOVE.match(self.lines[self.row])):
            target = named_path(move[1])
            if not target:
                raise self._fault("names no file; write the path after the colon")
            self.row += 1
        chunks = self._chunks()
        if not chunks and not target:
            raise ParseFault(f"the update of {path} holds no lines; give what changes in it")
        if target and target != path:
            yield Intent(path, Op.RENAME, target=target)
        for chunk in chunks:
            yield _edit(path, chunk)

    def _chunks(self) -> list[_Chunk]:
        chunks: list[_Chunk] = []
        while self.row < len(self.lines) and not self._at_header():
            line = self.lines[self.row]
            if not line and (not chunks or chunks[-1].at_end):
                self.row += 1
            elif line.startswith("@@"):
                if not chunks or chunks[-1].rows:
                    chunks.append(_Chunk())
                _scoped(chunks[-1], line)
                self.row += 1
            elif _LAST.match(line) and chunks and chunks[-1].rows:
                chunks[-1].at_end = True
                self.row += 1
            elif line[:1] in ("", " ", "+", "-"):
                if not chunks or chunks[-1].at_end:
                    chunks.append(_Chunk())
                chunks[-1].rows.append(line or "\n")
                self.row += 1
            else:
                raise self._fault("is no line of a chunk; begin each with a blank, + or -")
        for chunk in chunks:
            _trim(chunk)
        if any(not chunk.rows for chunk in chunks):
            self.row = min(self.row, len(self.lines) - 1)
            raise self._fault("follows an @@ line without a chunk; give the lines that change")
        return chunks


def _scoped(chunk: _Chunk, line: str) -> None:
    if numbers := _NUMBERS.match(line):
        chunk.line = int(numbers[1]) or None
        text = (numbers[2] or "").rstrip()
    else:
        text = line[2:].removeprefix(" ").rstrip().removesuffix("@@").rstrip()
    if text.strip() and text.strip() not in ("...", "…"):
        chunk.scopes.append(text)


def _trim(chunk: _Chunk) -> None:
    """Empty lines between chunks are spacing, not context; those inside are empty context."""
    while chunk.rows and chunk.rows[-1] == "\n" and not chunk.at_end:
        chunk.rows.pop()


def _edit(path: str, chunk: _Chunk) -> Intent:
    rows = [" " if row == "\n" else row for row in chunk.rows]
    old = text_of(row[1:] for row in rows if row[0] in " -")
    new = text_of(row[1:] for row in rows if row[0] in " +")
    at_end = chunk.at_end or (not old and not chunk.scopes and chunk.line is None)
    return Intent(
        path, Op.EDIT, old, new, line=chunk.line, scopes=tuple(chunk.scopes), at_end=at_end
    )

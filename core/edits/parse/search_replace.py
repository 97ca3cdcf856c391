"""SEARCH/REPLACE blocks, in the marker dialects that models use."""

import re
from dataclasses import dataclass, field

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import (
    BLANKS,
    INVISIBLE,
    closes_fence,
    fence_end,
    opens_fence,
    rows_of,
    text_of,
)
from core.edits.parse.divided import divided
from core.edits.parse.paths import named_path, path_before, path_in, path_told
from core.edits.parse.tidy import tidy

_LEAD = rf"^[ \t{INVISIBLE}]*+"
_HEAD = re.compile(
    _LEAD + r"(?:(<{5,9})[ \t]*(?:SEARCH|ORIGINAL)\b|(-{5,9})[ \t]*SEARCH\b)[ \t>]*+(.*)$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    _LEAD + r"(?:>{5,9}[ \t]*(?:REPLACE|UPDATED)|\+{5,9}[ \t]*REPLACE)[ \t>]*+$", re.IGNORECASE
)
_BARE_TAIL = re.compile(_LEAD + r"(>{5,9})[ \t]*+$")
_START = re.compile(r"^[ \t]*:start_line:[ \t]*([0-9]{1,9})[ \t]*$", re.IGNORECASE)
_END = re.compile(r"^[ \t]*:end_line:[ \t]*[0-9]*[ \t]*$", re.IGNORECASE)
_RULE = re.compile(r"^[ \t]*-{5,9}[ \t]*$")
_DELETE = re.compile(r"^\*{3}[ \t]*Delete File:(.+)$", re.IGNORECASE)
_RENAME = re.compile(
    r"^\*{3}[ \t]*(?:Rename|Move) File:(.+?)[ \t]+(?:->|=>|→|to)[ \t]+(.+)$", re.IGNORECASE
)
_LONGEST_ORDER = 1_000
"""Characters of a delete or rename line."""


def opens_block(line: str) -> bool:
    """Whether a line is a SEARCH marker."""
    return head_of(line) is not None


def head_of(line: str) -> re.Match[str] | None:
    """The SEARCH marker that a line is: its marks, and a path after them if there is one."""
    if line.lstrip(BLANKS)[:1] not in ("<", "-"):
        return None
    found = _HEAD.match(line)
    if found and found[2] and found[3].strip() and not path_in(found[3]):
        return None
    return found


def orders(line: str) -> Intent | None:
    """The delete or rename that a `*** Delete File:` or `*** Rename File:` line asks for."""
    text = line.strip()
    if not text.startswith("***") or len(text) > _LONGEST_ORDER:
        return None
    if found := _DELETE.match(text):
        return Intent(named_path(found[1]), Op.DELETE)
    if found := _RENAME.match(text):
        return Intent(named_path(found[1]), Op.RENAME, target=named_path(found[2]))
    return None


def block_end(lines: list[str], row: int) -> int:
    """The row after the block whose SEARCH marker stands on `row`; `row` itself if it never ends.

    A REPLACE line ends it; a bare `>>>>>>>` as long as its SEARCH marker does only where no
    REPLACE line follows.
    """
    bare: list[int] = []
    head = head_of(lines[row])
    marks = len(head[1] or "") if head else 0
    for i in range(row + 1, len(lines)):
        mark = lines[i].lstrip(BLANKS)[:1]
        if mark not in ("<", "-", ">", "+") or not mark:
            continue
        if _TAIL.match(lines[i]):
            return i + 1
        if head_of(lines[i]):
            break
        if (tail := _BARE_TAIL.match(lines[i])) and len(tail[1]) == marks:
            bare.append(i + 1)
    return bare[0] if len(bare) == 1 else row


@dataclass(slots=True)
class _Reading:
    """Where the reader stands outside blocks."""

    lines: list[str]
    intents: list[Intent] = field(default_factory=list)
    files: list[Intent] = field(default_factory=list)
    path: str = ""
    floor: int = 0
    """The row after the last block: paths above it are not for the next one."""
    fence: tuple[str, int] | None = None
    """The mark and indent of the fence around the blocks."""
    wanted: bool = False
    """Whether the reply is known to be of this format."""
    known: frozenset[str] = frozenset()
    """Paths that are files, however they look."""
    cut: bool = False
    """Whether the fence around the last block is still open."""

    @property
    def number(self) -> int:
        return len(self.intents) + len(self.files) + 1


def parse_search_replace(
    reply: str, wanted: bool = False, known: frozenset[str] = frozenset()
) -> tuple[Intent, ...]:
    """Every block, in order, with the files given whole beside them as creations.

    A block without a path of its own belongs to the file before it; without any, its path is
    empty. With `wanted` a file given whole that shows such blocks is read for them.

    Raises `ParseFault` for an unfinished block, a REPLACE line without a SEARCH line, or a division
    that cannot be told.
    """
    at = _Reading(rows_of(reply), wanted=wanted, known=known)
    row = 0
    while row < len(at.lines):
        line = at.lines[row]
        if not line:
            row += 1
            continue
        mark = line.lstrip(BLANKS)[:1]
        if mark in ("<", "-") and mark and (head := head_of(line)):
            row = _block(at, row, head)
        elif mark in ("`", "~") and mark and (fence := opens_fence(line)):
            row = _fence(at, row, fence)
        elif mark == "*" and (order := orders(line)):
            at.intents.append(tidy(order, at.number))
            row += 1
        elif mark in (">", "+") and mark and _TAIL.match(line):
            raise ParseFault(
                f"edit {at.number} has a REPLACE line without its SEARCH line; give the whole block"
            )
        else:
            row += 1
    if at.cut:
        raise ParseFault("the fence around the last edit is never closed; the reply seems cut")
    edited = {i.path for i in at.intents}
    found = [*at.intents, *(f for f in at.files if f.path not in edited)]
    found.sort(key=lambda i: i.number)
    return tuple(tidy(intent, number) for number, intent in enumerate(found, 1))


def _block(at: _Reading, row: int, head: re.Match[str]) -> int:
    number, end = at.number, block_end(at.lines, row)
    if end == row:
        raise ParseFault(f"edit {number} is not finished; a block is SEARCH, =======, REPLACE")
    own = path_in(head[3], at.known) or path_told(at.lines, row, at.floor, at.known)
    at.path = own or at.path
    start, hint = _hint(at.lines, row + 1)
    indent = len(head[0]) - len(head[0].lstrip(BLANKS))
    marks = len(head[1] or head[2])
    old, new, line = divided(at.lines[start : end - 1], marks, indent, number, at.path)
    op = Op.EDIT if old.strip() else Op.CREATE
    text = "" if op is Op.CREATE else old
    at.intents.append(tidy(Intent(at.path, op, text, new, line=hint or line), number))
    at.floor, at.cut = end, at.fence is not None
    return end


def _hint(lines: list[str], row: int) -> tuple[int, int | None]:
    """The row where SEARCH text begins, after Roo's hint lines, and the hinted line."""
    hint, first = None, row
    while row < len(lines) and (_START.match(lines[row]) or _END.match(lines[row])):
        if found := _START.match(lines[row]):
            hint = int(found[1]) or None
        row += 1
    if row > first and row < len(lines) and _RULE.match(lines[row]):
        row += 1
    return row, hint


def _fence(at: _Reading, row: int, fence: re.Match[str]) -> int:
    line = at.lines[row]
    if at.fence and closes_fence(line, *at.fence):
        at.fence, at.cut = None, False
        return row + 1
    path = path_before(at.lines, row + 1, at.floor, at.known)
    if path and not opens_edits(at.lines, row, at.known):
        end = fence_end(at.lines, row)
        if end is None:
            raise ParseFault(f"the block for {path} is never closed; the reply seems cut")
        if not at.wanted or not any(opens_block(inner) for inner in at.lines[row + 1 : end]):
            text = text_of(at.lines[row + 1 : end])
            at.files.append(tidy(Intent(path, Op.CREATE, new=text), at.number))
            at.floor = end + 1
            return end + 1
    at.fence = (fence[2], len(fence[1]))
    return row + 1


def opens_edits(lines: list[str], row: int, known: frozenset[str] = frozenset()) -> bool:
    """Whether the fence opened on `row` begins with a SEARCH marker, after at most a path."""
    seen = 0
    for line in lines[row + 1 : row + 8]:
        if opens_block(line):
            return True
        if line.strip():
            seen += 1
            if seen > 1 or not path_in(line, known):
                return False
    return False

"""SEARCH/REPLACE blocks, in the marker dialects that models use."""

import re

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import FENCE, path_before, path_in, refuse_lazy

_HEAD = re.compile(r"^\s*(?:<{5,}|-{5,})\s*SEARCH\b[ >]*(.*)$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,}\s*$")
_TAIL = re.compile(r"^\s*(?:>{5,}|\+{5,})\s*(?:REPLACE|UPDATED)?\s*$", re.IGNORECASE)
_HINT = re.compile(r"^\s*:start_line:\s*(\d+)\s*$")
_END_HINT = re.compile(r"^\s*(?::end_line:\s*\d+|-{5,})\s*$")
_DELETE = re.compile(r"^\*\*\*[ \t]*Delete File:(.+)$", re.IGNORECASE)


def has_blocks(reply: str) -> bool:
    """Whether a reply holds a SEARCH marker or a delete line."""
    return any(_HEAD.match(line) or _DELETE.match(line.strip()) for line in reply.split("\n"))


def parse_search_replace(reply: str) -> tuple[Intent, ...]:
    """Every block, in order. A block without a path of its own belongs to the file before it.

    Raises `ParseFault` for an unfinished block, a block without any path, or text left out.
    """
    lines = reply.replace("\r\n", "\n").split("\n")
    intents: list[Intent] = []
    path, row = "", 0
    while row < len(lines):
        if delete := _DELETE.match(lines[row].strip()):
            named = delete[1].strip()
            intents.append(Intent(path_in(named) or named, Op.DELETE, number=len(intents) + 1))
            row += 1
            continue
        head = _HEAD.match(lines[row])
        if not head:
            row += 1
            continue
        path = path_in(head[1]) or path_before(lines, row) or path
        intent, row = _block(lines, row + 1, path, len(intents) + 1)
        intents.append(intent)
    return tuple(intents)


def _block(lines: list[str], row: int, path: str, number: int) -> tuple[Intent, int]:
    hint: int | None = None
    while row < len(lines) and (
        _HINT.match(lines[row]) or (hint is not None and _END_HINT.match(lines[row]))
    ):
        found = _HINT.match(lines[row])
        hint = int(found[1]) if found else hint
        row += 1
    start = row
    row = _end(lines, row, number)
    divider = _divider(lines[start : row - 1], number)
    old = _text(lines[start : start + divider])
    new = _text(lines[start + divider + 1 : row - 1])
    if not path:
        raise ParseFault(f"edit {number} names no file; put its path on the line above the block")
    refuse_lazy(new, old, number)
    op = Op.CREATE if not old.strip() else Op.EDIT
    return Intent(path, op, old, new, line=hint, number=number), row


def _end(lines: list[str], row: int, number: int) -> int:
    """The row after the block's REPLACE line."""
    while row < len(lines):
        if _TAIL.match(lines[row]):
            return row + 1
        if _HEAD.match(lines[row]) and FENCE.match(lines[row]) is None:
            break
        row += 1
    raise ParseFault(_unfinished(number))


def _divider(body: list[str], number: int) -> int:
    """Which row divides SEARCH from REPLACE: underlines of headings look alike, so among several
    only the one `=======` counts.
    """
    rows = [i for i, line in enumerate(body) if _DIVIDER.match(line)]
    if len(rows) > 1:
        rows = [i for i in rows if body[i].rstrip() == "======="]
    if not rows:
        raise ParseFault(_unfinished(number))
    if len(rows) > 1:
        raise ParseFault(
            f"edit {number} holds {len(rows)} lines that could divide SEARCH from REPLACE; "
            "leave such lines out of the block"
        )
    return rows[0]


def _unfinished(number: int) -> str:
    return f"edit {number} is not finished; a block is SEARCH, =======, REPLACE"


def _text(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)

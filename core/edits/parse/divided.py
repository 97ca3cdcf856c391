"""The inside of one SEARCH/REPLACE block: where SEARCH ends, and what stands around its text."""

import re

from core.edits.intent import ParseFault
from core.edits.parse.blocks import BLANKS, INVISIBLE, closes_fence, opens_fence, text_of

_DIVIDER = re.compile(rf"^[ \t{INVISIBLE}]*+(={{5,9}})[ \t>]*+$")
_ESCAPED = re.compile(
    r"^\\(?=<{5,9}(?:[^<]|$)|={5,9}(?:[^=]|$)|>{5,9}(?:[^>]|$)|-{5,9}(?:[^-]|$)|\+{5,9}(?:[^+]|$)"
    r"|:(?:start|end)_line:)"
)
_BARRED = re.compile(r"^ *([0-9]{1,7}) ?\|(?: |$|(?=.))")
_NUMBERED = re.compile(r"^ *([0-9]{1,7})(?::(?: |$|(?=\S))|\t)")
_MARKUP = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt")

Texts = tuple[list[str], list[str]]


def divided(
    body: list[str], marks: int, indent: int, number: int, path: str
) -> tuple[str, str, int | None]:
    """SEARCH text, REPLACE text and the line number that the text itself carried, if any.

    `marks` and `indent` are the length and indent of the SEARCH marker. Raises `ParseFault` where
    several lines could divide the two.
    """
    row = _divider(body, marks, indent, number)
    sides = _unescaped(body[:row]), _unescaped(body[row + 1 :])
    if not path.lower().endswith(_MARKUP):
        sides = _unfenced(*sides)
    (old, new), line = _unnumbered(*sides)
    return text_of(old), text_of(new), line


def _divider(body: list[str], marks: int, indent: int, number: int) -> int:
    """Underlines of headings look alike: a divider is as long and as far in as its SEARCH marker,
    unless there is only one candidate.
    """
    found = [
        (i, match)
        for i, line in enumerate(body)
        if "=====" in line and (match := _DIVIDER.match(line))
    ]
    alike = [
        i
        for i, match in found
        if len(match[1]) == marks and len(match[0]) - len(match[0].lstrip(BLANKS)) == indent
    ]
    rows = alike or [i for i, _ in found]
    if not rows or (not alike and len(rows) == 1 and _underlines(body, rows[0])):
        raise ParseFault(f"edit {number} is not finished; a block is SEARCH, =======, REPLACE")
    if len(rows) > 1:
        raise ParseFault(
            f"edit {number} holds {len(rows)} lines that could divide SEARCH from REPLACE; "
            "leave such lines out of the block"
        )
    return rows[0]


def _underlines(body: list[str], row: int) -> bool:
    """Whether a line of another length is the underline of the heading above it."""
    return row > 0 and len(body[row - 1].rstrip()) == len(body[row].rstrip())


def _unescaped(rows: list[str]) -> list[str]:
    return [_ESCAPED.sub("", row) if row.startswith("\\") else row for row in rows]


def _unfenced(old: list[str], new: list[str]) -> Texts:
    """A fence around both texts is an envelope; around one it is text."""
    if all(len(side) > 1 and _fenced(side) for side in (old, new)) and old[0] == new[0]:
        return old[1:-1], new[1:-1]
    return old, new


def _fenced(side: list[str]) -> bool:
    opening = opens_fence(side[0])
    return bool(opening) and closes_fence(side[-1], opening[2] if opening else "", len(side[-1]))


def _unnumbered(old: list[str], new: list[str]) -> tuple[Texts, int | None]:
    """Line numbers copied from a listing go, where each line of SEARCH has the next one.

    `12: code` and `12<tab>code` could be text, so one such line alone stays as it is.
    """
    for form, least in ((_BARRED, 1), (_NUMBERED, 2)):
        if len(old) < least or not (form.match(old[0]) and (not new or form.match(new[0]))):
            continue
        found = [form.match(row) for row in old]
        numbers = [int(match[1]) for match in found if match]
        if len(numbers) == len(old) and numbers == [*range(numbers[0], numbers[0] + len(old))]:
            return (_bare(old, form), _bare(new, form)), numbers[0] or None
    return (old, new), None


def _bare(rows: list[str], form: re.Pattern[str]) -> list[str]:
    return [form.sub("", row, count=1) for row in rows]

"""What every format shares: lines and fences."""

import re
from collections.abc import Iterable, Sequence

FENCE = re.compile(r"^([ \t]*+)(`{3,}+(?=[^`]*+$)|~{3,}+)(.*)$")
"""The indent, the fence, and what follows it."""

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""What models put before a marker unseen."""
BLANKS = " \t" + INVISIBLE


def fenced(reply: str, opening: re.Pattern[str]) -> list[str | None]:
    """The body of every fence whose first line matches `opening`; None for one never closed.

    Reads each line once, however many fences there are.
    """
    bodies: list[str | None] = []
    body: list[str] = []
    mark = ""
    for line in reply.replace("\r\n", "\n").split("\n"):
        if not mark:
            found = opening.match(line)
            mark, body = (found[1], []) if found else ("", [])
        elif line.rstrip(" \t") == mark:
            bodies.append("".join(row + "\n" for row in body))
            mark = ""
        else:
            body.append(line)
    return [*bodies, None] if mark else bodies


def rows_of(text: str) -> list[str]:
    """The lines of a text without their ends; a last line that is only an end is none."""
    rows = text.split("\n")
    if not rows[-1]:
        rows.pop()
    return rows


def text_of(rows: Iterable[str]) -> str:
    """The lines as a text, each ended."""
    return "".join(row + "\n" for row in rows)


def opens_fence(line: str) -> re.Match[str] | None:
    """The indent, fence and info string of a line that could open a fence."""
    return FENCE.match(line) if "```" in line or "~~~" in line else None


def closes_fence(line: str, mark: str, indent: int) -> bool:
    """Whether a line closes a fence: as long at least, bare, and not further in."""
    if line == mark:
        return True
    inner = line.strip(" \t")
    return (
        inner.startswith(mark)
        and inner.count(mark[0]) == len(inner)
        and len(line) - len(line.lstrip(" \t")) <= indent
    )


def fence_end(lines: Sequence[str], row: int) -> int | None:
    """The row that closes the fence opened on `row`; None where the text ends before.

    A fence inside that has an info string opens one more level.
    """
    opening = opens_fence(lines[row])
    if not opening:
        return None
    indent, levels = len(opening[1]), [opening[2]]
    for i in range(row + 1, len(lines)):
        line = lines[i]
        if line.lstrip(" \t")[:3] not in ("```", "~~~"):
            continue
        if closes_fence(line, levels[-1], indent):
            levels.pop()
            if not levels:
                return i
        elif closes_fence(line, levels[0], indent):
            return i
        elif (inner := FENCE.match(line)) and _nests(inner, levels[-1], indent):
            levels.append(inner[2])
    return None


def _nests(inner: re.Match[str], mark: str, indent: int) -> bool:
    """A shorter fence inside a longer one needs no counting: it cannot close it."""
    return (
        bool(inner[3].strip())
        and len(inner[1]) <= indent
        and inner[2][0] == mark[0]
        and len(inner[2]) >= len(mark)
    )

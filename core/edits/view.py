"""Lines as matching sees them, searched for runs of other lines in linear time."""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

MOST_PLACES = 1_000
"""Places after which a search stops: more are as ambiguous as these."""


class View:
    """Lines without ends, in one spelling."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Look at `lines`, which hold no line ends."""
        self.lines = lines

    @cached_property
    def text(self) -> str:
        """All lines, each between two line feeds."""
        return "\n" + "".join(line + "\n" for line in self.lines)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins in `text`; one more entry for the end."""
        return list(accumulate((len(line) + 1 for line in self.lines), initial=1))

    def row(self, offset: int) -> int:
        """The 0-based line that holds a character of `text`."""
        return bisect_left(self.starts, offset + 1) - 1

    def places(self, wanted: Sequence[str]) -> list[int]:
        """0-based first lines of every run equal to `wanted`, at most `MOST_PLACES`."""
        needle = "\n" + "".join(line + "\n" for line in wanted)
        rows: list[int] = []
        row = seen = 0
        for at in occurrences(self.text, needle):
            row += self.text.count("\n", seen, at)
            seen = at
            rows.append(row)
        return rows


def occurrences(text: str, wanted: str) -> list[int]:
    """Where `wanted` begins in `text`, overlapping ones included, at most `MOST_PLACES`."""
    found: list[int] = []
    at = text.find(wanted)
    while at >= 0 and len(found) < MOST_PLACES:
        found.append(at)
        at = text.find(wanted, at + 1)
    return found

"""Plain text as lines, wrapped at the width it is shown at."""

from collections.abc import Hashable
from functools import lru_cache

from rich.cells import cell_len, chop_cells

from tui.ink import Line
from tui.sanitise import code_line


class TextSource:
    """A `LineSource` over finished lines, each with one owner or none."""

    def __init__(self, lines: tuple[Line, ...], owners: tuple[str, ...] = ()) -> None:
        self._lines = lines
        self._owners = owners

    def says_the_same(self, other: object) -> bool:
        """Whether another source has the same lines and owners."""
        return (
            isinstance(other, TextSource)
            and self._lines == other._lines
            and self._owners == other._owners
        )

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line(self, index: int, width: int) -> Line:
        """One line."""
        return self._lines[index]

    def look(self, index: int) -> Hashable:
        """Nothing outside the lines changes them."""
        return None

    def owner(self, index: int) -> str:
        """Whose line it is."""
        return self._owners[index] if index < len(self._owners) else ""

    def rows(self, owner: str) -> range:
        """The lines of an owner, which stand together."""
        if not owner or owner not in self._owners:
            return range(0)
        first = self._owners.index(owner)
        return range(first, first + self._owners.count(owner))


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` cells, broken at blanks where there are any."""
    room = max(8, width - len(indent))
    out: list[str] = []
    for raw in text.split("\n"):
        out += [indent + piece for piece in _broken(code_line(raw), room)]
    return out


@lru_cache(maxsize=2_000)
def _broken(line: str, room: int) -> tuple[str, ...]:
    if cell_len(line) <= room:
        return (line,)
    rows, current = [], ""
    for word in line.split(" "):
        trial = f"{current} {word}" if current else word
        if cell_len(trial) <= room:
            current = trial
            continue
        if current:
            rows.append(current)
        *full, current = chop_cells(word, room) or [""]
        rows += full
    return (*rows, current)


def text_source(text: str, ink: str = "plain") -> TextSource:
    """A source over raw text, not wrapped: long lines are reached sideways."""
    return TextSource(tuple(((code_line(line), ink),) for line in text.split("\n")))

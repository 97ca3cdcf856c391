"""How a block's indentation becomes the file's."""

from collections.abc import Sequence
from dataclasses import dataclass


class NoIndent(ValueError):
    """A new line whose indentation in the file cannot be told; the message is a clause."""


def blanks(line: str) -> str:
    """The spaces and tabs that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


@dataclass(frozen=True, slots=True)
class Reindent:
    """Either one prefix for another, or a table of what was seen."""

    old: str = ""
    new: str = ""
    table: tuple[tuple[str, str], ...] = ()
    """Indentations of the block and what they are in the file; used where `is_table`."""
    is_table: bool = False
    clashes: bool = False
    """Whether one indentation of the block stands for two in the file."""

    @classmethod
    def learned(cls, wanted: Sequence[str], lines: Sequence[str]) -> "Reindent":
        """What the lines of a block and of the file, pair by pair, show."""
        seen: dict[str, str] = {}
        clashes = False
        for ours, theirs in zip(wanted, lines, strict=True):
            if ours.strip():
                clashes |= seen.setdefault(blanks(ours), blanks(theirs)) != blanks(theirs)
        return cls(table=tuple(seen.items()), is_table=True, clashes=clashes)

    def __call__(self, line: str) -> str:
        """A new line of the block as it belongs in the file. Raises `NoIndent`."""
        if not line.strip():
            return line
        own = blanks(line)
        if not self.is_table:
            if not own.startswith(self.old):
                raise NoIndent("a new line is indented less than the lines to find")
            return self.new + line[len(self.old) :]
        known = dict(self.table)
        if self.clashes:
            raise NoIndent("the indentation of its new lines cannot be told from the file")
        if own in known:
            return known[own] + line[len(own) :]
        unit = _unit(self.table)
        if unit is None or set(own) - {unit[0][0]} or len(own) % len(unit[0]):
            raise NoIndent("the indentation of its new lines cannot be told from the file")
        return unit[1] * (len(own) // len(unit[0])) + line[len(own) :]


def uniform(wanted: Sequence[str], lines: Sequence[str]) -> Reindent | None:
    """The one prefix that became another in every line that is not blank; None if there is none."""
    pairs = [(blanks(a), blanks(b)) for a, b in zip(wanted, lines, strict=True) if a.strip()]
    if not pairs:
        return None
    old, new = pairs[0]
    shared = 0
    while shared < min(len(old), len(new)) and old[-1 - shared] == new[-1 - shared]:
        shared += 1
    old, new = old[: len(old) - shared], new[: len(new) - shared]
    same = all(a.startswith(old) and new + a[len(old) :] == b for a, b in pairs)
    return Reindent(old, new) if same else None


def _unit(table: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """One step of indentation on each side (`    ` and a tab), where every pair is a multiple."""
    steps = [(a, b) for a, b in table if a and b]
    if not steps or any(bool(a) != bool(b) for a, b in table):
        return None
    a, b = min(steps, key=lambda pair: len(pair[0]))
    for depth in range(min(len(a), len(b)), 0, -1):
        if len(a) % depth or len(b) % depth:
            continue
        one, other = a[: len(a) // depth], b[: len(b) // depth]
        if all(
            len(x) % len(one) == 0
            and x == one * (len(x) // len(one))
            and y == other * (len(x) // len(one))
            for x, y in steps
        ):
            return one, other
    return None

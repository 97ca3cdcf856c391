"""From a place to the lines that change there: all others keep every byte."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.edits.differing import differing
from core.edits.locate import Place
from core.edits.reindent import NoIndent
from core.edits.snapshot import Snapshot, bare, ending, fold, split_lines

__all__ = ["NoIndent", "Splice", "applied", "block_splices", "text_splices"]


@dataclass(frozen=True, slots=True)
class Splice:
    """Lines `start … end` of the snapshot become `lines`, which carry their ends."""

    start: int
    """0-based."""
    end: int
    lines: tuple[str, ...]


def block_splices(place: Place, new: Sequence[str], snapshot: Snapshot) -> tuple[Splice, ...]:
    """What changes when the block at a place becomes `new` (lines without ends).

    Lines that the block keeps stay as the file has them. Raises `NoIndent` for new lines whose
    indentation, or typographic characters, cannot be told.
    """
    if place.column is not None:
        return _inside(place, new, snapshot)
    splices = []
    for i, j, k, m in differing(place.wanted, new):
        start, end = place.start + i, place.start + j
        fresh = [place.reindent(line) if place.reindent else line for line in new[k:m]]
        if place.reindent and place.reindent.is_table:
            fresh = _typographic(place.wanted[i:j], snapshot.bare[start:end], fresh)
        splices.append(Splice(start, end, with_ends(fresh, start, end, snapshot)))
    return tuple(splices)


def _inside(place: Place, new: Sequence[str], snapshot: Snapshot) -> tuple[Splice, ...]:
    first, last = snapshot.bare[place.start], snapshot.bare[place.end - 1]
    before = first[: place.column]
    used = len(place.wanted[-1]) + (place.column or 0 if len(place.wanted) == 1 else 0)
    text = before + "\n".join(new) + last[used:]
    return text_splices(place.start, place.end, text + "\n", snapshot)


def text_splices(start: int, end: int, text: str, snapshot: Snapshot) -> tuple[Splice, ...]:
    r"""What changes when lines `start … end` become the lines of `text` (`\n` ends)."""
    fresh = [bare(line) for line in split_lines(text)]
    return tuple(
        Splice(start + i, start + j, with_ends(fresh[k:m], start + i, start + j, snapshot))
        for i, j, k, m in differing(snapshot.bare[start:end], fresh)
    )


def _typographic(wanted: Sequence[str], lines: Sequence[str], fresh: Sequence[str]) -> list[str]:
    """New lines that keep the file's own quotes, dashes and spaces where the model did not touch
    them.
    """
    if all(a.strip() == b.strip() for a, b in zip(wanted, lines, strict=True)):
        return list(fresh)
    if len(fresh) != len(lines):
        if not fresh:
            return []
        raise NoIndent("the file holds other quotes, dashes or spaces than the text to find")
    return [_merged(a, b, c) for a, b, c in zip(wanted, lines, fresh, strict=True)]


def _merged(wanted: str, line: str, fresh: str) -> str:
    """`fresh`, with the file's own characters wherever it begins and ends like `wanted`."""
    old, own, new = wanted.strip(), line.strip(), fresh.strip()
    if fold(old) != fold(own):
        return fresh
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = new[head : len(new) - tail]
    lead = fresh[: len(fresh) - len(fresh.lstrip())]
    return lead + own[:head] + middle + own[len(own) - tail :]


def with_ends(fresh: Sequence[str], start: int, end: int, snapshot: Snapshot) -> tuple[str, ...]:
    """New lines take the end of the line in their place; inserted ones that of both neighbours,
    where these agree; all others the file's commonest.
    """
    ends = [ending(line) for line in snapshot.lines[start:end]]
    beyond = snapshot.eol
    if start == end:
        near = (*snapshot.lines[max(0, start - 1) : start], *snapshot.lines[start : start + 1])
        found = {ending(line) for line in near} - {""}
        beyond = found.pop() if len(found) == 1 else snapshot.eol
    return tuple(
        line + ((ends[i] if i < len(ends) else "") or beyond) for i, line in enumerate(fresh)
    )


def applied(
    snapshot: Snapshot, splices: Iterable[Splice], final: bool | None = None
) -> tuple[str, ...]:
    """All lines after the splices, which must not overlap.

    The file's last line keeps having an end, or having none, unless `final` says which.
    """
    lines: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda s: (s.start, s.end)):
        lines += snapshot.lines[position : splice.start]
        lines += splice.lines
        position = splice.end
    lines += snapshot.lines[position:]
    if final is None:
        final = not snapshot.lines or bool(ending(snapshot.lines[-1]))
    unterminated = bool(snapshot.lines) and not ending(snapshot.lines[-1])
    for row in range(len(lines) - 1) if unterminated else ():
        if not ending(lines[row]):
            lines[row] += snapshot.eol
    if lines and bool(ending(lines[-1])) != final:
        lines[-1] = bare(lines[-1]) + (snapshot.eol if final else "")
    return tuple(lines)

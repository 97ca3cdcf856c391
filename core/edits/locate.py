"""The ladder: every place where a block of lines could be, on the strictest tier that has any.

An ambiguous tier never falls through to a looser one. Which of several places is meant is decided
elsewhere (`narrow.py`), or nowhere. The tiers, strictest first:

1. `exact`: whole lines as they are, or `part of a line`: the characters between other characters;
2. `trailing blanks`: whole lines apart from blanks at their ends;
3. `indentation`: one prefix of the block's lines became another prefix in the file;
4. `trimmed`: blanks on both sides and typographic quotes, dashes and spaces apart;
5. `elision`: pieces between lines of three dots, each once and in order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.edits.reindent import Reindent, uniform
from core.edits.snapshot import Snapshot, fold
from core.edits.view import occurrences


class Tier(StrEnum):
    """How literally a block was found."""

    EXACT = "exact"
    PART = "part of a line"
    TRAILING = "trailing blanks"
    INDENTATION = "indentation"
    TRIMMED = "trimmed"
    ELISION = "elision"
    SIMILAR = "similar"
    SITE = "site"
    WHOLE = "whole file"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block is: lines `start … end` of the file hold its `wanted` lines."""

    start: int
    """0-based."""
    end: int
    wanted: tuple[str, ...] = ()
    reindent: Reindent | None = None
    """How its lines are indented in the file, where that differs."""
    column: int | None = None
    """Where in the first line the text begins, for part of a line."""


@dataclass(frozen=True, slots=True)
class Found:
    """Every place on one tier; none at all on no tier."""

    tier: Tier
    places: tuple[Place, ...]
    trimmed: bool = False
    """Whether blank lines around the block had to be left out."""


_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--|;|<!--|%)")
_OUTER = re.compile(r"\w")


def find(wanted: Sequence[str], snapshot: Snapshot) -> Found:
    """The places of a block of lines without ends, on the strictest tier that has any."""
    block = tuple(wanted)
    found = _find(block, snapshot)
    if found.places:
        return found
    inner = without_outer_blanks(block)
    if inner and inner != block:
        found = _find(inner, snapshot)
        return Found(found.tier, found.places, trimmed=True)
    return found


def without_outer_blanks(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines without blank ones at the top and at the bottom."""
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return lines[first:last]


def _find(wanted: tuple[str, ...], snapshot: Snapshot) -> Found:
    size = len(wanted)
    if rows := snapshot.exact.places(wanted):
        return Found(Tier.EXACT, tuple(Place(r, r + size, wanted) for r in rows))
    if parts := _parts(wanted, snapshot):
        return Found(Tier.PART, parts)
    if rows := snapshot.unpadded.places([line.rstrip(" \t") for line in wanted]):
        return Found(Tier.TRAILING, tuple(Place(r, r + size, wanted) for r in rows))
    rows = snapshot.stripped.places([line.strip(" \t") for line in wanted])
    shifted = [(r, uniform(wanted, snapshot.bare[r : r + size])) for r in rows]
    if places := tuple(Place(r, r + size, wanted, how) for r, how in shifted if how):
        return Found(Tier.INDENTATION, places)
    folded = [fold(line).strip(" \t") for line in wanted]
    if rows := snapshot.folded.places(folded):
        return Found(Tier.TRIMMED, tuple(_trimmed(r, wanted, snapshot) for r in rows))
    return Found(Tier.EXACT, ())


def _trimmed(row: int, wanted: tuple[str, ...], snapshot: Snapshot) -> Place:
    lines = snapshot.bare[row : row + len(wanted)]
    return Place(row, row + len(wanted), wanted, Reindent.learned(wanted, lines))


def _parts(wanted: tuple[str, ...], snapshot: Snapshot) -> tuple[Place, ...]:
    """Places inside lines. The text begins and ends where words do, or `cat` would be in `concat`.

    A place with nothing but blanks around it is a matter of indentation, and one in a comment
    speaks of the text; they are none of these, but beside others they make the text ambiguous.
    """
    text = "\n".join(wanted)
    if not wanted[0].strip() or not wanted[-1].strip():
        return ()
    view = snapshot.exact
    inside: list[Place] = []
    others: list[Place] = []
    for at in occurrences(view.text, text):
        end = at + len(text)
        if _OUTER.match(text[0]) and _OUTER.match(view.text[at - 1]):
            continue
        if _OUTER.match(text[-1]) and _OUTER.match(view.text[end]):
            continue
        row = view.row(at)
        place = Place(row, row + len(wanted), wanted, column=at - view.starts[row])
        before = view.text[view.starts[row] : at]
        after = view.text[end : view.text.index("\n", end)]
        alone = not (before + after).strip() or _COMMENT.match(before) is not None
        (others if alone else inside).append(place)
    return (*inside, *others) if inside else ()

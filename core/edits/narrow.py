"""Which of several places is meant, where the reply says so. Never the first, never the nearest."""

import re
from collections.abc import Sequence
from itertools import pairwise

from core.edits.hunks import is_definition
from core.edits.locate import Place
from core.edits.snapshot import Snapshot, indent

HINT_REACH = 3
"""Lines that a line hint may be off."""

CROWD = 60
"""Lines before and after a hint in which other places make it doubtful."""
FEW = 2
"""Places among those lines, the one that is meant included, that still let a hint decide."""

_OPENS = re.compile(r"[A-Za-z_$]")
"""How a line begins that opens a section of its own: as in git's own rule for hunk headers, so that
a brace, a digit or a comment sign does not.
"""


def narrowed(
    places: Sequence[Place],
    snapshot: Snapshot,
    scopes: Sequence[str] = (),
    *,
    at_end: bool = False,
) -> tuple[Place, ...]:
    """The places that agree with what the reply says of what is around them.

    A statement that fits none of them is passed over; one that fits several leaves these.
    """
    left = tuple(places)
    if len(left) > 1 and at_end:
        left = tuple(p for p in left if is_last(p, snapshot)) or left
    if len(left) > 1 and scopes:
        regions = under(scopes, snapshot)
        left = tuple(p for p in left if any(a <= p.start <= b for a, b in regions)) or left
    return left


def hinted(
    places: Sequence[Place], hint: int, offsets: Sequence[int], *, is_diff: bool = False
) -> tuple[Place, ...]:
    """The one place that a line hint means; none where that cannot be told.

    `offsets` say how far the hints of other edits of the file, whose places are certain, were off.
    Where they agree, the hint is as much off, to the line. Where there are none, a hint means a
    place close by only if few others are around: in a file full of such lines a wrong number would
    meet one by chance. The numbers of a diff are often those of another version of the file: off
    the line they mean nothing beside a second place.
    """
    agreed = set(offsets)
    if len(agreed) == 1 and (0 in agreed or len(offsets) > 1):
        return tuple(p for p in places if p.start + 1 == hint + offsets[0])
    if any(abs(offset) > HINT_REACH for offset in offsets):
        return ()
    around = [p for p in places if abs(p.start + 1 - hint) <= CROWD]
    near = tuple(p for p in around if abs(p.start + 1 - hint) <= HINT_REACH)
    if is_diff:
        near = tuple(p for p in near if p.start + 1 == hint or len(around) == 1)
    return near if len(near) == 1 and len(around) <= FEW else ()


def is_last(place: Place, snapshot: Snapshot) -> bool:
    """Whether only blank lines follow."""
    return not any(line.strip() for line in snapshot.bare[place.end :])


def under(scopes: Sequence[str], snapshot: Snapshot) -> list[tuple[int, int]]:
    """First and last 0-based row of what stands under the named lines, the innermost last.

    Under a line are those after it, down to the next line that is indented no deeper and opens
    something of its own; a block may begin with that line.
    """
    regions = [(0, len(snapshot.bare))]
    for scope in scopes:
        rows = [
            row
            for row, line in enumerate(snapshot.stripped.lines)
            if is_named(line, scope.strip()) and any(a <= row <= b for a, b in regions)
        ]
        regions = [(row + 1, _end(row, snapshot)) for row in rows]
    return regions


def agrees(place: Place, scopes: Sequence[str], snapshot: Snapshot) -> bool:
    """Whether a place is under the named lines, where the file has such lines at all. A block that
    holds the named line itself agrees.
    """
    regions = under(scopes, snapshot) if scopes else []
    if not regions or any(a <= place.start <= b for a, b in regions):
        return True
    own = snapshot.stripped.lines[place.start : place.end]
    return any(is_named(line, scopes[-1].strip()) for line in own)


def _end(row: int, snapshot: Snapshot) -> int:
    depth = indent(snapshot.bare[row])
    for below in range(row + 1, len(snapshot.bare)):
        line = snapshot.stripped.lines[below]
        if line and _OPENS.match(line) and indent(snapshot.bare[below]) <= depth:
            return below
    return len(snapshot.bare)


def is_named(line: str, scope: str) -> bool:
    """Whether a scope names this line: git cuts such headers, and models leave their ends out. A
    name alone is what a line defines, not what it calls.
    """
    if line == scope:
        return True
    if scope.isidentifier():
        return is_definition(line) and re.search(rf"\b{scope}\b", line) is not None
    return bool(scope) and line.startswith(scope) and not _continues(line, len(scope))


def _continues(line: str, at: int) -> bool:
    """Whether a word runs across a position, so that `def a` is not taken for `def add`."""
    return len(line) > at and at < 70 and line[at - 1 : at + 1].isidentifier()


def ordered(candidates: Sequence[Sequence[Place]], *, edges: bool) -> tuple[tuple[Place, ...], ...]:
    """The candidates of edits that are given in file order, less those that contradict it.

    Edits with one place are anchors. Between two of them an edit keeps the places that some
    assignment in file order uses. With `edges` the file's ends count as such. Anchors that are not
    in file order prove that the order means nothing: then nothing is narrowed.
    """
    rows = [tuple(c) for c in candidates]
    anchors = [i for i, c in enumerate(rows) if len(c) == 1]
    spots = [(rows[i][0].start, rows[i][0].end) for i in anchors]
    if any(not _after(b, a) for a, b in pairwise(spots)):
        return tuple(rows)
    bounds = [*([-1] if edges else []), *anchors, *([len(rows)] if edges else [])]
    for first, last in pairwise(bounds):
        low = (-1, -1) if first < 0 else (rows[first][0].start, rows[first][0].end)
        far = 1 << 60
        high = (far, far) if last == len(rows) else (rows[last][0].start, rows[last][0].end)
        inner = [i for i in range(first + 1, last) if rows[i]]
        for i, left in zip(inner, _between([rows[i] for i in inner], low, high), strict=True):
            rows[i] = left or rows[i]
    return tuple(rows)


def _between(
    rows: Sequence[tuple[Place, ...]], low: tuple[int, int], high: tuple[int, int]
) -> list[tuple[Place, ...]]:
    earliest, latest = [], []
    for places in rows:
        fits = [p for p in places if _after((p.start, p.end), low)]
        if fits:
            low = (fits[0].start, fits[0].end)
        earliest.append(low if fits else None)
    for places in reversed(rows):
        fits = [p for p in places if _after(high, (p.start, p.end))]
        if fits:
            high = (fits[-1].start, fits[-1].end)
        latest.append(high if fits else None)
    out = []
    for places, lo, hi in zip(rows, earliest, reversed(latest), strict=True):
        if lo is None or hi is None:
            return [()] * len(rows)
        out.append(tuple(p for p in places if lo[0] <= p.start <= hi[0]))
    return out


def _after(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether one block begins and ends after another; they may share lines of context."""
    return a[0] > b[0] and a[1] > b[1]

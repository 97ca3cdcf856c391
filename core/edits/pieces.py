"""Blocks that leave out their middle by a line of dots: each piece once, and in order."""

from collections.abc import Sequence

from core.domain.hunk import Refusal, RefusalKind
from core.edits.hunks import enclosing_row
from core.edits.intent import Intent
from core.edits.lazy import ELISION
from core.edits.locate import Tier, find
from core.edits.narrow import ordered
from core.edits.refusing import ambiguous, refusal
from core.edits.snapshot import Snapshot, indent
from core.edits.splice import Splice, block_splices

_STRICT = (Tier.EXACT, Tier.TRAILING)


def elided(
    intent: Intent, old: Sequence[str], new: Sequence[str], snapshot: Snapshot
) -> tuple[Splice, ...] | Refusal | None:
    """What a block with lines of dots changes; None for one without dots, or with a piece that is
    nowhere.
    """
    before, after = _pieces(old), _pieces(new)
    if len(before) < 2 or not all(before):
        return None
    if len(before) != len(after):
        reason = (
            f"the text to find leaves lines out {len(before) - 1} times and the new text "
            f"{len(after) - 1} times; give every line"
        )
        return refusal(intent, RefusalKind.LEFT_OUT, reason)
    found = [find(piece, snapshot) for piece in before]
    if not all(f.places and f.tier in _STRICT and not f.trimmed for f in found):
        return None
    rows = ordered([f.places for f in found], edges=False)
    splices: list[Splice] = []
    began = position = 0
    for row, one, fresh in zip(rows, found, after, strict=True):
        if len(row) != 1:
            return ambiguous(intent, one.tier, row)
        if row[0].start < position:
            reason = "the pieces between its lines of dots are not in this order in the file"
            return refusal(intent, RefusalKind.NOT_FOUND, reason, (row[0].start + 1,))
        if position and _leaves(began, position, row[0].start, snapshot):
            reason = "its lines of dots would leave out the end of one definition and begin another"
            return refusal(intent, RefusalKind.NOT_FOUND, reason, (row[0].start + 1,))
        began, position = row[0].start, row[0].end
        splices += block_splices(row[0], fresh, snapshot)
    return tuple(splices) or None


def _leaves(began: int, end: int, start: int, snapshot: Snapshot) -> bool:
    """Whether what is left out, from `end` to `start`, ends in a definition that is none of those
    inside what began the piece before.
    """
    inside = enclosing_row(snapshot, start)
    return inside >= end and indent(snapshot.bare[inside]) <= indent(snapshot.bare[began])


def _pieces(lines: Sequence[str]) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = [()]
    for line in lines:
        if ELISION.match(line):
            out.append(())
        else:
            out[-1] = (*out[-1], line)
    return out

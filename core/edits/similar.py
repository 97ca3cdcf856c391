"""Text that is nowhere, but very much alike in one place: a proposal for a person, never more."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from core.edits.differing import differing
from core.edits.reindent import NoIndent, Reindent
from core.edits.snapshot import Snapshot
from core.edits.splice import Splice, with_ends
from core.similarity import best_windows

ENOUGH = 0.95
"""Similarity of the best place, and by how much the next best must be less alike."""
GAP = 0.25
LONGEST = 200
"""Lines of a block that is still compared."""
SLACK = 2
"""Lines that the place may be longer or shorter than the block."""


def similar(
    old: Sequence[str], new: Sequence[str], snapshot: Snapshot
) -> tuple[tuple[Splice, ...], int, int, str] | None:
    """Splices, first and last line and the doubt of the one place that is alike; None for none.

    The rule and its figures: 7 of 14 real misses qualify, the runner-up of each far below.
    """
    if not old or len(old) > LONGEST or sum(len(line.strip()) for line in old) < 20:
        return None
    (start, size, score), runner_up = best_windows(old, snapshot.bare, SLACK)
    if score < ENOUGH or runner_up > score - GAP:
        return None
    window = snapshot.bare[start : start + size]
    rows = _aligned(old, window)
    reindent = Reindent.learned(
        [old[i] for i in rows if i < len(old) and rows[i] < size],
        [window[rows[i]] for i in rows if i < len(old) and rows[i] < size],
    )
    splices = []
    for i, j, k, m in differing(old, new):
        if i not in rows or j not in rows:
            return None
        try:
            fresh = [reindent(line) for line in new[k:m]]
        except NoIndent:
            return None
        first, last = start + rows[i], start + rows[j]
        splices.append(Splice(first, last, with_ends(fresh, first, last, snapshot)))
    if not splices:
        return None
    doubt = f"its text is nowhere; this place is {score:.0%} alike"
    return tuple(splices), start, start + size, doubt


def _aligned(old: Sequence[str], window: Sequence[str]) -> dict[int, int]:
    """Lines of the block, and its end, that have a counterpart in the window."""
    if len(old) == len(window):
        return {i: i for i in range(len(old) + 1)}
    ours, theirs = [x.strip() for x in old], [x.strip() for x in window]
    rows = {len(old): len(window)}
    for _tag, i, j, k, m in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        rows[i] = k
        if j - i == m - k:
            rows |= {i + n: k + n for n in range(j - i)}
    return rows

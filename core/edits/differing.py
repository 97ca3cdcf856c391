"""Which runs of lines differ between two texts, in bounded time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from core.domain.hunk import Run

MOST_PAIRS = 400_000
"""Pairs of equal lines that are still compared one by one (some tenths of a second)."""
MOST_LINES = 4_000
"""Lines of both texts together. Above either, texts are first cut at the lines that both hold
exactly once, and a piece that is still too large counts as one change.
"""


def differing(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """The runs of lines that differ, in order."""
    if len(old) + len(new) <= MOST_LINES and _pairs(old, new) <= MOST_PAIRS:
        return _compared(old, new)
    found: list[Run] = []
    for i, j, k, m in _between_anchors(old, new):
        a, b = old[i:j], new[k:m]
        small = len(a) + len(b) <= MOST_LINES and _pairs(a, b) <= MOST_PAIRS
        inner = _compared(a, b) if small else [(0, len(a), 0, len(b))]
        found += [(i + p, i + q, k + r, k + s) for p, q, r, s in inner]
    return found


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(new)
    return sum(counts[line] for line in old)


def _compared(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(i, j, k, m) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _between_anchors(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    """The gaps between lines that stand once in each text, in the longest common order."""
    i = k = 0
    for row, column in (*_anchors(old, new), (len(old), len(new))):
        if (i, k) != (row, column):
            yield i, row, k, column
        i, k = row + 1, column + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    ours, theirs = Counter(old), Counter(new)
    place = {line: k for k, line in enumerate(new) if theirs[line] == 1}
    pairs = [(i, place[line]) for i, line in enumerate(old) if ours[line] == 1 and line in place]
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for n, (_, k) in enumerate(pairs):
        at = bisect_left(ends, k)
        before.append(tops[at - 1] if at else -1)
        ends[at : at + 1], tops[at : at + 1] = [k], [n]
    chain = []
    n = tops[-1] if tops else -1
    while n >= 0:
        chain.append(pairs[n])
        n = before[n]
    return chain[::-1]

"""Which runs of lines differ between two texts, in bounded time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from core.domain.hunk import Run

MOST_PAIRS = 10_000
"""Pairs of equal lines that are still compared one by one (some hundredths of a second)."""
MOST_LINES = 4_000
"""Lines of both texts together. Above either, texts are first cut at the lines that both hold
exactly once, and a piece that is still too large counts as one change.
"""


class PlainDiffer:
    """A `Differ` that needs nothing but the standard library."""

    def runs(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[list[Run]]:
        """For each `(before, after)` the runs of lines that differ, in order."""
        return [differing(before, after) for before, after in pairs]


def differing(before: Sequence[str], after: Sequence[str]) -> list[Run]:
    """The runs of lines that differ, in order; between two of them stands at least one equal line.

    A run may be empty on one side, never on both.
    """
    head, tail = _ends(before, after)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    return [(head + i, head + j, head + k, head + m) for i, j, k, m in _inner(old, new)]


def is_exact(runs: Sequence[Run], before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether these runs, and equal lines between them, make `after` of `before`."""
    j = m = 0
    for first, (start, end, low, high) in enumerate(runs):
        if not (j <= start <= end <= len(before) and m <= low <= high <= len(after)):
            return False
        if (start, low) == (end, high) or (first and start == j):
            return False
        if before[j:start] != after[m:low]:
            return False
        j, m = end, high
    return before[j:] == after[m:]


def _ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many lines are equal at the top, and below that at the bottom."""
    limit = min(len(before), len(after))
    head = tail = 0
    while head < limit and before[head] == after[head]:
        head += 1
    while tail < limit - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, tail


def _inner(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    if not old or not new:
        return [(0, len(old), 0, len(new))] if old or new else []
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

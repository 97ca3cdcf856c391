"""What a few pairs allow to say: the exact sign test, medians of differences and of ratios."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from core.record.estimates import median

ALPHA = 0.05
"""A smaller p is called a detectable difference."""


def sign_test(more: int, less: int) -> float:
    """The exact two-sided p of a sign test (Dixon and Mood, 1946); ties are not given to it.

    On pairs of successes and failures it is McNemar's exact test.
    """
    n = more + less
    tail = sum(comb(n, k) for k in range(min(more, less) + 1))
    return min(1.0, 2.0 * tail / float(2**n))


def floor(n: int) -> float:
    """The smallest p that a sign test on n pairs without ties can give."""
    return sign_test(n, 0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The second of a pair over the first, where both are above 0."""

    n: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Paired:
    """A second arm against the first, on the goals where both have a value."""

    n: int
    more: int
    """Pairs in which the second has more."""
    less: int
    median: float | None
    """Of the differences, second minus first; None without a pair."""
    ratio: Ratio | None = None

    @property
    def ties(self) -> int:
        """Pairs that say nothing."""
        return self.n - self.more - self.less

    @property
    def p(self) -> float:
        """Of the sign test."""
        return sign_test(self.more, self.less)

    @property
    def words(self) -> str:
        """What the sign test says, with its n and, where that decides, its floor."""
        n = self.more + self.less
        ties = f" ({self.ties} tied)" if self.ties else ""
        if not n:
            said = f"{_counted(self.n)}, all tied" if self.n else "no pair"
            return f"{said}: no detectable difference"
        if floor(n) > ALPHA:
            return (
                f"with {_counted(n)}{ties} p cannot be below {shown(floor(n))}: "
                "no detectable difference"
            )
        verdict = "a difference" if self.p < ALPHA else "no detectable difference"
        return f"{_counted(n)}{ties}, p = {shown(self.p)}: {verdict}"


def paired(pairs: Sequence[tuple[float, float]]) -> Paired:
    """Compare pairs of `(first, second)`."""
    differences = [second - first for first, second in pairs]
    ratios = [second / first for first, second in pairs if first > 0 and second > 0]
    middle = median(ratios)
    return Paired(
        n=len(pairs),
        more=sum(d > 0 for d in differences),
        less=sum(d < 0 for d in differences),
        median=median(differences),
        ratio=None if middle is None else Ratio(len(ratios), middle, min(ratios), max(ratios)),
    )


def shown(p: float) -> str:
    """A p in four digits at most: `0.0625`, `0.0215`, `0.5`, `<0.0001`."""
    return f"{round(p, 4):g}" if p >= 0.0001 else "<0.0001"


def _counted(n: int) -> str:
    return f"{n} pair" if n == 1 else f"{n} pairs"

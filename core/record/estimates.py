"""What few and skewed samples allow to say."""

from collections.abc import Sequence
from math import sqrt

Z = 1.96
"""Of the standard normal distribution, for 95 %."""


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two in the middle; None for no value."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share lies, between the two nearest by their distance."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def wilson(passed: int, tried: int) -> tuple[float, float] | None:
    """The 95 % interval of a rate (Wilson, 1927): honest for few trials; None for no trial."""
    if tried <= 0:
        return None
    rate, square = passed / tried, Z * Z
    spread = Z * sqrt(rate * (1 - rate) / tried + square / (4 * tried * tried))
    middle, scale = rate + square / (2 * tried), 1 + square / tried
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

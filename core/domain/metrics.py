"""What a model call used."""

from dataclasses import dataclass
from enum import StrEnum


class CostBasis(StrEnum):
    """Where a price comes from."""

    PRICED = "priced"
    """Reported token counts times the model's listed price."""
    ESTIMATED = "estimated"
    """At least one token count was estimated by us."""
    FREE = "free"
    """A local engine: it costs nothing."""
    UNKNOWN = "unknown"
    """No price is known; shown as `$?`, never as 0."""


CENTS = 0.1
"""Dollars below which a sum is told to the hundredth of a cent."""


def money(dollars: float | None, *, is_estimated: bool = False) -> str:
    """Dollars as every front end shows them: `$0.0312`, `$1.20`, `~$0.03` when estimated, `$0` for
    nothing, `$?` when unknown.
    """
    if dollars is None:
        return "$?"
    mark = "~" if is_estimated else ""
    digits = 4 if dollars < CENTS else 2
    return f"{mark}${dollars:.{digits}f}" if dollars else f"{mark}$0"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and dollars of one call, or of several added up."""

    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost: float | None = 0.0
    """Dollars; None where no price is known."""
    basis: CostBasis = CostBasis.FREE
    calls: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Add up; an unknown cost makes the sum unknown."""
        unknown = self.cost is None or other.cost is None
        order = (CostBasis.FREE, CostBasis.PRICED, CostBasis.ESTIMATED, CostBasis.UNKNOWN)
        return Usage(
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            tokens_cached=self.tokens_cached + other.tokens_cached,
            cost=None if unknown else (self.cost or 0.0) + (other.cost or 0.0),
            basis=max(self.basis, other.basis, key=order.index),
            calls=self.calls + other.calls,
        )

    @property
    def tokens(self) -> int:
        """In and out together."""
        return self.tokens_in + self.tokens_out

    @property
    def price(self) -> str:
        """The cost as shown: see `money`."""
        return money(self.cost, is_estimated=self.basis is CostBasis.ESTIMATED)


@dataclass(frozen=True, slots=True)
class Spent:
    """What budgets count: an unknown price hides no known one."""

    dollars: float = 0.0
    """Of calls whose price is known."""
    tokens: int = 0
    unpriced: int = 0
    """Tokens of calls whose price is not known."""
    seconds: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.dollars + other.dollars,
            self.tokens + other.tokens,
            self.unpriced + other.unpriced,
            self.seconds + other.seconds,
        )

    def after(self, usage: Usage) -> "Spent":
        """With one more call."""
        unpriced = usage.tokens if usage.cost is None else 0
        return self + Spent(usage.cost or 0.0, usage.tokens, unpriced)

"""Dollars of several calls, without ever taking an unknown price for none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.metrics import CostBasis


@dataclass(slots=True)
class Cost:
    """What is known of a sum, and how much is not."""

    dollars: float = 0.0
    """Of the calls whose price is known."""
    unpriced: int = 0
    """Calls whose price is not known: they are in no sum."""
    is_estimated: bool = False
    """Whether tokens of a call were estimated by us."""

    def count(self, usage: Mapping[str, Any]) -> None:
        """Add one call, as its event tells of it."""
        dollars = usage.get("cost", 0.0)
        if dollars is None:
            self.unpriced += 1
        else:
            self.dollars += dollars
        if usage.get("basis") == CostBasis.ESTIMATED:
            self.is_estimated = True

    def add(self, other: "Cost") -> None:
        """Add another sum."""
        self.dollars += other.dollars
        self.unpriced += other.unpriced
        self.is_estimated = self.is_estimated or other.is_estimated

    @property
    def known(self) -> float | None:
        """The whole sum in dollars; None where a part of it is not known."""
        return None if self.unpriced else self.dollars

    def plain(self) -> dict[str, Any]:
        """As JSON shows it: `dollars` is null where a part is not known."""
        return {
            "dollars": self.known,
            "known_dollars": self.dollars,
            "unpriced_calls": self.unpriced,
            "estimated": self.is_estimated,
        }

"""How far a model can be trusted with a phase, by what happened in this repository before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.record.estimates import wilson
from core.record.figures import RunFigures
from core.record.totals import Group, totals


@dataclass(frozen=True, slots=True)
class Passed:
    """The tries of one model in one phase."""

    replies: int = 0
    """Judged tries: those that were cancelled or cut short say nothing of the model."""
    passed: int = 0
    """Those that passed the phase's own rule and were not sent back by a later phase."""
    dollars: float | None = None
    """Mean of a try; None without a try, or where a price is not known."""
    seconds: float | None = None
    """Mean of a try, its calls only; None without a try."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the rate at which it passes."""
        return wilson(self.passed, self.replies)


NEVER = Passed()


class TrackRecord:
    """Made once at the start of a run; asking it costs nothing."""

    def __init__(self, runs: Iterable[RunFigures] = ()) -> None:
        self._known: Mapping[tuple[str, str], Passed] = MappingProxyType(
            {(group.phase, group.model): _passed(group) for group in totals(runs).models}
        )

    def passed(self, phase: str, model: str) -> Passed:
        """What is known of a model, by its whole name, in a phase.

        Cheap-first pays when `passed / replies > (c + v) / S`: `c` is what its try costs, `v` what
        judging that costs, `S` the cost of the stronger model's try.
        """
        return self._known.get((phase, model), NEVER)


def _passed(group: Group) -> Passed:
    if not group.judged:
        return NEVER
    known = group.try_costs.known
    dollars = None if known is None else known / group.judged
    seconds = sum(group.try_seconds) / group.judged
    return Passed(group.judged, group.passed, dollars, seconds)

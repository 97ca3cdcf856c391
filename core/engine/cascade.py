"""Whether the cheaper model is worth asking first, by this repository's own record.

Asking it first costs `c`, judging its reply `v`, and saves the stronger model's `S` as often as it
passes: it pays while `p > (c + v) / S`.
"""

from dataclasses import dataclass

from core.domain.phase import Phase
from core.domain.route import Route
from core.record.trust import Passed, TrackRecord

LEAST = 5
"""Judged replies of the cheaper model below which its record decides nothing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """With whom an attempt begins, and why, as a clause; empty where the record says nothing."""

    is_up: bool
    why: str = ""


def choice(route: Route, phase: Phase, record: TrackRecord, judging: float) -> Choice:
    """Where an attempt of a phase begins; `judging` is `v`, in dollars.

    Without a step up, with too few replies, or with a price that is not known, it begins with the
    first model: that is what the user asked for.
    """
    if not route.up:
        return Choice(is_up=False)
    first = record.passed(phase.value, route.model)
    stronger = record.passed(phase.value, route.up[0])
    if first.replies < LEAST or first.dollars is None or not stronger.dollars:
        return Choice(is_up=False)
    rate, even = first.passed / first.replies, (first.dollars + judging) / stronger.dollars
    said = f"{route.model} passed {first.passed} of {first.replies} here, pays above {even:.0%}"
    return Choice(rate <= even, said)


def judging_cost(record: TrackRecord, verify: Route | None) -> float:
    """What the reviewer's try costs in the mean; 0 where there is none or nobody knows."""
    known: Passed = record.passed(Phase.VERIFY.value, verify.model) if verify else Passed()
    return known.dollars or 0.0

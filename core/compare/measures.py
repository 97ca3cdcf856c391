"""What a comparison measures, and which pairs of it may be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.compare.rows import Row, of_arm
from core.compare.statistics import Paired, paired


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a run."""

    name: str
    value: Callable[[Row], float | None]
    """None where it is not known: the pair is then left out."""
    unit: str = ""


def _success(row: Row) -> float:
    return float(row.success)


def _cost(row: Row) -> float | None:
    return row.cost


def _seconds(row: Row) -> float:
    return row.seconds


def _tokens(row: Row) -> float:
    return row.tokens_in + row.tokens_out


SUCCESS = Measure("success", _success)
COST = Measure("cost", _cost, "$")
SECONDS = Measure("time", _seconds, "s")
TOKENS = Measure("tokens", _tokens)


@dataclass(frozen=True, slots=True)
class Compared:
    """One arm against the first in one measure."""

    arm: str
    first: str
    measure: Measure
    which: str
    """Which goals: `all`, or `both succeeded`."""
    paired: Paired
    unknown: int = 0
    """Pairs left out because a value is not known."""


def compare_arms(rows: Sequence[Row], arms: Sequence[str]) -> list[Compared]:
    """Every later arm against the first, on the goals that both have been through."""
    found = []
    first = of_arm(rows, arms[0])
    for arm in arms[1:]:
        second = of_arm(rows, arm)
        both = [(first[goal], second[goal]) for goal in first if goal in second]
        won = [(a, b) for a, b in both if a.success and b.success]
        for measure in (SUCCESS, COST, SECONDS, TOKENS):
            found.append(_compared(arm, arms[0], measure, "all", both))
            if measure is not SUCCESS:
                found.append(_compared(arm, arms[0], measure, "both succeeded", won))
    return found


def _compared(
    arm: str, first: str, measure: Measure, which: str, pairs: Sequence[tuple[Row, Row]]
) -> Compared:
    values = [(measure.value(a), measure.value(b)) for a, b in pairs]
    known = [(a, b) for a, b in values if a is not None and b is not None]
    return Compared(arm, first, measure, which, paired(known), len(values) - len(known))

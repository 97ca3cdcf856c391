"""The report of a comparison: sections of sentences, tables and dots, as Markdown or as HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from core.compare.goals import Arm, Case, Comparison
from core.compare.measures import COST, SECONDS, TOKENS, Compared, Measure, compare_arms
from core.compare.rows import Row, of_arm
from core.domain.metrics import CostBasis
from core.domain.phase import Phase
from core.domain.route import Parameters
from core.domain.words import counted
from core.record.estimates import median, wilson


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Dots:
    """One measure of every run: a line of dots for each arm, all on one scale from 0."""

    measure: Measure
    arms: tuple[tuple[str, tuple[tuple[str, float, bool], ...]], ...]
    """Arm to goal, value and success of each run whose value is known."""

    @property
    def most(self) -> float:
        """The greatest value; 1 where there is none above 0."""
        return max((v for _, dots in self.arms for _, v, _ in dots), default=0.0) or 1.0


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report."""

    heading: str
    content: tuple[str | Table | Dots, ...]


def report(
    name: str, comparison: Comparison, rows: Sequence[Row], held: Sequence[str] = ()
) -> list[Section]:
    """All that the rows say. Runs that are not there yet are said to be missing.

    `held` are sentences about what holds in every arm besides the file of goals.
    """
    arms = [arm.name for arm in comparison.arms]
    return [
        Section(f"Comparison {name}", (*_about(comparison, rows), *held)),
        Section("Success", (_successes(comparison, rows), _HONEST)),
        Section(f"Against {arms[0]}, goal by goal", tuple(_against(compare_arms(rows, arms)))),
        Section("Every run", tuple(_dots(arms, rows))),
        Section("Arms", (_routes(comparison.arms, rows),)),
        *(_goal(case, arms, rows) for case in comparison.cases),
    ]


_HONEST = (
    "The interval is Wilson's, 95 %; cost, time and tokens are medians. A run is a success when "
    "something was landed and every hidden check passed on it; a run that failed, for whatever "
    "reason, is counted as no success. goals: ● a success, ○ none, · not run yet, in the order of "
    "the file."
)


def _about(comparison: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    goals, arms = len(comparison.cases), len(comparison.arms)
    yield (
        f"{counted(goals, 'goal')}, {counted(arms, 'arm')}, one run each: {len(rows)} of "
        f"{goals * arms} runs are done. "
        "The arms of a goal begin from the same commit, with the same text, checks and limits, and "
        "with an empty index; their order rotates from goal to goal."
    )
    if unknown := sum(row.cost is None for row in rows):
        yield (
            f"The cost of {unknown} of these runs is not known ($?); wherever costs are compared, "
            "such runs are left out."
        )
    if any(row.basis is CostBasis.ESTIMATED for row in rows):
        yield "~$ marks costs with token counts that were estimated."


def _successes(comparison: Comparison, rows: Sequence[Row]) -> Table:
    head = ("arm", "successes", "95 %", "landed", "verified", "cost", "time", "tokens", "goals")
    found = []
    for arm in (arm.name for arm in comparison.arms):
        own = of_arm(rows, arm)
        won = sum(row.success for row in own.values())
        interval = wilson(won, len(own))
        found.append(
            (
                arm,
                f"{won} of {len(own)}",
                f"{100 * interval[0]:.0f}-{100 * interval[1]:.0f} %" if interval else "-",
                str(sum(row.landed for row in own.values())),
                str(sum(row.verified for row in own.values())),
                _cost([row.cost for row in own.values()]),
                _middle(SECONDS, [row.seconds for row in own.values()]),
                _middle(TOKENS, [row.tokens_in + row.tokens_out for row in own.values()]),
                "".join(_mark(own.get(case.id)) for case in comparison.cases),
            )
        )
    return Table(head, tuple(found))


def _mark(row: Row | None) -> str:
    return "·" if row is None else "●" if row.success else "○"


def _against(compared: Sequence[Compared]) -> Iterator[str | Table]:
    head = ("arm", "measure", "goals", "n", "more", "less", "difference", "ratio (range)", "said")
    found = []
    for one in compared:
        pairs, ratio = one.paired, one.paired.ratio
        spread = f"{ratio.median:.2f} ({ratio.low:.2f}-{ratio.high:.2f})" if ratio else "-"
        is_count = not one.measure.unit and one.measure is not TOKENS
        left_out = f"; {one.unknown} left out, unknown" if one.unknown else ""
        found.append(
            (
                one.arm,
                one.measure.name,
                one.which,
                str(pairs.n),
                str(pairs.more),
                str(pairs.less),
                "-"
                if is_count or pairs.median is None
                else shown(one.measure, pairs.median, signed=True),
                "-" if is_count else spread,
                f"{pairs.words}{left_out}",
            )
        )
    yield Table(head, tuple(found))
    yield (
        "more, less: goals on which the arm has more, or less, than the first. Differences (the "
        "arm minus the first) and ratios (the arm over the first, where both are above 0) are "
        "medians over goals. A run that failed early is cheap, so 'both succeeded' is the fair row "
        "for cost, time and tokens. The sign test is exact and two-sided; several tests are made "
        "here and p is corrected for none of them. No detectable difference is not equality."
    )


def _dots(arms: Sequence[str], rows: Sequence[Row]) -> Iterator[str | Dots]:
    yield "A dot is a run, hollow where it is no success; the bar is the median. Scales begin at 0."
    for measure in (COST, SECONDS):
        lines = []
        for arm in arms:
            dots = [(r.goal, measure.value(r), r.success) for r in of_arm(rows, arm).values()]
            lines.append((arm, tuple((g, v, s) for g, v, s in dots if v is not None)))
        some = any(dots for _, dots in lines)
        yield Dots(measure, tuple(lines)) if some else f"No {measure.name} is known."


def _routes(arms: Sequence[Arm], rows: Sequence[Row]) -> Table:
    found = []
    for arm in arms:
        own = of_arm(rows, arm.name).values()
        for phase in Phase:
            used = dict.fromkeys(row.routes.get(phase.value, "-") for row in own)
            given = _given(arm.phases.get(phase, Parameters()))
            found.append((arm.name, phase.value, " / ".join(used) or "-", given or "-"))
    return Table(("arm", "phase", "models", "settings"), tuple(found))


def _given(own: Parameters) -> str:
    """What the calls of a phase are given, the text that is added to the prompt in full."""
    temperature = "" if own.temperature is None else f"temperature {own.temperature:g}"
    length = "" if own.max_output is None else f"at most {own.max_output:,} tokens a reply"
    system = f"system: {own.system}" if own.system else ""
    return ", ".join(filter(None, (temperature, length, system)))


def _goal(case: Case, arms: Sequence[str], rows: Sequence[Row]) -> Section:
    own = {row.arm: row for row in rows if row.goal == case.id}
    head = (
        "arm",
        "success",
        "landed",
        "cost",
        "time",
        "tokens in / out",
        "hunks landed / proposed",
        "again",
        "retries",
        "steps up",
        "why not",
    )
    found = []
    for arm in arms:
        row = own.get(arm)
        if row is None:
            found.append((arm, "not run yet", *["-"] * (len(head) - 2)))
            continue
        landed = "verified" if row.verified else "unverified" if row.landed else "no"
        found.append(
            (
                arm,
                "yes" if row.success else "no",
                landed,
                price(row.cost, row.basis),
                shown(SECONDS, row.seconds),
                f"{row.tokens_in:,} / {row.tokens_out:,}",
                f"{row.landed_hunks} / {row.staged}",
                str(row.again),
                str(row.retries),
                str(row.escalations),
                row.failure or "-",
            )
        )
    commit = next((row.commit[:12] for row in own.values()), case.commit)
    return Section(f"Goal {case.id}", (case.text, f"From {commit}.", Table(head, tuple(found))))


def price(cost: float | None, basis: CostBasis = CostBasis.PRICED) -> str:
    """A cost as it is shown; `$?` where it is not known."""
    if cost is None:
        return "$?"
    return ("~" if basis is CostBasis.ESTIMATED else "") + shown(COST, cost)


def shown(measure: Measure, value: float, *, signed: bool = False) -> str:
    """A value with its unit."""
    sign = ("+" if value > 0 else "-" if value < 0 else "") if signed else ""
    size = abs(value)
    if measure is COST:
        return f"{sign}${size:.{_decimals(size)}f}" if size else "$0"
    return f"{sign}{size:,.1f} s" if measure is SECONDS else f"{sign}{size:,.0f}"


def _cost(costs: Sequence[float | None]) -> str:
    """The median of those that are known, and how many are not."""
    known = [cost for cost in costs if cost is not None]
    unknown = len(costs) - len(known)
    if unknown and not known:
        return "$?"
    return _middle(COST, known) + (f" ({unknown} $?)" if unknown else "")


def _decimals(dollars: float) -> int:
    """Cents; of less than ten of them four digits, and of what is still less two that count."""
    return 2 if dollars >= 0.1 else max(4, 1 - floor(log10(dollars)))


def _middle(measure: Measure, values: Sequence[float]) -> str:
    middle = median(values)
    return "-" if middle is None else shown(measure, middle)

"""What a run cost, took and came to so far, attempt by attempt, in words."""

from collections.abc import Iterable, Sequence

from core.record.cost import Cost
from core.record.estimates import median
from core.record.figures import CallFigures, PhaseFigures, RunFigures
from tui import figures
from tui.figures import counted
from tui.run_table import Cells, RunSums, RunTable
from tui.sanitise import one_line


def run_table(run: RunFigures) -> RunTable:
    """The figures as they are now; to be asked for again after the next event."""
    rows: list[Cells] = []
    details: list[str] = []
    times: dict[str, int] = {}
    for attempt in run.phases:
        times[attempt.phase] = number = times.get(attempt.phase, 0) + 1
        name = f"{attempt.phase} {number}" if number > 1 else attempt.phase
        calls = [
            one for one in run.calls if (one.phase, one.attempt) == (attempt.phase, attempt.attempt)
        ]
        wall = figures.seconds(attempt.seconds) if attempt.seconds else "-"
        rows.append((name, *_spent(calls), wall, attempt.outcome))
        more = sum(
            one.asked_for_more
            for one in run.tries
            if (one.phase, one.attempt) == (attempt.phase, attempt.attempt)
        )
        details.append(", ".join(_told(calls, attempt, more)))
    return RunTable(run_sums(run), tuple(rows), tuple(details), tuple(_told_of_all(run)))


def run_sums(run: RunFigures) -> RunSums:
    """The sums alone, which take no time."""
    cost = figures.dollars(run.cost)
    return RunSums(cost, run.seconds, run.running_since, run.hunks.rework)


def _spent(calls: Sequence[CallFigures]) -> Cells:
    if not any(one.calls or one.lost for one in calls):
        return ("-",) * 6
    cost = Cost()
    for one in calls:
        cost.add(one.cost)
    first = median([seconds for one in calls for seconds in one.first_tokens])
    return (
        str(sum(one.calls for one in calls)),
        figures.tokens(sum(one.tokens_in for one in calls)),
        figures.tokens(sum(one.tokens_cached for one in calls)),
        figures.tokens(sum(one.tokens_out for one in calls)),
        figures.dollars(cost),
        "-" if first is None else figures.seconds(first),
    )


def _told(calls: Sequence[CallFigures], attempt: PhaseFigures, more: int) -> Iterable[str]:
    models = dict.fromkeys(one.model for one in calls if one.calls or one.lost)
    yield from (one_line(figures.short_model(model)) for model in models)
    for number, what in (
        (sum(one.retries for one in calls), "asked again"),
        (sum(one.escalations for one in calls), "one step up"),
        (sum(one.transport for one in calls), "called again after a fault"),
        (sum(one.lost for one in calls), "without a reply"),
        (attempt.sent_back, "sent back"),
        (more, "asked to see more"),
    ):
        if number:
            yield f"{number} {what}"
    if noted := attempt.tokens_noted:
        ratio = (
            f", {attempt.tokens_read / noted:.0f}x less than read" if attempt.tokens_read else ""
        )
        yield f"receipt of {counted(noted, 'token')}{ratio}"


def _told_of_all(run: RunFigures) -> Iterable[str]:
    hunks = run.hunks
    yield (
        f"{counted(hunks.staged, 'hunk')} staged, {hunks.accepted} accepted, "
        f"{hunks.landed} landed, {hunks.rework} reworked"
    )
    if each := run.cost_per_landed_hunk:
        yield f"{figures.sum_of(each, run.cost.is_estimated)} a landed hunk"
    if unused := sum(one.replies for one in run.discards):
        yield f"{unused} {'reply' if unused == 1 else 'replies'} paid for and not used"
    if run.escapes:
        yield f"{counted(run.escapes, 'landing')} undone or red afterwards"
    steps = sum(run.interventions.values())
    if steps or run.waits:
        waited = figures.seconds(sum(run.waits))
        yield f"{counted(steps, 'step')} of yours, {waited} waiting for you"

"""`relaypair stats`: what the relay cost, how long it took and how often it was right."""

import argparse
import gc
import json
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.adapters.records import JOURNAL_NAME, Record, journals_in, read_records
from core.config import Settings, environment, load_settings
from core.domain.errors import Refused
from core.record.estimates import median
from core.record.totals import Group, Totals, Wanted, outcomes, totals
from tui.exit_codes import ExitCode
from tui.figures import counted, dollars, seconds, sum_of, tokens
from tui.sanitise import fitted, middle_cut, one_line

WIDTH = 80
"""Cells of the widest line."""
RUNS_PLOTTED = 40
"""The newest runs of a sparkline."""
MOST_MODELS = 20
"""Rows of the table of models; --json has them all."""
_UNITS = {"h": 3_600, "d": 86_400, "w": 604_800}


def main(options: argparse.Namespace) -> int:
    """Print figures as tables, or everything as JSON. Raises `Refused`."""
    since = moment(options.since)
    gc.disable()  # nothing that is read is garbage before the end
    settings, journals = _journals(options)
    record = read_records(journals, since)
    for fault in record.faults:
        print(f"relaypair: {one_line(fault)}", file=sys.stderr)
    wanted = Wanted(options.phase, options.model)
    found = totals(record.runs, wanted)
    if options.json:
        print(json.dumps({"faults": record.faults, **found.plain()}))
    elif not found.runs:
        print(_nothing(record, wanted, options), file=sys.stderr)
    else:
        for line in report(found, record, wanted, is_ascii=settings.ascii):
            print(line.rstrip())
    return int(ExitCode.DONE)


def moment(text: str, now: float | None = None) -> float:
    """`7d`, `12h`, `2w` before now, or a local date such as `2026-11-01`, in seconds since the
    epoch; 0 for an empty text. Raises `Refused`.
    """
    if not text:
        return 0.0
    if found := re.fullmatch(r"(\d{1,6})([hdw])", text):
        return (time.time() if now is None else now) - int(found[1]) * _UNITS[found[2]]
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError) as error:
        raise Refused(
            f"{text!r} is no time; say how long ago (12h, 7d, 2w) or a date (2026-11-01)."
        ) from error


def _journals(options: argparse.Namespace) -> tuple[Settings, list[Path]]:
    """The journals that are asked about. Loading git takes longer than the answer may, so the
    repository is the nearest folder upwards that has a journal, up to where `.git` is.
    """
    folder: Path = options.repo
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder; name one with --repo.")
    root = folder.resolve()
    settings = load_settings(root, environment())
    state = settings.folders.state
    if options.all:
        return settings, journals_in(state)
    for one in (root, *root.parents):
        path = settings.repository_folder(one, state) / JOURNAL_NAME
        if path.is_file():
            return settings, [path]
        if (one / ".git").exists():
            break
    return settings, []


def _nothing(record: Record, wanted: Wanted, options: argparse.Namespace) -> str:
    if not record.journals:
        where = "any" if options.all else "this"
        return f"There is no run in {where} repository yet; `relaypair` begins one."
    since = f" since {options.since}" if options.since else ""
    which = "" if wanted.is_all else " that asked such a model"
    return f"There is no run{since}{which}."


def report(found: Totals, record: Record, wanted: Wanted, *, is_ascii: bool) -> list[str]:
    """The lines of the tables and plots, none wider than `WIDTH`."""
    lines = [*_head(found, record, wanted), ""]
    lines += [*_each_relay(found, is_ascii), ""]
    lines += [*_all_together(found), ""]
    lines += [*_spent(found.phases, is_ascii), ""]
    lines += [*_quality(found.phases), ""]
    lines += _models(found.models)
    return [*lines, "", *LEGEND]


LEGEND = (
    "n: how many; medians, not means. first: to the first token; wall: of an attempt",
    "pass: met the phase's rule, was not sent back; 95 %: the interval of that rate",
    "up: one step up; line: called again after a fault; ask: asked to see more",
    "unused: replies paid for; ratio: tokens read for each one of the receipt",
    "$?: a price that is not known, never added as 0; ~: with estimated tokens",
)


def _head(found: Totals, record: Record, wanted: Wanted) -> list[str]:
    begun = time.strftime("%Y-%m-%d", time.localtime(found.runs[0].started))
    reviews = len(found.runs) - len(found.relays)
    more = f", {counted(reviews, 'review')} of existing changes" if reviews else ""
    where = f", {record.journals} repositories" if record.journals > 1 else ""
    lines = [f"{counted(len(found.relays), 'relay')}{more} since {begun}{where}"]
    if not wanted.is_all:
        model = f"models with {one_line(wanted.model)!r}" if wanted.model else "all models"
        lines += [f"calls: {wanted.phase or 'all phases'}, {model}; runs: whole, with such a call"]
    ends = ", ".join(f"{one_line(name)} {n}" for name, n in outcomes(found.runs).most_common())
    lines += [fitted(ends, WIDTH)]
    if unread := sum(run.unread for run in found.runs):
        lines += [f"{counted(unread, 'event')} could not be read and are left out"]
    return lines


def _each_relay(found: Totals, is_ascii: bool) -> Iterable[str]:
    yield f"{'each relay':<17} {'median':>8} {'n':>5}  oldest to newest, at most {RUNS_PLOTTED}"
    sums = [(run.cost, run.hunks.landed) for run in found.relays]
    is_estimated = any(cost.is_estimated for cost, _ in sums)
    unknown = sum(cost.known is None for cost, _ in sums)
    costs = [cost.dollars for cost, _ in sums if cost.known is not None]
    hunks = [cost.dollars / n for cost, n in sums if n and cost.known is not None]
    took = [run.seconds for run in found.relays]
    work = [float(run.hunks.rework) for run in found.relays]
    rows = [
        ("cost", sum_of(median(costs), is_estimated), costs),
        ("per landed hunk", sum_of(median(hunks), is_estimated), hunks),
        ("time in phases", _seconds(median(took)), took),
        ("rework, hunks", _number(median(work)), work),
    ]
    for name, middle, values in rows:
        plot = sparkline(values[-RUNS_PLOTTED:], is_ascii)
        yield f"{name:<17} {middle:>8} {len(values):>5}  {plot}"
    if unknown:
        yield f"$?: of {counted(unknown, 'relay')} the cost is not known; they are not in it"


def _all_together(found: Totals) -> Iterable[str]:
    hunks = [run.hunks for run in found.relays]
    staged, accepted = sum(h.staged for h in hunks), sum(h.accepted for h in hunks)
    landed = sum(h.landed for h in hunks)
    again = sum(sum(h.again.values()) for h in hunks)
    edited = sum(sum(h.edited.values()) for h in hunks)
    waits = [wait for run in found.runs for wait in run.waits]
    escapes, landings = sum(r.escapes for r in found.runs), sum(r.landings for r in found.runs)
    done = ", ".join(f"{name} {n}" for name, n in found.interventions.most_common()) or "none"
    share = f" ({100 * accepted / staged:.0f} %)" if staged else ""
    rows = [
        ("cost in all", dollars(found.cost)),
        ("hunks", f"{staged} staged, {accepted} accepted{share}, {landed} landed"),
        ("rework", f"{again} staged again, {edited} edited by hand"),
        ("escapes", f"{escapes} of {counted(landings, 'landing')} undone or red afterwards"),
        ("interventions", done),
        ("waits", f"median {_seconds(median(waits))} (n {len(waits)}), all {seconds(sum(waits))}"),
    ]
    return (fitted(f"{name:<17} {text}", WIDTH) for name, text in rows)


def _spent(groups: Sequence[Group], is_ascii: bool) -> Iterable[str]:
    yield (
        f"{'phase':<9}{'calls':>6}{'in':>7}{'cached':>7}{'out':>7}  {'cost':>13}"
        f"{'first':>7}{'wall':>7}  share of time"
    )
    longest = max((sum(group.walls) for group in groups), default=0.0)
    for group in groups:
        share = sum(group.walls) / longest if longest else 0.0
        yield (
            f"{_cell(group.phase, 9)}{group.calls:>6}{tokens(group.tokens_in):>7}"
            f"{tokens(group.tokens_cached):>7}{tokens(group.tokens_out):>7}  "
            f"{dollars(group.cost) if group.calls else '-':>13}"
            f"{_seconds(median(group.first_tokens)):>7}{_seconds(median(group.walls)):>7}  "
            f"{bar(share, 13, is_ascii)}"
        )


def _quality(groups: Sequence[Group]) -> Iterable[str]:
    yield (
        f"{'phase':<9}{'tries':>6}{'pass':>5}{'95 %':>7}{'retry':>6}{'up':>3}{'back':>5}"
        f"{'fail':>5}{'lost':>5}{'line':>5}{'ask':>4}{'unused':>7}{'rework':>7}{'ratio':>6}"
    )
    for group in groups:
        ratio = median(group.compressions)
        yield (
            f"{_cell(group.phase, 9)}{group.judged:>6}{_rate(group):>5}{_interval(group):>7}"
            f"{group.retries:>6}{group.escalations:>3}{group.sent_back:>5}{group.failed:>5}"
            f"{group.lost:>5}{group.transport:>5}{group.asked_for_more:>4}{group.discarded:>7}"
            f"{group.again + group.edited:>7}{'-' if ratio is None else f'{ratio:.0f}x':>6}"
        )


def _models(groups: Sequence[Group]) -> Iterable[str]:
    if not groups:
        return
    yield (
        f"{'model':<27} {'phase':<9}{'tries':>6}{'pass':>6}{'95 %':>8}"
        f"{'cost a try':>11}{'s a try':>9}"
    )
    for group in groups[:MOST_MODELS]:
        name = fitted(middle_cut(one_line(group.model), 27), 27)
        known = group.try_costs.known
        each = known / group.judged if known is not None and group.judged else None
        price = sum_of(each, group.try_costs.is_estimated) if group.judged else "-"
        yield (
            f"{name} {_cell(group.phase, 9)}{group.judged:>6}{_rate(group):>6}"
            f"{_interval(group):>8}{'$?' if group.try_costs.unpriced else price:>11}"
            f"{_seconds(median(group.try_seconds)):>9}"
        )
    if len(groups) > MOST_MODELS:
        yield f"and {len(groups) - MOST_MODELS} more; --model narrows, --json has all"


def _cell(text: str, width: int) -> str:
    return fitted(one_line(text), width)


def _rate(group: Group) -> str:
    return f"{100 * group.passed / group.judged:.0f}%" if group.judged else "-"


def _interval(group: Group) -> str:
    if group.interval is None:
        return "-"
    low, high = group.interval
    return f"{100 * low:.0f}-{100 * high:.0f}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else seconds(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def sparkline(values: Sequence[float], is_ascii: bool) -> str:
    """One mark a value, by its share of the greatest."""
    marks = ".:-=+*#" if is_ascii else "▁▂▃▄▅▆▇█"
    most = max(values, default=0.0)
    last = len(marks) - 1
    return "".join(marks[round(last * value / most) if most else 0] for value in values)


def bar(share: float, width: int, is_ascii: bool) -> str:
    """A share of `width` cells; what is not nothing has at least one."""
    cells = round(share * width)
    return ("#" if is_ascii else "█") * max(cells, 1 if share > 0 else 0)

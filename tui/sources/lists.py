"""Plan, context and events as lines."""

from collections.abc import Hashable

from core.domain.context import ContextItem, ItemState
from core.domain.state import RunState
from core.domain.task import TaskSpec
from tui import figures
from tui.ink import Line, right_aligned
from tui.sanitise import middle_cut, one_line
from tui.sources.diffs import RISK_INK
from tui.sources.text import TextSource, wrapped
from tui.state import LogRow

MARK = {ItemState.PINNED: "*", ItemState.DROPPED: "x", ItemState.ACTIVE: " "}
"""The mark of a context item."""


def plan_source(run: RunState, selected: str, width: int) -> TextSource:
    """One line a task, and everything about the selected one."""
    lines: list[Line] = []
    owners: list[str] = []
    for task in run.tasks:
        rows = [_task_line(task, width)]
        if task.id == selected:
            rows += _task_details(task, width)
        lines += rows
        owners += [task.id] * len(rows)
    return TextSource(tuple(lines), tuple(owners))


def _task_line(task: TaskSpec, width: int) -> Line:
    box = "[x]" if task.included else "[ ]"
    ink = "plain" if task.included else "dim"
    left: Line = ((f" {box} ", ink), (f"{one_line(task.id)} {one_line(task.title)}", ink))
    return right_aligned(left, ((f"{task.risk.word} ", RISK_INK.get(task.risk, "bad")),), width)


def _task_details(task: TaskSpec, width: int) -> list[Line]:
    parts = [
        (one_line(task.intent), "plain"),
        ("may write " + one_line(", ".join(task.files)), "dim"),
        *((f"holds when {one_line(text)}", "dim") for text in task.acceptance),
    ]
    if task.depends_on:
        parts.append((f"after {one_line(', '.join(task.depends_on))}", "dim"))
    return [((row, ink),) for text, ink in parts for row in wrapped(text, width - 1, "     ")]


def ordered_items(run: RunState) -> tuple[ContextItem, ...]:
    """Pinned first, dropped last, best score first between them."""
    rank = {ItemState.PINNED: 0, ItemState.ACTIVE: 1, ItemState.DROPPED: 2}
    return tuple(sorted(run.items, key=lambda i: (rank[i.state], -i.score)))


def context_source(run: RunState, width: int) -> TextSource:
    """Two lines an item: what and how much, then why."""
    lines: list[Line] = []
    owners: list[str] = []
    for item in ordered_items(run):
        lines += [_item_line(item, width), _why_line(item)]
        owners += [item.id] * 2
    if run.outlines:
        lines.append(((f" {figures.counted(len(run.outlines), 'outline')} besides", "dim"),))
        owners.append("")
    for text in run.project.lines():
        ink = "warn" if text.startswith("hint: ") else "dim"
        rows = [((row, ink),) for row in wrapped(one_line(text), width - 1, " ")]
        lines += rows
        owners += [""] * len(rows)
    return TextSource(tuple(lines), tuple(owners))


def _item_line(item: ContextItem, width: int) -> Line:
    ink = "dim" if item.state is ItemState.DROPPED else "plain"
    word = "" if item.state is ItemState.ACTIVE else f"{item.state.value} "
    tail: Line = (
        (word, "accent" if item.state is ItemState.PINNED else "dim"),
        (f"{item.score:.2f} {figures.tokens(item.tokens):>4} ", "dim"),
    )
    room = width - sum(len(text) for text, _ in tail) - 4
    name = middle_cut(one_line(item.id), room)
    return right_aligned(((f" {MARK[item.state]} {name}", ink),), tail, width)


def _why_line(item: ContextItem) -> Line:
    flags: Line = ((f"! {one_line(', '.join(item.flags))}  ", "warn"),) if item.flags else ()
    return (("     ", "plain"), *flags, (f"{item.trust.value}  {one_line(item.why)}", "dim"))


class LogSource:
    """A `LineSource` over log rows, one line each."""

    def __init__(self, rows: tuple[LogRow, ...]) -> None:
        self._rows = rows
        self._first = rows[0].number if rows else 1

    @property
    def line_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def line(self, index: int, width: int) -> Line:
        """Time and sentence; a question and a failure stand out by their words."""
        row = self._rows[index]
        return ((f" {figures.clock(row.at)} ", "dim"), (row.text, row.tone))

    def look(self, index: int) -> Hashable:
        """Which row it is: rows move up when old ones leave."""
        return self._rows[index].number

    def owner(self, index: int) -> str:
        """The number of a row."""
        return str(self._rows[index].number) if index < len(self._rows) else ""

    def rows(self, owner: str) -> range:
        """The line of a row number."""
        at = int(owner) - self._first if owner else -1
        return range(at, at + 1) if 0 <= at < len(self._rows) else range(0)

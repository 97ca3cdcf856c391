"""Plan and events as lines."""

from collections.abc import Hashable

from core.domain.state import RunState
from core.domain.task import TaskSpec
from tui import figures
from tui.ink import Line, right_aligned
from tui.sanitise import one_line
from tui.sources.diffs import RISK_INK
from tui.sources.text import TextSource, wrapped
from tui.state import LogRow
from tui.task_words import scope_words


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
        *((text, "dim") for text in scope_words(task)),
        *((f"holds when {one_line(text)}", "dim") for text in task.acceptance),
    ]
    if task.depends_on:
        parts.append((f"after {one_line(', '.join(task.depends_on))}", "dim"))
    return [((row, ink),) for text, ink in parts for row in wrapped(text, width - 1, "     ")]


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

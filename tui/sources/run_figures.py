"""The figures of this run as lines; a narrow panel leaves columns out."""

from collections.abc import Mapping

from tui.ink import Line
from tui.run_table import Cells, RunTable
from tui.sanitise import fitted
from tui.sources.text import TextSource, wrapped

HEAD: Cells = ("phase", "calls", "in", "cached", "out", "cost", "first", "wall", "outcome")
WIDE = {0: 11, 1: 5, 2: 6, 3: 6, 4: 6, 5: 11, 6: 6, 7: 6}
"""Cells of each column but the last."""
NARROW = {0: 10, 1: 5, 2: 5, 4: 5, 5: 8, 7: 5}
"""Without tokens cached and seconds to the first token."""
ROOMY = 76
"""Cells from which all columns are shown."""
INKS = {"passed": "good", "failed": "bad", "open": "accent"}


def figures_source(table: RunTable, width: int, now: float) -> TextSource:
    """The sums until `now`, then each attempt with what there is to tell of it."""
    if not table.rows:
        return TextSource((((" Nothing was asked yet.", "dim"),),))
    columns = WIDE if width >= ROOMY else NARROW
    lines: list[Line] = []
    spent = f"{table.sums.cost} in all; {table.sums.took(now)} in phases"
    for text in (spent, *table.told):
        lines += [((row, "plain"),) for row in wrapped(text, width - 1, " ")]
    lines.append(((fitted(_row(HEAD, columns) + HEAD[-1], width), "dim"),))
    for cells, detail in zip(table.rows, table.details, strict=True):
        numbers, outcome = _row(cells, columns), cells[-1]
        room = max(0, width - len(numbers))
        ink = INKS.get(outcome, "warn")
        lines.append(((numbers[:width], "plain"), (fitted(outcome, room), ink)))
        if detail:
            lines += [((text, "dim"),) for text in wrapped(detail, width - 1, "   ")]
    return TextSource(tuple(lines))


def _row(cells: Cells, columns: Mapping[int, int]) -> str:
    """All columns but the last."""
    phase, *numbers = (f"{cells[at]:>{size}}" for at, size in columns.items())
    return f" {fitted(cells[0], len(phase))} {' '.join(numbers)} "

"""Which panels are on screen, from the size and what has focus. Pure."""

from dataclasses import dataclass

from tui.state import ViewState

TWO_COLUMNS = 100
THREE_COLUMNS = 160
SMALLEST = (40, 8)
"""Below this only one line is drawn."""

COMPACT_ROWS = 16
"""Below this many rows (or 60 columns) hints and tabs give way."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn at one size."""

    name: str
    """`none`, `compact`, `tabs`, `portrait`, `two` or `three`."""
    panels: frozenset[str]
    has_tabs: bool
    has_hints: bool
    bar_rows: int

    @property
    def columns(self) -> int:
        """Columns of the body."""
        return {"two": 2, "three": 3}.get(self.name, 1) if len(self.panels) > 1 else 1


def layout(width: int, height: int, view: ViewState) -> Layout:
    """The layout of one size."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Layout("none", frozenset(), False, False, 0)
    one = frozenset({view.panel})
    if width < 60 or height < COMPACT_ROWS:
        return Layout("compact", one, False, height >= 10, 1)
    if width <= TWO_COLUMNS and height >= 46:
        panels = frozenset({"plan", "diffs", view.lower}) | one
        panels = panels - {"plan"} if "context" in one else panels
        return Layout("portrait", one if view.zoomed else panels, False, True, 2)
    if width < TWO_COLUMNS:
        return Layout("tabs", one, True, True, 2 if height >= 30 else 1)
    if width < THREE_COLUMNS:
        panels = frozenset({"plan", "context", "diffs", view.lower})
        return Layout("two", one if view.zoomed else panels, False, True, 2)
    right = {"phases", "events" if view.lower == "phases" else view.lower}
    panels = frozenset({"plan", "context", "diffs"}) | right
    return Layout("three", one if view.zoomed else panels, False, True, 2)

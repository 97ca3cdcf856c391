"""A titled panel: one row of title, then lines."""

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.ink import Line, Palette
from tui.widgets.line_view import LineView
from tui.widgets.status_line import StatusLine


class QuestionLine(StatusLine, can_focus=True):
    """The waiting line; it takes focus so that a question can be answered on it."""


class Panel(Vertical):
    """Title and lines. Values in by `show_title` and `lines.show`."""

    def __init__(self, palette: Palette, name: str) -> None:
        super().__init__(id=f"{name}-panel", classes="panel")
        self.panel = name
        self.heading = StatusLine(palette, classes="title")
        self.lines = LineView(palette, id=name)

    def compose(self) -> ComposeResult:
        """Title above lines."""
        yield self.heading
        yield self.lines

    def show_title(self, line: Line) -> None:
        """Draw another title."""
        self.heading.show(line)

"""Reading one text: a receipt, a reply, a prompt, an item, check output."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.screens.sheet import Sheet
from tui.sources.text import TextSource, text_source
from tui.widgets.line_view import LineView

LARGE = 1_000_000
"""Characters that are shown; the rest is counted."""


class ReaderScreen(Sheet[None]):
    """A text, scrolled by keys; nothing in it is interpreted."""

    BINDINGS: ClassVar = [
        ("q", "close", "close"),
        ("enter", "close", "close"),
        ("j,down", "move(1)", "down"),
        ("k,up", "move(-1)", "up"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__(title, "esc closes   j k page-up page-down move   left right sideways")
        if len(text) > LARGE:
            text = f"{text[:LARGE]}\n... {len(text) - LARGE} more characters"
        self._source: TextSource = text_source(text)
        self._view: LineView | None = None

    def compose(self) -> ComposeResult:
        """Title, text, hint."""
        self._view = LineView(self.palette)
        with Vertical(classes="box"):
            yield self.heading()
            yield self._view
            yield self.footing()

    def on_mount(self) -> None:
        """Show the text."""
        if self._view:
            self._view.show(self._source)
            self.set_focus(self._view)

    def action_move(self, step: int) -> None:
        """One line on."""
        if self._view:
            self._view.scroll_relative(y=step, animate=False)

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
        self._source: TextSource = _bounded(text)
        self._view: LineView | None = None

    def show_text(self, text: str) -> None:
        """Show another text in the place of the first."""
        self._source = _bounded(text)
        if self._view and self._view.is_attached:
            self._view.show(self._source)

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


def _bounded(text: str) -> TextSource:
    more = len(text) - LARGE
    return text_source(f"{text[:LARGE]}\n... {more} more characters" if more > 0 else text)

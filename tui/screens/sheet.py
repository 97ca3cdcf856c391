"""The base of everything that opens on top: a titled box that esc closes."""

from typing import ClassVar, TypeVar

from textual.screen import ModalScreen

from tui.ink import Line, Palette
from tui.sanitise import one_line
from tui.widgets.status_line import StatusLine

T = TypeVar("T")


class Sheet(ModalScreen[T]):
    """A screen over the board. It opens only for a key of the user; esc or ctrl+c closes it."""

    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._says = (one_line(title), hint)

    @property
    def palette(self) -> Palette:
        """How the app draws."""
        found = getattr(self.app, "palette", None)
        return found if isinstance(found, Palette) else Palette()

    def heading(self) -> StatusLine:
        """The title row."""
        line: Line = ((f" {self._says[0]} ", "title-focus"),)
        return _filled(StatusLine(self.palette, classes="chrome heading"), line)

    def footing(self) -> StatusLine:
        """The hint row."""
        line: Line = ((f" {self._says[1]}", "dim"),)
        return _filled(StatusLine(self.palette, classes="chrome footing"), line)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)


def _filled(widget: StatusLine, line: Line) -> StatusLine:
    widget.lines = (line,)
    return widget

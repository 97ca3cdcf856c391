"""A few fixed lines of chrome, redrawn without a layout pass."""

from textual.strip import Strip
from textual.widget import Widget

from tui.ink import Line, Palette


class StatusLine(Widget):
    """Set `show(lines)`; the widget's height is the style sheet's affair."""

    ALLOW_SELECT = False

    def __init__(self, palette: Palette, *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self.palette = palette
        self.lines: tuple[Line, ...] = ()

    def show(self, *lines: Line) -> None:
        """Draw these lines; nothing happens when they are the ones on screen."""
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row, filled to the width."""
        line = self.lines[y] if y < len(self.lines) else ()
        blank = self.palette.style("plain")
        return self.palette.strip(line).crop_extend(0, self.size.width, blank)

"""A panel of many lines that draws only the ones on screen."""

from collections.abc import Callable, Hashable
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.ink import Line, Palette

CACHED = 2_000
"""Strips that are kept: some thirty screens."""

EXTENDED = frozenset({"plain", "dim", "add", "remove"})
"""Inks whose background is the panel's: a row ends in one style, which saves bytes."""

SIDE_STEP = 8
"""Cells of one step sideways."""


Guard = Callable[[Callable[[], Strip], Strip], Strip]


def _unguarded(draw: Callable[[], Strip], otherwise: Strip) -> Strip:
    return draw()


class LineSource(Protocol):
    """Lines by number. Lines of one owner are selected together."""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        ...

    def line(self, index: int, width: int) -> Line:
        """One line; it may be wider than `width`, the rest is reached sideways."""
        ...

    def look(self, index: int) -> Hashable:
        """Everything outside the source that changes how the line looks."""
        ...

    def owner(self, index: int) -> str:
        """Id of the thing a line belongs to; empty for none."""
        ...

    def rows(self, owner: str) -> range:
        """The lines of an owner; empty for one that is not here."""
        ...


def marked(line: Line) -> Line:
    """The line with `>` at its left edge: colour is never the only mark of a selection."""
    if not line:
        return ((">", "accent"),)
    (text, ink), *rest = line
    return ((">" + text[1:], ink), *rest) if text.startswith(" ") else line


class NoLines:
    """A source without lines."""

    line_count = 0

    def line(self, index: int, width: int) -> Line:
        """Nothing."""
        return ()

    def look(self, index: int) -> Hashable:
        """Nothing."""
        return None

    def owner(self, index: int) -> str:
        """Nobody."""
        return ""

    def rows(self, owner: str) -> range:
        """No lines."""
        return range(0)


class LineView(ScrollView, can_focus=True):
    """Set a source with `show`, a selection with `select`; a click posts `Picked`."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar = [
        ("pageup", "page(-1)", "page up"),
        ("pagedown", "page(1)", "page down"),
        ("home", "ends(0)", "first"),
        ("end", "ends(1)", "last"),
        ("left", "sideways(-1)", "left"),
        ("right", "sideways(1)", "right"),
    ]

    class Picked(Message):
        """The line of an owner was clicked."""

        def __init__(self, view: "LineView", owner: str, column: int) -> None:
            super().__init__()
            self.view = view
            self.owner = owner
            self.column = column
            """Cells from the left edge."""

    class Measured(Message):
        """The view has another size."""

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.palette = palette
        self.source: LineSource = NoLines()
        self.selected = ""
        self.side = 0
        """Cells that are scrolled out on the left."""
        self.guard: Guard = _unguarded
        """Draws a line, or gives the second strip where drawing failed."""
        self._strips: LRUCache[Hashable, Strip] = LRUCache(CACHED)

    @property
    def room(self) -> int:
        """Cells of a line: the scrollbar takes some of the size."""
        return self.scrollable_content_region.width

    def show(self, source: LineSource, selected: str = "") -> None:
        """Draw another source; where it is the same one, only lines that look different change."""
        if source is not self.source:
            self.source = source
            self._strips.clear()
        self.selected = selected
        self._measure()
        self.refresh()

    def select(self, owner: str) -> None:
        """Mark another owner and bring it into view; redraws only the lines of both."""
        before, after = self.source.rows(self.selected), self.source.rows(owner)
        self.selected = owner
        self._redraw(before)
        self._redraw(after)
        self.reveal(after)

    def reveal(self, rows: range, centre: bool = False) -> None:
        """Scroll as little as needed to see the rows, their beginning first."""
        height = self.size.height
        if not rows or not height:
            return
        top = self.scroll_offset.y
        last = min(rows[-1], rows[0] + height - 1)
        if centre:
            top = rows[0] - max(0, (height - len(rows)) // 2)
        elif rows[0] < height and not any(map(self.source.owner, range(rows[0]))):
            top = 0  # what stands above the first owner is seen with it
        elif rows[0] < top:
            top = rows[0]
        elif last >= top + height:
            top = last - height + 1
        self.scroll_to(y=max(0, top), animate=False, force=True)

    def to_end(self) -> None:
        """Scroll to the last line."""
        self.scroll_to(y=max(0, self.source.line_count - self.size.height), animate=False)

    def _redraw(self, rows: range) -> None:
        top, height = self.scroll_offset.y, self.size.height
        first, last = max(rows.start, top), min(rows.stop, top + height)
        if first < last:
            self.refresh(Region(0, first - top, self.size.width, last - first))

    def _measure(self) -> None:
        size = Size(max(1, self.room), self.source.line_count)
        if size != self.virtual_size:
            # The scrollbar's room is always kept, so no other widget moves: no layout pass.
            self.set_reactive(LineView.virtual_size, size)
            self._scroll_update(size)

    def on_resize(self, event: events.Resize) -> None:
        """A narrower view may wrap or cut differently."""
        self._measure()
        self.post_message(self.Measured())
        if self.source.rows(self.selected):
            self.call_after_refresh(self._keep_in_view)

    def _keep_in_view(self) -> None:
        self.reveal(self.source.rows(self.selected))

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        index = y + self.scroll_offset.y
        width = self.room
        if index >= self.source.line_count:
            return Strip([Segment(" " * width, self.palette.style("plain"))], width)
        selected = bool(self.selected) and self.source.owner(index) == self.selected
        key = (index, width, self.side, selected, self.source.look(index))
        strip = self._strips.get(key)
        if strip is None:
            strip = self.guard(lambda: self._drawn(index, width, selected), self._broken(width))
            self._strips[key] = strip
        return strip

    def _broken(self, width: int) -> Strip:
        text = " this line could not be drawn; the event panel says why"
        return self.palette.strip(((text, "bad"),)).crop_extend(
            0, width, self.palette.style("plain")
        )

    def _drawn(self, index: int, width: int, selected: bool) -> Strip:
        line = self.source.line(index, width)
        strip = self.palette.strip(marked(line) if selected else line, selected)
        cut = strip.cell_length > self.side + width
        ink = line[-1][1] if line else "plain"
        blank = self.palette.style(ink if ink in EXTENDED else "plain", selected)
        shown = strip.crop_extend(self.side, self.side + width, blank).simplify()
        if not cut:
            return shown
        mark = Segment(">", self.palette.style("warn", selected))
        return Strip([*shown.crop(0, width - 1), mark], width)

    def action_page(self, step: int) -> None:
        """Scroll by a screen; the selection stays."""
        self.scroll_relative(y=step * max(1, self.size.height - 1), animate=False)

    def action_ends(self, end: int) -> None:
        """Scroll to the first or the last line."""
        self.scroll_to(y=self.source.line_count if end else 0, animate=False)

    def action_sideways(self, step: int) -> None:
        """Scroll sideways."""
        self.side = max(0, self.side + step * SIDE_STEP)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Tell which line was clicked."""
        owner = self.source.owner(event.y + self.scroll_offset.y)
        if owner:
            self.post_message(self.Picked(self, owner, event.x))

"""Lines as plain values, and the inks they are drawn with."""

from dataclasses import dataclass
from functools import cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Span = tuple[str, str]
"""Text and the name of its ink."""

Line = tuple[Span, ...]
"""One line of a panel. A line that holds no text is blank."""


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(text for text, _ in line)


def right_aligned(left: Line, right: Line, width: int) -> Line:
    """Two lines on one row of `width` cells; the left one gives way when both do not fit."""
    from rich.cells import cell_len, set_cell_size

    tail = cell_len(plain(right))
    room = width - tail - (1 if tail else 0)
    kept: list[Span] = []
    used = 0
    for text, ink in left:
        size = cell_len(text)
        if used + size > room:
            text = set_cell_size(text, max(0, room - used))
            size = max(0, room - used)
        kept.append((text, ink))
        used += size
    gap = max(0, width - used - tail)
    return (*kept, (" " * gap, kept[-1][1] if kept else "plain"), *right)


@dataclass(frozen=True, slots=True)
class Palette:
    """What an ink looks like. Without colour the same names map to bold, underline and reverse."""

    no_colour: bool = False
    ascii: bool = False
    """Whether drawing keeps to ASCII."""

    def style(self, ink: str, selected: bool = False) -> Style:
        """The style of an ink, with an explicit background."""
        return _style(ink, selected, self.no_colour)

    def strip(self, line: Line, selected: bool = False) -> Strip:
        """A line as Textual draws it."""
        return Strip([Segment(text, self.style(ink, selected)) for text, ink in line if text])


BACKGROUND = "#12161c"
SELECTED = "#22303f"

_COLOURS = {
    "plain": "#d4d9df",
    "dim": "#8b95a1",
    "bold": "bold #f2f5f8",
    "accent": "bold #7cc4ff",
    "add": "#8fd69a",
    "remove": "#f0918c",
    "good": "#8fd69a",
    "bad": "bold #ff7a70",
    "warn": "bold #f0c674",
    "head": "#7cc4ff",
    "title": "#8b95a1",
    "title-focus": "bold #12161c on #7cc4ff",
    "bar": "bold #d4d9df",
    "ask": "bold #12161c on #f0c674",
}

_PLAIN = {
    "bold": "bold",
    "accent": "bold",
    "bad": "bold",
    "warn": "bold",
    "head": "bold",
    "title-focus": "bold reverse",
    "bar": "bold",
    "ask": "bold reverse",
}


@cache
def _style(ink: str, selected: bool, no_colour: bool) -> Style:
    if no_colour:
        base = Style.parse(_PLAIN.get(ink, "none"))
        return base + Style(bold=True) if selected else base
    style = Style.parse(_COLOURS[ink])
    if style.bgcolor is None:
        style += Style(bgcolor=SELECTED if selected else BACKGROUND)
    return style

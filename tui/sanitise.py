"""The one sanitiser: every string from outside passes here before a terminal sees it."""

import re

from rich.cells import cell_len, set_cell_size

LONG_LINE = 2_000
"""Characters of one line that are shown; the rest is counted."""

TAB = 4
"""Cells of a tab stop."""

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Controls, bidi marks, tags, zero-width and look-alike blanks, lone surrogates."""


def _named(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"


def visible(text: str) -> str:
    """The text with every control and invisible character written out, such as `<U+202E>`."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_named, text)


def one_line(text: str) -> str:
    """The text on one line: line ends and tabs become spaces, the rest is made visible and cut."""
    if "\n" in text or "\r" in text or "\t" in text:
        text = re.sub(r"\s*[\r\n]+\s*|\t", " ", text).strip()
    return shortened(visible(text))


def code_line(text: str) -> str:
    """One line of a file: its line end taken off, tabs expanded, the rest made visible and cut."""
    text = text.removesuffix("\n").removesuffix("\r")
    if "\t" in text:
        text = text.expandtabs(TAB)
    return shortened(visible(text))


def text_lines(text: str) -> tuple[str, ...]:
    """Many lines, each as `code_line` shows it."""
    return tuple(code_line(line) for line in text.split("\n"))


def shortened(text: str) -> str:
    """The text, or its first `LONG_LINE` characters and how many were left out."""
    if len(text) <= LONG_LINE:
        return text
    return f"{text[:LONG_LINE]} ... {len(text) - LONG_LINE} more characters"


def fitted(text: str, cells: int) -> str:
    """The text in exactly `cells` terminal cells; what does not fit ends in `..`."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(text, cells - 2) + ".." if cells > 4 else set_cell_size(text, cells)


def middle_cut(text: str, cells: int) -> str:
    """A path in at most `cells` cells: its end matters most, so the beginning is cut with `..`."""
    if cell_len(text) <= cells:
        return text
    if cells < 4:
        return fitted(text, max(cells, 0))
    kept = text[-(cells - 2) :]
    while cell_len(kept) > cells - 2:
        kept = kept[1:]
    return ".." + kept

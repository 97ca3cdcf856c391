"""The colours of the app, as Textual takes them."""

from textual.theme import Theme

from tui import ink

THEME = Theme(
    name="relaypair",
    primary="#7cc4ff",
    background=ink.BACKGROUND,
    surface="#1b222b",
    panel="#2b3541",
    foreground="#d4d9df",
    dark=True,
)

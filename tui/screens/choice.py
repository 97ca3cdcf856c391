"""Choosing one of many by typing parts of its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from core.similarity import partial_matches
from tui.ink import Line, right_aligned
from tui.sanitise import one_line
from tui.screens.sheet import Sheet
from tui.sources.text import TextSource
from tui.widgets.line_view import LineView
from tui.widgets.status_line import StatusLine

ROOM = 80
"""Cells of a row while the screen has no size yet."""
SHOWN = 500
"""Matches that are listed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One row."""

    id: str
    text: str
    key: str = ""
    """Shown at the right edge."""
    note: str = ""
    """A remark, or the reason why it cannot be chosen."""


R = TypeVar("R")


class PickScreen(Sheet[R]):
    """Input above a list. Subclasses turn the chosen row into their result."""

    BINDINGS: ClassVar = [
        Binding("down,ctrl+n", "move(1)", "down"),
        Binding("up", "move(-1)", "up"),
        Binding("pagedown", "move(10)", "down"),
        Binding("pageup", "move(-10)", "up"),
    ]

    def __init__(
        self, title: str, hint: str, choices: Sequence[Choice], notes_disable: bool = False
    ) -> None:
        super().__init__(title, hint)
        self._choices = choices
        self._notes_disable = notes_disable
        self._found: list[Choice] = list(choices[:SHOWN])
        self._at = 0
        self.field = Input(compact=True)
        self._view: LineView | None = None
        self._head: StatusLine | None = None

    def about(self) -> str:
        """A sentence below the title; none by default."""
        return ""

    def head(self, width: int) -> Line:
        """A row above the list; none by default."""
        return ()

    def compose(self) -> ComposeResult:
        """Title, input, list, hint."""
        self._view = LineView(self.palette)
        self._view.can_focus = False
        with Vertical(classes="box"):
            yield self.heading()
            if about := self.about():
                line = StatusLine(self.palette, classes="chrome")
                line.lines = (((f" {about}", "dim"),),)
                yield line
            yield self.field
            if self.head(ROOM):
                self._head = StatusLine(self.palette, classes="chrome")
                yield self._head
            yield self._view
            yield self.footing()

    def on_mount(self) -> None:
        """Show everything; the input takes the keys."""
        self.set_focus(self.field)
        self._draw()

    def on_resize(self) -> None:
        """Rows follow the width."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self._found = self.found(self.query_text(event.value))
        self._at = 0
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter chooses, after all that was typed before it has been taken in."""
        event.stop()
        self.action_choose()

    def found(self, query: str) -> list[Choice]:
        """The rows for a query, best first."""
        return matching(query, self._choices)

    def query_text(self, typed: str) -> str:
        """The part of the input that is looked for."""
        return typed.strip()

    @property
    def current(self) -> Choice | None:
        """The marked row."""
        return self._found[self._at] if self._at < len(self._found) else None

    def preselect(self, choice_id: str) -> None:
        """Mark a row before anything is typed."""
        ids = [choice.id for choice in self._found]
        self._at = ids.index(choice_id) if choice_id in ids else 0

    def action_move(self, step: int) -> None:
        """Mark another row."""
        self._at = min(max(self._at + step, 0), max(0, len(self._found) - 1))
        if self._view and self.current:
            self._view.select(self.current.id)

    def action_choose(self) -> None:
        """Close with the marked row."""
        raise NotImplementedError

    def on_line_view_picked(self, message: LineView.Picked) -> None:
        """A click marks a row; a click on the marked one chooses it."""
        if self.current and self.current.id == message.owner:
            self.action_choose()
            return
        self.preselect(message.owner)
        self.action_move(0)

    def _draw(self) -> None:
        if self._view is None:
            return
        width = self._view.room or ROOM
        if self._head:
            self._head.show(self.head(width))
        rows = tuple(self.row(choice, width) for choice in self._found)
        self._view.show(TextSource(rows, tuple(c.id for c in self._found)))
        self._view.select(self.current.id if self.current else "")

    def row(self, choice: Choice, width: int) -> Line:
        """One row of the list."""
        off = self._notes_disable and choice.note
        text = f" {one_line(choice.text)}"
        right: Line = ((f"{one_line(choice.key)} ", "dim" if off else "head"),)
        note = f"  ({one_line(choice.note)})" if choice.note else ""
        return right_aligned(((text, "dim" if off else "plain"), (note, "dim")), right, width)


class ChoiceScreen(PickScreen[Choice]):
    """Closes with the chosen row; with `notes_disable` rows that have a note only say it."""

    def __init__(self, title: str, choices: Sequence[Choice], notes_disable: bool = False) -> None:
        hint = "type to narrow   up down move   enter chooses   esc closes"
        super().__init__(title, hint, choices, notes_disable)

    def action_choose(self) -> None:
        """Close, unless the row cannot be chosen."""
        if self.current and not (self._notes_disable and self.current.note):
            self.dismiss(self.current)


def matching(query: str, choices: Sequence[Choice]) -> list[Choice]:
    """The choices that fit, best first; all of them for an empty query."""
    if not query:
        return list(choices[:SHOWN])
    texts = [choice.text.lower() for choice in choices]
    low = query.lower()
    exact = [i for i, text in enumerate(texts) if low in text]
    exact.sort(key=lambda i: (texts[i].index(low), len(texts[i])))
    fuzzy = partial_matches(low, texts, SHOWN)
    return [choices[i] for i in dict.fromkeys((*exact, *fuzzy))][:SHOWN]

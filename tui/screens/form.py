"""Short forms: a note, a task."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from core.domain.task import TaskSpec
from tui.sanitise import one_line
from tui.screens.sheet import Sheet
from tui.widgets.status_line import StatusLine

NOTE_LIMIT = 2_000
"""Characters of a note or of one field."""


class NoteScreen(Sheet[str]):
    """One line of text; enter hands it on. The `example` stands there until something is typed."""

    def __init__(self, title: str, may_be_empty: bool = False, example: str = "") -> None:
        super().__init__(title, "enter sends   esc closes")
        self._may_be_empty = may_be_empty
        self._field = Input(compact=True, max_length=NOTE_LIMIT, placeholder=example)

    def compose(self) -> ComposeResult:
        """Title, field, hint."""
        with Vertical(classes="box short"):
            yield self.heading()
            yield self._field
            yield self.footing()

    def on_mount(self) -> None:
        """The field takes the keys."""
        self.set_focus(self._field)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the text."""
        event.stop()
        text = one_line(event.value).strip()
        if text or self._may_be_empty:
            self.dismiss(text)


FIELDS = (
    ("title", "Title"),
    ("intent", "Intent: what to do, a few sentences"),
    ("files", "Files it may write, separated by commas"),
    ("may_create", "What else it may create, separated by commas"),
    ("may_delete", "What it may delete or move, separated by commas"),
    ("acceptance", "Holds when, separated by ;"),
)
"""Attribute and label of each field."""


class TaskScreen(Sheet[TaskSpec]):
    """The fields of a task; ctrl+o or enter in the last field keeps them."""

    BINDINGS: ClassVar = [Binding("ctrl+o", "keep", "keep")]

    def __init__(self, task: TaskSpec) -> None:
        hint = (
            "tab and enter: next field   enter in the last, or ctrl+o: keep   esc: leave as it was"
        )
        super().__init__(f"Task {task.id}", hint)
        self._spec = task
        values = {
            "title": task.title,
            "intent": task.intent,
            "files": ", ".join(task.files),
            "may_create": ", ".join(task.may_create),
            "may_delete": ", ".join(task.may_delete or ()),
            "acceptance": "; ".join(task.acceptance),
        }
        self._fields = {
            name: Input(one_line(values[name]), compact=True, max_length=NOTE_LIMIT)
            for name, _ in FIELDS
        }

    def compose(self) -> ComposeResult:
        """A label above each field."""
        with Vertical(classes="box short"):
            yield self.heading()
            for name, label in FIELDS:
                line = StatusLine(self.palette, classes="chrome")
                line.lines = (((f" {label}", "dim"),),)
                yield line
                yield self._fields[name]
            yield self.footing()

    def on_mount(self) -> None:
        """Start at the title."""
        self.set_focus(self._fields["title"])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To the next field, or keep."""
        event.stop()
        fields = list(self._fields.values())
        if event.input is fields[-1]:
            self.action_keep()
        else:
            self.set_focus(fields[fields.index(event.input) + 1])

    def action_keep(self) -> None:
        """Close with the task as written; without a title the form stays open."""
        text = {name: one_line(field.value).strip() for name, field in self._fields.items()}
        if not text["title"]:
            self.set_focus(self._fields["title"])
            return
        self.dismiss(
            replace(
                self._spec,
                title=text["title"],
                intent=text["intent"] or text["title"],
                files=_parts(text["files"], ","),
                may_create=_parts(text["may_create"], ","),
                may_delete=self._deletable(text["may_delete"]),
                acceptance=_parts(text["acceptance"], ";"),
            )
        )

    def _deletable(self, text: str) -> tuple[str, ...] | None:
        """What may be deleted; still unsaid where it was unsaid and nothing was typed."""
        return _parts(text, ",") or (None if self._spec.may_delete is None else ())


def _parts(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())

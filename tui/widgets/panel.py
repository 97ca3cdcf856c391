"""A titled panel: one row of title, then lines."""

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui.ink import Line, Palette
from tui.keymap import in_scope
from tui.widgets.line_view import LineView
from tui.widgets.status_line import StatusLine


def bindings(*scopes: str) -> list[BindingType]:
    """The keys of some scopes as Textual takes them; the app's `perform` carries them out."""
    return [
        Binding(key, f"app.perform('{action.id}')", action.label, priority=action.priority)
        for scope in scopes
        for action in in_scope(scope)
        for key in action.keys
    ]


class PlanLines(LineView):
    """The lines of the plan."""

    BINDINGS = bindings("plan")


class ContextLines(LineView):
    """The lines of the context."""

    BINDINGS = bindings("context")


class DiffLines(LineView):
    """The lines of the diffs."""

    BINDINGS = bindings("diffs")


class PhaseLines(LineView):
    """The lines of the phases; a question may be answered here."""

    BINDINGS = bindings("phases", "question")


class EventLines(LineView):
    """The lines of the events."""

    BINDINGS = bindings("events")


class QuestionLine(StatusLine, can_focus=True):
    """The waiting line; it takes focus so that a question can be answered on it."""

    BINDINGS = bindings("question")


LINES: dict[str, type[LineView]] = {
    "plan": PlanLines,
    "context": ContextLines,
    "diffs": DiffLines,
    "phases": PhaseLines,
    "events": EventLines,
}


class Panel(Vertical):
    """Title and lines. Values in by `show_title` and `lines.show`."""

    def __init__(self, palette: Palette, name: str) -> None:
        super().__init__(id=f"{name}-panel", classes="panel")
        self.panel = name
        self.heading = StatusLine(palette, classes="title")
        self.lines = LINES[name](palette, id=name)

    def compose(self) -> ComposeResult:
        """Title above lines."""
        yield self.heading
        yield self.lines

    def show_title(self, line: Line) -> None:
        """Draw another title."""
        self.heading.show(line)

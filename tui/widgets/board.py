"""The one screen: chrome around the panels. Values come in by `paint`, nothing else."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from core.domain.state import RunState
from tui import keymap
from tui.ink import Palette
from tui.layout import Layout, layout
from tui.sources import chrome
from tui.sources.relay import bar_lines
from tui.state import ViewState
from tui.widgets.contents import Contents
from tui.widgets.goal_prompt import GoalPrompt
from tui.widgets.panel import Panel, QuestionLine
from tui.widgets.status_line import StatusLine

TOO_SMALL = " terminal too small for panels: make it 40x8, or use relaypair --line"

COLUMNS = {
    "left": ("plan", "context"),
    "main": ("diffs",),
    "right": ("phases", "events", "figures"),
}


class Board(Vertical):
    """Header, phase bar, panels, waiting line, hints and the goal prompt."""

    class Moved(Message):
        """Focus went to a panel, the prompt or the waiting line."""

        def __init__(self, where: str) -> None:
            super().__init__()
            self.where = where

    def __init__(self, palette: Palette, goal: str = "") -> None:
        bare = palette.ascii or palette.no_colour
        super().__init__(id="board", classes="bare" if bare else "")
        self.palette = palette
        self.header = StatusLine(palette, id="header", classes="chrome")
        self.bar = StatusLine(palette, id="bar")
        self.tabs = StatusLine(palette, id="tabs", classes="chrome")
        self.panels = {name: Panel(palette, name) for _, name, _ in chrome.PANELS}
        self.waiting = QuestionLine(palette, id="question", classes="chrome")
        self.hints = StatusLine(palette, id="hints", classes="chrome")
        self.goal = GoalPrompt(goal)
        self.goal_mark = StatusLine(palette, id="goal-mark")
        self.small = StatusLine(palette, id="small")
        self.columns = {name: Vertical(id=name, classes="column") for name in COLUMNS}
        self.body = Container(id="body")
        self.layout_now: Layout | None = None
        self._contents = Contents()

    def compose(self) -> ComposeResult:
        """Everything once; what is not shown at a size is only hidden."""
        yield self.small
        yield self.header
        yield self.bar
        yield self.tabs
        with self.body:
            for name, panels in COLUMNS.items():
                with self.columns[name]:
                    for panel in panels:
                        yield self.panels[panel]
        yield self.waiting
        yield self.hints
        with Horizontal(id="goal-row"):
            yield self.goal_mark
            yield self.goal

    def paint(self, run: RunState, view: ViewState, now: float) -> None:
        """Show a state. Widgets whose lines did not change are not redrawn."""
        width, height = self.app.size
        place = layout(width, height, view)
        if place != self.layout_now:
            self._arrange(place)
            self.call_after_refresh(self.keep_focus, view.focus)
        if place.name == "none":
            self.small.show(((TOO_SMALL, "warn"),))
            return
        self._paint_chrome(run, view, place, width, now)
        rule = "-" if self.palette.ascii else "─"
        for name in place.panels:
            panel = self.panels[name]
            panel.show_title(chrome.title(run, view, name, panel.heading.size.width, rule))
            self._contents.fill(panel, run, view, now)

    def paint_clock(self, run: RunState, view: ViewState, now: float) -> None:
        """Show the seconds of a running phase, where they stand, and nothing else."""
        place = self.layout_now
        if place and place.name != "none":
            width = self.app.size.width
            self.header.show(chrome.header(run, view, width, now))
            self.bar.show(*bar_lines(run, view, width, now, place.bar_rows == 2))
            if "figures" in place.panels:
                self._contents.fill(self.panels["figures"], run, view, now)

    def focus_on(self, where: str) -> None:
        """Give a panel, the prompt or the waiting line the keyboard."""
        widget: Widget = self.waiting
        if where != "question":
            widget = self.goal if where == "goal" else self.panels[where].lines
        self.screen.set_focus(widget, scroll_visible=False)

    def keep_focus(self, where: str) -> None:
        """Give the keyboard back to where it was, when hiding a panel took it away."""
        if not self.is_attached:
            return
        here = self.screen.focused
        place = self.layout_now
        if place and place.name != "none" and (here is None or here.id != where):
            self.focus_on(where)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Tell where the keyboard is."""
        if event.widget.id:
            self.post_message(self.Moved(event.widget.id))

    def _paint_chrome(
        self, run: RunState, view: ViewState, place: Layout, width: int, now: float
    ) -> None:
        self.header.show(chrome.header(run, view, width, now))
        self.bar.show(*bar_lines(run, view, width, now, place.bar_rows == 2))
        if place.has_tabs:
            self.tabs.show(chrome.tabs(run, view, width))
        self.waiting.show(chrome.waiting(run, view, width))
        if place.has_hints:
            self.hints.show(chrome.hint_line(keymap.hints(run, view), width))
        self.goal_mark.show(((" goal> ", "accent" if view.focus == "goal" else "dim"),))

    def _arrange(self, place: Layout) -> None:
        self.layout_now = place
        none = place.name == "none"
        self.body.set_class(place.has_tabs, "tabbed")
        for widget in (self.header, self.bar, self.body, self.waiting):
            widget.set_class(none, "gone")
        self.query_one("#goal-row").set_class(none, "gone")
        self.small.styles.display = "block" if none else "none"
        self.tabs.set_class(not place.has_tabs, "gone")
        self.hints.set_class(not place.has_hints, "gone")
        self.bar.set_class(place.bar_rows == 1, "one")
        several = len(place.panels) > 1
        for name in ("two", "three", "portrait"):
            self.body.set_class(several and place.name == name, name)
        for name, panel in self.panels.items():
            panel.set_class(name not in place.panels, "gone")
        for name, column in self.columns.items():
            column.set_class(not place.panels.intersection(COLUMNS[name]), "gone")

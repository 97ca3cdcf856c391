"""The Textual app: keys become commands, events become what is on screen."""

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.filter import LineFilter, NoColor
from textual.screen import Screen
from textual.strip import Strip

from core.domain.context import ContextItem, Definition
from core.domain.errors import RelaypairError
from core.domain.model import ModelInfo
from core.domain.phase import ORDER
from core.domain.state import RunState
from tui import ink, state
from tui.cockpit import AppOptions, Cockpit, Leave
from tui.editor import edited
from tui.keymap import BY_ID, action_for
from tui.leaving import leave_note
from tui.live_table import LiveTable
from tui.sanitise import one_line
from tui.session_port import SessionPort
from tui.state import ViewState
from tui.theme import THEME
from tui.widgets.board import Board
from tui.widgets.goal_prompt import GoalPrompt
from tui.widgets.line_view import LineView

FRAME = 0.1
"""Least seconds between two frames that nobody asked for by a key."""

GUTTER = 3
"""Cells of the diff's gutter: a click there toggles the hunk."""

T = TypeVar("T")

if TYPE_CHECKING:
    from core.domain.commands import AddContext, Command
    from core.domain.events import Recorded


class RelaypairApp(App[Leave]):
    """One run on one screen. `run()` gives what is to be said after it has closed."""

    CSS_PATH = "relaypair.tcss"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = []

    def __init__(self, session: SessionPort, options: AppOptions | None = None) -> None:
        super().__init__(ansi_color=True if options and options.no_colour else None)
        self._session = session
        self._options = options or AppOptions()
        self.palette = ink.Palette(self._options.no_colour, self._options.ascii)
        self._view = ViewState(typed_at=time.monotonic() - 10, is_opening=True)
        self._seen: RunState | None = None
        self._painted = 0.0
        self._frame_due = False
        self._clicked = False
        self._urgent = 0.0
        self._live = LiveTable()
        self.board = Board(self.palette)
        self.register_theme(THEME)
        self.theme = THEME.name

    def compose(self) -> ComposeResult:
        """The board is all there is; sheets open above it."""
        yield self.board

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colour, nothing but attributes leaves the app."""
        return (NoColor(),) if self._options.no_colour else super().get_line_filters()

    def on_mount(self) -> None:
        """Paint first; whatever takes time begins after the first frame."""
        for panel in self.board.panels.values():
            panel.lines.guard = self._guard
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for name in (signal.SIGHUP, signal.SIGTERM):
                loop.add_signal_handler(name, self.finish)
        self.set_interval(1.0, self._tick)
        run = self.run_state
        self._view = replace(self._view, phase=run.running or run.cursor or ORDER[-1])
        begun = self._options.begun or self._options.goal or run.goal.text
        self.go("diffs" if begun else "goal")
        self._redraw()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._redraw()
        gc.freeze()
        gc.enable()
        self.run_worker(self._survive(self._open()), name="open")

    async def _open(self) -> None:
        """Everything that need not be there for the first frame."""
        try:
            await self._session.open()
        except RelaypairError as fault:
            self.exit(Leave(lines=(str(fault),)), return_code=2)
            return
        self._recall()
        self.run_worker(self._read(), name="events")
        self.run_worker(self._survive(self._warm()), name="warm")
        self.run_worker(self._survive(self._session.index()), name="index")
        if self._options.goal and not self.run_state.goal.text:
            from core.domain.commands import StartRun

            await self.send(StartRun(self._options.goal))
        self.change(replace(self._view, is_opening=False, says=""))

    def _recall(self) -> None:
        """What happened in the run before this screen was there."""
        run = self.run_state
        if not run.goal.text:
            return
        for recorded in self._session.past():
            self._take(recorded)
        phase = run.running or run.cursor or ORDER[-1]
        self._view = replace(self._view, phase=phase, says="", host="")

    # The cockpit: what handlers see.

    @property
    def run_state(self) -> RunState:
        """The run."""
        return self._session.state

    @property
    def view(self) -> ViewState:
        """The screen's own state."""
        return self._view

    @property
    def options(self) -> AppOptions:
        """What was decided before start."""
        return self._options

    def change(self, view: ViewState) -> None:
        """Take another view and draw it."""
        if view is not self._view:
            self._view = view
            self._redraw()

    def say(self, text: str) -> None:
        """Show one sentence until the next key."""
        self.change(replace(self._view, says=text))

    async def send(self, command: "Command") -> None:
        """Submit a command; its news is drawn without waiting for the next frame."""
        self._urgent = time.monotonic() + FRAME
        await self._session.submit(command)
        await asyncio.sleep(0)
        self._redraw()

    def go(self, where: str) -> None:
        """Move focus, for a key or a click."""
        self.change(state.focused(self._view, where))
        self.board.focus_on(where)

    async def open(
        self, screen: Screen[T], then: Callable[[T], Awaitable[None]] | None = None
    ) -> None:
        """Put a sheet on top, ready for the very next key, and hand on its result."""

        def done(result: T | None) -> None:
            if result is not None and then is not None:
                self.later(then(result))

        await self.push_screen(screen, done)

    def later(self, work: Awaitable[None]) -> None:
        """Run something beside the screen."""
        self.run_worker(self._survive(work))

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every known model."""
        return await self._session.models()

    async def paths(self) -> tuple[str, ...]:
        """Every path of the repository."""
        return await self._session.paths()

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Where a name is defined, the best first."""
        return await self._session.definitions(name, limit)

    async def pieces(self, wanted: "AddContext") -> tuple[ContextItem, ...]:
        """What a command would add. Raises `RelaypairError` where it would add nothing."""
        return await self._session.pieces(wanted)

    def blob(self, digest: str) -> str:
        """Kept bytes as text."""
        try:
            return self._session.blob(digest).decode("utf-8", "replace")
        except KeyError:
            return "the kept text is no longer there"

    def keep(self, text: str) -> str:
        """Keep a text for a command that names it."""
        return self._session.keep(text.encode("utf-8", "surrogatepass"))

    def past(self) -> "tuple[Recorded, ...]":
        """What happened until now."""
        return self._session.past()

    def centre(self) -> None:
        """Bring the selected hunk to the middle."""
        lines = self.board.panels["diffs"].lines
        lines.reveal(lines.source.rows(self._view.hunk), centre=True)

    def edit_text(self, text: str, suffix: str) -> str | None:
        """Hand the terminal to the user's editor for a while."""
        if not self._options.editor:
            self.say("no editor is set: set VISUAL or EDITOR and start again")
            return None
        with self.suspend():  # it takes the terminal back only where nothing is raised in it
            try:
                return edited(self._options.editor, text, suffix)
            except OSError as error:
                fault = error
        self.say(f"the editor {self._options.editor[0]} did not start: {fault.strerror}")
        return None

    def copy(self, text: str) -> None:
        """Put text on the clipboard by way of the terminal."""
        self.copy_to_clipboard(text)

    async def interrupt(self) -> None:
        """Cancel a call; else put a draft aside; else arm, and quit when armed."""
        if self._session.is_busy:
            from core.domain.commands import CancelCall

            await self.send(CancelCall())
            self.say("cancelling; what was decided is kept")
        elif self.board.goal.value:
            self.board.goal.keep(self.board.goal.value)
            self.board.goal.value = ""
            self.say("the draft is kept: up brings it back")
        elif self._view.armed == "interrupt":
            self.finish()
        else:
            self.change(state.armed(self._view, "interrupt", "ctrl+c again quits"))

    async def leave(self) -> None:
        """Out of the prompt or the question, then out of the zoom."""
        if self._view.focus in ("goal", "question"):
            self.go(self._view.panel)
        elif self._view.zoomed:
            self.change(replace(self._view, zoomed=False))

    def finish(self) -> None:
        """Close, with what is to be said afterwards."""
        self.exit(leave_note(self.run_state))

    # Keys.

    async def on_event(self, event: events.Event) -> None:
        """Take keys strictly in the order they were pressed.

        Bindings of widgets run when the widget gets round to them; a burst such as `i` and a goal
        would then be read as commands. So the registry's keys are carried out here, one by one.
        """
        if isinstance(event, events.MouseDown):
            self._clicked = True
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._before_key(event)
            if await self._took(event.key):
                return
        await super().on_event(event)

    async def _took(self, key: str) -> bool:
        if len(self.screen_stack) > 1:
            if key in ("escape", "ctrl+c"):
                self.screen.dismiss(None)
                return True
            return False
        action = action_for(self._view.focus, key)
        if action is not None:
            await self.perform(action.id)
        return action is not None

    def _before_key(self, event: events.Key) -> None:
        view = self._view
        if view.armed and event.key not in BY_ID[view.armed].keys:
            view = state.disarmed(view)
        if view.says:
            view = replace(view, says="")
        if event.is_printable and (view.focus == "goal" or len(self.screen_stack) > 1):
            view = state.typed(view, time.monotonic())
        self.change(view)

    async def perform(self, action_id: str) -> None:
        """Carry out an action, ask for its key again, or say why not."""
        from tui.handlers.relay import promise
        from tui.handlers.table import HANDLERS

        action = BY_ID[action_id]
        run, view = self.run_state, self._view
        if reason := action.enabled(run, view):
            self.change(replace(state.disarmed(view), says=f"{action.label}: {reason}"))
            return
        if action.scope == "question" and not state.may_answer(view, time.monotonic()):
            return
        if action.arms and view.armed != action_id:
            self.change(state.armed(view, action_id, promise(action_id, run, view)))
            return
        if view.armed != "interrupt":
            self.change(state.disarmed(view))
        await self._survive(HANDLERS[action_id](cast(Cockpit, self)))

    # Messages of widgets.

    def on_board_moved(self, message: Board.Moved) -> None:
        """Focus went somewhere: by a click it stays there, else it goes back to where it was.

        A resize hides panels, and Textual then moves the keyboard by itself.
        """
        if not self.board.is_attached:
            return
        here = self.board.screen.focused
        if self._clicked and here is not None and here.id == message.where != self._view.focus:
            self.change(state.focused(self._view, message.where))
        self._clicked = False
        self.board.keep_focus(self._view.focus)

    def on_goal_prompt_typed(self) -> None:
        """Questions wait while somebody types."""
        self._view = state.typed(self._view, time.monotonic())

    def on_goal_prompt_too_long(self, message: GoalPrompt.TooLong) -> None:
        """A long paste was cut."""
        self.say(f"{message.length} characters were pasted; a goal holds 4000: put more in a file")

    async def on_goal_prompt_given(self, message: GoalPrompt.Given) -> None:
        """Take up a goal, or reword the one whose phases are under way."""
        from tui.handlers.relay import take_goal

        await take_goal(cast(Cockpit, self), message.text)
        if self.run_state.goal.text == message.text.strip() and self._view.focus == "goal":
            self.go(self._view.panel)

    async def on_line_view_picked(self, message: LineView.Picked) -> None:
        """A click selects; in the gutter of a hunk it toggles as well."""
        self.change(state.picked(self._view, message.view.id or "", message.owner))
        if message.view.id == "diffs" and message.column < GUTTER:
            await self.perform("toggle")

    def on_line_view_measured(self) -> None:
        """A panel has another size: what is wrapped is wrapped again."""
        self._frame_later()

    def on_resize(self) -> None:
        """The terminal has another size."""
        self._redraw()

    # From the session to the screen.

    async def _read(self) -> None:
        async for recorded in self._session.events():
            self._take(recorded)
            if recorded.seq and self._is_due(time.monotonic()):
                self._redraw()
            else:
                self._frame_later()

    def _is_due(self, now: float) -> bool:
        return now < self._urgent or now - self._painted >= FRAME

    def _take(self, recorded: "Recorded") -> None:
        from tui.news import after_event

        self._view = after_event(self._view, recorded)
        self._live.take(recorded)

    def _frame_later(self) -> None:
        if not self._frame_due:
            self._frame_due = True
            self.set_timer(FRAME, self._redraw)

    def _redraw(self) -> None:
        self._frame_due = False
        self._painted = time.monotonic()
        run = self.run_state
        view = self._view if run is self._seen else state.reconciled(self._view, run)
        before = view.question
        view = state.with_question(view, run, self._painted)
        view = replace(view, is_busy=self._session.is_busy and run.running is None)
        view = replace(view, figures=self._live.table)
        if self._live.is_behind(rows=view.lower == "figures"):
            self.later(self._count())
        if view.question and view.question != before and self._options.bell:
            self.bell()
        if state.questions(run) and not view.question:
            self.set_timer(state.QUIET / 4, self._redraw)
        self._seen, self._view = run, view
        if self.board.is_mounted:
            self._guarded(lambda: self.board.paint(run, view, time.time()))

    async def _count(self) -> None:
        rows = self._view.lower == "figures"
        if self._live.is_behind(rows=rows):
            await self._live.catch_up(rows=rows)
            self._frame_later()

    def _tick(self) -> None:
        if self.run_state.running:
            self.board.paint_clock(self.run_state, self._view, time.time())
        elif self._view.is_busy:
            self._redraw()

    async def _warm(self) -> None:
        if not await self._session.warm():
            return
        known = await self._session.models()
        windows = tuple((m.id, m.window) for m in known if m.window)
        self.change(replace(self._view, windows=windows))

    # Faults: one sentence in the event panel, and the run goes on.

    def _note_fault(self, error: Exception) -> None:
        text = f"the screen met a fault and went on: {type(error).__name__}: {error}"
        said = one_line(text)
        if not self._view.log or self._view.log[-1].text != said:
            self._view = state.logged(replace(self._view, says=said), time.time(), said, "bad")
            self._frame_later()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._note_fault(error)

    def _guard(self, draw: Callable[[], Strip], otherwise: Strip) -> Strip:
        try:
            return draw()
        except Exception as error:
            self._note_fault(error)
            return otherwise

    async def _survive(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self._note_fault(error)

    def _fatal_error(self) -> None:
        """Close with the trace, but without local values: they may hold what is secret."""
        import traceback

        self._exit_renderables.append(Text(traceback.format_exc()))
        self._close_messages_no_wait()

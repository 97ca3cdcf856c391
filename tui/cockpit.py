"""What handlers may do: read two states, change one, send commands, open screens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.screen import Screen

from core.domain.context import ContextItem, Definition
from core.domain.model import ModelInfo
from core.domain.state import RunState
from tui.state import ViewState

if TYPE_CHECKING:
    from core.domain.commands import AddContext, Command
    from core.domain.events import Recorded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What the command line and the settings decide about the screen."""

    goal: str = ""
    """Taken up at once when there is no run yet."""
    begun: bool = False
    """A run that has begun already is opened: the panels have focus, not the prompt."""
    ascii: bool = False
    """Draw with ASCII only."""
    no_colour: bool = False
    """Emit no colour at all; marks and words carry the meaning."""
    mouse: bool = True
    editor: tuple[str, ...] = ()
    """Command that edits a file, its path appended; empty where none is set."""
    bell: bool = False
    """Ring when a question appears."""


@dataclass(frozen=True, slots=True)
class Leave:
    """What the caller prints on the normal screen after the app has closed."""

    goal: str = ""
    run_id: str = ""
    hunks: int = 0
    accepted: int = 0
    landed: int = 0
    cost: str = ""
    outcome: str = ""
    lines: tuple[str, ...] = field(default=())
    """The same in words, ready to print."""


class Cockpit(Protocol):
    """The app, as its handlers see it."""

    @property
    def run_state(self) -> RunState:
        """The run."""
        ...

    @property
    def view(self) -> ViewState:
        """The screen's own state."""
        ...

    @property
    def options(self) -> AppOptions:
        """What was decided before start."""
        ...

    def change(self, view: ViewState) -> None:
        """Take another view and draw it."""
        ...

    def say(self, text: str) -> None:
        """Show one sentence until the next key."""
        ...

    async def send(self, command: "Command") -> None:
        """Submit a command to the session."""
        ...

    def go(self, where: str) -> None:
        """Move focus: only ever called for a key or a click of the user."""
        ...

    async def open(
        self, screen: Screen[T], then: Callable[[T], Awaitable[None]] | None = None
    ) -> None:
        """Put a screen on top before another key is read; `then` gets its result, if any."""
        ...

    def later(self, work: Awaitable[None]) -> None:
        """Run something that waits, beside the screen."""
        ...

    async def perform(self, action_id: str) -> None:
        """Carry out an action of the registry."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every known model."""
        ...

    async def paths(self) -> tuple[str, ...]:
        """Every path of the repository."""
        ...

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Where a name is defined, the best first."""
        ...

    async def pieces(self, wanted: "AddContext") -> tuple[ContextItem, ...]:
        """What a command would add. Raises `RelaypairError` where it would add nothing."""
        ...

    def blob(self, digest: str) -> str:
        """Kept bytes as text; a sentence where they are gone."""
        ...

    def keep(self, text: str) -> str:
        """Keep a text for a command that names it; its digest."""
        ...

    def past(self) -> "tuple[Recorded, ...]":
        """Every event of the run until now."""
        ...

    def centre(self) -> None:
        """Bring the selected hunk to the middle."""
        ...

    def edit_text(self, text: str, suffix: str) -> str | None:
        """Let the user's editor change a text; None when it was left as it was."""
        ...

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""
        ...

    async def interrupt(self) -> None:
        """Cancel first, clear second, quit third."""
        ...

    async def leave(self) -> None:
        """Escape: out of the prompt, the zoom, the filter."""
        ...

    def finish(self) -> None:
        """Close the app."""
        ...

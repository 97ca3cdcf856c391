"""What a front end may ask of a session: commands in, one event stream out, a few look-ups."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from core.domain.context import ContextItem, Definition
from core.domain.model import ModelInfo
from core.domain.state import RunState

if TYPE_CHECKING:
    from core.domain.commands import AddContext, Command
    from core.domain.events import Recorded


class SessionPort(Protocol):
    """One run of the program over one repository."""

    @property
    def state(self) -> RunState:
        """The fold of every event so far."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether a phase, a check or a landing is under way."""
        ...

    async def open(self) -> None:
        """What must be done first and takes long. Raises `RelaypairError` if it cannot be."""
        ...

    def events(self) -> "AsyncIterator[Recorded]":
        """Every event from now on, journaled first; ends when the session closes."""
        ...

    def past(self) -> "tuple[Recorded, ...]":
        """Every journaled event of the run until now, oldest first."""
        ...

    async def submit(self, command: "Command") -> None:
        """Carry out a command; what cannot be done is answered by `CommandRefused`."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Models for the picker; waits for the model host where that is needed."""
        ...

    async def paths(self) -> tuple[str, ...]:
        """Repository paths, for adding context by name."""
        ...

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Where a name is defined, the best first; none where nobody can tell."""
        ...

    async def pieces(self, wanted: "AddContext") -> tuple[ContextItem, ...]:
        """What a command would add. Raises `RelaypairError` where it would add nothing."""
        ...

    async def index(self) -> None:
        """Bring the search index up to date before anything is searched; a fault is news."""
        ...

    def blob(self, digest: str) -> bytes:
        """Kept bytes: a base file, a raw reply, a prompt. Raises KeyError."""
        ...

    def keep(self, data: bytes) -> str:
        """Keep bytes for a command that names them; their digest."""
        ...

    async def warm(self) -> bool:
        """Start what takes long (the model host) after the first frame; whether it was needed."""
        ...

    async def close(self) -> None:
        """End children, keep the journal."""
        ...

"""A session that is opened after the first frame, which need not wait for the engine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from core.domain.context import ContextItem, Definition
from core.domain.model import ModelInfo
from core.domain.state import RunState
from tui.session_port import SessionPort

if TYPE_CHECKING:
    from core.domain.commands import AddContext, Command
    from core.domain.events import Recorded


class LateSession:
    """A `SessionPort` over one that does not exist yet; what is asked of it before waits."""

    def __init__(self, opener: Callable[[], SessionPort]) -> None:
        """`opener` is called once, in a thread."""
        self._opener = opener
        self._inner: SessionPort | None = None
        self._is_open = asyncio.Event()

    async def open(self) -> None:
        """Open the session. Raises what the opener raises."""
        self._inner = await asyncio.to_thread(self._opener)
        self._is_open.set()

    @property
    def state(self) -> RunState:
        """The run's state; an empty one before there is a run."""
        return self._inner.state if self._inner else RunState()

    @property
    def is_busy(self) -> bool:
        """Whether a phase, a check or a landing is under way."""
        return self._inner is not None and self._inner.is_busy

    def past(self) -> "tuple[Recorded, ...]":
        """What the journal holds of the run; nothing before there is one."""
        return self._inner.past() if self._inner else ()

    async def _session(self) -> SessionPort:
        await self._is_open.wait()
        assert self._inner is not None
        return self._inner

    async def events(self) -> "AsyncIterator[Recorded]":
        """Every event since the session was opened."""
        async for recorded in (await self._session()).events():
            yield recorded

    async def submit(self, command: "Command") -> None:
        """Carry out a command as soon as there is a session."""
        await (await self._session()).submit(command)

    async def models(self) -> tuple[ModelInfo, ...]:
        """Models for the picker."""
        return await (await self._session()).models()

    async def paths(self) -> tuple[str, ...]:
        """Repository paths."""
        return await (await self._session()).paths()

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Where a name is defined."""
        return await (await self._session()).definitions(name, limit)

    async def pieces(self, wanted: "AddContext") -> tuple[ContextItem, ...]:
        """What a command would add."""
        return await (await self._session()).pieces(wanted)

    async def index(self) -> None:
        """Bring the search index up to date."""
        await (await self._session()).index()

    def blob(self, digest: str) -> bytes:
        """Kept bytes. Raises KeyError."""
        if self._inner is None:
            raise KeyError(digest)
        return self._inner.blob(digest)

    def keep(self, data: bytes) -> str:
        """Keep bytes; nothing is edited before there is a session."""
        assert self._inner is not None
        return self._inner.keep(data)

    async def warm(self) -> bool:
        """Start the model host where it is needed."""
        return await (await self._session()).warm()

    async def close(self) -> None:
        """Close the session, if there is one."""
        if self._inner:
            await self._inner.close()

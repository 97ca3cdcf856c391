"""The `Finder` of the app: retrieval in a child process, so that no key ever waits for it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from core.adapters.child import Child
from core.adapters.lines import Message, Value
from core.codec import validate
from core.domain.context import Candidate, ContextItem, Definition, Found
from core.domain.errors import RelaypairError
from core.domain.progress import OnProgress, unwatched
from core.domain.project import Part

SERVER = "core.adapters.finder_server"


class FinderFault(RelaypairError):
    """The finder's process could not be started, or ended."""


class ChildFinder:
    """`Finder` over one child process, started when first needed and again when it has died.

    Used from one event loop.
    """

    def __init__(
        self, root: Path, cache: Path, env: Mapping[str, str], *, python: str = sys.executable
    ) -> None:
        """`cache` is the folder of the root's index; `env` all of the child's environment."""
        self._hello = {"op": "hello", "root": str(root), "cache": str(cache)}
        self._env = dict(env)
        self._python = python
        self._child: Child | None = None
        self._starting = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._inboxes: dict[int, asyncio.Queue[Message]] = {}
        self._last = 0
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return self._child.pid if self._child else None

    async def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """Bring the index up to date, history included. Raises `RelaypairError`."""
        await self._ask({"op": "refresh"}, on_progress)

    async def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        """See `Finder`."""
        question = {"op": "rank", "goal": goal, "with_history": with_history}
        return validate(Found, await self._ask(question, on_progress))

    async def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        """See `Finder`."""
        rows = [
            {"path": c.path, "score": c.score, "why": c.why, "trust": c.trust} for c in candidates
        ]
        question = {"op": "quote", "goal": goal, "candidates": rows, "budget": budget}
        return validate(tuple[ContextItem, ...], await self._ask(question))

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """See `Finder`."""
        question = {"op": "names", "name": name, "limit": limit}
        return validate(tuple[Definition, ...], await self._ask(question))

    async def describe(self, parts: Sequence[Part]) -> None:
        """See `Finder`."""
        await self._ask({"op": "describe", "parts": [asdict(part) for part in parts]})

    async def close(self) -> None:
        """End the child; questions put to it fail."""
        self._is_closed = True
        async with self._starting:
            if self._child is not None:
                await self._child.end()
        if self._reader:
            await self._reader

    async def _ask(self, question: Message, on_progress: OnProgress = unwatched) -> Value:
        async with self._asking() as (child, number, inbox):
            child.send(question | {"id": number})
            while (message := await inbox.get())["op"] == "progress":
                on_progress(message["done"], message["total"])
        if message["op"] == "answer":
            return message["value"]
        raise FinderFault(message["sentence"])

    @contextlib.asynccontextmanager
    async def _asking(self) -> AsyncIterator[tuple[Child, int, asyncio.Queue[Message]]]:
        """A child, a number, and what the child says under that number."""
        async with self._starting:
            child = self._child or await self._start()
        self._last += 1
        number, inbox = self._last, asyncio.Queue[Message]()
        self._inboxes[number] = inbox
        try:
            yield child, number, inbox
        except BaseException:
            child.send({"op": "cancel", "id": number})
            raise
        finally:
            del self._inboxes[number]

    async def _start(self) -> Child:
        if self._is_closed:
            raise FinderFault("The search process is closed; open the repository again.")
        try:
            child = await Child.start(self._python, SERVER, self._env)
        except OSError as error:
            raise FinderFault(
                f"The search process could not be started ({error.strerror}); try again."
            ) from None
        child.send(self._hello)
        self._child = child
        self._reader = asyncio.create_task(self._read(child))
        return child

    async def _read(self, child: Child) -> None:
        """Hand every message to its question until the child ends; then fail what is left."""
        async for message in child.messages():
            if message["op"] == "progress":
                for inbox in self._inboxes.values():
                    inbox.put_nowait(message)
            elif inbox_ := self._inboxes.get(message["id"]):
                inbox_.put_nowait(message)
        if self._child is child:
            self._child = None
        await child.end()
        why = f" ({child.complaint})" if child.complaint else ""
        sentence = f"The search process ended{why}; rerun retrieve (r)."
        for inbox in self._inboxes.values():
            inbox.put_nowait({"op": "fault", "sentence": sentence})

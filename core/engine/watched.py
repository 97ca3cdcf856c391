"""Ports whose work is watched live."""

from collections.abc import Iterable, Sequence

from core.domain.check import CheckCommand, CheckResult
from core.domain.context import CONTEXT_TOKENS, Candidate, ContextItem, Definition, Found
from core.domain.edit import FileVersion
from core.domain.events import ContextRetrieved, IndexAdvanced, TextStreamed
from core.domain.model import OnText
from core.domain.phase import Phase
from core.domain.progress import OnProgress, unwatched
from core.domain.project import Part
from core.engine.bus import Bus
from core.ports import Checker, Finder, ignore

EARLY = 8
"""Files that are quoted before the history is read."""


class WatchedChecker:
    """The `Checker` that phases get: what a check prints is streamed to the front ends."""

    def __init__(self, checker: Checker, bus: Bus) -> None:
        self._checker = checker
        self._bus = bus

    async def prepare(self, changes: Iterable[FileVersion], removed: Iterable[str] = ()) -> str:
        """Bring the scratch tree to these changes; its hash."""
        return await self._checker.prepare(changes, removed)

    async def run(
        self, command: CheckCommand, tree_hash: str, on_text: OnText = ignore
    ) -> CheckResult:
        """Run one command, its output streamed as `TextStreamed`."""

        def tell(text: str) -> None:
            self._bus.publish(TextStreamed(Phase.VERIFY, text, command.line))
            on_text(text)

        return await self._checker.run(command, tree_hash, tell)


class WatchedFinder:
    """The `Finder` that phases get: progress is told, and a first ranking before the whole one."""

    def __init__(self, finder: Finder, bus: Bus) -> None:
        self._finder = finder
        self._bus = bus

    async def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """Bring the index up to date."""
        await self._finder.refresh(self._telling(on_progress))

    def _telling(self, on_progress: OnProgress) -> OnProgress:
        def tell(done: int, total: int) -> None:
            self._bus.publish(IndexAdvanced(done, total))
            on_progress(done, total)

        return tell

    async def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        """Files for a goal; where history is still to be read, what is known without it is
        published at once.
        """

        tell = self._telling(on_progress)
        found = await self._finder.rank(goal, with_history=False, on_progress=tell)
        if found.is_whole or not with_history:
            return found
        items = await self._finder.quote(goal, found.candidates[:EARLY], CONTEXT_TOKENS)
        if items:
            self._bus.publish(ContextRetrieved(items))
        return await self._finder.rank(goal, on_progress=tell)

    async def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        """Slices of files."""
        return await self._finder.quote(goal, candidates, budget)

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Definitions of a name."""
        return await self._finder.definitions(name, limit)

    async def describe(self, parts: Sequence[Part]) -> None:
        """Keep what parts are for."""
        await self._finder.describe(parts)

    async def close(self) -> None:
        """Nothing: the finder belongs to the session."""

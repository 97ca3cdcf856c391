"""A checker whose output is watched live."""

from collections.abc import Iterable

from core.domain.check import CheckCommand, CheckResult
from core.domain.edit import FileVersion
from core.domain.events import TextStreamed
from core.domain.model import OnText
from core.domain.phase import Phase
from core.engine.bus import Bus
from core.ports import Checker, ignore


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

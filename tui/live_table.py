"""The figures of the run that goes on, folded beside the screen: no key waits for them."""

import asyncio
from typing import TYPE_CHECKING

from tui.run_table import RunTable

if TYPE_CHECKING:
    from core.domain.events import Recorded
    from core.record.live import LiveFigures


class LiveTable:
    """Keeps events until somebody looks; the fold runs in a thread, one at a time."""

    def __init__(self) -> None:
        self.table = RunTable()
        self._waiting: list[Recorded] = []
        self._live: LiveFigures | None = None
        self._is_folding = False

    def take(self, recorded: "Recorded") -> None:
        """One more event. What streams by is in no figure."""
        if recorded.seq:
            self._waiting.append(recorded)

    @property
    def is_behind(self) -> bool:
        """Whether there are events that `catch_up` would fold and nothing folds them."""
        return bool(self._waiting) and not self._is_folding

    async def catch_up(self) -> None:
        """Fold what waits into `table`; events that come meanwhile wait for the next time."""
        waiting, self._waiting = self._waiting, []
        self._is_folding = True
        try:
            self.table = await asyncio.to_thread(self._folded, waiting)
        finally:
            self._is_folding = False

    def _folded(self, waiting: "list[Recorded]") -> RunTable:
        from core.record.live import LiveFigures
        from tui.run_words import run_table

        self._live = self._live or LiveFigures()
        for recorded in waiting:
            self._live.add(recorded)
        return run_table(self._live.figures)

"""The figures of the run that goes on, folded beside the screen: no key waits for them."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.run_table import RunTable

if TYPE_CHECKING:
    from core.domain.events import Recorded
    from core.record.live import LiveFigures


class LiveTable:
    """The fold runs in a thread, one at a time; its rows are made only while somebody looks."""

    def __init__(self) -> None:
        self.table = RunTable()
        self._waiting: list[Recorded] = []
        self._live: LiveFigures | None = None
        self._is_folding = False
        self._has_rows = True
        """Whether the rows are those of the events that were folded."""

    def take(self, recorded: "Recorded") -> None:
        """One more event. What streams by is in no figure."""
        if recorded.seq:
            self._waiting.append(recorded)

    def is_behind(self, *, rows: bool) -> bool:
        """Whether `catch_up` would find something new."""
        return not self._is_folding and (bool(self._waiting) or (rows and not self._has_rows))

    async def catch_up(self, *, rows: bool) -> None:
        """Fold what waits into the sums of `table`, and make its `rows`; events that come meanwhile
        wait for the next time.
        """
        waiting, self._waiting = self._waiting, []
        self._is_folding = True
        try:
            self.table = await asyncio.to_thread(self._folded, waiting, rows)
        finally:
            self._is_folding = False

    def _folded(self, waiting: "list[Recorded]", rows: bool) -> RunTable:
        from core.record.live import LiveFigures
        from tui.run_words import run_sums, run_table

        self._live = self._live or LiveFigures()
        for recorded in waiting:
            self._live.add(recorded)
        figures, self._has_rows = self._live.figures, rows
        return run_table(figures) if rows else replace(self.table, sums=run_sums(figures))

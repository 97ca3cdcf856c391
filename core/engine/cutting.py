"""A call that is cut where it reaches a limit, whatever the limits are by then."""

import asyncio
from collections.abc import Callable
from types import TracebackType

LOOKS = 1.0
"""Most seconds between two looks: limits may be changed while a call runs that says nothing."""
LEAST = 0.001
"""Fewest seconds between two looks."""

Look = Callable[[float], tuple[tuple[str, str], float | None]]
"""For the seconds since the call began: the limit that is reached with what is used, two empty
texts for none; and how many seconds are left of a limit in seconds, None without one.
"""


class Cutting:
    """Ends with TimeoutError what runs inside where a look finds a limit reached: `passed`."""

    def __init__(self, look: Look) -> None:
        self.passed = ("", "")
        """The limit at which the call was cut, and what was used; empty texts while it is not."""
        self._look = look
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._limit = asyncio.timeout(None)
        self._next: asyncio.TimerHandle | None = None
        self._runs = False

    async def __aenter__(self) -> "Cutting":
        await self._limit.__aenter__()
        self._runs = True
        self._look_on()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runs = False
        if self._next:
            self._next.cancel()
        await self._limit.__aexit__(kind, error, trace)

    def look(self) -> float:
        """Cut the call if a limit is reached by now; seconds until the next look is due."""
        if not self._runs or self.is_cut:
            return LOOKS
        passed, left = self._look(self._loop.time() - self._began)
        if any(passed):
            self.passed = passed
            self._limit.reschedule(self._loop.time())
        return LOOKS if left is None else min(LOOKS, max(LEAST, left))

    @property
    def is_cut(self) -> bool:
        """Whether a limit was found reached."""
        return any(self.passed)

    def _look_on(self) -> None:
        self._next = self._loop.call_later(self.look(), self._look_on)

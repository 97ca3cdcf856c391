"""The one event stream: journal first, then the fold, then every front end."""

import asyncio
from collections.abc import AsyncIterator

from core.domain.events import EPHEMERAL, Event, ModelReplied, NoticeGiven, Recorded
from core.domain.model import ModelReply
from core.domain.state import RunState
from core.engine.reduce import fold, reduce
from core.ports import Clock, Journal


class Bus:
    """Publishes the events of one run. Call it only from the event loop's thread."""

    def __init__(self, journal: Journal, clock: Clock, run_id: str) -> None:
        self.run_id = run_id
        self.state = RunState(run_id=run_id)
        self.replies: dict[str, ModelReplied] = {}
        """Every completed call of the run, by its key: never bought twice."""
        self.bought: dict[str, ModelReply] = {}
        """Replies that could not be journaled yet: kept here, so that they are not bought again."""
        self._notices: set[str] = set()
        self._journal = journal
        self._clock = clock
        self._queues: list[asyncio.Queue[Recorded | None]] = []

    def begin(self, run_id: str) -> None:
        """Go on with another run; the one before it stays in the journal."""
        self.run_id = run_id
        self.state = RunState(
            run_id=run_id, routes=self.state.routes, approvals=self.state.approvals
        )
        self.replies = {}
        self._notices = set()

    def replay(self) -> None:
        """Fold what the journal holds of this run."""
        recorded = list(self._journal.read(self.run_id))
        self.replies = {
            r.event.call: r.event for r in recorded if isinstance(r.event, ModelReplied)
        }
        self._notices = {r.event.text for r in recorded if isinstance(r.event, NoticeGiven)}
        self.state = fold(recorded, self.state)

    def tell_once(self, notice: str) -> None:
        """Publish a notice unless this run has had it."""
        if notice not in self._notices:
            self.publish(NoticeGiven(notice))

    def publish(self, event: Event) -> None:
        """Journal an event durably, fold it, hand it on.

        Raises `RelaypairError` when it cannot be journaled.
        """
        if isinstance(event, EPHEMERAL):
            self._hand_on(Recorded(0, self._clock.now(), self.run_id, event))
            return
        recorded = Recorded(self.state.last_seq + 1, self._clock.now(), self.run_id, event)
        self._journal.append(recorded)
        if isinstance(event, ModelReplied):
            self.replies[event.call] = event
        elif isinstance(event, NoticeGiven):
            self._notices.add(event.text)
        self.state = reduce(self.state, recorded)
        self._hand_on(recorded)

    def _hand_on(self, recorded: Recorded) -> None:
        for queue in self._queues:
            queue.put_nowait(recorded)

    def subscribe(self) -> AsyncIterator[Recorded]:
        """Every event from this call on; ends when the bus closes."""
        queue: asyncio.Queue[Recorded | None] = asyncio.Queue()
        self._queues.append(queue)
        return self._drain(queue)

    async def _drain(self, queue: "asyncio.Queue[Recorded | None]") -> AsyncIterator[Recorded]:
        try:
            while (recorded := await queue.get()) is not None:
                yield recorded
        finally:
            self._queues.remove(queue)

    def close(self) -> None:
        """End every subscription."""
        for queue in self._queues:
            queue.put_nowait(None)

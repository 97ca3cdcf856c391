"""Figures of a run that goes on, from its typed events."""

from collections.abc import Iterable

from core.codec import event_to_json
from core.domain.events import EPHEMERAL, Recorded
from core.record.figures import RunFigures
from core.record.reading import events_in
from core.record.run import RunFold


class LiveFigures:
    """An incremental fold: an event costs what writing it to the journal costs, never more with
    the length of the run.
    """

    def __init__(self) -> None:
        self._fold = RunFold("")
        self._run_id = ""

    def add(self, recorded: Recorded) -> None:
        """One more event; those of another run begin anew, ephemeral ones change nothing."""
        event = recorded.event
        if isinstance(event, EPHEMERAL):
            return
        if recorded.run_id != self._run_id:
            self._run_id, self._fold = recorded.run_id, RunFold(recorded.run_id)
        for name, at, values in events_in([(recorded.at, event_to_json(event))]):
            if values is not None:
                self._fold.add(name, at, values)

    @property
    def figures(self) -> RunFigures:
        """The figures so far: one value that goes on changing, so read it before the next event."""
        return self._fold.figures


def figures_of(recorded: Iterable[Recorded]) -> RunFigures:
    """The figures of one run's events."""
    live = LiveFigures()
    for one in recorded:
        live.add(one)
    return live.figures

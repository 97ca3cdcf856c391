"""Figures of a run that goes on, from its typed events."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.codec import event_to_json
from core.domain.event import Event
from core.domain.events import EPHEMERAL, EditsStaged, PhasePassed, Recorded
from core.record.figures import RunFigures
from core.record.late import Plain, read
from core.record.reading import events_in
from core.record.run import IDLE, RunFold


@dataclass(frozen=True, slots=True)
class LateEvent:
    """A long event that becomes plain values when somebody asks for it."""

    event: Event

    def read(self) -> Plain:
        """All of its values."""
        return read(event_to_json(self.event))


class LiveFigures:
    """An incremental fold: an event never costs more with the length of the run, and a long one
    (staged hunks, a receipt) no more than a short one.
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
        name = type(event).__name__
        if values := _of_long(event):
            self._fold.add(name, recorded.at, values)
        elif name not in IDLE:
            for found, at, known in events_in([(recorded.at, event_to_json(event))]):
                if known is not None:
                    self._fold.add(found, at, known)

    @property
    def figures(self) -> RunFigures:
        """The figures so far: one value that goes on changing, so read it before the next event."""
        return self._fold.figures


def _of_long(event: Event) -> Plain | None:
    """What is read of the long kinds, as `events_in` has it; None for the others."""
    if isinstance(event, EditsStaged):
        return {"count": sum(len(f.hunks) for f in event.files), "event": LateEvent(event)}
    if isinstance(event, PhasePassed):
        phase, seconds = event.phase.value, event.seconds
        return {"phase": phase, "seconds": seconds, "event": LateEvent(event)}
    return None


def figures_of(recorded: Iterable[Recorded]) -> RunFigures:
    """The figures of one run's events."""
    live = LiveFigures()
    for one in recorded:
        live.add(one)
    return live.figures

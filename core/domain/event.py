"""What every event is, and its place in the journal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the journal."""

    seq: int
    """1 and up, without gaps; 0 for ephemeral events, which are neither journaled nor replayed."""
    at: float
    """Seconds since the epoch, for showing; order is by `seq`."""
    run_id: str
    event: Event

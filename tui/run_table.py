"""The figures of one run in words: a value that is equal where there is no news."""

from dataclasses import dataclass

from tui import figures

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSums:
    """What a run came to: the header and the panel of figures show these and no other sums."""

    cost: str = "$0"
    seconds: float = 0.0
    """In phases, what runs now left out."""
    running_since: float = 0.0
    """When that began, in seconds since the epoch; 0 where nothing runs."""
    rework: int = 0
    """Hunks that were staged again or rewritten by hand."""

    def took(self, now: float) -> str:
        """The time in phases until `now`."""
        running = max(0.0, now - self.running_since) if self.running_since else 0.0
        return figures.seconds(self.seconds + running)


@dataclass(frozen=True, slots=True)
class RunTable:
    """One row an attempt of a phase."""

    sums: RunSums = RunSums()
    rows: tuple[Cells, ...] = ()
    """Phase, calls, tokens in, of them cached, out, cost, seconds to the first token, wall seconds,
    outcome."""
    details: tuple[str, ...] = ()
    """Below each row: models, retries, the receipt; empty where there is nothing to tell."""
    told: tuple[str, ...] = ()
    """The other sums, a line each."""

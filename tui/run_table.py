"""The figures of one run in words: a value that is equal where there is no news."""

from dataclasses import dataclass

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunTable:
    """One row an attempt of a phase."""

    rows: tuple[Cells, ...] = ()
    """Phase, calls, tokens in, of them cached, out, cost, seconds to the first token, wall seconds,
    outcome."""
    details: tuple[str, ...] = ()
    """Below each row: models, retries, the receipt; empty where there is nothing to tell."""
    sums: tuple[str, ...] = ()

"""What one run of one goal through one arm came to, as a line of JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from core.codec import CodecFault, validate
from core.domain.metrics import CostBasis

AGAIN = b'{"again": true}\n'
"""The line that begins a comparison anew: rows before it are kept and not counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run."""

    goal: str
    arm: str
    commit: str
    """What it began from."""
    routes: Mapping[str, str]
    """Phase to the models it was given."""
    success: bool
    """Whether something was landed and every hidden check passed on it."""
    landed: bool
    verified: bool
    """Whether a check had passed on exactly what was landed."""
    seconds: float
    """Wall time from the goal to the landing, or to the end without one."""
    cost: float | None = 0.0
    """Dollars; None where a price is not known."""
    basis: CostBasis = CostBasis.FREE
    tokens_in: int = 0
    tokens_out: int = 0
    staged: int = 0
    """Different hunks that were ever proposed."""
    landed_hunks: int = 0
    again: int = 0
    """Hunks proposed again after a send-back."""
    retries: int = 0
    escalations: int = 0
    failure: str = ""
    """Why it is no success, in one sentence."""
    run: str = ""
    """Its id in the journal."""

    def line(self) -> bytes:
        """One line of JSON, its end included."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_rows(data: bytes) -> list[Row]:
    """The rows since the last `AGAIN`, the last of each goal and arm.

    Lines that are cut short or unknown are left out: their runs are to be made again.
    """
    rows: dict[tuple[str, str], Row] = {}
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
            if value == {"again": True}:
                rows.clear()
                continue
            row = validate(Row, value)
        except (ValueError, CodecFault):
            continue
        rows[row.goal, row.arm] = row
    return list(rows.values())


def of_arm(rows: Iterable[Row], arm: str) -> dict[str, Row]:
    """The rows of one arm, by goal."""
    return {row.goal: row for row in rows if row.arm == arm}

"""Any subset of hunks to exact bytes: lines replaced in the base, never a patch applied."""

from collections.abc import Iterable

from core.domain.hunk import FileOp, Hunk
from core.edits.snapshot import Snapshot


def ordered(hunks: Iterable[Hunk]) -> list[Hunk]:
    """Hunks in the order in which they stand in the file."""
    return sorted(hunks, key=lambda h: (h.start, h.seq))


def compose(snapshot: Snapshot, hunks: Iterable[Hunk]) -> bytes | None:
    """The file with exactly these hunks; None when one of them deletes it.

    Raises ValueError if a hunk's old lines are not what the snapshot holds there.
    """
    out: list[str] = []
    position = 0
    for hunk in ordered(hunks):
        if hunk.op is FileOp.DELETE:
            return None
        end = hunk.start + len(hunk.old)
        if hunk.start < position or snapshot.lines[hunk.start : end] != hunk.old:
            raise ValueError(f"hunk {hunk.id} does not fit {snapshot.path}")
        out += snapshot.lines[position : hunk.start]
        out += hunk.new
        position = end
    out += snapshot.lines[position:]
    return snapshot.encode(_terminated(out, snapshot.eol))


def _terminated(lines: list[str], eol: str) -> list[str]:
    """Only the last line of a file may lack its end; two lines never run together."""
    inner = [line if line.endswith(("\n", "\r")) else line + eol for line in lines[:-1]]
    return [*inner, *lines[-1:]]

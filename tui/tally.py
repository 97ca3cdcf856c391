"""Counts over hunks, kept per state value: they are asked for at every frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.domain.hunk import FileEdit, Hunk, HunkState
from core.domain.state import RunState


@dataclass(frozen=True, slots=True)
class Tally:
    """How many hunks are in which state."""

    total: int = 0
    pending: int = 0
    accepted: int = 0
    rejected: int = 0
    landed: int = 0
    undone: int = 0


class _Key:
    """Equal exactly when both parts are the same objects: decisions are replaced, never changed."""

    __slots__ = ("decisions", "files")

    def __init__(self, files: tuple[FileEdit, ...], decisions: Mapping[str, HunkState]) -> None:
        self.files = files
        self.decisions = decisions

    def __hash__(self) -> int:
        return hash((id(self.files), id(self.decisions)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.files is other.files
            and self.decisions is other.decisions
        )


def tally(run: RunState) -> Tally:
    """The counts of a run; cheap when neither files nor decisions changed."""
    return _counted(_Key(run.files, run.decisions))


@lru_cache(maxsize=4)
def _counted(key: _Key) -> Tally:
    counts = dict.fromkeys(HunkState, 0)
    total = 0
    for file in key.files:
        for hunk in file.hunks:
            counts[key.decisions.get(hunk.id, HunkState.PENDING)] += 1
            total += 1
    return Tally(
        total,
        counts[HunkState.PENDING],
        counts[HunkState.ACCEPTED],
        counts[HunkState.REJECTED],
        counts[HunkState.LANDED],
        counts[HunkState.UNDONE],
    )


def of_file(file: FileEdit, decisions: Mapping[str, HunkState]) -> tuple[int, int]:
    """How many hunks of a file are decided, and how many there are."""
    open_ones = sum(decisions.get(h.id, HunkState.PENDING) is HunkState.PENDING for h in file.hunks)
    return len(file.hunks) - open_ones, len(file.hunks)


def hunk_by_id(run: RunState, hunk_id: str) -> Hunk | None:
    """The hunk of that id, if it is staged."""
    found = _indexed(_Key(run.files, _NOTHING)).get(hunk_id)
    return found[0] if found else None


def file_of(run: RunState, hunk_id: str) -> FileEdit | None:
    """The file that holds a hunk."""
    found = _indexed(_Key(run.files, _NOTHING)).get(hunk_id)
    return found[1] if found else None


def is_needed(run: RunState, hunk_id: str) -> bool:
    """Whether another staged hunk needs this one."""
    return hunk_id in _needed(_Key(run.files, _NOTHING))


def first_hunk(run: RunState) -> str:
    """Id of the first undecided hunk, else of the first, else nothing."""
    ids = (h.id for f in run.files for h in f.hunks)
    opened = (h.id for h in run.hunks if run.decision(h.id) is HunkState.PENDING)
    return next(opened, "") or next(ids, "")


_NOTHING: Mapping[str, HunkState] = {}


@lru_cache(maxsize=2)
def _indexed(key: _Key) -> dict[str, tuple[Hunk, FileEdit]]:
    return {hunk.id: (hunk, file) for file in key.files for hunk in file.hunks}


@lru_cache(maxsize=2)
def _needed(key: _Key) -> frozenset[str]:
    return frozenset(n.id for file in key.files for hunk in file.hunks for n in hunk.needs)

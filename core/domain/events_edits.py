"""News of edits: staged, decided, changed under foot, landed, undone."""

from dataclasses import dataclass

from core.domain.event import Event
from core.domain.hunk import FileEdit, Hunk, HunkState, Landing, Refusal


@dataclass(frozen=True, slots=True)
class EditsStaged(Event):
    """Placed edits wait for decisions. Nothing has been written."""

    files: tuple[FileEdit, ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkDecided(Event):
    """One or many hunks got a decision."""

    ids: tuple[str, ...]
    state: HunkState
    by: str = "user"


@dataclass(frozen=True, slots=True)
class HunkSplit(Event):
    """A hunk became several; each is decided on its own."""

    id: str
    parts: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True)
class HunkEdited(Event):
    """The user rewrote the added lines of a hunk."""

    id: str
    hunk: Hunk


@dataclass(frozen=True, slots=True)
class DecisionUndone(Event):
    """The last decision was taken back."""

    ids: tuple[str, ...]
    states: tuple[HunkState, ...]
    """The state each one returned to."""


@dataclass(frozen=True, slots=True)
class FilesChanged(Event):
    """Files changed on disk since they were read; their hunks are stale until re-anchored."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditsRebased(Event):
    """Hunks were placed again on files that had changed on disk; decisions stand, checks do not."""

    files: tuple[FileEdit, ...]


@dataclass(frozen=True, slots=True)
class AcceptedVerified(Event):
    """Exactly the accepted hunks were checked."""

    tree_hash: str
    key: str
    """Hash of the accepted hunks; landing compares it."""
    passed: bool
    summary: str


@dataclass(frozen=True, slots=True)
class LandingIntended(Event):
    """Told before the first byte of a landing or its undoing, so that a crash can be settled."""

    landing: Landing
    undo: bool = False


@dataclass(frozen=True, slots=True)
class EditsLanded(Event):
    """The files now hold exactly the accepted hunks of this batch."""

    landing: Landing


@dataclass(frozen=True, slots=True)
class LandingFailed(Event):
    """Nothing was written; or, after a crash, what was found."""

    landing_id: str
    reason: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LandingUndone(Event):
    """The files of a batch hold what they held before it."""

    landing: Landing

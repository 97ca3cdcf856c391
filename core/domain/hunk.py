"""The unit of acceptance: one contiguous block of changed lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.risk import RiskTier


class HunkState(StrEnum):
    """What became of a hunk."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LANDED = "landed"
    UNDONE = "undone"
    STALE = "stale"


class FileOp(StrEnum):
    """What happens to a whole file."""

    MODIFY = "modify"
    CREATE = "create"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start … start+len(old)` of the base become `new`. Lines carry their own line ends."""

    id: str
    """Derived from path, enclosing symbol and texts, never from line numbers, so that it survives
    regeneration.
    """
    path: str
    start: int
    """0-based line in the base file."""
    old: tuple[str, ...]
    new: tuple[str, ...]
    seq: int = 0
    """Order among hunks that start at the same line (parts of a split insertion)."""
    op: FileOp = FileOp.MODIFY
    symbol: str = ""
    """Enclosing definition, as shown after `@@`."""
    context_before: tuple[str, ...] = ()
    context_after: tuple[str, ...] = ()
    task: str = ""
    model: str = ""
    """Which model wrote it."""
    matched_by: str = "exact"
    risk: RiskTier = RiskTier.LOW
    doubt: str = ""
    """Why it starts rejected; empty for ordinary hunks."""
    flags: tuple[str, ...] = ()
    """`invisible characters`, `runs on the next check`, `changes how it is judged`."""
    edited: bool = False
    """Whether the user edited its lines."""
    split_from: str = ""

    @property
    def added(self) -> int:
        """Lines added."""
        return len(self.new)

    @property
    def removed(self) -> int:
        """Lines removed."""
        return len(self.old)


@dataclass(frozen=True, slots=True)
class FileEdit:
    """All that is proposed for one file."""

    path: str
    op: FileOp
    base: str
    """sha256 of the bytes the hunks apply to; empty for a created file.

    The bytes are in the blob store.
    """
    expected: str
    """sha256 that landing must find on disk (empty: no file).

    Differs from `base` when a change that is already on disk is reviewed.
    """
    executable: bool
    hunks: tuple[Hunk, ...]
    present: bool = False
    """Whether the change is already on disk: landing then takes the rejected hunks out."""

    def kept(self, decisions: Mapping[str, HunkState]) -> tuple[Hunk, ...]:
        """The hunks that landing would leave in the file."""
        return tuple(h for h in self.hunks if self._keeps(decisions.get(h.id, HunkState.PENDING)))

    def _keeps(self, state: HunkState) -> bool:
        if self.present:
            return state is not HunkState.REJECTED
        return state in (HunkState.ACCEPTED, HunkState.LANDED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit that could not be placed, and why."""

    path: str
    reason: str
    """One sentence, with every place that matched where there were several."""
    lines: tuple[int, ...] = ()
    """1-based lines of all matches or of the nearest text."""
    nearest: str = ""
    """The most similar text in the file, for the one retry."""
    block: str = ""
    """What was to be found, as the model wrote it."""
    task: str = ""
    doubt: str = ""
    """Why the edit was doubtful anyway; it is told, and never sent back to a model."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One file of a landing, before and after. Empty hashes mean: no file."""

    path: str
    pre: str
    post: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Landing:
    """One batch of landed hunks: the unit of undo."""

    id: str
    files: tuple[LandedFile, ...]
    hunk_ids: tuple[str, ...]
    verified: bool
    """Whether the tree that landed was the checked one."""
    folders: tuple[str, ...] = ()
    """Folders that it had to make, outermost first; undoing removes those that are empty."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What recovery after a crash found: a batch is wholly applied or wholly not; foreign files
    were left alone.
    """

    applied: bool
    rolled_back: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

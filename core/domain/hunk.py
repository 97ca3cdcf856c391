"""The unit of acceptance: changed lines that stand close together."""

from collections.abc import Iterator, Mapping
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
    RENAME = "rename"


Run = tuple[int, int, int, int]
"""`(i, j, k, m)`: lines i…j of the one text became lines k…m of the other; 0-based, half open."""


class NeedKind(StrEnum):
    """How strongly one hunk leans on another."""

    HARD = "hard"
    """Without the other it makes no sense: one edit block, one rename."""
    SOFT = "soft"
    """It uses, or stops using, a name that the other introduces or takes away."""


@dataclass(frozen=True, slots=True)
class Need:
    """One hunk's lean on another."""

    id: str
    """The other hunk."""
    kind: NeedKind
    why: str
    """A clause for the user: `uses parse_flags, which it defines`."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start … start+len(old)` of the base become `new`. Lines carry their own line ends.

    A few unchanged lines may stand inside both; `changes` says which lines differ.
    """

    id: str
    """Derived from path, enclosing symbol and texts, never from line numbers, so that it survives
    regeneration.
    """
    path: str
    start: int
    """0-based line in the base file."""
    old: tuple[str, ...]
    new: tuple[str, ...]
    changes: tuple[Run, ...] = ()
    """The atomic changes inside: runs of `old` and `new` lines. Empty: all lines are one change."""
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
    """The tiers of the locating ladder that placed it."""
    repaired_by: str = ""
    """The model that put the edit right when it had no place; empty for none."""
    source: str = ""
    """Where a rename moves the file from."""
    needs: tuple[Need, ...] = ()
    """Hunks that should be decided with this one."""
    risk: RiskTier = RiskTier.LOW
    rule: str = ""
    """The risk rule that gave the tier; empty where none covers the hunk."""
    doubt: str = ""
    """Why it starts rejected; empty for ordinary hunks."""
    flags: tuple[str, ...] = ()
    """`invisible characters`, `runs on the next check`, `changes how it is judged`."""
    edited: bool = False
    """Whether the user edited its lines."""
    split_from: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """The atomic changes, never empty for a hunk that has lines."""
        whole = (0, len(self.old), 0, len(self.new))
        return self.changes or ((whole,) if self.old or self.new else ())

    @property
    def added(self) -> int:
        """Lines added."""
        return sum(m - k for _, _, k, m in self.runs)

    @property
    def removed(self) -> int:
        """Lines removed."""
        return sum(j - i for i, j, _, _ in self.runs)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Its lines as a diff shows them: `-`, `+` or a blank, and the line with its end."""
        at = 0
        for i, j, k, m in self.runs:
            yield from ((" ", line) for line in self.old[at:i])
            yield from (("-", line) for line in self.old[i:j])
            yield from (("+", line) for line in self.new[k:m])
            at = j
        yield from ((" ", line) for line in self.old[at:])


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
    expected_target: str = ""
    """sha256 that landing must find where a rename moves the file; empty: no file."""
    present: bool = False
    """Whether the change is already on disk: landing then takes the rejected hunks out."""

    @property
    def source(self) -> str:
        """The path before a rename; empty for a file that stays where it is."""
        return next((h.source for h in self.hunks if h.op is FileOp.RENAME), "")

    def kept(self, decisions: Mapping[str, HunkState]) -> tuple[Hunk, ...]:
        """The hunks that landing would leave in the file."""
        return tuple(h for h in self.hunks if self._keeps(decisions.get(h.id, HunkState.PENDING)))

    def _keeps(self, state: HunkState) -> bool:
        if self.present:
            return state is not HunkState.REJECTED
        return state in (HunkState.ACCEPTED, HunkState.LANDED)


class RefusalKind(StrEnum):
    """Why an edit was not placed."""

    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not found"
    EMPTY_SEARCH = "empty search"
    LEFT_OUT = "text left out"
    CONFLICT = "conflict"
    """Edits of one reply that contradict one another."""
    EXISTS = "exists"
    MISSING = "missing"
    NOT_TEXT = "not text"
    NOT_ALLOWED = "not allowed"
    BROKEN = "broken"
    """The result would not be what the file has to be."""
    ALREADY_APPLIED = "already applied"
    NO_CHANGE = "no change"
    DROPPED = "dropped"
    """The user left it out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit that was not placed, and why."""

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
    kind: RefusalKind = RefusalKind.NOT_ALLOWED
    number: int = 0
    """Which edit of the reply, from 1; 0 for a whole file."""

    @property
    def is_harmless(self) -> bool:
        """Whether there was nothing to do: it is told, and fails nothing."""
        return self.kind in (
            RefusalKind.ALREADY_APPLIED,
            RefusalKind.NO_CHANGE,
            RefusalKind.DROPPED,
        )


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

"""All news.

Frozen, past tense, plain data; every front end and the journal read this one stream.
"""

from dataclasses import dataclass

from core.domain.check import CheckCommand, CheckResult
from core.domain.context import ContextItem, ItemState
from core.domain.goal import Goal
from core.domain.hunk import FileEdit, Hunk, HunkState, Landing, Refusal
from core.domain.metrics import Usage
from core.domain.phase import Phase
from core.domain.receipt import AnyReceipt, Verdict
from core.domain.repository import RepositoryState
from core.domain.route import Route


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


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A goal was taken up."""

    goal: Goal
    repository: RepositoryState
    kind: str = "relay"
    """`relay`, or `review` for an existing diff."""


@dataclass(frozen=True, slots=True)
class GoalChanged(Event):
    """The goal was reworded; the plan and all after it may be stale."""

    goal: Goal


@dataclass(frozen=True, slots=True)
class RouteChanged(Event):
    """Which model serves a phase from its next call on."""

    route: Route


@dataclass(frozen=True, slots=True)
class NoticeGiven(Event):
    """Something the user should know that changes nothing by itself."""

    text: str


@dataclass(frozen=True, slots=True)
class PhaseStarted(Event):
    """An attempt of a phase began."""

    phase: Phase
    attempt: int
    model: str
    why: str
    """Which layer of settings chose the model."""
    input_key: str
    """Hash of everything the phase works from; the phase is stale when it no longer agrees."""


@dataclass(frozen=True, slots=True)
class TextStreamed(Event):
    """Ephemeral: text of a running call or check."""

    phase: Phase
    text: str
    source: str = ""
    """Model or check that it comes from."""


@dataclass(frozen=True, slots=True)
class CallRetried(Event):
    """A provider fault; the same call is made again after a pause, or on the next model of the
    chain.
    """

    phase: Phase
    model: str
    reason: str
    wait: float
    """Seconds until the next try."""
    next_model: str = ""
    """Set when the call moves on to another model."""


@dataclass(frozen=True, slots=True)
class ModelReplied(Event):
    """A call was completed and paid for; its text is kept, so that it is never bought twice."""

    phase: Phase
    call: str
    """Hash of the request; a resumed phase that makes the same request reads the kept reply."""
    model: str
    usage: Usage
    seconds: float
    first_token: float
    text: str
    """Blob digest of the reply."""
    prompt: str = ""
    """Blob digest of the prompt, for looking at what was sent."""
    task: str = ""


@dataclass(frozen=True, slots=True)
class CallLost(Event):
    """A call ended without a usable reply; what it cost is counted where it is known."""

    phase: Phase
    model: str
    reason: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class PhaseRetried(Event):
    """A phase failed its pass rule once and is being asked again."""

    phase: Phase
    reason: str
    """The pass rule's own words, as appended to the second prompt."""
    task: str = ""


@dataclass(frozen=True, slots=True)
class PhaseEscalated(Event):
    """Two replies did not pass; the work goes one step up the route, begun afresh."""

    phase: Phase
    model: str
    """Whose replies did not pass."""
    to: str
    """Who is asked now."""
    reason: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class SentBack(Event):
    """A phase found an earlier one at fault; that one gets one more attempt, with the evidence."""

    phase: Phase
    to: Phase
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PhasePassed(Event):
    """A phase's pass rule holds; this receipt is all it hands on."""

    phase: Phase
    receipt: AnyReceipt
    input_key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PhaseFailed(Event):
    """A phase failed for good; the user is asked."""

    phase: Phase
    reason: str
    fault: str = ""
    """The `FaultKind` where a provider is the cause, `outside` for the journal and the like: the
    attempt is then taken up again, not counted.
    """
    finished: AnyReceipt | None = None
    """What was finished and paid for before: the outputs of generate's other tasks."""


@dataclass(frozen=True, slots=True)
class PhaseSkipped(Event):
    """The user went on without a phase."""

    phase: Phase
    reason: str


@dataclass(frozen=True, slots=True)
class PhaseCancelled(Event):
    """The running phase was stopped; what it had paid for is kept for view."""

    phase: Phase
    reason: str


@dataclass(frozen=True, slots=True)
class MovedBack(Event):
    """The cursor went to an earlier phase; nothing was deleted."""

    to: Phase


@dataclass(frozen=True, slots=True)
class RerunAsked(Event):
    """A phase is to run again, with a note."""

    phase: Phase
    note: str


@dataclass(frozen=True, slots=True)
class OutputEdited(Event):
    """The user changed a receipt."""

    phase: Phase
    receipt: AnyReceipt


@dataclass(frozen=True, slots=True)
class ContextRetrieved(Event):
    """The ranking, as soon as there is one."""

    items: tuple[ContextItem, ...]


@dataclass(frozen=True, slots=True)
class ContextMarked(Event):
    """The user pinned, dropped or restored an item."""

    item_id: str
    state: ItemState


@dataclass(frozen=True, slots=True)
class ContextAdded(Event):
    """The user added an item, or a model asked for a span; it is shown like any other."""

    item: ContextItem
    by: str = "user"


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
class ApprovalRequested(Event):
    """A command wants to run; nothing runs before the answer."""

    command: CheckCommand
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven(Event):
    """The user answered."""

    command_id: str
    granted: bool
    by: str = "user"


@dataclass(frozen=True, slots=True)
class CheckFinished(Event):
    """A check ran on one exact tree."""

    result: CheckResult
    subset: str = "proposal"
    """`proposal` for all that is not rejected, `accepted` for exactly what would land, `base` for
    the tree without changes.
    """


@dataclass(frozen=True, slots=True)
class AcceptedVerified(Event):
    """Exactly the accepted hunks were checked."""

    tree_hash: str
    key: str
    """Hash of the accepted hunks; landing compares it."""
    passed: bool
    summary: str


@dataclass(frozen=True, slots=True)
class VerdictGiven(Event):
    """The reviewer model's advice."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BudgetReached(Event):
    """The next call would cross a limit, so it was not made."""

    limit: str
    used: str


@dataclass(frozen=True, slots=True)
class BudgetNeared(Event):
    """Most of a limit is used: the user is asked once before the relay goes on."""

    limit: str
    used: str


@dataclass(frozen=True, slots=True)
class RunPaused(Event):
    """The relay waits at a gate."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """The user told the relay something; it goes to every phase that has not run."""

    text: str


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


@dataclass(frozen=True, slots=True)
class RunResumed(Event):
    """A run was opened again from its journal."""

    note: str


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The run is over; it can still be undone."""

    outcome: str
    """`landed`, `failed`, `unverified`, `rejected`, `refused` or `asked`."""


@dataclass(frozen=True, slots=True)
class CommandRefused(Event):
    """Ephemeral: a command could not be carried out; the sentence says why."""

    command: str
    reason: str


@dataclass(frozen=True, slots=True)
class HostChanged(Event):
    """Ephemeral: the model host is `cold`, `warming`, `ready` or `dead`."""

    state: str


@dataclass(frozen=True, slots=True)
class IndexAdvanced(Event):
    """Ephemeral: the search index is being brought up to date; done when both are equal."""

    done: int
    """Files."""
    total: int
    """Files that had to be read."""


EPHEMERAL = (TextStreamed, CommandRefused, HostChanged, IndexAdvanced)

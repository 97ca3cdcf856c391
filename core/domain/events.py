"""All news.

Frozen, past tense, plain data; every front end and the journal read this one stream.
"""

from dataclasses import dataclass

from core.domain.check import CheckCommand, CheckResult
from core.domain.context import ContextItem, ItemState
from core.domain.event import Event as Event
from core.domain.event import Recorded as Recorded
from core.domain.events_asking import ApprovalGiven as ApprovalGiven
from core.domain.events_asking import ApprovalRequested as ApprovalRequested
from core.domain.events_asking import QuestionAnswered as QuestionAnswered
from core.domain.events_asking import QuestionAsked as QuestionAsked
from core.domain.events_edits import AcceptedVerified as AcceptedVerified
from core.domain.events_edits import DecisionUndone as DecisionUndone
from core.domain.events_edits import EditsLanded as EditsLanded
from core.domain.events_edits import EditsRebased as EditsRebased
from core.domain.events_edits import EditsStaged as EditsStaged
from core.domain.events_edits import FilesChanged as FilesChanged
from core.domain.events_edits import HunkDecided as HunkDecided
from core.domain.events_edits import HunkEdited as HunkEdited
from core.domain.events_edits import HunkSplit as HunkSplit
from core.domain.events_edits import LandingFailed as LandingFailed
from core.domain.events_edits import LandingIntended as LandingIntended
from core.domain.events_edits import LandingUndone as LandingUndone
from core.domain.goal import Budget, Goal
from core.domain.metrics import Usage
from core.domain.phase import Phase
from core.domain.receipt import AnyReceipt, Verdict
from core.domain.repository import RepositoryState
from core.domain.route import Route


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A goal was taken up."""

    goal: Goal
    repository: RepositoryState
    kind: str = "relay"
    """`relay`, or `review` for an existing diff."""
    checks: tuple[CheckCommand, ...] = ()
    """Those that the command line named: they are the run's, also when it is taken up again."""


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
class CallAsked(Event):
    """A model of a provider is asked now: it is paid for from here on, whatever becomes of it."""

    phase: Phase
    call: str
    """Hash of the request, as its `ModelReplied` or `CallLost` has it."""
    model: str
    usage: Usage
    """Tokens of the prompt and what they cost, by estimate; none out."""
    task: str = ""


@dataclass(frozen=True, slots=True)
class CallLost(Event):
    """A call ended without a usable reply; what it cost is counted where it is known."""

    phase: Phase
    model: str
    reason: str
    usage: Usage
    call: str = ""


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
    tasks: tuple[str, ...] = ()
    """The only ones that are asked for again, where any are named; the others keep their replies.
    """


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
class CheckFinished(Event):
    """A check ran on one exact tree."""

    result: CheckResult
    subset: str = "proposal"
    """`proposal` for all that is not rejected, `accepted` for exactly what would land, `base` for
    the tree without changes.
    """


@dataclass(frozen=True, slots=True)
class VerdictGiven(Event):
    """The reviewer model's advice."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BudgetChanged(Event):
    """The user set other limits for the run that goes on."""

    budget: Budget


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
class RunResumed(Event):
    """A run was opened again from its journal."""

    note: str
    checks: tuple[CheckCommand, ...] = ()
    """Those that the command line names this time, in place of the ones before; empty leaves them.
    """


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

"""The state of a run: a value, made by folding events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.domain.check import CheckCommand, CheckResult
from core.domain.context import Candidate, ContextItem, ItemState, Reach
from core.domain.goal import Goal
from core.domain.hunk import FileEdit, Hunk, HunkState, Landing, Refusal
from core.domain.keys import accepted_key, phase_key
from core.domain.metrics import Spent, Usage
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.project import ProjectSummary
from core.domain.question import Question
from core.domain.receipt import (
    AnyReceipt,
    ContextReceipt,
    GenerateReceipt,
    PlanReceipt,
    Verdict,
)
from core.domain.repository import RepositoryState
from core.domain.route import Route
from core.domain.task import TaskSpec


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """What is known of one phase."""

    state: PhaseState = PhaseState.PENDING
    attempt: int = 0
    model: str = ""
    why: str = ""
    usage: Usage = Usage()
    spent: Spent = Spent()
    """Its calls; `seconds` below has the time."""
    seconds: float = 0.0
    started: float = 0.0
    """Seconds since the epoch when it last started."""
    retries: int = 0
    """Content retries, and times it was sent back to."""
    sent_back: int = 0
    """How often a later phase sent it back since the user last asked for it."""
    strikes: Mapping[str, int] = field(default_factory=dict)
    """Replies of earlier attempts that did not pass since then, by task."""
    fresh_strikes: Mapping[str, int] = field(default_factory=dict)
    """The same of the running attempt: a resumed attempt counts them again."""
    reason: str = ""
    """Why it failed, was skipped, cancelled or is being asked again."""
    fault: str = ""
    input_key: str = ""
    receipt: AnyReceipt | None = None
    note: str = ""
    """What the user wants to be different when it runs again."""
    evidence: str = ""
    """What a later phase sent back with it."""
    settled: tuple[GenerateReceipt, ...] = ()
    """Replies of single tasks that a question was asked about: they are used as the user said, and
    not asked for again.
    """

    def failures(self, task: str) -> int:
        """How often the work of a task was found wanting since the user last asked for it."""
        return self.sent_back + self.strikes.get(task, 0) + self.fresh_strikes.get(task, 0)


@dataclass(frozen=True, slots=True)
class AcceptedCheck:
    """The last check of exactly the accepted hunks."""

    key: str
    tree_hash: str
    passed: bool
    summary: str


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything the screens show and the engine decides by."""

    run_id: str = ""
    kind: str = "relay"
    goal: Goal = Goal("")
    repository: RepositoryState | None = None
    phases: Mapping[Phase, PhaseRun] = field(default_factory=lambda: {p: PhaseRun() for p in ORDER})
    routes: Mapping[Phase, Route] = field(default_factory=dict)
    items: tuple[ContextItem, ...] = ()
    files: tuple[FileEdit, ...] = ()
    proposal: str = ""
    """Hash of all that is staged."""
    staged_key: str = ""
    """Apply's input key when the hunks were staged; they are stale when it no longer agrees."""
    staged_after: int = 0
    """How many landings there were when the hunks were staged."""
    stale_paths: frozenset[str] = frozenset()
    """Files that changed on disk after they were read: their hunks do not land."""
    decisions: Mapping[str, HunkState] = field(default_factory=dict)
    """Hunk id to state; a hunk that is missing here is pending."""
    history: tuple[tuple[tuple[str, HunkState], ...], ...] = ()
    """What each user decision replaced, newest last, for undoing decisions."""
    refusals: tuple[Refusal, ...] = ()
    checks: tuple[tuple[str, CheckResult], ...] = ()
    """Subset and result, of the current proposal."""
    accepted_check: AcceptedCheck | None = None
    verdict: Verdict | None = None
    approvals: Mapping[str, bool] = field(default_factory=dict)
    """Command id to answer."""
    named_checks: tuple[CheckCommand, ...] = ()
    """Check commands that a command line named for this run."""
    asked: tuple[CheckCommand, ...] = ()
    """Commands that wait for an answer."""
    question: Question | None = None
    """What the relay stopped to ask."""
    set_aside: Question | None = None
    """A question whose reply is asked for anew: open again if nothing comes to replace it."""
    reach: Reach = Reach.SOURCE
    """What the user lets retrieve build upon, until it is asked for anew."""
    let_grow: str = ""
    """`staged_key` of the change that the user took although it is larger than planned."""
    landings: tuple[Landing, ...] = ()
    undone: tuple[str, ...] = ()
    """Ids of landings that were undone."""
    intent: Landing | None = None
    """A landing (or undoing) that was begun and not settled."""
    intent_undo: bool = False
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()
    waiting: str = ""
    """What the relay waits for, in one sentence; empty while it runs."""
    outcome: str = ""
    is_budget_told: bool = False
    """Whether the user was asked about a budget that is nearly used."""
    moved_back: Phase | None = None
    """Where the cursor was put, until a phase runs again."""
    last_seq: int = 0

    @property
    def spent(self) -> Spent:
        """What the run has cost."""
        return sum((self.spent_by(phase) for phase in ORDER), Spent())

    def spent_by(self, phase: Phase) -> Spent:
        """What a phase has cost."""
        run = self.phases[phase]
        return replace(run.spent, seconds=run.seconds)

    @property
    def running(self) -> Phase | None:
        """The phase that runs, if one does."""
        return next((p for p in ORDER if self.phases[p].state is PhaseState.RUNNING), None)

    @property
    def cursor(self) -> Phase | None:
        """The phase that `Step` would run; None when all are done."""
        if self.moved_back:
            return self.moved_back
        done = (PhaseState.PASSED, PhaseState.SKIPPED)
        return next(
            (p for p in ORDER if self.phases[p].state not in done or self.is_stale(p)), None
        )

    def is_stale(self, phase: Phase) -> bool:
        """Whether a passed phase worked from something that has changed since."""
        run = self.phases[phase]
        return run.state is PhaseState.PASSED and run.input_key != self.key(phase)

    def key(self, phase: Phase) -> str:
        """The hash of everything a phase would work from now."""
        return phase_key(self, phase)

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """Every staged hunk, in file and line order."""
        return tuple(h for f in self.files for h in f.hunks)

    def decision(self, hunk_id: str) -> HunkState:
        """What became of a hunk."""
        return self.decisions.get(hunk_id, HunkState.PENDING)

    def hunks_in(self, *states: HunkState) -> tuple[Hunk, ...]:
        """Hunks in any of the given states."""
        return tuple(h for h in self.hunks if self.decision(h.id) in states)

    @property
    def accepted_key(self) -> str:
        """The hash of exactly the accepted hunks; `V` binds its result to it."""
        return accepted_key(self)

    @property
    def is_staged_fresh(self) -> bool:
        """Whether the hunks still belong to the goal, context and plan: only then do they land."""
        if self.phases[Phase.APPLY].state is PhaseState.SKIPPED:
            return True
        return self.staged_key == self.key(Phase.APPLY)

    @property
    def is_verified(self) -> bool:
        """Whether exactly the accepted hunks were checked and passed."""
        check = self.accepted_check
        return check is not None and check.passed and check.key == self.accepted_key

    @property
    def tasks(self) -> tuple[TaskSpec, ...]:
        """The planned tasks; none when planning was skipped."""
        run = self.phases[Phase.PLAN]
        if run.state is PhaseState.SKIPPED or not isinstance(run.receipt, PlanReceipt):
            return ()
        return run.receipt.tasks

    @property
    def context(self) -> tuple[ContextItem, ...]:
        """The items that may be sent: pinned first, then by score; dropped ones are left out."""
        live = [i for i in self.items if i.state is not ItemState.DROPPED]
        return tuple(sorted(live, key=lambda i: (i.state is not ItemState.PINNED, -i.score)))

    @property
    def outlines(self) -> tuple[str, ...]:
        """One-line outlines of further files."""
        return tuple(c.outline for c in self.further)

    @property
    def further(self) -> tuple[Candidate, ...]:
        """Files that were ranked but not quoted, best first."""
        receipt = self.phases[Phase.RETRIEVE].receipt
        ranked = receipt.further if isinstance(receipt, ContextReceipt) else ()
        quoted = {item.path for item in self.items}
        return tuple(candidate for candidate in ranked if candidate.path not in quoted)

    @property
    def project(self) -> ProjectSummary:
        """What the repository is, as retrieve found it."""
        receipt = self.phases[Phase.RETRIEVE].receipt
        return receipt.project if isinstance(receipt, ContextReceipt) else ProjectSummary()

    @property
    def last_landing(self) -> Landing | None:
        """The newest landing that still stands."""
        return next((x for x in reversed(self.landings) if x.id not in self.undone), None)

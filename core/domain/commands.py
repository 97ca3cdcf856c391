"""All wishes. Frozen, imperative, plain data; every front end sends these and nothing else."""

from dataclasses import dataclass

from core.domain.goal import Budget
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.question import Choice
from core.domain.receipt import AnyReceipt
from core.domain.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Command:
    """Something wanted."""


@dataclass(frozen=True, slots=True)
class StartRun(Command):
    """Take up a goal; nothing runs before `Step` or `RunOn`."""

    goal: str


@dataclass(frozen=True, slots=True)
class SetGoal(Command):
    """Reword the goal of the current run."""

    goal: str


@dataclass(frozen=True, slots=True)
class SetBudget(Command):
    """Set the limits of the current run."""

    budget: Budget


@dataclass(frozen=True, slots=True)
class Step(Command):
    """Run exactly the next phase."""


@dataclass(frozen=True, slots=True)
class RunOn(Command):
    """Run until a gate, a failure, or review."""

    until: Phase = Phase.REVIEW


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Stop after the running phase; asked twice, cancel the call."""


@dataclass(frozen=True, slots=True)
class CancelCall(Command):
    """Stop the running phase at once."""


@dataclass(frozen=True, slots=True)
class BackTo(Command):
    """Move the cursor to an earlier phase; None is one phase back."""

    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class RerunPhase(Command):
    """Run a phase again, with a note that becomes part of its prompt."""

    phase: Phase
    note: str = ""


@dataclass(frozen=True, slots=True)
class SkipPhase(Command):
    """Go on without a phase."""

    phase: Phase
    reason: str = "skipped by the user"


@dataclass(frozen=True, slots=True)
class EditOutput(Command):
    """Replace a phase's receipt by an edited one."""

    phase: Phase
    receipt: AnyReceipt


@dataclass(frozen=True, slots=True)
class EditPlan(Command):
    """Replace the tasks of the plan."""

    tasks: tuple[TaskSpec, ...]


@dataclass(frozen=True, slots=True)
class PinContext(Command):
    """Keep an item whatever the ranking says; pinned again, it is released."""

    item_id: str


@dataclass(frozen=True, slots=True)
class DropContext(Command):
    """Send an item to no model; dropped again, it is restored."""

    item_id: str


@dataclass(frozen=True, slots=True)
class AddContext(Command):
    """Add a file, or lines `start` to `end` of it (1-based, 0 for the whole file), pinned.

    Of a large file without lines, its best lines for the goal are added.
    """

    path: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class SwapModel(Command):
    """Let another model serve a phase from its next call on; phase None is every phase."""

    phase: Phase | None
    model: str


@dataclass(frozen=True, slots=True)
class DecideHunk(Command):
    """Accept, reject or reopen hunks."""

    ids: tuple[str, ...]
    state: HunkState
    by: str = "user"
    """Who decides: a person, or a setting such as `--accept low-risk`."""


@dataclass(frozen=True, slots=True)
class SplitHunk(Command):
    """Make several hunks of one."""

    id: str


@dataclass(frozen=True, slots=True)
class EditHunk(Command):
    """Rewrite the added lines of a hunk."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class UndoDecision(Command):
    """Take back the last decision on hunks."""


@dataclass(frozen=True, slots=True)
class ApproveCommand(Command):
    """Allow, or refuse, exactly one command line."""

    command_id: str
    granted: bool = True


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    """Choose one of the answers to the open question."""

    question_id: str
    choice: Choice
    note: str = ""
    """What should be different, where it is asked again."""


@dataclass(frozen=True, slots=True)
class VerifyAccepted(Command):
    """Check exactly the accepted hunks."""


@dataclass(frozen=True, slots=True)
class Land(Command):
    """Write the accepted hunks; `unverified` is the user's word for an unchecked tree."""

    unverified: bool = False


@dataclass(frozen=True, slots=True)
class UndoLanding(Command):
    """Restore every byte of the last landing that is not undone."""


@dataclass(frozen=True, slots=True)
class AddNote(Command):
    """Tell the relay something."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish(Command):
    """End the run."""

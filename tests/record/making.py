"""Events of made-up runs, told at made-up times."""

from core.domain import events as e
from core.domain.check import CheckCommand, CheckResult, Outcome
from core.domain.goal import Goal
from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState, LandedFile, Landing
from core.domain.metrics import CostBasis, Usage
from core.domain.phase import Phase
from core.domain.receipt import (
    AnyReceipt,
    ApplyReceipt,
    GenerateReceipt,
    PlanReceipt,
    VerifyReceipt,
)
from core.domain.repository import RepositoryState
from core.record.figures import RunFigures
from core.record.live import LiveFigures

RECEIPTS: dict[Phase, AnyReceipt] = {
    Phase.PLAN: PlanReceipt(summary="a plan"),
    Phase.GENERATE: GenerateReceipt(),
    Phase.APPLY: ApplyReceipt(hunks=1),
    Phase.VERIFY: VerifyReceipt(),
}


class Made:
    """A run that is told event by event; `at` is the clock."""

    def __init__(self) -> None:
        self.live = LiveFigures()
        self.events: list[e.Recorded] = []
        self.at = 1_000.0
        self.tell(e.RunStarted(Goal("do it"), RepositoryState("/r", "none")))

    def tell(self, *events: e.Event, after: float = 0.0) -> "Made":
        self.at += after
        for event in events:
            recorded = e.Recorded(len(self.events) + 1, self.at, "run1", event)
            self.events.append(recorded)
            self.live.add(recorded)
        return self

    @property
    def figures(self) -> RunFigures:
        return self.live.figures

    def start(self, phase: Phase, attempt: int = 1, model: str = "x/one") -> "Made":
        return self.tell(e.PhaseStarted(phase, attempt, model, "default", "key"))

    def reply(
        self,
        phase: Phase,
        task: str = "T1",
        model: str = "x/one",
        cost: float | None = 0.5,
        basis: CostBasis = CostBasis.PRICED,
        seconds: float = 2.0,
    ) -> "Made":
        usage = Usage(1_000, 100, 10, cost, basis, calls=1)
        return self.tell(e.ModelReplied(phase, "c", model, usage, seconds, 0.5, "t", "p", task))

    def passed(self, phase: Phase, seconds: float = 3.0) -> "Made":
        return self.tell(e.PhasePassed(phase, RECEIPTS[phase], "key", seconds))

    def ran(self, phase: Phase, attempt: int = 1, tasks: str = "T1", **reply: object) -> "Made":
        self.start(phase, attempt)
        for task in tasks.split():
            self.reply(phase, task, **reply)  # type: ignore[arg-type]
        return self.passed(phase)

    def stage(self, *names: str, attempt: int = 1) -> "Made":
        """Names are `id:task`."""
        self.start(Phase.APPLY, attempt, "local")
        return self.tell(staged(*names)).passed(Phase.APPLY)

    def decide(self, state: HunkState, *ids: str, after: float = 0.0, by: str = "user") -> "Made":
        return self.tell(e.HunkDecided(ids, state, by), after=after)


def hunk(name: str, task: str = "T1", model: str = "x/one") -> Hunk:
    tricky = ('"id":"no","path":"',)  # a line of code that looks like a journal
    return Hunk(
        name, "a.py", 0, ("old\n",), ("new\n",), context_after=tricky, task=task, model=model
    )


def staged(*names: str) -> e.EditsStaged:
    hunks = tuple(hunk(*name.split(":")) for name in names)
    return e.EditsStaged((FileEdit("a.py", FileOp.MODIFY, "b", "b", False, hunks),))


def landing(*ids: str, name: str = "L1") -> Landing:
    return Landing(name, (LandedFile("a.py", "p", "q"),), ids, verified=True)


def check(outcome: Outcome, subset: str = "proposal", seconds: float = 1.0) -> e.CheckFinished:
    command = CheckCommand(("t",), 'a file with "subset":"base"}')
    return e.CheckFinished(CheckResult(command, "tree", outcome, seconds), subset)

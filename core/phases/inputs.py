"""What a phase is given: values and ports, nothing live, nothing of a screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.check import CheckCommand
from core.domain.context import ContextItem, Reach
from core.domain.goal import Goal, Scope
from core.domain.hunk import FileEdit, HunkState
from core.domain.model import ModelReply
from core.domain.phase import Phase
from core.domain.receipt import AnyReceipt, PlanReceipt, TaskOutput
from core.domain.risk_rules import RiskPolicy
from core.edits.differing import PlainDiffer
from core.ports import Blobs, Checker, Differ, Finder, Repo


class Asker(Protocol):
    """The model of one phase, already routed, metered and limited."""

    @property
    def model(self) -> str:
        """The model that is asked, or that answered last."""
        ...

    @property
    def why(self) -> str:
        """Which layer of settings chose it."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether there is no model to ask."""
        ...

    async def ask(self, system: str, prompt: str, *, max_output: int = 8_000) -> ModelReply:
        """One complete reply. Raises `ModelFault`."""
        ...


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a phase may know. Receipts of earlier phases, never a history."""

    goal: Goal
    context: tuple[ContextItem, ...] = ()
    outlines: tuple[str, ...] = ()
    receipts: Mapping[Phase, AnyReceipt] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the user told the relay."""
    note: str = ""
    """What the user wants to be different in this rerun."""
    evidence: str = ""
    """What a later phase sent back."""
    feedback: str = ""
    """The pass rule's own words about the attempt before this one."""
    files: tuple[FileEdit, ...] = ()
    decisions: Mapping[str, HunkState] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By task, `path:first-last` of what its writer asked to see in the attempt before."""
    earlier: Mapping[str, TaskOutput] = field(default_factory=dict)
    """By task, its output that was sent back."""
    commands: tuple[CheckCommand, ...] = ()
    """Approved checks."""
    unapproved: tuple[CheckCommand, ...] = ()
    """Proposed checks that the user did not allow."""
    was_sent_back: bool = False
    """Whether generate was sent back already, so that it is not again."""
    reach: Reach = Reach.SOURCE
    """What retrieve may build upon."""
    answered: str = ""
    """The evidence that generate's outputs answer to."""
    policy: RiskPolicy = RiskPolicy()
    trailers_run: str = ""
    """The run that the commit message names in its trailers; empty for a message without any."""

    @property
    def scope(self) -> Scope:
        """Where edits may go."""
        return self.goal.scope

    @property
    def plan(self) -> PlanReceipt | None:
        """The plan, if there is one."""
        receipt = self.receipts.get(Phase.PLAN)
        return receipt if isinstance(receipt, PlanReceipt) else None


@dataclass(frozen=True, slots=True)
class PhasePorts:
    """The outside world, as a phase may use it."""

    repo: Repo
    model: Asker
    blobs: Blobs
    checker: Checker
    finder: Finder
    differ: Differ = PlainDiffer()

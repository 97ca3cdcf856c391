"""One scoped unit of work."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.goal import Goal
from core.domain.path import one_spelling
from core.domain.risk import RiskTier


class Touch(StrEnum):
    """What an edit does to a path."""

    CHANGE = "change"
    CREATE = "create"
    """Also where a move takes a file."""
    DELETE = "delete"
    """Also where a move takes it from."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A path and what is done to it."""

    path: str
    touch: Touch


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What one worker is asked to do, alone."""

    id: str
    """`T1`, `T2`, …"""
    title: str
    intent: str
    """What to do, in the planner's words: at most a few sentences."""
    files: tuple[str, ...]
    """Paths or globs, relative to the root, that this task may write."""
    acceptance: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    parallel_ok: bool = False
    """The planner's claim; code decides."""
    risk: RiskTier = RiskTier.LOW
    """Computed from the files, never the planner's word."""
    included: bool = True
    """Whether the user wants it done."""
    may_create: tuple[str, ...] = ()
    """Globs of files that it may make, besides those that `files` names in full."""
    may_delete: tuple[str, ...] | None = None
    """Globs of files that it may delete or move away; None where the plan does not say: then those
    that `files` names in full.
    """
    reads: tuple[str, ...] = ("**",)
    """Globs of what its worker may be shown besides its own files and what the user pins."""
    lines: int = 0
    """The planner's estimate of lines added and removed; 0 where it gave none."""
    widened: tuple[Touched, ...] = ()
    """What the user allowed it besides."""

    @property
    def writes(self) -> tuple[str, ...]:
        """Its files and what it was widened by."""
        return tuple(dict.fromkeys((*self.files, *(w.path for w in self.widened))))

    def names(self, path: str) -> bool:
        """Whether its files name a path in full; a glob or a folder above it does not."""
        return any(one_spelling(file) == path for file in self.files)


def whole_goal(goal: Goal) -> TaskSpec:
    """The goal as a single task, for phases that work on all of it and for runs without a plan."""
    write = goal.scope.write
    return TaskSpec(
        "T1",
        goal.text[:120],
        goal.text,
        write,
        risk=RiskTier.MEDIUM,
        may_create=write,
        may_delete=write,
    )

"""One scoped unit of work."""

from dataclasses import dataclass

from core.domain.risk import RiskTier


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

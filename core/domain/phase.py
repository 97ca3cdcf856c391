"""The six phases of the relay and the states one of them can be in."""

from enum import StrEnum


class Phase(StrEnum):
    """One leg of the relay, in running order."""

    RETRIEVE = "retrieve"
    PLAN = "plan"
    GENERATE = "generate"
    APPLY = "apply"
    VERIFY = "verify"
    REVIEW = "review"

    @property
    def knob(self) -> str:
        """The word that names this phase's model in settings; review's model writes the summary."""
        return "summary" if self is Phase.REVIEW else self.value

    @property
    def short(self) -> str:
        """Three letters for narrow screens: RET, PLN, GEN, APP, VER, REV."""
        return _SHORT[self]

    @property
    def before(self) -> "tuple[Phase, ...]":
        """Every earlier phase, in running order."""
        return ORDER[: ORDER.index(self)]

    @property
    def after(self) -> "tuple[Phase, ...]":
        """Every later phase, in running order."""
        return ORDER[ORDER.index(self) + 1 :]


ORDER: tuple[Phase, ...] = tuple(Phase)

_SHORT = {
    Phase.RETRIEVE: "RET",
    Phase.PLAN: "PLN",
    Phase.GENERATE: "GEN",
    Phase.APPLY: "APP",
    Phase.VERIFY: "VER",
    Phase.REVIEW: "REV",
}


class PhaseState(StrEnum):
    """Where a phase stands. Staleness is not a state: it is computed from input keys."""

    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

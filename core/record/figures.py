"""The figures of one run. `docs/metrics.md` defines each and names its events."""

from dataclasses import dataclass, field
from typing import Any

from core.record.cost import Cost
from core.record.late import Late, Plain
from core.record.note import note_tokens
from core.record.tries import Try


@dataclass(slots=True)
class CallFigures:
    """The calls of one model in one attempt of a phase."""

    phase: str
    attempt: int
    model: str
    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    cost: Cost = field(default_factory=Cost)
    first_tokens: list[float] = field(default_factory=list)
    """Seconds to the first token, of each call that told it."""
    seconds: list[float] = field(default_factory=list)
    """Of each completed call."""
    lost: int = 0
    """Calls that ended without a reply."""
    transport: int = 0
    """Calls made again after a fault of the provider."""
    retries: int = 0
    """Tries that the pass rule turned down, asked again of the same model."""
    escalations: int = 0
    """Tries after which the work went one step up."""

    def count(self, usage: Plain) -> None:
        """Add the tokens and the cost of a call, if it came to one."""
        if usage["calls"]:
            self.calls += usage["calls"]
            self.tokens_in += usage["tokens_in"]
            self.tokens_out += usage["tokens_out"]
            self.tokens_cached += usage["tokens_cached"]
            self.cost.count(usage)


@dataclass(slots=True)
class PhaseFigures:
    """One attempt of a phase."""

    phase: str
    attempt: int
    model: str
    """Whom it was given to first."""
    seconds: float = 0.0
    """Wall time."""
    outcome: str = "open"
    """`passed`, `failed`, `sent back` (it found an earlier phase at fault), `cancelled`, `open`."""
    sent_back: int = 0
    """How often a later phase sent the work of this attempt back."""
    tokens_read: int = 0
    """Tokens into its calls."""
    passed: Late | None = None
    """The event with its receipt, where a model read something for it."""

    @property
    def tokens_noted(self) -> int:
        """Of the note its receipt hands on, estimated; 0 where none is known. It takes a while."""
        try:
            return note_tokens(self.passed.read()["receipt"]) if self.passed else 0
        except (ValueError, KeyError, TypeError, AttributeError):
            return 0

    @property
    def compression(self) -> float | None:
        """Tokens read for each token handed on; None where no model read anything."""
        noted = self.tokens_noted
        return self.tokens_read / noted if noted else None


@dataclass(slots=True)
class HunkFigures:
    """What became of the proposed hunks."""

    staged: int = 0
    """Different hunks that were ever staged."""
    accepted: int = 0
    """Of those last staged, accepted or landed."""
    rejected: int = 0
    landed: int = 0
    """In the files now: landed and not undone."""
    again: dict[str, int] = field(default_factory=dict)
    """Hunks staged again after a send-back or a rerun, by the model that wrote them."""
    edited: dict[str, int] = field(default_factory=dict)
    """Hunks the user rewrote, by the model that had written them."""

    @property
    def rework(self) -> int:
        """Both together."""
        return sum(self.again.values()) + sum(self.edited.values())


@dataclass(slots=True)
class RunFigures:
    """One run."""

    id: str
    kind: str = "relay"
    goal: str = ""
    started: float = 0.0
    ended: float = 0.0
    """When the last event was told, in seconds since the epoch."""
    outcome: str = ""
    running_since: float = 0.0
    """When the attempt that runs began, or was taken up, in seconds since the epoch; 0 for none."""
    calls: list[CallFigures] = field(default_factory=list)
    phases: list[PhaseFigures] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    hunks: HunkFigures = field(default_factory=HunkFigures)
    landings: int = 0
    escapes: int = 0
    """Landings that were undone, or after which a check was red."""
    interventions: dict[str, int] = field(default_factory=dict)
    """Commands of the user that changed the run, by what they did."""
    waits: list[float] = field(default_factory=list)
    """Seconds between each pause, failure or question and what the user did next."""
    unread: int = 0
    """Events that could not be understood."""

    @property
    def cost(self) -> Cost:
        """Of all its calls."""
        total = Cost()
        for one in self.calls:
            total.add(one.cost)
        return total

    @property
    def seconds(self) -> float:
        """Wall time of all attempts of all phases; of one that runs, nothing since it began."""
        return sum(one.seconds for one in self.phases)

    @property
    def discards(self) -> list[Try]:
        """Tries that were paid for and never used."""
        return [one for one in self.tries if one.is_discarded]

    @property
    def cost_per_landed_hunk(self) -> float | None:
        """Dollars; None where nothing stands or a price is not known."""
        dollars = self.cost.known
        return None if dollars is None or not self.hunks.landed else dollars / self.hunks.landed

    def plain(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "run": self.id,
            "kind": self.kind,
            "goal": self.goal,
            "started": self.started,
            "ended": self.ended,
            "outcome": self.outcome,
            "cost": self.cost.plain(),
            "seconds": self.seconds,
            "cost_per_landed_hunk": self.cost_per_landed_hunk,
            "calls": [_calls(one) for one in self.calls],
            "phases": [_phase(one) for one in self.phases],
            "tries": [_try(one) for one in self.tries],
            "hunks": {
                "staged": self.hunks.staged,
                "accepted": self.hunks.accepted,
                "rejected": self.hunks.rejected,
                "landed": self.hunks.landed,
                "staged_again": dict(self.hunks.again),
                "edited": dict(self.hunks.edited),
            },
            "landings": self.landings,
            "escapes": self.escapes,
            "interventions": dict(self.interventions),
            "waits": self.waits,
            "unread_events": self.unread,
        }


def _calls(one: CallFigures) -> dict[str, Any]:
    return {
        "phase": one.phase,
        "attempt": one.attempt,
        "model": one.model,
        "calls": one.calls,
        "tokens_in": one.tokens_in,
        "tokens_cached": one.tokens_cached,
        "tokens_out": one.tokens_out,
        "cost": one.cost.plain(),
        "first_token_seconds": one.first_tokens,
        "seconds": one.seconds,
        "lost": one.lost,
        "transport_retries": one.transport,
        "retries": one.retries,
        "escalations": one.escalations,
    }


def _phase(one: PhaseFigures) -> dict[str, Any]:
    noted = one.tokens_noted
    return {
        "phase": one.phase,
        "attempt": one.attempt,
        "model": one.model,
        "seconds": one.seconds,
        "outcome": one.outcome,
        "sent_back": one.sent_back,
        "tokens_read": one.tokens_read,
        "tokens_noted": noted,
        "compression": one.tokens_read / noted if noted else None,
    }


def _try(one: Try) -> dict[str, Any]:
    return {
        "phase": one.phase,
        "task": one.task,
        "attempt": one.attempt,
        "model": one.model,
        "replies": one.replies,
        "asked_for_more": one.asked_for_more,
        "cost": one.cost.plain(),
        "seconds": one.seconds,
        "result": one.result.value,
        "discarded": one.is_discarded,
    }

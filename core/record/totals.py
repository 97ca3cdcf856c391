"""Many runs' figures together: by phase, by model, and of the runs themselves."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.phase import ORDER
from core.record.cost import Cost
from core.record.estimates import median, wilson
from core.record.figures import CallFigures, PhaseFigures, RunFigures
from core.record.tries import JUDGED, Result, Try

MOST_NOTED = 50
"""Receipts of a phase that are read again for the length of their notes: reading takes a while."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are looked at; empty texts stand for all."""

    phase: str = ""
    model: str = ""
    """Part of a model's name."""

    def has(self, phase: str, model: str) -> bool:
        """Whether a call of a model in a phase is wanted."""
        if self.phase and self.phase != phase:
            return False
        return not self.model or self.model.casefold() in model.casefold()

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.phase or self.model)


@dataclass(slots=True)
class Group:
    """Calls, tries and attempts that belong together."""

    phase: str
    model: str = ""
    """Empty where all models of the phase are together."""
    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    cost: Cost = field(default_factory=Cost)
    first_tokens: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Of each call."""
    lost: int = 0
    transport: int = 0
    retries: int = 0
    escalations: int = 0
    judged: int = 0
    """Tries of which it is known whether they passed."""
    passed: int = 0
    try_costs: Cost = field(default_factory=Cost)
    """Of the judged tries."""
    try_seconds: list[float] = field(default_factory=list)
    asked_for_more: int = 0
    """Replies that asked to see something: what the receipts before had left out."""
    discarded: int = 0
    """Replies that were paid for and never used."""
    discarded_cost: Cost = field(default_factory=Cost)
    walls: list[float] = field(default_factory=list)
    """Of each attempt of the phase."""
    failed: int = 0
    """Attempts that failed for good."""
    sent_back: int = 0
    noted: list[PhaseFigures] = field(default_factory=list)
    """Attempts that handed on a receipt of what a model had read."""
    again: int = 0
    """Hunks staged again."""
    edited: int = 0
    """Hunks the user rewrote."""

    @property
    def compressions(self) -> list[float]:
        """Tokens read for each token handed on, of the newest `MOST_NOTED` attempts."""
        newest = self.noted[-MOST_NOTED:]
        return [ratio for one in newest if (ratio := one.compression) is not None]

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the pass rate."""
        return wilson(self.passed, self.judged)

    def count_calls(self, one: CallFigures) -> None:
        """Add the calls of one model in one attempt."""
        self.calls += one.calls
        self.tokens_in += one.tokens_in
        self.tokens_cached += one.tokens_cached
        self.tokens_out += one.tokens_out
        self.cost.add(one.cost)
        self.first_tokens += one.first_tokens
        self.seconds += one.seconds
        self.lost += one.lost
        self.transport += one.transport
        self.retries += one.retries
        self.escalations += one.escalations

    def count_try(self, one: Try) -> None:
        """Add one try."""
        if one.result in JUDGED:
            self.judged += 1
            self.passed += one.result is Result.PASSED
            self.try_costs.add(one.cost)
            self.try_seconds.append(one.seconds)
        self.asked_for_more += one.asked_for_more
        if one.is_discarded:
            self.discarded += one.replies
            self.discarded_cost.add(one.cost)

    def count_attempt(self, one: PhaseFigures) -> None:
        """Add one attempt of the phase."""
        self.walls.append(one.seconds)
        self.failed += one.outcome == "failed"
        self.sent_back += one.sent_back
        if one.passed:
            self.noted.append(one)

    def plain(self) -> dict[str, Any]:
        """As JSON shows it; medians with their n."""
        return {
            "phase": self.phase,
            **({"model": self.model} if self.model else {}),
            "calls": self.calls,
            "tokens_in": self.tokens_in,
            "tokens_cached": self.tokens_cached,
            "tokens_out": self.tokens_out,
            "cost": self.cost.plain(),
            "first_token_seconds": middle(self.first_tokens),
            "call_seconds": middle(self.seconds),
            "lost": self.lost,
            "transport_retries": self.transport,
            "retries": self.retries,
            "escalations": self.escalations,
            "tries": self.judged,
            "passed": self.passed,
            "pass_rate_95": self.interval,
            "asked_for_more": self.asked_for_more,
            "discarded_replies": self.discarded,
            "discarded_cost": self.discarded_cost.plain(),
            "attempts": len(self.walls),
            "wall_seconds": middle(self.walls) | {"sum": sum(self.walls)},
            "failed": self.failed,
            "sent_back": self.sent_back,
            "compression": middle(self.compressions),
            "hunks_staged_again": self.again,
            "hunks_edited": self.edited,
        }


def middle(values: Sequence[float]) -> dict[str, Any]:
    """A median and how many values it is of."""
    return {"median": median(values), "n": len(values)}


@dataclass(slots=True)
class Totals:
    """What `relaypair stats` shows."""

    runs: list[RunFigures]
    """Those with a wanted call; all where everything is wanted. Oldest first."""
    phases: list[Group]
    """In running order."""
    models: list[Group]
    """By phase, and in it the most used first."""

    @property
    def relays(self) -> list[RunFigures]:
        """Runs that began with a goal, and not with a change that existed."""
        return [run for run in self.runs if run.kind == "relay"]

    def each(self, value: Callable[[RunFigures], float | None]) -> list[float]:
        """A figure of every relay that has it."""
        return [number for run in self.relays if (number := value(run)) is not None]

    @property
    def cost(self) -> Cost:
        """Of every wanted call."""
        total = Cost()
        for group in self.phases:
            total.add(group.cost)
        return total

    @property
    def interventions(self) -> Counter[str]:
        """By kind."""
        total: Counter[str] = Counter()
        for run in self.runs:
            total.update(run.interventions)
        return total

    def plain(self) -> dict[str, Any]:
        """Everything, for JSON."""
        relays = self.relays
        return {
            "summary": {
                "runs": len(self.runs),
                "relays": len(relays),
                "outcomes": dict(outcomes(self.runs)),
                "cost": self.cost.plain(),
                "dollars_a_run": middle(self.each(lambda run: run.cost.known)),
                "dollars_a_landed_hunk": middle(self.each(lambda run: run.cost_per_landed_hunk)),
                "hunks_staged": sum(run.hunks.staged for run in relays),
                "hunks_accepted": sum(run.hunks.accepted for run in relays),
                "hunks_landed": sum(run.hunks.landed for run in relays),
                "landings": sum(run.landings for run in self.runs),
                "escapes": sum(run.escapes for run in self.runs),
                "interventions": dict(self.interventions),
                "wait_seconds": middle([w for run in self.runs for w in run.waits]),
            },
            "phases": [group.plain() for group in self.phases],
            "models": [group.plain() for group in self.models],
            "runs": [run.plain() for run in self.runs],
        }


def outcomes(runs: Iterable[RunFigures]) -> Counter[str]:
    """How many runs ended how; `open` for those that did not."""
    return Counter(run.outcome or "open" for run in runs)


def totals(runs: Iterable[RunFigures], wanted: Wanted = Wanted()) -> Totals:
    """Sum up the runs that have anything wanted."""
    rank = {phase.value: place for place, phase in enumerate(ORDER)}
    phases: dict[str, Group] = {}
    models: dict[tuple[str, str], Group] = {}
    kept = [run for run in runs if wanted.is_all or _is_wanted(run, wanted)]
    for run in kept:
        _count(run, wanted, phases, models)
    return Totals(
        kept,
        sorted(phases.values(), key=lambda group: rank.get(group.phase, len(rank))),
        sorted(models.values(), key=lambda g: (rank.get(g.phase, len(rank)), -g.calls, g.model)),
    )


def _is_wanted(run: RunFigures, wanted: Wanted) -> bool:
    calls = any(wanted.has(one.phase, one.model) for one in run.calls)
    return calls or any(wanted.has(one.phase, one.model) for one in run.phases)


def _count(
    run: RunFigures,
    wanted: Wanted,
    phases: dict[str, Group],
    models: dict[tuple[str, str], Group],
) -> None:
    def of(phase: str, model: str) -> tuple[Group, Group]:
        if (phase, model) not in models:
            models[phase, model] = Group(phase, model)
        if phase not in phases:
            phases[phase] = Group(phase)
        return phases[phase], models[phase, model]

    asked = {(one.phase, one.attempt) for one in run.calls if wanted.has(one.phase, one.model)}
    for calls in run.calls:
        if wanted.has(calls.phase, calls.model):
            for group in of(calls.phase, calls.model):
                group.count_calls(calls)
    for one in run.tries:
        if wanted.has(one.phase, one.model):
            for group in of(one.phase, one.model):
                group.count_try(one)
    for attempt in run.phases:
        if (attempt.phase, attempt.attempt) in asked or wanted.has(attempt.phase, attempt.model):
            if attempt.phase not in phases:
                phases[attempt.phase] = Group(attempt.phase)
            phases[attempt.phase].count_attempt(attempt)
    for model, number in run.hunks.again.items():
        if wanted.has("generate", model):
            for group in of("generate", model):
                group.again += number
    for model, number in run.hunks.edited.items():
        if wanted.has("generate", model):
            for group in of("generate", model):
                group.edited += number

"""Tries: what became of each answer a model gave to a phase's question for one task."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.domain.phase import ORDER
from core.record.cost import Cost

RANK = {phase.value: rank for rank, phase in enumerate(ORDER)}


class Result(StrEnum):
    """How a try ended."""

    OPEN = "open"
    """It runs, or the program ended while it ran."""
    PASSED = "passed"
    FAILED = "failed"
    """The pass rule did not hold."""
    SENT_BACK = "sent back"
    """It passed its own rule, and a later phase found it at fault."""
    UNFINISHED = "unfinished"
    """Cancelled, or cut short by a provider: it says nothing of the model."""


JUDGED = (Result.PASSED, Result.FAILED, Result.SENT_BACK)


@dataclass(slots=True)
class Try:
    """One try: usually one reply, more where the model asked for something in between."""

    phase: str
    task: str
    attempt: int
    model: str
    replies: int = 0
    cost: Cost = field(default_factory=Cost)
    seconds: float = 0.0
    """Of its calls."""
    result: Result = Result.OPEN
    is_used: bool = False
    """Whether a later phase began with its result."""
    is_superseded: bool = False
    """Whether the task was asked again before anything used it."""

    @property
    def asked_for_more(self) -> int:
        """Replies that asked to see something instead of answering."""
        return max(0, self.replies - 1)

    @property
    def is_discarded(self) -> bool:
        """Whether it was paid for and its result never used."""
        return bool(self.replies) and (self.is_superseded or self.result is Result.UNFINISHED)


class Tries:
    """The fold of one run's events into tries."""

    def __init__(self) -> None:
        self.all: list[Try] = []
        self._latest: dict[tuple[str, str], Try] = {}
        self._attempts: dict[str, int] = {}
        self._repeats: dict[str, int] = {}
        """By task: judgements of kept replies that a resumed attempt will tell once more."""
        self._lost: dict[str, Mapping[str, Any]] = {}

    def started(self, phase: str, attempt: int) -> None:
        """An attempt of a phase began, or was taken up again."""
        self._repeats.clear()
        self._lost.clear()
        is_again = self._attempts.get(phase) == attempt
        self._attempts[phase] = attempt
        rank = RANK[phase]
        for one in self._latest.values():
            if one.result in (Result.PASSED, Result.SENT_BACK) and RANK[one.phase] < rank:
                one.is_used = True
        for one in self.all if is_again else ():
            if (one.phase, one.attempt) == (phase, attempt):
                if one.result is Result.FAILED:
                    self._repeats[one.task] = self._repeats.get(one.task, 0) + 1
                elif one.result is Result.UNFINISHED:
                    one.result = Result.OPEN

    def replied(self, body: Mapping[str, Any]) -> None:
        """A call of the running attempt was completed."""
        one = self._running(body["phase"], body.get("task", ""), body["model"])
        one.model = body["model"]
        one.replies += 1
        one.cost.count(body["usage"])
        one.seconds += body["seconds"]

    def lost(self, body: Mapping[str, Any]) -> None:
        """A call ended without a reply: a try of its own if the pass rule then counts it."""
        self._lost[body["phase"]] = body

    def not_passed(self, phase: str, task: str) -> str | None:
        """The model whose try the pass rule turned down; None where that was told before."""
        if self._repeats.get(task):
            self._repeats[task] -= 1
            return None
        one = self._latest.get((phase, task))
        lost = self._lost.pop(phase, None)
        if one is None or one.result is not Result.OPEN:
            if lost is None:
                return ""
            one = self._running(phase, task, lost["model"])
            one.cost.count(lost["usage"])
        one.result = Result.FAILED
        return one.model

    def passed(self, phase: str) -> None:
        """The phase passed, and with it what earlier phases gave it."""
        for one in self._latest.values():
            here = one.phase == phase
            if (here and one.result is Result.OPEN) or (
                one.result is Result.SENT_BACK and RANK[one.phase] <= RANK[phase]
            ):
                one.result = Result.PASSED

    def ended(self, phase: str, result: Result, finished: Collection[str] = ()) -> None:
        """The attempt ended without passing; tasks that were `finished` before passed."""
        for one in self._latest.values():
            if one.phase == phase and one.result is Result.OPEN:
                one.result = Result.PASSED if one.task in finished else result

    def found_wanting(self, phase: str) -> None:
        """A later phase blames this one; tasks that are not asked again pass with the next."""
        for one in self._latest.values():
            if one.phase == phase and one.result is Result.PASSED:
                one.result = Result.SENT_BACK

    def _running(self, phase: str, task: str, model: str) -> Try:
        attempt = self._attempts.get(phase, 0)
        before = self._latest.get((phase, task))
        if before and before.result is Result.OPEN and before.attempt == attempt:
            return before
        if before and before.result is Result.PASSED and not before.is_used:
            before.is_superseded = True
        one = Try(phase, task, attempt, model)
        self.all.append(one)
        self._latest[phase, task] = one
        return one

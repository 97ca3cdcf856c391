"""What the user did to a run, and how long the run waited for it."""

from collections.abc import Callable, Mapping
from math import inf

from core.record.late import Plain

QUESTIONS = frozenset(
    {"RunPaused", "ApprovalRequested", "QuestionAsked", "PhaseFailed", "BudgetReached"}
)
"""After these the run stands still until somebody does something."""

NO_ANSWERS = frozenset({"RunResumed", "RunFinished"})
"""The program had ended meanwhile, or ends now: that was no wait for an answer."""
BURST = 0.5
"""Seconds. Questions, swaps and the like that come closer together are one."""


def _is_users(body: Plain) -> bool:
    return bool(body.get("by", "user") == "user")


INTERVENTIONS: Mapping[str, tuple[str, Callable[[Plain], bool]]] = {
    "HunkDecided": ("reject", lambda b: b["state"] == "rejected" and _is_users(b)),
    "HunkEdited": ("edit", lambda b: True),
    "OutputEdited": ("edit", lambda b: True),
    "GoalChanged": ("goal", lambda b: True),
    "RerunAsked": ("rerun", lambda b: True),
    "MovedBack": ("back", lambda b: True),
    "PhaseSkipped": ("skip", lambda b: True),
    "NoteAdded": ("note", lambda b: True),
    "RouteChanged": ("swap", lambda b: b["route"]["layer"] == "keystroke"),
    "ContextMarked": ("context", lambda b: True),
    "ContextAdded": ("context", _is_users),
    "PhaseCancelled": ("cancel", lambda b: True),
    "LandingUndone": ("undo", lambda b: True),
}
"""Events that a command of the user brings about, and how the command is counted."""
TOLD = INTERVENTIONS.keys() | QUESTIONS | {"RunResumed"}


class User:
    """Interventions and waits of one run."""

    def __init__(self) -> None:
        self.interventions: dict[str, int] = {}
        self.waits: list[float] = []
        self.is_watching = False
        """Whether events of any kind are to be told, and not only those of `TOLD`."""
        self._since: float | None = None
        self._is_checking = False
        """Whether the wait ended with checks: their time was no wait."""
        self._swapped: tuple[list[str], float] = ([], -inf)
        """The models of the last swap, and when."""
        self._cancelled = -inf

    def happened(self, kind: str, at: float, body: Plain) -> None:
        """One more event of the run."""
        self._wait(kind, at, body)
        self.is_watching = self._is_checking or self._since is not None
        if kind == "RunResumed" and at - self._cancelled < BURST:
            self.interventions["cancel"] -= 1  # the program had ended, nobody cancelled
        elif kind in INTERVENTIONS:
            name, counts = INTERVENTIONS[kind]
            if counts(body) and not (name == "swap" and self._is_same_swap(at, body)):
                self.interventions[name] = self.interventions.get(name, 0) + 1
            if name == "cancel":
                self._cancelled = at

    def _wait(self, kind: str, at: float, body: Plain) -> None:
        is_check, is_question = kind == "CheckFinished", kind in QUESTIONS
        if self._since is not None:
            if is_question and at - self._since < BURST:
                return
            if kind not in NO_ANSWERS and _is_users(body):
                self.waits.append(max(0.0, at - self._since))
                self._is_checking = is_check
        if self._is_checking and is_check:
            self.waits[-1] = max(0.0, self.waits[-1] - body["result"]["seconds"])
        else:
            self._is_checking = False
        self._since = at if is_question else None

    def _is_same_swap(self, at: float, body: Plain) -> bool:
        """One command may change the route of every phase: an event each."""
        models, when = self._swapped
        self._swapped = (body["route"]["models"], at)
        return models == self._swapped[0] and at - when < BURST

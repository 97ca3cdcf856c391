"""What the user asked for, and how far it may reach."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from core.domain.path import UnsafePath, safe_path
from core.domain.phase import Phase


@dataclass(frozen=True, slots=True)
class Scope:
    """Globs over paths relative to the root: `*` stays in a folder, `**` does not."""

    write: tuple[str, ...] = ("**",)
    deny: tuple[str, ...] = ()

    def allows_write(self, path: str) -> bool:
        """Whether an edit of this path is inside the scope. Deny wins; unsafe paths never are."""
        try:
            plain = safe_path(path)
        except UnsafePath:
            return False
        return any(matches(plain, g) for g in self.write) and not any(
            matches(plain, g) for g in self.deny
        )

    def narrowed(self, write: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> "Scope":
        """This scope with further denials, and writes limited to `write` where given."""
        return Scope(write or self.write, self.deny + deny)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent; None is no limit."""

    dollars: float | None = None
    tokens: int | None = None
    """In and out together."""
    seconds: float | None = None
    """Of phases at work: calls, checks, search. Waiting for the user is free, and so is the start
    of the model host.
    """


@dataclass(frozen=True, slots=True)
class Budget(Limits):
    """Limits of one run, and of single phases in it."""

    phases: dict[Phase, Limits] = field(default_factory=dict)
    cut: bool = False
    """Whether a call that reaches a limit is cut there; else it ends, and no other is made."""

    def changed(self, changes: "Iterable[LimitChange]") -> "Budget":
        """These limits after the changes, in order; what no change names stays."""
        budget = self
        for change in changes:
            budget = change.of(budget)
        return budget


Unit = Literal["dollars", "tokens", "seconds", "all"]


@dataclass(frozen=True, slots=True)
class LimitChange:
    """One limit as the user sets or lifts it."""

    unit: Unit
    amount: float | None
    """None lifts the limit; `all` can only be lifted."""
    phase: Phase | None = None
    """None is the run."""

    def of(self, budget: Budget) -> Budget:
        """The budget with this change."""
        if self.phase is None:
            return (
                Budget(cut=budget.cut) if self.unit == "all" else replace(budget, **self._limit())
            )
        others = {p: limits for p, limits in budget.phases.items() if p is not self.phase}
        own = Limits()
        if self.unit != "all":
            own = replace(budget.phases.get(self.phase, Limits()), **self._limit())
        return replace(budget, phases=others if own == Limits() else others | {self.phase: own})

    def _limit(self) -> dict[str, Any]:
        whole = self.unit == "tokens" and self.amount is not None
        return {self.unit: int(self.amount or 0) if whole else self.amount}


@dataclass(frozen=True, slots=True)
class Goal:
    """One wish, in the user's words."""

    text: str
    scope: Scope = Scope()
    budget: Budget = Budget()
    revision: int = 1


def matches(path: str, glob: str) -> bool:
    """Whether a path matches a glob. A glob without wildcards also matches everything below it."""
    return _compiled(glob).match(path) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    text = glob.strip().removeprefix("./").rstrip("/")
    out, index = "", 0
    while index < len(text):
        if text.startswith("**/", index):
            out, index = out + "(?:.*/)?", index + 3
        elif text.startswith("**", index):
            out, index = out + ".*", index + 2
        elif text[index] == "*":
            out, index = out + "[^/]*", index + 1
        elif text[index] == "?":
            out, index = out + "[^/]", index + 1
        else:
            out, index = out + re.escape(text[index]), index + 1
    below = "" if any(c in text for c in "*?") else "(?:/.*)?"
    return re.compile(out + below + r"\Z", re.DOTALL)

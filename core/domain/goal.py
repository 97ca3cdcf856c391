"""What the user asked for, and how far it may reach."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

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
    """Of phases at work; waiting for the user is free."""


@dataclass(frozen=True, slots=True)
class Budget(Limits):
    """Limits of one run, and of single phases in it."""

    phases: dict[Phase, Limits] = field(default_factory=dict)


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

"""What a rewrite found and how it is told, before it is a reply."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.edits.intent import Intent


class Cannot(ValueError):
    """A goal the builtin engine refuses; the text is one sentence."""


@dataclass(slots=True)
class Rewrite:
    """Every place a goal changes, and what a person should know of it."""

    title: str
    intents: tuple[Intent, ...]
    summary: str = ""
    assumptions: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    decisions: list[tuple[str, str]] = field(default_factory=list)
    """What was decided, and why."""
    searches: tuple[str, ...] = ()
    """Words whose count verify may compare before and after."""
    acceptance: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files with at least one place, sorted."""
        return tuple(sorted({intent.path for intent in self.intents}))

    def count(self) -> str:
        """How many places, certain and doubtful, in how many files, as a clause."""
        certain = sum(not intent.doubt for intent in self.intents)
        doubtful = len(self.intents) - certain
        files = len(self.files)
        text = f"{certain} certain {_sites(certain)} and {doubtful} doubtful"
        return f"{text} in {files} file{'' if files == 1 else 's'}"


def _sites(count: int) -> str:
    return "site" if count == 1 else "sites"


def listed(words: Iterable[str], limit: int = 4) -> str:
    """`a, b and 3 more`: names for a sentence."""
    every = list(dict.fromkeys(words))
    if len(every) > limit:
        return f"{', '.join(every[:limit])} and {len(every) - limit} more"
    return ", ".join(every[:-1]) + f" and {every[-1]}" if len(every) > 1 else "".join(every)

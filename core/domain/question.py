"""A question that stops the relay, with the choices that answer it."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.domain.scope import Outside


class Choice(StrEnum):
    """An answer."""

    WIDEN = "widen"
    """Let the task do exactly this besides; the reply is used as it is. Of retrieve: build upon
    tests, documents and configuration too."""
    DROP = "drop"
    """Leave the edits outside out; the rest of the reply is used."""
    REFUSE = "refuse"
    """Use nothing of the reply."""
    GO_ON = "go on"
    """Take the change as large as it is. Of retrieve: build upon what is listed."""
    AGAIN = "again"
    """Ask for it anew, with a note."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is asked. Only one is open at a time."""

    id: str
    text: str
    """One sentence: what is so."""
    choices: tuple[Choice, ...]
    task: str = ""
    outside: tuple[Outside, ...] = ()
    """What the reply does beyond its task's scope."""
    kept: GenerateReceipt | None = None
    """That reply, read and paid for: a choice uses it without another call."""
    phase: Phase = Phase.GENERATE
    """Whose work it is about."""

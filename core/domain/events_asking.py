"""News of what the user is asked, and answers."""

from dataclasses import dataclass

from core.domain.check import CheckCommand
from core.domain.event import Event
from core.domain.question import Choice, Question


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Event):
    """A command wants to run; nothing runs before the answer."""

    command: CheckCommand
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven(Event):
    """The user answered."""

    command_id: str
    granted: bool
    by: str = "user"


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    """The relay stops until the user has chosen."""

    question: Question


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Event):
    """The user chose."""

    question_id: str
    choice: Choice
    by: str = "user"

"""Actions that answer a question which stopped the relay."""

from collections.abc import Iterable

from core.domain.question import Choice
from tui import reasons
from tui.action import Action


def question() -> Iterable[Action]:
    scope = "question"
    yield Action(
        "allow",
        "y",
        scope,
        "allow",
        "let the command run; take a change larger than planned, or what is listed",
        "allow",
        reasons.allow,
    )
    yield Action(
        "refuse",
        "n",
        scope,
        "refuse",
        "do not; reject the reply; ask for a smaller change, with a note",
        "refuse",
        reasons.refuse,
    )
    yield Action(
        "widen-task",
        "w",
        scope,
        "widen",
        "let the task do what its reply does outside; build on tests and documents",
        "widen",
        reasons.offered(Choice.WIDEN),
    )
    yield Action(
        "drop-edits",
        "d",
        scope,
        "drop",
        "leave the edits outside the scope out, and go on with the others",
        "drop",
        reasons.offered(Choice.DROP),
    )
    yield Action(
        "edit-first",
        "e",
        scope,
        "edit first",
        "go to the diffs: edit or reject hunks of the large change",
        "",
        reasons.offered(Choice.AGAIN),
    )

"""Why an action cannot be done now: one clause for the palette and the hint line, or nothing."""

from collections.abc import Callable

from core.domain.hunk import HunkState
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.question import Choice
from core.domain.state import RunState
from core.edits.hunks import is_splittable
from tui.figures import counted
from tui.question_words import is_settled
from tui.standing import commit_message, unseen
from tui.state import ViewState
from tui.tally import hunk_by_id, is_needed, tally

Reason = Callable[[RunState, ViewState], str]
"""Empty when the action works."""


def always(run: RunState, view: ViewState) -> str:
    """It always works."""
    return ""


def run_exists(run: RunState, view: ViewState) -> str:
    """There is a goal."""
    if view.is_opening:
        return "the repository is still being opened; press it again in a moment"
    return "" if run.goal.text else "type a goal first (key 0)"


def step(run: RunState, view: ViewState) -> str:
    """There is a phase to run and none that runs."""
    if reason := run_exists(run, view):
        return reason
    if run.running:
        return f"{run.running.value} is running"
    if run.asked:
        return "a command waits for your answer (key !)"
    if _is_stopped(run):
        return "a question waits for your answer (key !)"
    if left := unseen(run):
        return f"{counted(left, 'hunk')} of high risk must be decided first (y or n)"
    return "" if run.cursor else "every phase is done"


def _is_stopped(run: RunState) -> bool:
    """Whether the open question holds the relay; a reply that is asked for anew does not."""
    if run.question is None or run.cursor is None:
        return False
    if run.question.kept:
        return run.phases[run.cursor].state is not PhaseState.PENDING
    return not is_settled(run)


def running(run: RunState, view: ViewState) -> str:
    """A phase runs."""
    return "" if run.running else "nothing is running"


def back(run: RunState, view: ViewState) -> str:
    """There is an earlier phase."""
    if reason := run_exists(run, view) or _idle(run):
        return reason
    if run.kind == "review" and run.cursor is Phase.VERIFY:
        return "a review begins at verify"
    return "already at the first phase" if run.cursor is ORDER[0] else ""


def rerun(run: RunState, view: ViewState) -> str:
    """The focused phase can run again."""
    return run_exists(run, view) or _idle(run)


def skip(run: RunState, view: ViewState) -> str:
    """The focused phase is the next one."""
    if reason := run_exists(run, view) or _idle(run):
        return reason
    return "" if view.phase is run.cursor else f"{view.phase.value} is not the next phase"


def _idle(run: RunState) -> str:
    return f"{run.running.value} is running" if run.running else ""


def hunk(run: RunState, view: ViewState) -> str:
    """There is a hunk."""
    return "" if run.files else "no edits are staged"


def decide(run: RunState, view: ViewState) -> str:
    """The selected hunk may still be decided."""
    found = hunk_by_id(run, view.hunk)
    if found is None:
        return "no hunk is selected"
    if run.decision(found.id) is HunkState.LANDED:
        return "the hunk is landed; U restores the files first"
    return ""


def accept_needed(run: RunState, view: ViewState) -> str:
    """The selected hunk needs others."""
    found = hunk_by_id(run, view.hunk)
    alone = found is not None and not found.needs
    return decide(run, view) or ("it needs no other hunk; y accepts it" if alone else "")


def reject_needed(run: RunState, view: ViewState) -> str:
    """Others need the selected hunk."""
    alone = "no other hunk needs it; n rejects it"
    return decide(run, view) or ("" if is_needed(run, view.hunk) else alone)


def split(run: RunState, view: ViewState) -> str:
    """The selected hunk has more than one line to part."""
    found = hunk_by_id(run, view.hunk)
    if reason := decide(run, view):
        return reason
    whole = found is None or not is_splittable(found)
    return "the hunk is a single change" if whole else ""


def undo_decision(run: RunState, view: ViewState) -> str:
    """There is a decision to take back."""
    return "" if run.history else "no decision to take back"


def verify(run: RunState, view: ViewState) -> str:
    """Something is accepted."""
    return _idle(run) or ("" if tally(run).accepted else "no hunk is accepted")


def land(run: RunState, view: ViewState) -> str:
    """Something is accepted and nothing stands in the way."""
    if reason := verify(run, view):
        return reason
    if run.stale_paths:
        return f"{len(run.stale_paths)} files changed on disk; rerun apply first"
    return ""


def undo(run: RunState, view: ViewState) -> str:
    """Something has landed."""
    return "" if run.last_landing else "nothing has landed"


def message(run: RunState, view: ViewState) -> str:
    """Review has passed."""
    return "" if commit_message(run) else "review has not summed up the change yet"


def task(run: RunState, view: ViewState) -> str:
    """There is a task."""
    return "" if run.tasks else "the plan is empty"


def item(run: RunState, view: ViewState) -> str:
    """There is a row in the context panel."""
    return "" if run.items or run.further else "nothing is retrieved yet"


def drop(run: RunState, view: ViewState) -> str:
    """The selected row is an item."""
    whole = any(i.id == view.item for i in run.items)
    return item(run, view) or ("" if whole else "nothing of this file is quoted; p quotes it")


def receipt(run: RunState, view: ViewState) -> str:
    """The focused phase has something to read."""
    return "" if run.phases[view.phase].receipt else f"{view.phase.value} has not passed yet"


def output(run: RunState, view: ViewState) -> str:
    """The focused phase has handed something on, and nothing runs."""
    return _idle(run) or receipt(run, view)


def reply(run: RunState, view: ViewState) -> str:
    """A model was asked by the focused phase, whether it passed or not."""
    if any(phase == view.phase.value for phase, _, _ in view.replies):
        return ""
    if run.phases[view.phase].receipt:
        return ""
    return f"{view.phase.value} has asked no model"


def question(run: RunState, view: ViewState) -> str:
    """A question waits and is shown."""
    return "" if view.question else "no question waits"


def allow(run: RunState, view: ViewState) -> str:
    """A command, or a change larger than planned, waits and is shown."""
    return _not_offered(run, view, Choice.GO_ON) if _is_choice(run, view) else question(run, view)


def refuse(run: RunState, view: ViewState) -> str:
    """A command, or a question that may be refused, waits and is shown."""
    if not _is_choice(run, view):
        return question(run, view)
    other = _not_offered(run, view, Choice.AGAIN)
    return other and _not_offered(run, view, Choice.REFUSE)


def offered(choice: Choice) -> Reason:
    """The question that is shown offers this answer."""
    return lambda run, view: _not_offered(run, view, choice)


def _not_offered(run: RunState, view: ViewState, choice: Choice) -> str:
    asked = run.question
    if asked is None or not _is_choice(run, view):
        return question(run, view) or "the question is yes or no"
    return "" if choice in asked.choices else "the question that waits does not offer it"


def _is_choice(run: RunState, view: ViewState) -> bool:
    return run.question is not None and view.question == run.question.id


def checks(run: RunState, view: ViewState) -> str:
    """A check has run."""
    return "" if run.checks else "no check has run yet"

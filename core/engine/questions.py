"""When code stops the relay to ask, and what an answer means."""

from collections.abc import Sequence

from core.domain import commands as c
from core.domain import events as e
from core.domain.errors import NoSource, Refused
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.question import Choice, Question
from core.domain.receipt import GenerateReceipt
from core.domain.scope import Outside
from core.domain.state import RunState
from core.domain.task import TaskSpec

GROWN = 2
"""Times its estimate from which on a change is larger than what was planned."""
FLOOR = 40
"""Changed lines up to which no change is: a small task does not stop the relay."""


def about_scope(
    state: RunState, reason: str, outside: tuple[Outside, ...], kept: GenerateReceipt
) -> Question:
    """The question about a reply that leaves the scope of its task.

    Nobody is offered to allow what the goal leaves out or what is never edited, nor to leave out
    every edit there is.
    """
    [output] = kept.outputs
    paths = {o.touched.path for o in outside}
    choices = [Choice.REFUSE]
    if any(file not in paths for file in output.files):
        choices.insert(0, Choice.DROP)
    if all(o.may_be_widened for o in outside):
        choices.insert(0, Choice.WIDEN)
    attempt = state.phases[Phase.GENERATE].attempt
    name = f"scope:{output.task}:{attempt}:{output.reply[:8]}"
    return Question(name, reason, tuple(choices), output.task, outside, kept)


def about_source(state: RunState, fault: NoSource) -> Question:
    """The question where nothing that was found deserves trust."""
    choices = (Choice.WIDEN, Choice.GO_ON) if fault.may_widen else (Choice.GO_ON,)
    attempt = state.phases[Phase.RETRIEVE].attempt
    name = f"source:{state.run_id}:{attempt}"
    return Question(name, fault.reason, choices, phase=Phase.RETRIEVE)


def is_settled(state: RunState) -> bool:
    """Whether an open question is answered by what the user did since: the change is no longer
    larger than planned, or something was added to build upon.
    """
    question = state.question
    if question is None:
        return False
    if question.phase is Phase.RETRIEVE:
        return any(item.is_users_own for item in state.context)
    return Choice.AGAIN in question.choices and about_size(state) is None


def about_size(state: RunState) -> Question | None:
    """The question about a change that is larger than planned; None where it is not, or the user
    took it as it is.
    """
    larger = grown(state)
    if not larger or state.let_grow == state.staged_key:
        return None
    said = "; ".join(
        f"{t.id} changes {changed_lines(state, t.id)} lines where its plan said {t.lines}"
        for t in state.tasks
        if t.id in larger
    )
    choices = (Choice.GO_ON, Choice.AGAIN)
    return Question(f"size:{state.staged_key}", said, choices, larger[0])


def grown(state: RunState) -> tuple[str, ...]:
    """The tasks that change more lines than planned."""
    return tuple(t.id for t in state.tasks if changed_lines(state, t.id) > _most(t))


def _most(task: TaskSpec) -> float:
    """Lines that a task may change without a question; no limit without an estimate."""
    return max(GROWN * task.lines, FLOOR) if task.lines and task.included else float("inf")


def changed_lines(state: RunState, task: str) -> int:
    """Lines that the staged hunks of a task add and remove, rejected ones left out."""
    kept = (h for h in state.hunks if state.decision(h.id) is not HunkState.REJECTED)
    return sum(h.added + h.removed for h in kept if h.task == task)


def answered(state: RunState, command: c.AnswerQuestion) -> Sequence[e.Event]:
    """The events of an answer. Raises `Refused` for one that the question does not offer."""
    question = state.question
    if question is None or question.id != command.question_id:
        raise Refused("That question does not wait for an answer.")
    if command.choice not in question.choices:
        offered = ", ".join(choice.value for choice in question.choices)
        raise Refused(f"{command.choice.value} is no answer to this question; it is {offered}.")
    given = e.QuestionAnswered(question.id, command.choice)
    if command.choice is not Choice.AGAIN:
        return [given]
    note = command.note.strip() or f"{question.text}: keep to what the task needs"
    return [given, e.RerunAsked(Phase.GENERATE, note, grown(state))]

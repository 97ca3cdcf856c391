"""How questions and answers change the state."""

from dataclasses import replace

from core.domain import events as e
from core.domain.context import Reach
from core.domain.keys import task_key
from core.domain.phase import Phase
from core.domain.question import Choice, Question
from core.domain.receipt import GenerateReceipt, PlanReceipt, TaskOutput
from core.domain.state import RunState
from core.domain.task import TaskSpec, whole_goal
from core.engine.folding import after, with_phase


@after.register
def _(event: e.ApprovalRequested, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(c for c in state.asked if c.id != event.command.id)
    return replace(
        state,
        asked=(*others, event.command),
        waiting=f"may `{event.command.line}` run? {event.reason}",
    )


@after.register
def _(event: e.ApprovalGiven, state: RunState, recorded: e.Recorded) -> RunState:
    left = tuple(c for c in state.asked if c.id != event.command_id)
    answered = {**state.approvals, event.command_id: event.granted}
    waiting = state.waiting if left or state.waiting[:4] != "may " else "press . to go on"
    return replace(state, approvals=answered, asked=left, waiting=waiting)


@after.register
def _(event: e.QuestionAsked, state: RunState, recorded: e.Recorded) -> RunState:
    text, kept = event.question.text, None
    if event.question.phase is Phase.RETRIEVE:
        kept = state.question if state.question and state.question.kept else state.set_aside
    return replace(state, question=event.question, set_aside=kept, waiting=text)


def put_aside(state: RunState) -> RunState:
    """What the open question is about is asked for anew: the question, and the reply that is kept
    for it, wait for what comes.
    """
    question = state.question
    kept = question if question and question.kept else state.set_aside
    return replace(state, question=None, set_aside=kept)


def reopened(state: RunState) -> RunState:
    """Nothing came in place of the reply that a question is about: it is open again."""
    if state.set_aside is None:
        return state
    return replace(state, question=state.set_aside, set_aside=None)


@after.register
def _(event: e.QuestionAnswered, state: RunState, recorded: e.Recorded) -> RunState:
    question = state.question
    if question is None or question.id != event.question_id:
        return state
    if event.choice is Choice.REFUSE:
        reason = state.phases[Phase.GENERATE].reason
        return replace(state, question=None, waiting=reason)
    state = replace(state, question=None, waiting="press . to go on")
    if question.phase is Phase.RETRIEVE:
        reach = Reach.WIDE if event.choice is Choice.WIDEN else Reach.ANYTHING
        return replace(state, reach=reach)
    if event.choice is Choice.GO_ON:
        return replace(state, let_grow=state.staged_key)
    if event.choice is Choice.WIDEN:
        return _settled(_widened(state, question), question, ())
    if event.choice is Choice.DROP:
        return _settled(state, question, tuple(o.touched.path for o in question.outside))
    return state


def _widened(state: RunState, question: Question) -> RunState:
    """The plan with the task allowed exactly what the question names."""
    plan = state.phases[Phase.PLAN].receipt
    if not isinstance(plan, PlanReceipt):
        return state
    asked = tuple(o.touched for o in question.outside if o.may_be_widened)

    def wider(task: TaskSpec) -> TaskSpec:
        return replace(task, widened=tuple(dict.fromkeys((*task.widened, *asked))))

    tasks = tuple(wider(t) if t.id == question.task else t for t in plan.tasks)
    return with_phase(state, Phase.PLAN, receipt=replace(plan, tasks=tasks))


def _settled(state: RunState, question: Question, dropped: tuple[str, ...]) -> RunState:
    """The kept reply counts as done from what the task is now."""
    if question.kept is None:
        return state
    task = next((t for t in state.tasks if t.id == question.task), whole_goal(state.goal))
    basis = task_key(state, task)

    def done(output: TaskOutput) -> TaskOutput:
        files = tuple(f for f in output.files if f not in dropped)
        return replace(output, basis=basis, dropped=dropped, files=files)

    outputs = tuple(done(output) for output in question.kept.outputs)
    kept: GenerateReceipt = replace(question.kept, outputs=outputs)
    earlier = state.phases[Phase.GENERATE].settled
    return with_phase(state, Phase.GENERATE, settled=(*earlier, kept))

"""Steering that is pure: a state and a command give the events that carry it out, or `Refused` with
the reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from core.domain import commands as c
from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.context import ItemState
from core.domain.errors import Refused
from core.domain.hunk import FileOp, HunkState
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.receipt import PlanReceipt
from core.domain.risk import RiskTier
from core.domain.route import Route
from core.domain.state import RunState
from core.domain.task import TaskSpec
from core.edits.hunks import edit_hunk, split_hunk
from core.engine.questions import answered as answers
from core.engine.routes import keystroke_route

LONGEST_GOAL = 20_000
"""Characters. Every prompt holds the goal."""
WORDS_OF_THE_USER = (HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED)
DECIDABLE = (HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED, HunkState.UNDONE)


def need_short(goal: str) -> None:
    """Raise `Refused` for a goal that is a pasted log rather than a goal."""
    if len(goal) > LONGEST_GOAL:
        raise Refused(
            f"The goal has {len(goal):,} characters, more than {LONGEST_GOAL:,}; say it in a few "
            "sentences and add files to the context (o)."
        )


Judge = Callable[[TaskSpec], RiskTier]
"""The tier of a task by the user's policy and the repository's owners."""


def steer(state: RunState, command: c.Command, judge: Judge) -> list[e.Event]:
    """The events of a command that needs no outside world but to judge tasks.

    Raises `Refused`; KeyError for a command that needs more.
    """
    if isinstance(command, c.EditPlan):
        return _edit_plan(state, command, judge)
    if isinstance(command, c.EditOutput):
        return _edit_output(state, command, judge)
    return _HANDLERS[type(command)](state, command)


def is_pure(command: c.Command) -> bool:
    """Whether `steer` handles this command."""
    return type(command) in _HANDLERS or isinstance(command, c.EditPlan | c.EditOutput)


def _set_goal(state: RunState, command: c.SetGoal) -> list[e.Event]:
    need_run(state)
    text = command.goal.strip()
    if not text:
        raise Refused("An empty goal changes nothing; type what is to be done.")
    need_short(text)
    return [e.GoalChanged(replace(state.goal, text=text, revision=state.goal.revision + 1))]


def _set_budget(state: RunState, command: c.SetBudget) -> list[e.Event]:
    need_run(state)
    if command.budget == state.goal.budget:
        raise Refused("The run has exactly these limits already.")
    return [e.BudgetChanged(command.budget)]


def _back(state: RunState, command: c.BackTo) -> list[e.Event]:
    need_run(state)
    _need_idle(state)
    here = state.cursor or Phase.REVIEW
    earlier = [p for p in ORDER if p in here.before or (state.cursor is None and p is here)]
    to = command.phase or (earlier[-1] if earlier else None)
    if to is None:
        raise Refused("This is the first phase; there is nothing to go back to.")
    if state.phases[to].state is PhaseState.PENDING and to not in earlier:
        raise Refused(f"{to.value} has not run; . runs the next phase.")
    return [e.MovedBack(to)]


def _rerun(state: RunState, command: c.RerunPhase) -> list[e.Event]:
    need_run(state)
    _need_idle(state)
    missing = [p for p in command.phase.before if state.phases[p].state is PhaseState.PENDING]
    if missing:
        raise Refused(
            f"{command.phase.value} cannot run before {missing[0].value}; . runs the next phase."
        )
    return [e.RerunAsked(command.phase, command.note.strip())]


def _skip(state: RunState, command: c.SkipPhase) -> list[e.Event]:
    need_run(state)
    _need_idle(state)
    if command.phase in (Phase.GENERATE, Phase.APPLY) and not state.files:
        raise Refused(f"{command.phase.value} cannot be skipped: nothing is staged without it.")
    if command.phase is not state.cursor:
        raise Refused(f"{command.phase.value} is not the next phase, so it is not skipped.")
    return [e.PhaseSkipped(command.phase, command.reason)]


def _edit_output(state: RunState, command: c.EditOutput, judge: Judge) -> list[e.Event]:
    _need_idle(state)
    receipt = state.phases[command.phase].receipt
    if receipt is None:
        raise Refused(f"{command.phase.value} has no receipt to edit; . runs the next phase.")
    if type(command.receipt) is not type(receipt):
        raise Refused(f"That is no receipt of {command.phase.value}, so it replaces nothing.")
    if isinstance(command.receipt, PlanReceipt):
        return _plan_edited(state, command.receipt, command.receipt.tasks, judge)
    return [e.OutputEdited(command.phase, replace(command.receipt, edited_by_user=True))]


def _edit_plan(state: RunState, command: c.EditPlan, judge: Judge) -> list[e.Event]:
    need_run(state)
    _need_idle(state)
    receipt = state.phases[Phase.PLAN].receipt or PlanReceipt(model="user")
    assert isinstance(receipt, PlanReceipt)
    return _plan_edited(state, receipt, command.tasks, judge)


def _plan_edited(
    state: RunState, receipt: PlanReceipt, wanted: tuple[TaskSpec, ...], judge: Judge
) -> list[e.Event]:
    names = {t.id for t in wanted}
    if len(names) < len(wanted):
        raise Refused("Two tasks have the same name; name each one differently.")
    for task in wanted:
        named = (*task.files, *task.may_create, *(task.may_delete or ()))
        outside = [f for f in named if not state.goal.scope.allows_write(f)]
        if not task.files:
            raise Refused(f"{task.id} names no files; give it paths inside the scope.")
        if outside:
            raise Refused(f"{task.id} names {outside[0]}, outside the scope; give it another.")
    tasks = tuple(
        replace(t, depends_on=tuple(d for d in t.depends_on if d in names), risk=judge(t))
        for t in wanted
    )
    return [e.OutputEdited(Phase.PLAN, replace(receipt, tasks=tasks, edited_by_user=True))]


def _mark(state: RunState, item_id: str, wanted: ItemState) -> list[e.Event]:
    item = next((i for i in state.items if i.id == item_id), None)
    if item is None:
        raise Refused(f"There is no context item {item_id}.")
    return [e.ContextMarked(item_id, ItemState.ACTIVE if item.state is wanted else wanted)]


def _pin(state: RunState, command: c.PinContext) -> list[e.Event]:
    return _mark(state, command.item_id, ItemState.PINNED)


def _drop(state: RunState, command: c.DropContext) -> list[e.Event]:
    return _mark(state, command.item_id, ItemState.DROPPED)


def _swap(state: RunState, command: c.SwapModel) -> list[e.Event]:
    model = command.model.strip()
    if not model:
        raise Refused("No model was named; press m to choose one.")
    phases = [command.phase] if command.phase else [p for p in ORDER if p is not Phase.RETRIEVE]
    return [e.RouteChanged(_swapped(state, p, model)) for p in phases]


def _swapped(state: RunState, phase: Phase, model: str) -> Route:
    """Whatever model is chosen, what the user set for the phase holds."""
    route, known = keystroke_route(phase, model), state.routes.get(phase)
    return route.governed_by(known) if known else route


def _decide(state: RunState, command: c.DecideHunk) -> list[e.Event]:
    _need_settled(state)
    if command.state not in WORDS_OF_THE_USER:
        raise Refused(f"A hunk is accepted, rejected or reopened; {command.state.value} is not.")
    known = {h.id for h in state.hunks}
    ids = tuple(i for i in command.ids if i in known and state.decision(i) in DECIDABLE)
    if not ids:
        raise Refused("There is no open hunk to decide; landed ones are taken back with U.")
    changed = tuple(i for i in ids if state.decision(i) is not command.state)
    left = _left_for_a_person(state, command, changed)
    taken = tuple(i for i in changed if i not in left)
    told = f"{len(left)} hunks of high risk" if len(left) > 1 else "1 hunk of high risk"
    if left and not taken:
        raise Refused(f"Not in bulk: {told}, to be accepted one by one; accept each alone (y).")
    said = [e.NoticeGiven(f"{told} left for you, to be accepted one by one.")] if left else []
    return [*([e.HunkDecided(taken, command.state, command.by)] if taken else []), *said]


def _left_for_a_person(
    state: RunState, command: c.DecideHunk, ids: tuple[str, ...]
) -> frozenset[str]:
    """Hunks of high risk among several that would be accepted at once, or by a setting."""
    if command.state is not HunkState.ACCEPTED or (len(ids) == 1 and command.by == "user"):
        return frozenset()
    return frozenset(h.id for h in state.hunks if h.id in ids and h.risk >= RiskTier.HIGH)


def _split(state: RunState, command: c.SplitHunk) -> list[e.Event]:
    _need_settled(state)
    hunk = next((h for h in state.hunks if h.id == command.id), None)
    parts = split_hunk(hunk) if hunk and state.decision(hunk.id) in DECIDABLE else ()
    if not parts:
        raise Refused("This hunk is a single change, which cannot be split; y or n decides it.")
    return [e.HunkSplit(command.id, parts)]


def _edit_hunk(state: RunState, command: c.EditHunk) -> list[e.Event]:
    _need_settled(state)
    hunk = next((h for h in state.hunks if h.id == command.id), None)
    if hunk is None or state.decision(hunk.id) not in DECIDABLE:
        raise Refused("There is no open hunk to edit.")
    if hunk.op is FileOp.DELETE:
        raise Refused(f"This hunk deletes {hunk.path}, so it has no lines to edit; n rejects it.")
    edited = edit_hunk(hunk, command.text)
    if edited.new == edited.old and edited.op is FileOp.MODIFY:
        raise Refused("With these lines the file would stay as it is; n rejects the hunk.")
    return [e.HunkEdited(hunk.id, edited)] if edited.new != hunk.new else []


def _undo_decision(state: RunState, command: c.UndoDecision) -> list[e.Event]:
    _need_settled(state)
    if not state.history:
        raise Refused("There is no decision to take back.")
    last = state.history[-1]
    return [e.DecisionUndone(tuple(i for i, _ in last), tuple(s for _, s in last))]


def _approve(state: RunState, command: c.ApproveCommand) -> list[e.Event]:
    if command.command_id not in {a.id for a in state.asked}:
        raise Refused("That command does not wait for an answer.")
    return [e.ApprovalGiven(command.command_id, command.granted)]


def _answer(state: RunState, command: c.AnswerQuestion) -> list[e.Event]:
    return list(answers(state, command))


def _note(state: RunState, command: c.AddNote) -> list[e.Event]:
    need_run(state)
    if not command.text.strip():
        raise Refused("An empty note says nothing.")
    return [e.NoteAdded(command.text.strip()[:2_000])]


def need_run(state: RunState) -> None:
    """Raise `Refused` where there is no goal yet."""
    if not state.goal.text:
        raise Refused("There is no goal yet; type one in the goal prompt (0).")


def _need_settled(state: RunState) -> None:
    if state.intent:
        raise Refused("A landing is being written; decide again when it is done.")


def _need_idle(state: RunState) -> None:
    if state.running:
        raise Refused(
            f"{state.running.value} is running; P pauses after it, P again cancels the call."
        )


_HANDLERS: Mapping[type[c.Command], Callable[..., list[e.Event]]] = {
    c.SetGoal: _set_goal,
    c.SetBudget: _set_budget,
    c.BackTo: _back,
    c.RerunPhase: _rerun,
    c.SkipPhase: _skip,
    c.PinContext: _pin,
    c.DropContext: _drop,
    c.SwapModel: _swap,
    c.DecideHunk: _decide,
    c.SplitHunk: _split,
    c.EditHunk: _edit_hunk,
    c.UndoDecision: _undo_decision,
    c.ApproveCommand: _approve,
    c.AnswerQuestion: _answer,
    c.AddNote: _note,
}


def answered(
    commands: tuple[CheckCommand, ...], approvals: Mapping[str, bool]
) -> tuple[tuple[CheckCommand, ...], tuple[CheckCommand, ...]]:
    """The allowed and the refused ones among proposed commands; unanswered ones are in neither."""
    allowed = tuple(x for x in commands if approvals.get(x.id) is True)
    return allowed, tuple(x for x in commands if approvals.get(x.id) is False)

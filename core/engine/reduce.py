"""State is a fold of events: `reduce(state, recorded) -> state`, pure, and the only way state
changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain import events as e
from core.domain.context import ItemState, Reach
from core.domain.keys import task_key
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import GenerateReceipt
from core.domain.route import Layer
from core.domain.state import RunState
from core.engine import reduce_asking as reduce_asking  # for the folds that it registers
from core.engine import reduce_edits as reduce_edits
from core.engine.folding import after, with_phase
from core.engine.merging import apart
from core.engine.proving import proven
from core.engine.reduce_asking import put_aside, reopened

FORGIVEN: Mapping[str, object] = {"sent_back": 0, "strikes": {}, "fresh_strikes": {}}
"""What a phase was found wanting for is forgotten when the user asks for it again."""


def fold(recorded: Iterable[e.Recorded], state: RunState | None = None) -> RunState:
    """The state after all these events."""
    current = state or RunState()
    for item in recorded:
        current = reduce(current, item)
    return current


def reduce(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after one more event."""
    following = after(recorded.event, state, recorded)
    if not recorded.seq:
        return following
    return replace(following, last_seq=recorded.seq, run_id=recorded.run_id)


@after.register
def _(event: e.RunStarted, state: RunState, recorded: e.Recorded) -> RunState:
    fresh = RunState(routes=state.routes, approvals=state.approvals)
    return replace(
        fresh,
        goal=event.goal,
        repository=event.repository,
        kind=event.kind,
        named_checks=event.checks,
        waiting="press . to start",
    )


@after.register
def _(event: e.GoalChanged, state: RunState, recorded: e.Recorded) -> RunState:
    state = with_phase(state, Phase.GENERATE, **FORGIVEN)
    return replace(state, goal=event.goal, question=None, set_aside=None, reach=Reach.SOURCE)


@after.register
def _(event: e.RouteChanged, state: RunState, recorded: e.Recorded) -> RunState:
    if event.route.layer is Layer.KEYSTROKE:
        state = with_phase(state, event.route.phase, **FORGIVEN)
    return replace(state, routes={**state.routes, event.route.phase: event.route})


@after.register
def _(event: e.PhaseStarted, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    if run.state is PhaseState.FAILED and event.attempt != run.attempt:
        state = with_phase(state, event.phase, **FORGIVEN)
    elif event.attempt != run.attempt:
        carried_on = _added(run.strikes, run.fresh_strikes)
        state = with_phase(state, event.phase, strikes=carried_on)
    state = with_phase(
        state,
        event.phase,
        state=PhaseState.RUNNING,
        attempt=event.attempt,
        model=event.model,
        why=event.why,
        started=recorded.at,
        input_key=event.input_key,
        reason="",
        fault="",
        fresh_strikes={},
    )
    return put_aside(replace(state, waiting="", moved_back=None, outcome=""))


@after.register
def _(event: e.ModelReplied, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    spent = run.spent.after(event.usage)
    state = with_phase(
        state, event.phase, usage=run.usage + event.usage, spent=spent, model=event.model
    )
    return replace(state, usage=state.usage + event.usage)


@after.register
def _(event: e.CallLost, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    spent = run.spent.after(event.usage)
    state = with_phase(state, event.phase, usage=run.usage + event.usage, spent=spent)
    return replace(state, usage=state.usage + event.usage)


@after.register
def _(event: e.CallRetried, state: RunState, recorded: e.Recorded) -> RunState:
    return with_phase(state, event.phase, reason=event.reason)


@after.register
def _(event: e.PhaseRetried, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    fresh = _added(run.fresh_strikes, {event.task: 1})
    return with_phase(
        state, event.phase, retries=run.retries + 1, reason=event.reason, fresh_strikes=fresh
    )


@after.register
def _(event: e.PhaseEscalated, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    fresh = _added(run.fresh_strikes, {event.task: 1})
    return with_phase(
        state,
        event.phase,
        retries=run.retries + 1,
        reason=event.reason,
        model=event.to,
        fresh_strikes=fresh,
    )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {task: one.get(task, 0) + other.get(task, 0) for task in {*one, *other}}


@after.register
def _(event: e.SentBack, state: RunState, recorded: e.Recorded) -> RunState:
    target = state.phases[event.to]
    worked = _worked(state, event.phase, recorded)
    state = with_phase(
        state, event.phase, state=PhaseState.PENDING, reason=event.reason, seconds=worked
    )
    return with_phase(
        state,
        event.to,
        state=PhaseState.PENDING,
        retries=target.retries + 1,
        sent_back=target.sent_back + 1,
        reason=event.reason,
        evidence=event.evidence,
    )


def _worked(state: RunState, phase: Phase, recorded: e.Recorded) -> float:
    """Seconds of a phase with those of the attempt that ends now without passing; none of one that
    a crash cut short, for nobody knows how long it ran.
    """
    run = state.phases[phase]
    is_cut = isinstance(recorded.event, e.PhaseCancelled) and "interrupted" in recorded.event.reason
    took = recorded.at - run.started if run.state is PhaseState.RUNNING and not is_cut else 0.0
    return run.seconds + max(0.0, took)


@after.register
def _(event: e.PhasePassed, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    state = with_phase(
        state,
        event.phase,
        state=PhaseState.PASSED,
        receipt=event.receipt,
        input_key=event.input_key,
        seconds=run.seconds + event.seconds,
        reason="",
        settled=(),
    )
    state = proven(state, event.receipt)
    replaced = event.phase in (Phase.PLAN, Phase.GENERATE)
    return replace(state, set_aside=None) if replaced else state


@after.register
def _(event: e.PhaseFailed, state: RunState, recorded: e.Recorded) -> RunState:
    state = with_phase(
        state,
        event.phase,
        state=PhaseState.FAILED,
        reason=event.reason,
        fault=event.fault,
        seconds=_worked(state, event.phase, recorded),
    )
    finished = event.finished
    is_empty = isinstance(finished, GenerateReceipt) and not finished.outputs
    if finished is not None and not (is_empty and state.set_aside):
        state = with_phase(state, event.phase, receipt=finished)
    return reopened(replace(state, waiting=event.reason))


@after.register
def _(event: e.PhaseSkipped, state: RunState, recorded: e.Recorded) -> RunState:
    state = with_phase(state, event.phase, state=PhaseState.SKIPPED, reason=event.reason)
    if event.phase is Phase.RETRIEVE:
        state = replace(state, items=tuple(i for i in state.items if i.is_users_own))
    waiting = f"{event.phase.value} skipped"
    return replace(state, moved_back=None, waiting=waiting, question=None, set_aside=None)


@after.register
def _(event: e.PhaseCancelled, state: RunState, recorded: e.Recorded) -> RunState:
    state = with_phase(
        state,
        event.phase,
        state=PhaseState.CANCELLED,
        reason=event.reason,
        seconds=_worked(state, event.phase, recorded),
    )
    waiting = f"{event.phase.value} {event.reason}"
    if state.set_aside:
        waiting = f"{event.phase.value} was stopped; the question is open again"
    return reopened(replace(state, waiting=waiting))


@after.register
def _(event: e.MovedBack, state: RunState, recorded: e.Recorded) -> RunState:
    waiting = f"back at {event.to.value}"
    return put_aside(replace(state, moved_back=event.to, waiting=waiting))


@after.register
def _(event: e.RerunAsked, state: RunState, recorded: e.Recorded) -> RunState:
    state = with_phase(
        state,
        event.phase,
        state=PhaseState.PENDING,
        note=event.note,
        evidence="",
        reason="",
        settled=(),
        **FORGIVEN,
    )
    if event.tasks:
        bases = {task.id: task_key(state, task) for task in state.tasks}
        others = apart(state.phases[event.phase].receipt, event.tasks, bases)
        state = with_phase(state, event.phase, settled=tuple(others))
    question = state.question if state.question and state.question.kept else None
    reach = Reach.SOURCE if event.phase is Phase.RETRIEVE else state.reach
    return replace(state, moved_back=None, question=question, reach=reach)


@after.register
def _(event: e.OutputEdited, state: RunState, recorded: e.Recorded) -> RunState:
    # The user vouches for it under today's inputs: running the phase again would only lose it.
    state = with_phase(
        state,
        event.phase,
        receipt=event.receipt,
        state=PhaseState.PASSED,
        reason="",
        fault="",
        input_key=state.key(event.phase),
    )
    moved_back = None if state.moved_back is event.phase else state.moved_back
    state = replace(state, moved_back=moved_back, waiting="press . to go on")
    is_answered = event.phase in (Phase.PLAN, Phase.GENERATE) or (
        state.question is not None and state.question.phase is event.phase
    )
    return replace(state, question=None, set_aside=None) if is_answered else state


@after.register
def _(event: e.ContextRetrieved, state: RunState, recorded: e.Recorded) -> RunState:
    kept = {i.id: i for i in state.items if i.state is not ItemState.ACTIVE or "added" in i.flags}
    fresh = [replace(i, state=kept.pop(i.id).state) if i.id in kept else i for i in event.items]
    return replace(state, items=(*fresh, *kept.values()))


@after.register
def _(event: e.ContextMarked, state: RunState, recorded: e.Recorded) -> RunState:
    items = tuple(
        replace(i, state=event.state) if i.id == event.item_id else i for i in state.items
    )
    return replace(state, items=items)


@after.register
def _(event: e.ContextAdded, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(i for i in state.items if i.id != event.item.id)
    return replace(state, items=(*others, event.item))


@after.register
def _(event: e.CheckFinished, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(
        (subset, r)
        for subset, r in state.checks
        if (subset, r.command.argv) != (event.subset, event.result.command.argv)
    )
    return replace(state, checks=(*others, (event.subset, event.result)))


@after.register
def _(event: e.VerdictGiven, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, verdict=event.verdict)


@after.register
def _(event: e.BudgetNeared, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, is_budget_told=True)


@after.register
def _(event: e.BudgetChanged, state: RunState, recorded: e.Recorded) -> RunState:
    goal = replace(state.goal, budget=event.budget)
    return replace(state, goal=goal, is_budget_told=False, waiting="")


@after.register
def _(event: e.BudgetReached, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, waiting=f"budget reached: {event.used} of {event.limit}")


@after.register
def _(event: e.RunPaused, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, waiting=event.reason)


@after.register
def _(event: e.NoteAdded, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, notes=(*state.notes, event.text))


@after.register
def _(event: e.RunResumed, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, named_checks=event.checks or state.named_checks)


@after.register
def _(event: e.RunFinished, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, outcome=event.outcome)

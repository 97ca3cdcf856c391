"""State is a fold of events: `reduce(state, recorded) -> state`, pure, and the only way state
changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import singledispatch

from core.domain import events as e
from core.domain.context import ItemState
from core.domain.hunk import FileEdit, Hunk, HunkState, Landing
from core.domain.keys import proposal_key
from core.domain.phase import Phase, PhaseState
from core.domain.route import Layer
from core.domain.state import AcceptedCheck, RunState
from core.edits.closure import followed
from core.engine.carrying import carried

FORGIVEN: Mapping[str, object] = {"sent_back": 0, "strikes": {}, "fresh_strikes": {}}
"""What a phase was found wanting for is forgotten when the user asks for it again."""
History = tuple[tuple[tuple[str, HunkState], ...], ...]


def fold(recorded: Iterable[e.Recorded], state: RunState | None = None) -> RunState:
    """The state after all these events."""
    current = state or RunState()
    for item in recorded:
        current = reduce(current, item)
    return current


def reduce(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after one more event."""
    following = _after(recorded.event, state, recorded)
    if not recorded.seq:
        return following
    return replace(following, last_seq=recorded.seq, run_id=recorded.run_id)


@singledispatch
def _after(event: e.Event, state: RunState, recorded: e.Recorded) -> RunState:
    return state


def _phase(state: RunState, phase: Phase, /, **changes: object) -> RunState:
    run = replace(state.phases[phase], **changes)  # type: ignore[arg-type]  # field names are checked by the tests
    return replace(state, phases={**state.phases, phase: run})


@_after.register
def _(event: e.RunStarted, state: RunState, recorded: e.Recorded) -> RunState:
    fresh = RunState(routes=state.routes, approvals=state.approvals)
    return replace(
        fresh,
        goal=event.goal,
        repository=event.repository,
        kind=event.kind,
        waiting="press . to start",
    )


@_after.register
def _(event: e.GoalChanged, state: RunState, recorded: e.Recorded) -> RunState:
    state = _phase(state, Phase.GENERATE, **FORGIVEN)
    return replace(state, goal=event.goal)


@_after.register
def _(event: e.RouteChanged, state: RunState, recorded: e.Recorded) -> RunState:
    if event.route.layer is Layer.KEYSTROKE:
        state = _phase(state, event.route.phase, **FORGIVEN)
    return replace(state, routes={**state.routes, event.route.phase: event.route})


@_after.register
def _(event: e.PhaseStarted, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    if run.state is PhaseState.FAILED and event.attempt != run.attempt:
        state = _phase(state, event.phase, **FORGIVEN)
    elif event.attempt != run.attempt:
        carried_on = _added(run.strikes, run.fresh_strikes)
        state = _phase(state, event.phase, strikes=carried_on)
    state = _phase(
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
    return replace(state, waiting="", moved_back=None, outcome="")


@_after.register
def _(event: e.ModelReplied, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    spent = run.spent.after(event.usage)
    state = _phase(
        state, event.phase, usage=run.usage + event.usage, spent=spent, model=event.model
    )
    return replace(state, usage=state.usage + event.usage)


@_after.register
def _(event: e.CallLost, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    spent = run.spent.after(event.usage)
    state = _phase(state, event.phase, usage=run.usage + event.usage, spent=spent)
    return replace(state, usage=state.usage + event.usage)


@_after.register
def _(event: e.CallRetried, state: RunState, recorded: e.Recorded) -> RunState:
    return _phase(state, event.phase, reason=event.reason)


@_after.register
def _(event: e.PhaseRetried, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    fresh = _added(run.fresh_strikes, {event.task: 1})
    return _phase(
        state, event.phase, retries=run.retries + 1, reason=event.reason, fresh_strikes=fresh
    )


@_after.register
def _(event: e.PhaseEscalated, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    fresh = _added(run.fresh_strikes, {event.task: 1})
    return _phase(
        state,
        event.phase,
        retries=run.retries + 1,
        reason=event.reason,
        model=event.to,
        fresh_strikes=fresh,
    )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {task: one.get(task, 0) + other.get(task, 0) for task in {*one, *other}}


@_after.register
def _(event: e.SentBack, state: RunState, recorded: e.Recorded) -> RunState:
    target = state.phases[event.to]
    state = _phase(state, event.phase, state=PhaseState.PENDING, reason=event.reason)
    return _phase(
        state,
        event.to,
        state=PhaseState.PENDING,
        retries=target.retries + 1,
        sent_back=target.sent_back + 1,
        reason=event.reason,
        evidence=event.evidence,
    )


@_after.register
def _(event: e.PhasePassed, state: RunState, recorded: e.Recorded) -> RunState:
    run = state.phases[event.phase]
    return _phase(
        state,
        event.phase,
        state=PhaseState.PASSED,
        receipt=event.receipt,
        input_key=event.input_key,
        seconds=run.seconds + event.seconds,
        reason="",
    )


@_after.register
def _(event: e.PhaseFailed, state: RunState, recorded: e.Recorded) -> RunState:
    state = _phase(
        state, event.phase, state=PhaseState.FAILED, reason=event.reason, fault=event.fault
    )
    if event.finished is not None:
        state = _phase(state, event.phase, receipt=event.finished)
    return replace(state, waiting=event.reason)


@_after.register
def _(event: e.PhaseSkipped, state: RunState, recorded: e.Recorded) -> RunState:
    state = _phase(state, event.phase, state=PhaseState.SKIPPED, reason=event.reason)
    return replace(state, moved_back=None, waiting=f"{event.phase.value} skipped")


@_after.register
def _(event: e.PhaseCancelled, state: RunState, recorded: e.Recorded) -> RunState:
    state = _phase(state, event.phase, state=PhaseState.CANCELLED, reason=event.reason)
    return replace(state, waiting=f"{event.phase.value} {event.reason}")


@_after.register
def _(event: e.MovedBack, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, moved_back=event.to, waiting=f"back at {event.to.value}")


@_after.register
def _(event: e.RerunAsked, state: RunState, recorded: e.Recorded) -> RunState:
    state = _phase(
        state,
        event.phase,
        state=PhaseState.PENDING,
        note=event.note,
        evidence="",
        reason="",
        **FORGIVEN,
    )
    return replace(state, moved_back=None)


@_after.register
def _(event: e.OutputEdited, state: RunState, recorded: e.Recorded) -> RunState:
    # The user vouches for it under today's inputs: running the phase again would only lose it.
    state = _phase(
        state,
        event.phase,
        receipt=event.receipt,
        state=PhaseState.PASSED,
        input_key=state.key(event.phase),
    )
    return replace(state, moved_back=None if state.moved_back is event.phase else state.moved_back)


@_after.register
def _(event: e.ContextRetrieved, state: RunState, recorded: e.Recorded) -> RunState:
    kept = {i.id: i for i in state.items if i.state is not ItemState.ACTIVE or "added" in i.flags}
    fresh = [replace(i, state=kept.pop(i.id).state) if i.id in kept else i for i in event.items]
    return replace(state, items=(*fresh, *kept.values()))


@_after.register
def _(event: e.ContextMarked, state: RunState, recorded: e.Recorded) -> RunState:
    items = tuple(
        replace(i, state=event.state) if i.id == event.item_id else i for i in state.items
    )
    return replace(state, items=items)


@_after.register
def _(event: e.ContextAdded, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(i for i in state.items if i.id != event.item.id)
    return replace(state, items=(*others, event.item))


@_after.register
def _(event: e.EditsStaged, state: RunState, recorded: e.Recorded) -> RunState:
    files, decisions = carried(state.files, event.files, state.decisions)
    return replace(
        state,
        files=files,
        refusals=event.refusals,
        decisions=decisions,
        history=(),
        proposal=proposal_key(event.files),
        staged_key=state.key(Phase.APPLY),
        staged_after=len(state.landings),
        stale_paths=frozenset(),
        checks=(),
        verdict=None,
    )


@_after.register
def _(event: e.HunkDecided, state: RunState, recorded: e.Recorded) -> RunState:
    before = tuple((i, state.decision(i)) for i in event.ids)
    decisions = {**state.decisions, **dict.fromkeys(event.ids, event.state)}
    return replace(state, decisions=decisions, history=(*state.history, before))


@_after.register
def _(event: e.DecisionUndone, state: RunState, recorded: e.Recorded) -> RunState:
    restored = dict(zip(event.ids, event.states, strict=True))
    return replace(state, decisions={**state.decisions, **restored}, history=state.history[:-1])


@_after.register
def _(event: e.HunkSplit, state: RunState, recorded: e.Recorded) -> RunState:
    verdict = state.decision(event.id)
    parts = tuple(p.id for p in event.parts)
    decisions = {**state.decisions, **dict.fromkeys(parts, verdict)}
    files = _replaced(state.files, event.id, event.parts)
    return replace(
        state,
        files=files,
        decisions=decisions,
        proposal=proposal_key(files),
        history=_renamed(state.history, event.id, parts),
    )


@_after.register
def _(event: e.HunkEdited, state: RunState, recorded: e.Recorded) -> RunState:
    files = _replaced(state.files, event.id, (event.hunk,))
    decisions = {**state.decisions, event.hunk.id: HunkState.PENDING}
    return replace(
        state,
        files=files,
        decisions=decisions,
        proposal=proposal_key(files),
        history=_renamed(state.history, event.id, ()),
    )


def _renamed(history: History, hunk_id: str, parts: tuple[str, ...]) -> History:
    """Decisions that can be taken back, when a hunk was split (or edited, into no parts)."""
    rows = (
        tuple((name, s) for i, s in row for name in (parts if i == hunk_id else (i,)))
        for row in history
    )
    return tuple(row for row in rows if row)


def _replaced(
    files: tuple[FileEdit, ...], hunk_id: str, parts: tuple[Hunk, ...]
) -> tuple[FileEdit, ...]:
    """The files with a hunk's parts in its place, and as what others need in its place."""
    names = tuple(p.id for p in parts)
    changed = []
    for file in files:
        hunks = followed(file.hunks, hunk_id, names)
        if any(h.id == hunk_id for h in hunks):
            hunks = tuple(x for h in hunks for x in (parts if h.id == hunk_id else (h,)))
        changed.append(file if hunks == file.hunks else replace(file, hunks=hunks))
    return tuple(changed)


@_after.register
def _(event: e.EditsRebased, state: RunState, recorded: e.Recorded) -> RunState:
    fresh = {f.path: f for f in event.files}
    files = tuple(fresh.get(f.path, f) for f in state.files)
    paths = {p for f in event.files for p in (f.path, f.source)}
    return replace(
        state,
        files=files,
        proposal=proposal_key(files),
        stale_paths=state.stale_paths - paths,
        checks=(),
        accepted_check=None,
        verdict=None,
    )


@_after.register
def _(event: e.FilesChanged, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, stale_paths=state.stale_paths | frozenset(event.paths))


@_after.register
def _(event: e.ApprovalRequested, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(c for c in state.asked if c.id != event.command.id)
    return replace(
        state,
        asked=(*others, event.command),
        waiting=f"may `{event.command.line}` run? {event.reason}",
    )


@_after.register
def _(event: e.ApprovalGiven, state: RunState, recorded: e.Recorded) -> RunState:
    left = tuple(c for c in state.asked if c.id != event.command_id)
    answered = {**state.approvals, event.command_id: event.granted}
    waiting = state.waiting if left or state.waiting[:4] != "may " else "press . to go on"
    return replace(state, approvals=answered, asked=left, waiting=waiting)


@_after.register
def _(event: e.CheckFinished, state: RunState, recorded: e.Recorded) -> RunState:
    others = tuple(
        (subset, r)
        for subset, r in state.checks
        if (subset, r.command.argv) != (event.subset, event.result.command.argv)
    )
    return replace(state, checks=(*others, (event.subset, event.result)))


@_after.register
def _(event: e.AcceptedVerified, state: RunState, recorded: e.Recorded) -> RunState:
    check = AcceptedCheck(event.key, event.tree_hash, event.passed, event.summary)
    return replace(state, accepted_check=check, waiting=event.summary)


@_after.register
def _(event: e.VerdictGiven, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, verdict=event.verdict)


@_after.register
def _(event: e.BudgetNeared, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, is_budget_told=True)


@_after.register
def _(event: e.BudgetReached, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, waiting=f"budget reached: {event.used} of {event.limit}")


@_after.register
def _(event: e.RunPaused, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, waiting=event.reason)


@_after.register
def _(event: e.NoteAdded, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, notes=(*state.notes, event.text))


@_after.register
def _(event: e.LandingIntended, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, intent=event.landing, intent_undo=event.undo)


@_after.register
def _(event: e.EditsLanded, state: RunState, recorded: e.Recorded) -> RunState:
    landing = event.landing
    posts = {f.path: f.post for f in landing.files}
    others = tuple(x for x in state.landings if x.id != landing.id)
    return replace(
        _expecting(state, posts, dict.fromkeys(landing.hunk_ids, HunkState.LANDED)),
        landings=(*others, landing),
        waiting=_landed(landing),
    )


def _landed(landing: Landing) -> str:
    size = f"{_count(len(landing.hunk_ids), 'hunk')} in {_count(len(landing.files), 'file')}"
    return f"landed {size}, {'verified' if landing.verified else 'NOT verified'}; U restores them"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@_after.register
def _(event: e.LandingUndone, state: RunState, recorded: e.Recorded) -> RunState:
    landing = event.landing
    pres = {f.path: f.pre for f in landing.files}
    if landing.id in {x.id for x in state.landings[: state.staged_after]}:
        # The hunks were placed on what this landing had written: they are stale now.
        state = replace(state, stale_paths=state.stale_paths | frozenset(pres), intent=None)
    else:
        state = _expecting(state, pres, dict.fromkeys(landing.hunk_ids, HunkState.UNDONE))
    return replace(
        state,
        undone=(*state.undone, landing.id),
        waiting=f"undone: {_count(len(landing.files), 'file')} as before the landing",
    )


@_after.register
def _(event: e.LandingFailed, state: RunState, recorded: e.Recorded) -> RunState:
    stale = state.stale_paths | frozenset(event.paths)
    return replace(state, intent=None, stale_paths=stale, waiting=event.reason)


def _expecting(
    state: RunState, hashes: dict[str, str], decisions: dict[str, HunkState]
) -> RunState:
    files = tuple(
        replace(
            f,
            expected=hashes.get(f.source or f.path, f.expected),
            expected_target=hashes.get(f.path, f.expected_target) if f.source else "",
        )
        for f in state.files
    )
    return replace(
        state, files=files, decisions={**state.decisions, **decisions}, history=(), intent=None
    )


@_after.register
def _(event: e.RunFinished, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, outcome=event.outcome)

"""How news of edits and landings changes the state."""

from dataclasses import replace

from core.domain import events as e
from core.domain.hunk import FileEdit, Hunk, HunkState, Landing
from core.domain.keys import proposal_key
from core.domain.phase import Phase
from core.domain.state import AcceptedCheck, RunState
from core.edits.closure import followed
from core.engine.carrying import carried
from core.engine.folding import after
from core.engine.proving import renamed

History = tuple[tuple[tuple[str, HunkState], ...], ...]


@after.register
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


@after.register
def _(event: e.HunkDecided, state: RunState, recorded: e.Recorded) -> RunState:
    before = tuple((i, state.decision(i)) for i in event.ids)
    decisions = {**state.decisions, **dict.fromkeys(event.ids, event.state)}
    return replace(state, decisions=decisions, history=(*state.history, before))


@after.register
def _(event: e.DecisionUndone, state: RunState, recorded: e.Recorded) -> RunState:
    restored = dict(zip(event.ids, event.states, strict=True))
    return replace(state, decisions={**state.decisions, **restored}, history=state.history[:-1])


@after.register
def _(event: e.HunkSplit, state: RunState, recorded: e.Recorded) -> RunState:
    verdict = state.decision(event.id)
    parts = tuple(p.id for p in event.parts)
    decisions = {**state.decisions, **dict.fromkeys(parts, verdict)}
    files = _replaced(state.files, event.id, event.parts)
    after_it = replace(
        state,
        files=files,
        decisions=decisions,
        proposal=proposal_key(files),
        history=_renamed(state.history, event.id, parts),
    )
    return renamed(state, after_it)


@after.register
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


@after.register
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


@after.register
def _(event: e.FilesChanged, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, stale_paths=state.stale_paths | frozenset(event.paths))


@after.register
def _(event: e.AcceptedVerified, state: RunState, recorded: e.Recorded) -> RunState:
    check = AcceptedCheck(event.key, event.tree_hash, event.passed, event.summary)
    return replace(state, accepted_check=check, waiting=event.summary)


@after.register
def _(event: e.LandingIntended, state: RunState, recorded: e.Recorded) -> RunState:
    return replace(state, intent=event.landing, intent_undo=event.undo)


@after.register
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


@after.register
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


@after.register
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

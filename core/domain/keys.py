"""Input keys: a phase is stale exactly when its recomputed key differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from core.domain.context import ItemState
from core.domain.hunk import FileEdit, Hunk, HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import AnyReceipt, GenerateReceipt, PlanReceipt
from core.domain.task import TaskSpec

if TYPE_CHECKING:
    from core.domain.state import RunState


def phase_key(state: RunState, phase: Phase) -> str:
    """Hash of goal, notes, what the user has every call of the phase told, and what the earlier
    phases hand on.

    Model, temperature and length are left out on purpose: they concern the next attempt and make
    nothing that passed stale.
    """
    parts: list[str] = [
        phase.value,
        state.goal.text,
        state.phases[phase].note,
        state.phases[phase].evidence,
        *_told(state, phase),
    ]
    if phase in _INPUTS:
        parts += _INPUTS[phase](state)
    return _hash(parts)


def task_key(state: RunState, task: TaskSpec) -> str:
    """Hash of what generate works from for one task, what a later phase sent back left out."""
    told = (state.phases[Phase.GENERATE].note, *_told(state, Phase.GENERATE))
    return _hash([state.goal.text, *told, repr(task), *_context(state)])


def accepted_key(state: RunState) -> str:
    """Hash of the accepted hunks and of the bytes they apply to."""
    return _hunks_key((f, h) for f in state.files for h in f.kept(state.decisions))


def offered_key(state: RunState) -> str:
    """The same of all hunks that are not rejected: what verify checks."""
    every = ((f, h) for f in state.files for h in f.hunks)
    return _hunks_key((f, h) for f, h in every if state.decision(h.id) is not HunkState.REJECTED)


def _hunks_key(hunks: Iterable[tuple[FileEdit, Hunk]]) -> str:
    parts = sorted(f"{file.path}:{file.base}:{hunk.id}" for file, hunk in hunks)
    return _hash(parts) if parts else ""


def proposal_key(files: tuple[FileEdit, ...]) -> str:
    """Hash of all that is staged; splitting a hunk does not change it, editing one does."""
    parts: list[str] = []
    for file in files:
        ordered = sorted(file.hunks, key=lambda h: (h.start, h.seq))
        parts += [
            file.path,
            file.base,
            *(x for h in ordered for x in h.old),
            "\1",
            *(x for h in ordered for x in h.new),
        ]
    return _hash(parts)


def _told(state: RunState, phase: Phase) -> list[str]:
    route = state.routes.get(phase)
    return [route.parameters.system] if route and route.parameters.system else []


def _context(state: RunState) -> list[str]:
    live = [i for i in state.items if i.state is not ItemState.DROPPED]
    return [f"{i.id}:{i.file_hash}:{i.state}" for i in sorted(live, key=lambda i: i.id)]


def _plan(state: RunState) -> list[str]:
    run = state.phases[Phase.PLAN]
    if isinstance(run.receipt, PlanReceipt) and run.state is not PhaseState.SKIPPED:
        return [repr(task) for task in run.receipt.tasks if task.included]
    return [run.state.value if run.state is PhaseState.SKIPPED else "no plan"]


def _for_generate(state: RunState) -> list[str]:
    return _context(state) + _plan(state)


def _for_apply(state: RunState) -> list[str]:
    run = state.phases[Phase.GENERATE]
    note = run.receipt.to_note() if run.receipt else ""
    return [*_for_generate(state), note, str(run.attempt), *_by_hand(run.receipt)]


def _by_hand(receipt: AnyReceipt | None) -> list[str]:
    """The replies, where the user edited them: no attempt tells such a one from the one before."""
    if not isinstance(receipt, GenerateReceipt) or not receipt.edited_by_user:
        return []
    return [output.reply for output in receipt.outputs]


_INPUTS: dict[Phase, Callable[[RunState], list[str]]] = {
    Phase.PLAN: _context,
    Phase.GENERATE: _for_generate,
    Phase.APPLY: _for_apply,
    Phase.VERIFY: lambda state: [*_for_apply(state), state.proposal],
    Phase.REVIEW: lambda state: [*_for_apply(state), state.proposal],
}


def _hash(parts: list[str]) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

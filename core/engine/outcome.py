"""How a run stands, in one word."""

from core.domain.hunk import HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.state import RunState


def outcome_of(state: RunState) -> str:
    """How a run stands, in one word.

    `landed`, `unverified` (landed without a check), `undone`, `failed`, `rejected` (every hunk
    was), `open` (hunks wait to be decided or landed), `planned` (nothing was written yet), `asked`
    (phases are left to run).
    """
    landing = state.last_landing
    if landing:
        return "landed" if landing.verified else "unverified"
    if state.question:
        return "asked"
    if any(run.state is PhaseState.FAILED for run in state.phases.values()):
        return "failed"
    if state.asked or state.cursor:
        is_planned = state.cursor is Phase.GENERATE and not state.phases[Phase.GENERATE].attempt
        return "planned" if is_planned and not state.asked else "asked"
    if state.hunks_in(HunkState.PENDING, HunkState.ACCEPTED):
        return "open"
    return "undone" if state.landings else "rejected"

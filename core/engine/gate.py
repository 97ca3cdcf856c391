"""Where the relay must stop before a phase, whatever was asked: approvals, and code that would run
unseen.
"""

from collections.abc import Sequence

from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.risk_rules import RUNS
from core.domain.state import RunState


def gate_before(state: RunState, phase: Phase, proposed: Sequence[CheckCommand]) -> list[e.Event]:
    """The events of a gate that is closed; empty when the phase may run."""
    if phase is not Phase.VERIFY:
        return []
    unanswered = [c for c in proposed if c.id not in state.approvals]
    if unanswered:
        asked = [
            e.ApprovalRequested(c, f"proposed by {c.source}")
            for c in unanswered
            if c not in state.asked
        ]
        first = unanswered[0]
        return [
            *asked,
            e.RunPaused(
                f"may `{first.line}` run in a scratch copy? It is proposed by {first.source}."
            ),
        ]
    allowed = [c for c in proposed if state.approvals.get(c.id)]
    unseen = [h for h in state.hunks_in(HunkState.PENDING) if RUNS in h.flags]
    if allowed and unseen:
        paths = ", ".join(dict.fromkeys(h.path for h in unseen))
        return [e.RunPaused(f"{paths} would run in the check: accept or reject its hunks first")]
    return []


def gate_after(state: RunState, phase: Phase) -> str:
    """Why a running relay stops after a phase; empty when it goes on."""
    receipt = state.phases[phase].receipt
    if phase is Phase.PLAN and receipt and receipt.open_questions:
        return f"the plan asks: {receipt.open_questions[0]} Add a note or go on."
    return ""


def pause_sentence(state: RunState) -> str:
    """What the relay waits for at a quiet moment."""
    following = state.cursor
    if following is None:
        pending = len(state.hunks_in(HunkState.PENDING))
        if pending:
            return f"{pending} hunks undecided"
        accepted = len(state.hunks_in(HunkState.ACCEPTED))
        return (
            f"{accepted} hunks accepted: V checks exactly these, L lands them"
            if accepted
            else "nothing accepted"
        )
    return f"{following.value} is next"

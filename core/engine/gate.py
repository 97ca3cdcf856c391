"""Where the relay must stop before a phase, whatever was asked: approvals, and code that would run
unseen.
"""

from collections.abc import Sequence

from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.hunk import Hunk, HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.question import Question
from core.domain.receipt import Verdict
from core.domain.risk import RiskTier
from core.domain.risk_rule import RUNS
from core.domain.state import RunState
from core.domain.words import counted
from core.engine.questions import about_size, is_settled

MOST_NAMED = 4
"""Paths that a sentence names."""
UNSEEN = "would run in the check"
"""Stands in the sentence of a stop for hunks that a person decides first."""


def gate_before(state: RunState, phase: Phase, proposed: Sequence[CheckCommand]) -> list[e.Event]:
    """The events of a gate that is closed; empty when the phase may run."""
    question, run = state.question, state.phases[phase]
    if question and _holds(question) and not (run.state is PhaseState.PENDING or is_settled(state)):
        return [e.RunPaused(question.text)]
    if phase is not Phase.VERIFY:
        return []
    if grown := about_size(state):
        return [e.QuestionAsked(grown)]
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
    unseen = undecided(state)
    return [e.RunPaused(_unseen_sentence(unseen))] if allowed and unseen else []


def _holds(question: Question) -> bool:
    """Whether no phase runs before the answer; the size of a change is asked about at verify."""
    return question.kept is not None or question.phase is Phase.RETRIEVE


def undecided(state: RunState) -> tuple[Hunk, ...]:
    """The hunks that a person decides one by one before any check runs their code: those of high
    risk, and those that a check runs by themselves.
    """
    pending = state.hunks_in(HunkState.PENDING)
    return tuple(h for h in pending if h.risk >= RiskTier.HIGH or RUNS in h.flags)


def _unseen_sentence(unseen: Sequence[Hunk]) -> str:
    paths = list(dict.fromkeys(h.path for h in unseen))
    rules = ", ".join(dict.fromkeys(h.rule for h in unseen if h.rule))
    more = len(paths) - MOST_NAMED
    named = ", ".join(paths[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return (
        f"accept or reject {counted(len(unseen), 'hunk')} of high risk first, one by one: {named} "
        f"{UNSEEN}" + (f" ({rules})" if rules else "")
    )


def gate_after(state: RunState, phase: Phase) -> str:
    """Why a running relay stops after a phase; empty when it goes on."""
    receipt = state.phases[phase].receipt
    if phase is Phase.PLAN and receipt and receipt.open_questions:
        return f"the plan asks: {receipt.open_questions[0]} Add a note or go on."
    if phase is Phase.VERIFY and state.verdict and state.verdict.decision == "reject":
        return f"the reviewer {state.verdict.model} rejects the change{_claim(state.verdict)}"
    return ""


def _claim(verdict: Verdict) -> str:
    return f": {verdict.findings[0].claim}" if verdict.findings else ""


def pause_sentence(state: RunState) -> str:
    """What the relay waits for at a quiet moment."""
    following = state.cursor
    if following is None:
        pending = len(state.hunks_in(HunkState.PENDING))
        if pending:
            return f"{counted(pending, 'hunk')} undecided"
        accepted = len(state.hunks_in(HunkState.ACCEPTED))
        return (
            f"{counted(accepted, 'hunk')} accepted: V checks exactly these, L lands them"
            if accepted
            else "nothing accepted"
        )
    return f"{following.value} is next"

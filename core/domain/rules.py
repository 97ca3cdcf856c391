"""The one condition under which each phase hands on, and whether it held."""

from collections.abc import Mapping

from core.domain.phase import Phase, PhaseState
from core.domain.state import PhaseRun

PASS_RULES: Mapping[Phase, str] = {
    Phase.RETRIEVE: "something that was found can be trusted, or the user added something or said "
    "that it is enough",
    Phase.PLAN: "every task names files inside the scope and depends on earlier tasks only, and "
    "every path that is spoken of is there",
    Phase.GENERATE: "the reply is edits, and all of them are inside the task's scope",
    Phase.APPLY: "every edit has one place, and something changes",
    Phase.VERIFY: "every check that may run passes on exactly what is staged, and no finding with "
    "evidence blocks",
    Phase.REVIEW: "the commit message begins with a line of 1 to 72 characters, and every path "
    "that it speaks of is there",
}


def outcome(phase: Phase, run: PhaseRun) -> str:
    """Whether the rule held, with its evidence, in one line; empty before there is an answer.

    Skipped, cancelled or broken down is never passed.
    """
    if run.state is PhaseState.PASSED:
        done = run.receipt.did[0] if run.receipt and run.receipt.did else "handed on"
        edited = ", edited by you" if run.receipt and run.receipt.edited_by_user else ""
        return f"holds: {done}{edited}"
    if run.state in (PhaseState.SKIPPED, PhaseState.CANCELLED):
        return f"not passed: {run.state.value}"
    return f"not passed: {run.reason}" if run.state is PhaseState.FAILED else ""

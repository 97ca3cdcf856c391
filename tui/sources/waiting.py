"""What the relay waits for, in words: what is so, and what to do about it."""

from core.domain.errors import FaultKind
from core.domain.hunk import Landing
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.route import LOCAL
from core.domain.state import RunState
from tui.context_words import searching
from tui.figures import counted
from tui.question_words import is_settled
from tui.standing import commit_message, unseen
from tui.state import ViewState
from tui.tally import tally

WORK = {
    Phase.PLAN: "the goal is split into tasks",
    Phase.GENERATE: "the edits are written",
    Phase.APPLY: "the edits are placed",
    Phase.VERIFY: "the checks run in a scratch copy",
    Phase.REVIEW: "the change is summed up",
}
"""What goes on in a phase; retrieve says it by itself."""


KEYS_WITHIN = 76
"""Cells of the line in which the keys stand: what is cut off on a narrow screen is the reason."""


def waits(run: RunState, view: ViewState) -> tuple[str, str]:
    """What is so and which keys act, within `KEYS_WITHIN`; then the reason, which may be cut."""
    if run.running:
        return _runs(run, run.running, view)
    if view.is_busy:
        return f"{view.doing or 'a check or a landing is under way'}; ctrl+c stops it", ""
    if failed := _failed(run):
        return _fails(run, failed)
    if view.is_opening and not run.goal.text:
        return "the repository is being opened", ""
    if run.cursor and run.waiting and not run.asked:
        return _stands(run, run.cursor, view)
    return _decides(run, view)


def _runs(run: RunState, phase: Phase, view: ViewState) -> tuple[str, str]:
    leg = run.phases[phase]
    keys = "P pauses after it, ctrl+c cancels it"
    if view.is_pausing:
        keys = "the relay stops after it, P again cancels it"
    on = "" if phase is Phase.RETRIEVE and leg.model == LOCAL else f" on {leg.model}"
    retried = f"; {leg.reason}" if leg.reason else ""
    return f"{phase.value} runs; {keys}", f": {_work(run, phase, view)}{on}{retried}"


def _work(run: RunState, phase: Phase, view: ViewState) -> str:
    is_search = phase is Phase.RETRIEVE
    return searching(run, view.indexing, is_early=view.is_early) if is_search else WORK[phase]


def _fails(run: RunState, phase: Phase) -> tuple[str, str]:
    leg = run.phases[phase]
    if leg.fault == FaultKind.BUDGET:
        keys = ", over budget: $ raises it, m swaps the model, R goes on"
    elif phase is Phase.RETRIEVE and is_settled(run):
        keys = "; . runs it again with what you added"
    elif phase is Phase.RETRIEVE:
        keys = "; r reruns with a note, S goes on without any"
    else:
        edits = ", E edits the reply" if phase is Phase.GENERATE and leg.receipt else ""
        keys = f"; r reruns with a note, m swaps the model{edits}"
    return f"{phase.value} FAIL{keys}", f": {leg.reason}"


TOLD = ("press . to start", ". runs", ". takes")
"""What a sentence of the engine has in it that names the key by itself."""


def _stands(run: RunState, cursor: Phase, view: ViewState) -> tuple[str, str]:
    """Between two phases: which is next and by what key, then why the relay stopped."""
    why, keys = run.waiting, f"{cursor.value} is next: R runs on"
    if any(word in why for word in TOLD):
        return why, ""
    if run.is_stale(cursor):
        why = "what it worked from has changed"
    elif why.endswith(" is next") or why == "press . to go on" or is_settled(run):
        why = ""
    elif why.startswith("the plan asks"):
        keys = "R runs on, r reruns the plan with a note"
    elif " are used; " in why:
        keys, why = "R runs on, m swaps the model, $ sets the limits", why.partition(";")[0]
    elif (left := unseen(run)) is not None:
        there = "" if view.focus == "diffs" else "3, then "
        decide = f"{there}y or n on {counted(left, 'hunk')} of high risk, then R runs on"
        keys, why = (decide, why.partition(": ")[2]) if left else (keys, "")
    pending = 0 if why and unseen(run) else tally(run).pending
    told = "; ".join(part for part in (why, f"{pending} undecided" if pending else "") if part)
    return keys, f" ({told})" if told else ""


def _undecided(run: RunState) -> str:
    pending = tally(run).pending
    return f"{counted(pending, 'hunk')} undecided" if pending else ""


def _decides(run: RunState, view: ViewState) -> tuple[str, str]:
    """After the last phase: what is left to decide, to check or to land."""
    counts, pending = tally(run), _undecided(run)
    if counts.accepted and (_is_checked(run) or not pending):
        told = f"{counted(counts.accepted, 'hunk')} accepted, {_proof(run)}"
        return told, f"; {pending}" if pending else ""
    if run.last_landing and run.waiting.startswith("landed"):
        return _landed(run, run.last_landing, pending)
    if pending:
        keys = "y accepts, n rejects" if view.focus == "diffs" else "3 goes to them"
        return f"waiting for you: {pending}; {keys}", ""
    if counts.total and counts.rejected == counts.total:
        return "nothing is accepted; u takes a decision back, r reruns a phase with a note", ""
    if run.goal.text:
        return run.waiting, ""
    return "type a goal; ? shows every key, ctrl+p every action", ""


def _landed(run: RunState, landing: Landing, pending: str) -> tuple[str, str]:
    proof = "verified" if landing.verified else "NOT verified"
    message = ", M shows the commit message" if commit_message(run) else ""
    size = f"{counted(len(landing.hunk_ids), 'hunk')} in {counted(len(landing.files), 'file')}"
    reason = f" ({size}{f'; {pending}' if pending else ''})"
    return f"landed, {proof}; U restores the files{message}", reason


def _is_checked(run: RunState) -> bool:
    check = run.accepted_check
    return check is not None and check.key == run.accepted_key


def _proof(run: RunState) -> str:
    if run.is_verified:
        return "verified, L lands them"
    if _is_checked(run):
        return "checked, NOT verified: v shows why, V checks again"
    return "not verified, V checks them"


def _failed(run: RunState) -> Phase | None:
    return next((p for p in ORDER if run.phases[p].state is PhaseState.FAILED), None)


def waiting_ink(run: RunState) -> str:
    """The ink of the line."""
    if run.running:
        return "dim"
    return "bad" if _failed(run) else "warn" if tally(run).pending else "plain"

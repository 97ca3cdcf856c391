"""What the relay waits for, in words: what is so, and what to do about it."""

from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.route import LOCAL
from core.domain.state import RunState
from tui.context_words import searching
from tui.figures import counted
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


def waits(run: RunState, view: ViewState) -> tuple[str, str]:
    """The sentence, which may be cut short, and the offer behind it, which must stay readable."""
    if run.running:
        return _runs(run, run.running, view)
    if view.is_busy:
        return view.doing or "a check or a landing is under way", "; ctrl+c stops it"
    if failed := _failed(run):
        text = f"{failed.value} FAIL: {run.phases[failed].reason}"
        other = "S goes on" if failed is Phase.RETRIEVE else "m swaps the model"
        return text, f"; r reruns with a note, {other}"
    if view.is_opening and not run.goal.text:
        return "the repository is being opened", ""
    if run.cursor and run.waiting and not run.asked:
        return _stands(run, run.cursor)
    return _decides(run), ""


def _runs(run: RunState, phase: Phase, view: ViewState) -> tuple[str, str]:
    leg = run.phases[phase]
    retried = f"; {leg.reason}" if leg.reason else ""
    text = f"{phase.value} runs on {leg.model}: {_work(run, phase, view)}{retried}"
    if phase is Phase.RETRIEVE and leg.model == LOCAL:
        # Short, so that the figures are seen on a narrow screen too.
        text = f"{phase.value}: {_work(run, phase, view)}{retried}"
    if view.is_pausing:
        return text, "; the relay stops after it, P again cancels it"
    return text, "; P pauses after it, ctrl+c cancels it"


def _work(run: RunState, phase: Phase, view: ViewState) -> str:
    is_search = phase is Phase.RETRIEVE
    return searching(run, view.indexing, is_early=view.is_early) if is_search else WORK[phase]


def _stands(run: RunState, cursor: Phase) -> tuple[str, str]:
    """Between two phases: why, and which is next."""
    waiting = run.waiting
    if run.is_stale(cursor):
        waiting = f"{cursor.value} is stale, since what it worked from has changed"
    elif waiting == "press . to go on" or waiting.endswith(" is next"):
        waiting = f"{cursor.value} is next"
    pending = tally(run).pending
    told = any(word in waiting for word in ("is next", "press . to start", ". runs", ". takes"))
    onward = "" if told else f"; {cursor.value} is next: R runs on"
    more = f" ({counted(pending, 'hunk')} undecided)" if pending else ""
    return waiting, onward + ("" if "undecided" in waiting else more)


def _decides(run: RunState) -> str:
    """After the last phase: what is left to decide, to check or to land."""
    counts = tally(run)
    pending = f"{counted(counts.pending, 'hunk')} undecided" if counts.pending else ""
    if counts.accepted and (_is_checked(run) or not pending):
        told = f"{counted(counts.accepted, 'hunk')} accepted, {_proof(run)}"
        return f"{told}; {pending}" if pending else told
    if pending:
        landed = run.last_landing is not None and run.waiting.startswith("landed")
        return f"{run.waiting}; {pending}" if landed else f"waiting for you: {pending}"
    if run.goal.text:
        return run.waiting
    return "type a goal; ? shows every key, ctrl+p every action"


def _is_checked(run: RunState) -> bool:
    check = run.accepted_check
    return check is not None and check.key == run.accepted_key


def _proof(run: RunState) -> str:
    if run.is_verified:
        return "verified, L lands them"
    if _is_checked(run):
        return "checked, but NOT verified: v shows why, V checks again"
    return "not verified, V checks them"


def _failed(run: RunState) -> Phase | None:
    return next((p for p in ORDER if run.phases[p].state is PhaseState.FAILED), None)


def waiting_ink(run: RunState) -> str:
    """The ink of the line."""
    if run.running:
        return "dim"
    return "bad" if _failed(run) else "warn" if tally(run).pending else "plain"

"""What is said after the app has closed."""

from shlex import quote

from core.domain.hunk import HunkState
from core.domain.metrics import CostBasis
from core.domain.state import RunState
from core.record.cost import Cost
from tui.cockpit import Leave
from tui.figures import counted, dollars
from tui.question_words import by_option, is_settled
from tui.sanitise import one_line
from tui.standing import unseen


def way_on(run: RunState, resume: str) -> tuple[str, ...]:
    """How to go on with a run that was carried on without a screen, by the command that takes it
    up.
    """
    if not run.goal.text:
        return ()
    at = f" at {run.cursor.value}" if run.cursor else ""
    lines = [f"This is run {run.run_id}; `{resume}` takes it up{at}."]
    if run.question and not is_settled(run):
        lines.append(f"`{resume} --answer CHOICE` answers: {by_option(run.question)}.")
    lines += [
        f"`{resume} --check {quote(asked.line)}` lets that command run." for asked in run.asked
    ]
    if left := unseen(run):
        lines.append(
            f"{counted(left, 'hunk')} of high risk must be decided by a person: `{resume}` in a "
            f"terminal, or `{resume} --line`."
        )
    return tuple(lines)


def _cost(run: RunState) -> str:
    spent, is_estimated = run.spent, run.usage.basis is CostBasis.ESTIMATED
    return dollars(Cost(spent.dollars, spent.unpriced, is_estimated))


_STANDS = {
    HunkState.LANDED: "landed",
    HunkState.ACCEPTED: "accepted and not landed",
    HunkState.REJECTED: "rejected",
    HunkState.PENDING: "undecided",
    HunkState.UNDONE: "undone",
}


def _stand(run: RunState) -> str:
    """How many hunks there are of each kind; nothing where there are none."""
    found = [f"{n} {word}" for state, word in _STANDS.items() if (n := len(run.hunks_in(state)))]
    return f": {', '.join(found)}" if found else ""


def undecided(run: RunState, resume: str) -> tuple[str, ...]:
    """What a landing left undecided, and how it is decided."""
    pending = run.hunks_in(HunkState.PENDING)
    if not pending:
        return ()
    risk = max(hunk.risk for hunk in pending).word
    told = f"{counted(len(pending), 'hunk')} undecided, up to {risk} risk"
    return (f"{told}: `{resume}` goes on with them.",)


def leave_note(run: RunState) -> Leave:
    """The result of a run in a few figures, and in words for the normal screen."""
    hunks = run.hunks
    lines: list[str] = []
    if run.goal.text:
        cost = f", {_cost(run)}" if run.usage.calls else ""
        lines.append(f"goal    {one_line(run.goal.text)}")
        lines.append(f"result  {counted(len(hunks), 'hunk')}{_stand(run)}{cost}")
    if run.run_id:
        lines.append(f"resume  relaypair resume {one_line(run.run_id)}")
    return Leave(
        goal=run.goal.text,
        run_id=run.run_id,
        hunks=len(hunks),
        accepted=len(run.hunks_in(HunkState.ACCEPTED)),
        landed=len(run.hunks_in(HunkState.LANDED)),
        cost=_cost(run),
        outcome=run.outcome,
        lines=tuple(lines),
    )

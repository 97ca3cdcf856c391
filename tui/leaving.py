"""What is said after the app has closed."""

from core.domain.hunk import HunkState
from core.domain.state import RunState
from tui.cockpit import Leave
from tui.figures import counted
from tui.sanitise import one_line


def leave_note(run: RunState) -> Leave:
    """The result of a run in a few figures, and in words for the normal screen."""
    hunks = run.hunks
    accepted = len(run.hunks_in(HunkState.ACCEPTED))
    landed = len(run.hunks_in(HunkState.LANDED))
    lines: list[str] = []
    if run.goal.text:
        cost = f", {run.usage.price}" if run.usage.calls else ""
        done = f"{accepted} accepted, {landed} landed"
        lines.append(f"goal    {one_line(run.goal.text)}")
        lines.append(f"result  {counted(len(hunks), 'hunk')}: {done}{cost}")
    if run.run_id:
        lines.append(f"resume  relaypair resume {one_line(run.run_id)}")
    return Leave(
        goal=run.goal.text,
        run_id=run.run_id,
        hunks=len(hunks),
        accepted=accepted,
        landed=landed,
        cost=run.usage.price,
        outcome=run.outcome,
        lines=tuple(lines),
    )

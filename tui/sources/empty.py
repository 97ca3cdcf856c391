"""What a panel says while it has nothing to show."""

from core.domain.phase import Phase, PhaseState
from core.domain.state import RunState
from tui.ink import Line
from tui.question_words import by_key
from tui.sanitise import one_line
from tui.sources.context import head_lines
from tui.sources.relay import tail_lines
from tui.sources.text import TextSource, wrapped
from tui.state import ViewState

_NOTHING = {
    "plan": "No plan. Type a goal, or o adds a task.",
    "context": "Nothing retrieved. o adds files and names.",
    "diffs": "No edits staged.",
    "events": "Nothing yet.",
}

_OWNER = {"plan": Phase.PLAN, "diffs": Phase.GENERATE}


def empty_source(run: RunState, view: ViewState, panel: str, width: int, height: int) -> TextSource:
    """One sentence, or why it failed, or what streams in."""
    if panel == "context" and (lines := head_lines(run, view, width)):
        return TextSource(tuple(lines))
    lines = [((row, "dim"),) for row in wrapped(_NOTHING[panel], width - 2, " ")]
    owner = _OWNER.get(panel)
    if owner and run.phases[owner].state is PhaseState.FAILED:
        reason = f"{owner.value} FAIL: {one_line(run.phases[owner].reason)}"
        lines = [((row, "bad"),) for row in wrapped(reason, width - 2, " ")]
        offer = "r reruns it with a note, m swaps its model; 4, then o shows the model's words."
        if run.question:
            offer = f"! goes to the question: {by_key(run.question)}"
        lines += [((row, "dim"),) for row in wrapped(offer, width - 2, " ")]
    if panel == "diffs" and run.running:
        leg = run.phases[run.running]
        lines = [((f" {run.running.value} runs on {one_line(leg.model)}", "bar"),)]
        lines += tail_lines(view, width, max(3, height - 2))
    elif panel == "diffs" and not run.goal.text:
        lines += _welcome(width)
    return TextSource(tuple(lines))


def _welcome(width: int) -> list[Line]:
    words = (
        "",
        "Relaypair hands a goal through six phases, each on its own model.",
        "Nothing is written before you accept it hunk by hunk.",
        "",
        "Type a goal below and press enter, then:",
        "  .   runs one phase        R   runs to the next gate",
        "  m   swaps a model         y n accept or reject a hunk",
        "  V   verifies what you accepted, L lands it, U takes it back",
        "",
        "esc leaves the prompt; ? shows every key.",
    )
    return [((row, "dim"),) for text in words for row in wrapped(text, width - 2, " ")]

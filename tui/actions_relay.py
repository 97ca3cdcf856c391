"""Actions that work in every panel: driving the relay, and finding one's way."""

from collections.abc import Iterable

from tui import reasons
from tui.action import Action


def relay() -> Iterable[Action]:
    scope = "relay"
    yield Action(
        "step", "full_stop", scope, "step", "run exactly the next phase", "step", reasons.step
    )
    yield Action(
        "run", "R", scope, "run", "run on to the next gate, failure or review", "run", reasons.step
    )
    yield Action(
        "pause",
        "P",
        scope,
        "pause",
        "stop after this phase; again: cancel the call",
        "pause",
        reasons.running,
    )
    yield Action(
        "back",
        "B",
        scope,
        "back",
        "go back one phase; nothing is deleted",
        "back",
        reasons.back,
        arms=True,
    )
    yield Action(
        "rerun",
        "r",
        scope,
        "rerun",
        "run the focused phase again, with a note",
        "rerun",
        reasons.rerun,
    )
    yield Action(
        "edit-output",
        "E",
        scope,
        "edit output",
        "edit what the focused phase handed on, in your editor",
        "edit output",
        reasons.output,
    )
    yield Action(
        "skip",
        "S",
        scope,
        "skip",
        "go on without the focused phase",
        "skip",
        reasons.skip,
        arms=True,
    )
    yield Action(
        "model",
        "m",
        scope,
        "model",
        "choose the model of the focused phase",
        "model",
        reasons.run_exists,
    )
    yield Action(
        "budget",
        "dollar_sign",
        scope,
        "budget",
        "set the limits of this run: dollars, tokens, time",
        "budget",
        reasons.run_exists,
    )
    yield Action(
        "previous-phase",
        "left_square_bracket",
        scope,
        "phase",
        "focus the previous phase",
        "phase previous",
    )
    yield Action(
        "next-phase", "right_square_bracket", scope, "phase", "focus the next phase", "phase next"
    )
    yield Action(
        "verify", "V", scope, "verify", "check exactly the accepted hunks", "verify", reasons.verify
    )
    yield Action(
        "land",
        "L",
        scope,
        "land",
        "write the accepted hunks to the files",
        "land",
        reasons.land,
        arms=True,
    )
    yield Action(
        "undo-landing",
        "U",
        scope,
        "undo",
        "restore the files of the last landing",
        "undo",
        reasons.undo,
        arms=True,
    )
    yield Action(
        "commit-message",
        "M",
        scope,
        "message",
        "read the commit message that review offers; it is copied too",
        "message",
        reasons.message,
    )


def everywhere() -> Iterable[Action]:
    scope = "global"
    yield Action("help", "question_mark", scope, "help", "every key, for this panel first", "help")
    yield Action(
        "palette", "ctrl+p", scope, "palette", "every action by name", "palette", priority=True
    )
    yield Action("go-plan", "1", scope, "plan", "go to the plan", "plan")
    yield Action("go-context", "2", scope, "context", "go to the context", "context")
    yield Action("go-diffs", "3", scope, "diffs", "go to the diffs", "diffs")
    yield Action("go-phases", "4", scope, "phases", "go to the phases", "phases")
    yield Action("go-events", "5", scope, "events", "go to the events", "events")
    yield Action("go-figures", "6", scope, "figures", "go to what the run cost and took", "figures")
    yield Action(
        "go-question",
        "exclamation_mark",
        scope,
        "question",
        "go to the question that waits",
        "question",
        reasons.question,
    )
    yield Action("go-goal", "0,i", scope, "goal", "go to the goal prompt", "goal")
    yield Action(
        "leave",
        "escape",
        scope,
        "back",
        "leave the prompt, the zoom or a filter",
        "",
        priority=True,
    )
    yield Action("focus-next", "tab", scope, "next", "to the next panel", priority=True)
    yield Action(
        "focus-previous", "shift+tab", scope, "previous", "to the previous panel", priority=True
    )
    yield Action("zoom", "plus", scope, "zoom", "give this panel the whole screen", "zoom")
    yield Action("unzoom", "underscore", scope, "all panels", "show all panels again", "unzoom")
    yield Action(
        "check-output",
        "v",
        scope,
        "checks",
        "read the output of the checks",
        "checks",
        reasons.checks,
    )
    yield Action(
        "interrupt",
        "ctrl+c",
        scope,
        "cancel",
        "cancel the call; clear the prompt; twice: quit",
        "",
        priority=True,
    )
    yield Action("quit", "q", scope, "quit", "quit; decisions are kept", "quit")

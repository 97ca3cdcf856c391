"""Handlers that only move around."""

from dataclasses import replace

from tui import standing
from tui.cockpit import Cockpit
from tui.keymap import ACTIONS, render_keys
from tui.screens.choice import Choice, ChoiceScreen
from tui.screens.reader import ReaderScreen


async def help_screen(cockpit: Cockpit) -> None:
    """Every key."""
    await cockpit.open(ReaderScreen("Keys", render_keys(100, first=cockpit.view.focus)))


async def palette(cockpit: Cockpit) -> None:
    """Every action by name, with the reason where it cannot be done."""
    run, view = cockpit.run_state, cockpit.view
    here = (view.panel, "question", "relay", "global")
    ranked = sorted(ACTIONS, key=lambda a: here.index(a.scope) if a.scope in here else len(here))
    choices = tuple(
        Choice(a.id, f"{a.word:<16} {a.help}", a.shown, a.enabled(run, view))
        for a in ranked
        if a.word
    )

    async def then(choice: Choice) -> None:
        await cockpit.perform(choice.id)

    await cockpit.open(ChoiceScreen("Actions", choices, notes_disable=True), then)


async def go_plan(cockpit: Cockpit) -> None:
    """To the plan."""
    cockpit.go("plan")


async def go_context(cockpit: Cockpit) -> None:
    """To the context."""
    cockpit.go("context")


async def go_diffs(cockpit: Cockpit) -> None:
    """To the diffs."""
    cockpit.go("diffs")


async def go_phases(cockpit: Cockpit) -> None:
    """To the phases."""
    cockpit.go("phases")


async def go_events(cockpit: Cockpit) -> None:
    """To the events."""
    cockpit.go("events")


async def go_figures(cockpit: Cockpit) -> None:
    """To the figures."""
    cockpit.go("figures")


async def go_question(cockpit: Cockpit) -> None:
    """To the waiting line."""
    cockpit.go("question")


async def go_goal(cockpit: Cockpit) -> None:
    """To the goal prompt."""
    cockpit.go("goal")


STOPS = ("plan", "context", "diffs", "phases", "events", "figures", "question", "goal")
"""Where tab goes, in order; panels that are not on screen come up."""


def _turn(cockpit: Cockpit, step: int) -> None:
    at = STOPS.index(cockpit.view.focus)
    cockpit.go(STOPS[(at + step) % len(STOPS)])


async def focus_next(cockpit: Cockpit) -> None:
    """To the next stop."""
    _turn(cockpit, 1)


async def focus_previous(cockpit: Cockpit) -> None:
    """To the previous stop."""
    _turn(cockpit, -1)


async def leave(cockpit: Cockpit) -> None:
    """Out of whatever is open."""
    await cockpit.leave()


async def zoom(cockpit: Cockpit) -> None:
    """This panel alone."""
    cockpit.change(replace(cockpit.view, zoomed=True))


async def unzoom(cockpit: Cockpit) -> None:
    """All panels."""
    cockpit.change(replace(cockpit.view, zoomed=False))


async def check_output(cockpit: Cockpit) -> None:
    """What the checks printed, failing ones first."""
    results = sorted(cockpit.run_state.checks, key=lambda pair: pair[1].passed)
    parts = []
    for subset, r in results:
        word = "passed" if r.passed else f"FAIL ({r.outcome.value})"
        head = f"$ {r.command.line}    [{subset}: {word}] {r.summary}"
        parts.append("\n".join((head, *r.failures, "", r.output, *r.notes)))
    await cockpit.open(ReaderScreen("Output of the checks", "\n\n".join(parts)))


async def commit_message(cockpit: Cockpit) -> None:
    """What review offers for the commit, whole; nothing is ever committed."""
    text = standing.commit_message(cockpit.run_state)
    cockpit.copy(text)
    await cockpit.open(ReaderScreen("Commit message (copied), as git commit -F - takes it", text))


async def interrupt(cockpit: Cockpit) -> None:
    """Cancel first."""
    await cockpit.interrupt()


async def quit_app(cockpit: Cockpit) -> None:
    """Close the app; a running phase is paused by the session."""
    if cockpit.run_state.running:
        cockpit.say("a phase is running: ctrl+c cancels it, then q quits")
        return
    if cockpit.view.is_busy:
        cockpit.say(f"{cockpit.view.doing or 'a check is running'}: ctrl+c stops it, then q quits")
        return
    cockpit.finish()

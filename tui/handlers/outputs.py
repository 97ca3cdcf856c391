"""Handlers that show what the focused phase handed on, and let the user's editor change it."""

from dataclasses import replace

from core.domain import commands as c
from tui import outputs
from tui.cockpit import Cockpit
from tui.screens.reader import ReaderScreen


async def show_receipt(cockpit: Cockpit) -> None:
    """Read what the focused phase handed on, and a reply that is not used."""
    run, phase = cockpit.run_state, cockpit.view.phase
    refused = outputs.refused_question(cockpit.past(), run)
    text = outputs.page(run, phase, refused, cockpit.blob)
    await cockpit.open(ReaderScreen(f"Receipt of {phase.value}", text))


async def edit_output(cockpit: Cockpit) -> None:
    """Edit the replies of generate, or the receipt of another phase. A text that is neither is kept
    and opened the next time.
    """
    run, phase = cockpit.run_state, cockpit.view.phase
    refused = outputs.refused_question(cockpit.past(), run)
    found = outputs.draft(run, phase, refused, cockpit.blob)
    if found is None:
        cockpit.say(f"{phase.value} has handed nothing on that could be edited")
        return
    given, earlier = cockpit.view.draft
    text = earlier if given == found.text else found.text
    text = cockpit.edit_text(text, found.suffix) or text
    if text == found.text:
        return
    try:
        receipt = outputs.edited_receipt(run, phase, refused, text, cockpit.keep)
    except outputs.NoOutput as fault:
        cockpit.change(replace(cockpit.view, draft=(found.text, text)))
        cockpit.say(f"E opens your text again: {fault}")
        return
    cockpit.change(replace(cockpit.view, draft=("", "")))
    await cockpit.send(c.EditOutput(phase, receipt))

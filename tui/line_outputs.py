"""Words that print what a phase handed on, and let the user's editor change it."""

from core.domain import commands as c
from core.domain.phase import ORDER, Phase
from tui import line_hunks, outputs
from tui.line_desk import Desk, phase_named


def phases_meant(desk: Desk, rest: str) -> list[Phase]:
    """The named phase; without a name the last one that passed."""
    passed = [p for p in ORDER if desk.state.phases[p].receipt]
    named = phase_named(rest) if rest else (passed or [Phase.RETRIEVE])[-1]
    if named is None:
        desk.say(f"{rest} is no phase; they are {', '.join(p.value for p in ORDER)}.")
    return [named] if named else []


async def receipt(desk: Desk, rest: str) -> None:
    """Print what a phase handed on, and a reply that is not used."""
    for phase in phases_meant(desk, rest):
        if desk.state.phases[phase].receipt is None:
            desk.say(f"{phase.value} has not passed yet.")
            continue
        refused = outputs.refused_question(desk.session.past(), desk.state)
        desk.say(outputs.page(desk.state, phase, refused, desk.text))


async def edit(desk: Desk, rest: str) -> None:
    """Edit what a phase handed on, where a phase is named; else the added lines of a hunk."""
    if rest and phase_named(rest):
        await edit_output(desk, rest)
    else:
        await line_hunks.edit(desk, rest)


async def edit_output(desk: Desk, rest: str) -> None:
    """Edit the replies of generate, or the receipt of another phase."""
    for phase in phases_meant(desk, rest):
        refused = outputs.refused_question(desk.session.past(), desk.state)
        found = outputs.draft(desk.state, phase, refused, desk.text)
        if found is None:
            desk.say(f"{phase.value} has handed nothing on that could be edited.")
            continue
        text = await desk.edit(desk.drafts.pop(found.text, found.text), found.suffix)
        if text is None:
            continue
        try:
            made = outputs.edited_receipt(desk.state, phase, refused, text, desk.keep)
        except outputs.NoOutput as fault:
            desk.drafts[found.text] = text
            desk.say(f"Not taken: {fault}. `edit {phase.value}` opens your text again.")
        else:
            await desk.send(c.EditOutput(phase, made))

"""Driving the app in tests: conditions to wait for, and the screen as text."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.waiting import wait_until as wait_until
from tui.app import RelaypairApp
from tui.cockpit import AppOptions, Leave
from tui.scripted_session import ScriptedSession, sample_session

Driver = Pilot[Leave]

PANEL_KEYS = {
    "plan": "1",
    "context": "2",
    "diffs": "3",
    "phases": "4",
    "events": "5",
    "figures": "6",
}


def shown(app: RelaypairApp) -> str:
    """What is on screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)


class Driven:
    """An app under test with its session."""

    def __init__(self, app: RelaypairApp, session: ScriptedSession, pilot: Driver) -> None:
        self.app = app
        self.session = session
        self.pilot = pilot

    @property
    def text(self) -> str:
        """What is on screen."""
        return shown(self.app)

    async def sees(self, text: str) -> None:
        """Wait until a text is on screen."""
        await wait_until(lambda: text in self.text)

    async def press(self, *keys: str) -> None:
        """Press keys at full speed; only the last one is waited for."""
        *fast, last = keys
        for key in fast:
            single = len(key) == 1
            name = _character_to_key(key) if single else key
            self.app.post_message(events.Key(name, key if single else None))
        await self.pilot.press(last)

    async def submits(self, count: int) -> None:
        """Wait until that many commands were submitted."""
        await wait_until(lambda: len(self.session.submitted) >= count)


@asynccontextmanager
async def driving(
    session: ScriptedSession | None = None,
    size: tuple[int, int] = (120, 40),
    options: AppOptions | None = None,
    focus: str = "diffs",
) -> AsyncIterator[Driven]:
    """Run the app on a scripted session; `focus` is where the user goes first."""
    played = session or sample_session()
    app = RelaypairApp(played, options)
    async with app.run_test(size=size) as pilot:
        driven = Driven(app, played, pilot)
        await wait_until(lambda: played.warmed and played.listeners == 1)
        if app.view.focus != focus:
            await driven.press("escape", "0" if focus == "goal" else PANEL_KEYS[focus])
            await wait_until(lambda: app.view.focus == focus)
        yield driven
        await played.close()

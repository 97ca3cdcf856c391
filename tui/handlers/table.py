"""Every action of the registry with the function that carries it out."""

from collections.abc import Awaitable, Callable
from typing import Final

from tui.cockpit import Cockpit
from tui.handlers import diffs, lists, outputs, relay, view
from tui.keymap import ACTIONS

Handler = Callable[[Cockpit], Awaitable[None]]

_NAMED_OTHERWISE = {"help": view.help_screen, "quit": view.quit_app}


def _handler(action_id: str) -> Handler:
    if action_id in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[action_id]
    name = action_id.replace("-", "_")
    found: Handler = next(
        getattr(area, name) for area in (relay, diffs, lists, outputs, view) if hasattr(area, name)
    )
    return found


HANDLERS: Final[dict[str, Handler]] = {action.id: _handler(action.id) for action in ACTIONS}
"""By action id; an action without a function is an error at import."""

"""What a user can ask for: one action, its key and where the key acts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tui.reasons import Reason, always

PANELS: Final = ("diffs", "plan", "context", "phases", "events", "figures", "question")
"""Scopes of one focused panel."""

EVERYWHERE: Final = ("global", "relay")
"""Scopes that act in every panel, outside inputs."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for, by key, by palette or by word."""

    id: str
    key: str
    """Textual's name of the key; several are separated by commas."""
    scope: str
    label: str
    """One or two words for the hint line."""
    help: str
    word: str = ""
    """The command word of the palette and of the line mode; empty for keys that only move."""
    enabled: Reason = always
    """Why it cannot be done now; empty when it can."""
    arms: bool = False
    """Whether it wants its key twice, with what will happen shown between."""
    priority: bool = False
    """Whether the key acts inside inputs too."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key, as Textual names them."""
        return tuple(self.key.split(","))

    @property
    def shown(self) -> str:
        """Its keys as they are printed on a keyboard."""
        return " ".join(_SHOWN.get(key, key) for key in self.keys)


_SHOWN = {
    "full_stop": ".",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "underscore": "_",
    "slash": "/",
    "dollar_sign": "$",
    "exclamation_mark": "!",
    "escape": "esc",
}


class DuplicateKey(ValueError):
    """Two actions want one key in one place, or one id."""


def checked(actions: Iterable[Action]) -> tuple[Action, ...]:
    """The actions, when no key means two things in one place. Raises `DuplicateKey`."""
    found = tuple(actions)
    if len({a.id for a in found}) != len(found):
        raise DuplicateKey("an action id is used twice")
    for panel in PANELS:
        places = {*EVERYWHERE, panel, *(("question",) if panel == "phases" else ())}
        seen: dict[str, str] = {}
        for action in (a for a in found if a.scope in places):
            for key in action.keys:
                if seen.setdefault(key, action.id) != action.id:
                    raise DuplicateKey(f"{key} means {seen[key]} and {action.id} in {panel}")
    return found

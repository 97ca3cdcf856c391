"""Adding context by name: a path found by its parts, with lines where wanted."""

import re

from core.domain.commands import AddContext
from tui.screens.choice import Choice, PickScreen

_LINES = re.compile(r":(\d+)(?:-(\d+))?\s*$")


def parsed_lines(typed: str) -> tuple[str, int, int]:
    """What is looked for, and the lines after `:`; 0 and 0 for the whole file."""
    found = _LINES.search(typed)
    if not found:
        return typed.strip(), 0, 0
    start = int(found[1])
    return typed[: found.start()].strip(), start, int(found[2] or start)


class PathScreen(PickScreen[AddContext]):
    """Closes with the file, or the lines of it, to add."""

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        hint = "type parts of a path, then :10-40 for lines   enter adds   esc closes"
        super().__init__("Add to the context", hint, choices)

    def query_text(self, typed: str) -> str:
        """The path without its lines."""
        return parsed_lines(typed)[0]

    def action_choose(self) -> None:
        """Close with the marked path."""
        if self.current:
            _, start, end = parsed_lines(self.field.value)
            self.dismiss(AddContext(self.current.id, start, max(start, end)))

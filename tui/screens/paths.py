"""Adding context by name: a path found by its parts, with lines where wanted, or a definition."""

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from core.domain.commands import AddContext
from core.domain.context import Definition
from tui.context_words import parsed_lines
from tui.screens.choice import SHOWN, Choice, PickScreen, matching

NAMES = 12
"""Definitions that are listed."""

PENDING = Choice("", "... names are still being looked up")

LookUp = Callable[[str, int], Awaitable[tuple[Definition, ...]]]
"""Where a name is defined, at most so many places."""

_NO_NAME = re.compile(r"[/\s]|^$")


class PathScreen(PickScreen[AddContext]):
    """Closes with the file, the lines of it, or the definition to add.

    Paths and names come later than the keys. Enter waits for them, unless nothing that comes can
    change what is meant.
    """

    def __init__(self, definitions: LookUp) -> None:
        hint = "type parts of a path, then :10-40 for lines; or a name   enter adds   esc closes"
        super().__init__("Add to the context", hint, ())
        self._definitions = definitions
        self._places: dict[str, Definition] = {}
        self._asked = ""
        """The text whose definitions are not known yet."""
        self._has_paths = False
        self._was_moved = False
        self._chooses = False
        """Enter was pressed before the rows were known."""
        self._found = [PENDING]

    def take_paths(self, paths: Iterable[str]) -> None:
        """List these paths."""
        self._choices = tuple(Choice(path, path) for path in paths)
        self._has_paths = True
        self._renew()

    def query_text(self, typed: str) -> str:
        """The path or name without lines."""
        return parsed_lines(typed)[0]

    def found(self, query: str) -> list[Choice]:
        """What is known by now; names are asked for."""
        self._was_moved = self._chooses = False
        self._asked = "" if _NO_NAME.search(query) else query
        if self._asked:
            looking: Callable[[], Awaitable[None]] = partial(self._look_up, query)
            self.run_worker(looking, group="names", exclusive=True, exit_on_error=False)
        return self._rows(query)

    async def _look_up(self, name: str) -> None:
        found = await self._definitions(name, NAMES)
        if name == self._asked:
            self._asked = ""
            self._places = {f"{d.path}:{d.start}-{d.end} {d.name}": d for d in found}
            self._renew()

    def _renew(self) -> None:
        """List what has become known; the cursor stays where the user can have meant it to be."""
        marked = self.current if self._is_sure() else None
        self._found = self._rows(self.query_text(self.field.value))
        self.preselect(marked.id if marked else "")
        self._draw()
        if self._chooses:
            self.action_choose()

    def _rows(self, query: str) -> list[Choice]:
        """Names that are the query, paths that hold it, further names, paths like it."""
        low = query.lower()
        paths = matching(query, self._choices)
        holding = [row for row in paths if low in row.text.lower()]
        names = {id_: d for id_, d in self._places.items() if self._fits(d, low)}
        exact = [_row(id_, d) for id_, d in names.items() if d.name.lower() == low]
        others = [_row(id_, d) for id_, d in names.items() if d.name.lower() != low]
        rows = dict.fromkeys((*exact, *holding, *others, *paths))
        pending = [] if self._has_paths and not self._asked else [PENDING]
        return [*rows][:SHOWN] + pending

    def _fits(self, place: Definition, low: str) -> bool:
        """Whether a place found for this query, or for an earlier one, is still an answer."""
        return bool(low) and (not self._asked or low in place.name.lower())

    def _is_sure(self) -> bool:
        """Whether the marked row is meant, whatever else becomes known: it was moved to, or it
        holds what can only be part of a path.
        """
        query, row = self.query_text(self.field.value).lower(), self.current
        is_path = "/" in query or "." in query
        return row is not None and (self._was_moved or (is_path and query in row.text.lower()))

    def action_move(self, step: int) -> None:
        """Mark another row."""
        self._was_moved = True
        super().action_move(step)

    def action_choose(self) -> None:
        """Close with the marked row; with a doubtful one only when all rows are known."""
        row = self.current
        if (self._asked or not self._has_paths) and not self._is_sure():
            self._chooses = True
        elif row is not None and row.id in self._places:
            place = self._places[row.id]
            self.dismiss(AddContext(place.path, place.start, place.end))
        elif row is not None and row.id:
            _, start, end = parsed_lines(self.field.value)
            self.dismiss(AddContext(row.id, start, max(start, end)))


def _row(id_: str, place: Definition) -> Choice:
    return Choice(id_, f"{place.name}  {place.path}:{place.start}-{place.end}", place.kind)

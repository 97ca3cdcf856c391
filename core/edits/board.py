"""The changes of one file as they are placed: which lines are taken, and by which edit."""

from collections.abc import Sequence

from core.domain.hunk import Refusal, RefusalKind
from core.edits import refusing
from core.edits.intent import Intent
from core.edits.snapshot import Snapshot
from core.edits.splice import Splice, applied, text_splices


class Board:
    """Changes that do not contradict one another."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Begin with the file as it is."""
        self.snapshot = snapshot
        self._splices: list[Splice] = []
        self._rows: dict[int, tuple[Splice, Intent]] = {}
        """Lines that are replaced, and by what."""
        self._gaps: dict[int, tuple[Intent, int, int]] = {}
        """Insertions before a line: the edit, and where the text that it was found by is."""
        self._sites: dict[int, list[Intent]] = {}
        """Places inside single lines, by line."""

    def applied(self, final: bool | None = None) -> tuple[str, ...]:
        """The file with all changes; `final` as in `splice.applied`."""
        lines = [
            splice
            for row, sites in self._sites.items()
            for splice in text_splices(
                row, row + 1, _rewritten(self._line(row), sites), self.snapshot
            )
        ]
        return applied(self.snapshot, (*self._splices, *lines), final)

    def add(
        self, intent: Intent, splices: Sequence[Splice], start: int, end: int
    ) -> Refusal | None:
        """Take the lines of an edit that was found at `start … end`, or say whose they are."""
        for splice in splices:
            if other := self._other(splice, start, end):
                return refusing.conflict(intent, other, splice.start)
        for splice in splices:
            self._take(intent, splice, start, end)
        return None

    def add_site(self, intent: Intent) -> Refusal | None:
        """Take characters of one line, or whole lines where they span several."""
        row, column = (intent.line or 0) - 1, intent.column or 0
        last = row + intent.old.count("\n")
        if not 0 <= row <= last < len(self.snapshot.lines):
            reason = f"line {intent.line} is not in the file"
            return refusing.refusal(intent, RefusalKind.NOT_FOUND, reason)
        text = "".join(self._line(i) for i in range(row, last + 1))
        if not text.startswith(intent.old, column):
            reason = f"line {intent.line} does not hold the expected text at column {column + 1}"
            return refusing.refusal(intent, RefusalKind.NOT_FOUND, reason)
        if last > row:
            changed = text[:column] + intent.new + text[column + len(intent.old) :]
            if other := next(
                (s[0] for i in range(row, last + 1) if (s := self._sites.get(i))), None
            ):
                return refusing.conflict(intent, other, row)
            splices = text_splices(row, last + 1, changed, self.snapshot)
            return self.add(intent, splices, row, last + 1)
        if taken := self._rows.get(row):
            return refusing.conflict(intent, taken[1], row)
        for other in self._sites.get(row, ()):
            if _crossing(intent, other):
                return refusing.conflict(intent, other, row)
        self._sites.setdefault(row, []).append(intent)
        return None

    def _line(self, row: int) -> str:
        return self.snapshot.bare[row] + "\n"

    def _other(self, splice: Splice, start: int, end: int) -> Intent | None:
        """The edit that a change would contradict."""
        for row in range(splice.start, splice.end):
            if row in self._rows:
                return self._rows[row][1]
            if row in self._sites:
                return self._sites[row][0]
            if row > splice.start and row in self._gaps:
                return self._gaps[row][0]
        if splice.start < splice.end:
            return None
        at = splice.start
        above, below = self._rows.get(at - 1), self._rows.get(at)
        if above and below and above[0] is below[0]:
            return above[1]
        if at in self._gaps:
            other, first, last = self._gaps[at]
            in_turn = (last <= at <= start) or (end <= at <= first)
            return None if in_turn else other
        return None

    def _take(self, intent: Intent, splice: Splice, start: int, end: int) -> None:
        if splice.start == splice.end and splice.start in self._gaps and end <= splice.start:
            # Found above the line, so it stands before what was found below it.
            row = next(i for i, s in enumerate(self._splices) if s.start == s.end == splice.start)
            self._splices.insert(row, splice)
        else:
            self._splices.append(splice)
        for row in range(splice.start, splice.end):
            self._rows[row] = (splice, intent)
        if splice.start == splice.end:
            self._gaps[splice.start] = (intent, start, end)


def _crossing(a: Intent, b: Intent) -> bool:
    ours, theirs = a.column or 0, b.column or 0
    return ours < theirs + len(b.old) and theirs < ours + len(a.old)


def _rewritten(line: str, sites: Sequence[Intent]) -> str:
    for site in sorted(sites, key=lambda i: i.column or 0, reverse=True):
        column = site.column or 0
        line = line[:column] + site.new + line[column + len(site.old) :]
    return line

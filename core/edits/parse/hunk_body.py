"""The lines of one hunk of a unified diff: where they end when counts may be wrong or absent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.edits.intent import ParseFault
from core.edits.parse.diff_paths import looks_paired

_NUMBERS = re.compile(
    r"^@@ *-([0-9]{1,9})(?:,([0-9]{1,9}))? +\+[0-9]{1,9}(?:,([0-9]{1,9}))? *(?:@@ ?(.*))?$"
)
_PLACEHOLDER = re.compile(r"^@@ *(?:-[^ ]* +\+[^ ]*|\.{3}|…)? *@@ ?(.*)$")
_CHANGED = re.compile(r"^(?:\+|-(?! \S))")
"""A line that changes something and is no item of a list."""


@dataclass(slots=True)
class HunkText:
    """One hunk as written."""

    rows: list[str]
    start: int | None = None
    scope: str = ""
    counts: tuple[int, int] | None = None
    exact: bool = False
    """Whether the counts hold."""

    def side(self, sign: str) -> str:
        """The text before (`-`) or after (`+`)."""
        made = []
        for i, row in enumerate(self.rows):
            if row[:1] in (" ", sign):
                ends = i + 1 == len(self.rows) or not self.rows[i + 1].startswith("\\")
                made.append(row[1:] + ("\n" if ends else ""))
        return "".join(made)

    def seems_cut(self) -> bool:
        """Whether lines are missing, going by the counts of a hunk that ends the reply.

        Counts that are only too high by less than the context are taken for miscounted where
        the hunk ends in as much context as it begins with: a cut there would leave more out.
        """
        if self.counts is None or self.exact:
            return False
        missing = [
            told - sum(row[:1] in (" ", sign) for row in self.rows)
            for told, sign in zip(self.counts, "-+", strict=True)
        ]
        if all(row.startswith(" ") for row in self.rows) and max(missing) > 0:
            return True
        if max(missing) <= 0 or min(missing) < 0:
            return self._ends_in_a_header()
        leading = _context(self.rows)
        return not (max(missing) <= leading <= _context(self.rows[::-1]))

    def _ends_in_a_header(self) -> bool:
        """Whether the counts hold until a last line or two that begin another header."""
        told = self.counts or (0, 0)
        for rest in (1, 2):
            rows, after = self.rows[:-rest], self.rows[-rest:]
            sides = tuple(sum(row[:1] in (" ", sign) for row in rows) for sign in "-+")
            begins = after and ("--- ".startswith(after[0]) or after[0].startswith("--- "))
            if begins and sides == told:
                return True
        return False


def _context(rows: Sequence[str]) -> int:
    return next((n for n, row in enumerate(rows) if not row.startswith(" ")), len(rows))


def read_hunk(lines: Sequence[str], row: int) -> tuple[HunkText, int]:
    """The hunk whose `@@` line stands on `row`, and the row after it."""
    head = lines[row]
    numbers = _NUMBERS.match(head)
    if not numbers:
        rows, end = _lenient(lines, row + 1)
        return HunkText(rows, scope=_scope(head)), end
    if head.startswith("@@@"):
        raise ParseFault("the diff shows a merge; give the diff against one parent")
    counts = int(numbers[2] or 1), int(numbers[3] or 1)
    scope = (numbers[4] or "").rstrip()
    found = _strict(lines, row + 1, counts)
    rows, end = found or _lenient(lines, row + 1)
    return HunkText(rows, int(numbers[1]), scope, counts, found is not None), end


def bare_hunk(lines: Sequence[str], row: int) -> tuple[HunkText, int]:
    """A hunk without `@@` line that begins on `row`."""
    rows, end = _lenient(lines, row)
    return HunkText(rows), end


def _scope(head: str) -> str:
    if found := _PLACEHOLDER.match(head):
        return found[1].rstrip()
    text = head[2:].removeprefix(" ").rstrip()
    text = text.removesuffix("@@").rstrip()
    return "" if text in ("...", "…") else text


def _strict(
    lines: Sequence[str], row: int, counts: tuple[int, int]
) -> tuple[list[str], int] | None:
    """The lines that the counts promise; None where the text does not bear them out."""
    old, new = counts
    rows: list[str] = []
    while row < len(lines) and (old > 0 or new > 0):
        line = lines[row] or " "
        sign = line[0]
        if sign not in " +-" and not line.startswith("\\ "):
            return None
        old -= sign in " -"
        new -= sign in " +"
        if old < 0 or new < 0:
            return None
        rows.append(line)
        row += 1
    if old or new or (len(rows) > 1 and _ate_header(rows, lines, row)):
        return None
    if row < len(lines) and lines[row].startswith("\\ "):
        rows.append(lines[row])
        row += 1
    return (rows, row) if _may_end(lines, row) else None


def _ate_header(rows: list[str], lines: Sequence[str], row: int) -> bool:
    """Whether the last two lines are the header of the next file, read because of wrong counts."""
    return (
        rows[-2].startswith("--- ")
        and rows[-1].startswith("+++ ")
        and row < len(lines)
        and lines[row].startswith("@@")
        and looks_paired(rows[-2], rows[-1])
    )


def _may_end(lines: Sequence[str], row: int) -> bool:
    """Whether a hunk can end before `row`: nothing that belongs to it follows."""
    if row >= len(lines) or is_header(lines, row) or lines[row].rstrip() == "--":
        return True
    if lines[row][:1] in ("+", "-"):
        return False
    if lines[row].startswith(" ") and lines[row].strip():
        return False
    while row < len(lines) and (not lines[row].strip() or lines[row].startswith(" ")):
        row += 1
    return row >= len(lines) or is_header(lines, row) or not is_change(lines[row])


def is_change(line: str) -> bool:
    """Whether a line outside every hunk looks like a changed line, not like prose or a rule."""
    return bool(_CHANGED.match(line)) and bool(line.strip().strip("-"))


def is_header(lines: Sequence[str], row: int) -> bool:
    """Whether a `---` and `+++` pair that heads a file stands on `row`."""
    if not lines[row].startswith("--- ") or row + 1 >= len(lines):
        return False
    if not lines[row + 1].startswith("+++ "):
        return False
    below = lines[row + 2] if row + 2 < len(lines) else ""
    return below.startswith("@@") or looks_paired(lines[row], lines[row + 1])


def _lenient(lines: Sequence[str], row: int) -> tuple[list[str], int]:
    """Every line that can belong to the hunk, whatever the counts."""
    rows: list[str] = []
    while row < len(lines):
        line = lines[row]
        sign = line[:1]
        if sign == "-" and (is_header(lines, row) or _signs_off(lines, row)):
            break
        if (sign in (" ", "+", "-") and line) or line.startswith("\\ "):
            rows.append(line)
        elif not line:
            after = _after_blanks(lines, row)
            if not _goes_on(lines, after):
                break
            rows += [" "] * (after - row)
            row = after
            continue
        else:
            break
        row += 1
    return rows, row


def _signs_off(lines: Sequence[str], row: int) -> bool:
    """Whether git's mail signature, `-- ` and a version, stands on `row`."""
    return lines[row] == "-- " and row + 2 >= len(lines)


def _after_blanks(lines: Sequence[str], row: int) -> int:
    while row < len(lines) and not lines[row]:
        row += 1
    return row


def _goes_on(lines: Sequence[str], row: int) -> bool:
    return row < len(lines) and lines[row][:1] in (" ", "+", "-") and not is_header(lines, row)

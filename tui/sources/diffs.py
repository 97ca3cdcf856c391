"""Staged hunks as lines: where each block stands is worked out once, text only for what is seen."""

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState, Need
from core.domain.risk import RiskTier
from core.domain.state import RunState
from tui.figures import short_model
from tui.ink import Line, right_aligned
from tui.placed import leaning, missing_needs, placing
from tui.sanitise import code_line, middle_cut, one_line
from tui.tally import of_file

MARKS = {
    HunkState.PENDING: "?",
    HunkState.ACCEPTED: "y",
    HunkState.REJECTED: "n",
    HunkState.LANDED: "L",
    HunkState.UNDONE: "u",
    HunkState.STALE: "*",
}
"""The gutter letter of each state."""

_INKS = {"y": "good", "n": "bad", "L": "good", "*": "warn", "u": "dim", "?": "warn"}

_FILE_WORDS = {FileOp.CREATE: "created ", FileOp.DELETE: "deleted ", FileOp.RENAME: "moved "}

_ROW_INKS = {"-": "remove", "+": "add"}

RISK_INK = {RiskTier.LOW: "dim", RiskTier.MEDIUM: "warn", RiskTier.HIGH: "bad"}


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines: a file's header (no hunk) or a hunk with its heading and context."""

    first: int
    file: int
    hunk: Hunk | None
    number: int
    """Place of the hunk among all, from 1."""
    remarks: tuple[tuple[str, str], ...] = ()
    """Text and ink of the lines below the heading."""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """How many lines it takes."""
        if self.hunk is None:
            return 1
        shown = len(self.hunk.old) + self.hunk.added
        leaning = 1 if self.hunk.needs else 0
        return 1 + len(self.remarks) + leaning + len(self.before) + shown + len(self.after)


class DiffSource:
    """A `LineSource` over the hunks of a run, followed by `foot` lines."""

    def __init__(self, run: RunState, foot: tuple[Line, ...] = (), only_open: bool = False) -> None:
        self._files = run.files
        self._decisions: Mapping[str, HunkState] = run.decisions
        self._stale = run.stale_paths
        self._staged = {h.id: f.present for f in run.files for h in f.hunks}
        self._total = sum(len(f.hunks) for f in run.files)
        self._blocks = _laid_out(run, only_open)
        self._firsts = [block.first for block in self._blocks]
        self._by_id = {b.hunk.id: b for b in self._blocks if b.hunk}
        last = self._blocks[-1] if self._blocks else None
        self._body = last.first + last.height if last else 0
        self._foot = foot

    @property
    def line_count(self) -> int:
        """All blocks and the foot."""
        return self._body + len(self._foot)

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of the hunks that are shown, in order."""
        return tuple(self._by_id)

    def update(self, decisions: Mapping[str, HunkState], foot: tuple[Line, ...]) -> None:
        """Take over other decisions and another foot; the blocks stay where they are."""
        self._decisions = decisions
        self._foot = foot

    def owner(self, index: int) -> str:
        """The hunk a line belongs to."""
        if index >= self._body:
            return ""
        hunk = self._at(index).hunk
        return hunk.id if hunk else ""

    def rows(self, owner: str) -> range:
        """The lines of a hunk."""
        block = self._by_id.get(owner)
        return range(block.first, block.first + block.height) if block else range(0)

    def look(self, index: int) -> Hashable:
        """The decision and what it lacks, or a file's counts."""
        if index >= self._body:
            return self._foot[index - self._body]
        block = self._at(index)
        if block.hunk:
            return self._state(block.hunk), self._missing(block.hunk)
        return of_file(self._files[block.file], self._decisions)

    def line(self, index: int, width: int) -> Line:
        """One line of the panel."""
        if index >= self._body:
            return self._foot[index - self._body]
        block = self._at(index)
        if block.hunk is None:
            return self._file_line(self._files[block.file], width)
        return self._hunk_line(block, block.hunk, index - block.first, width)

    def _at(self, index: int) -> Block:
        return self._blocks[bisect_right(self._firsts, index) - 1]

    def _state(self, hunk: Hunk) -> HunkState:
        state = self._decisions.get(hunk.id, HunkState.PENDING)
        open_one = state in (HunkState.PENDING, HunkState.ACCEPTED)
        return HunkState.STALE if open_one and hunk.path in self._stale else state

    def _missing(self, hunk: Hunk) -> tuple[Need, ...]:
        return missing_needs(hunk, self._decisions, self._staged)

    def _file_line(self, file: FileEdit, width: int) -> Line:
        done, total = of_file(file, self._decisions)
        word = _FILE_WORDS.get(file.op, "")
        stale = "changed on disk  " if file.path in self._stale else ""
        risk = max((h.risk for h in file.hunks), default=RiskTier.LOW)
        tasks = " ".join(sorted({h.task for h in file.hunks if h.task}))
        right = f"{one_line(tasks)} " if tasks else ""
        wide = width >= 60
        tail: Line = (
            (stale, "warn"),
            (f"{word}{done}/{total}{' decided' if wide else ''}  ", "dim"),
            (f"{risk.word}{' risk' if wide else ''}  ", RISK_INK.get(risk, "bad")),
            (right, "dim"),
        )
        room = width - sum(len(text) for text, _ in tail) - 3
        return right_aligned(((f" {middle_cut(one_line(file.path), room)}", "bar"),), tail, width)

    def _hunk_line(self, block: Block, hunk: Hunk, row: int, width: int) -> Line:
        mark = MARKS[self._state(hunk)]
        gutter: Line = ((f" {mark}", _INKS[mark]),)
        if row == 0:
            return self._heading(block, hunk, gutter, width)
        row -= 1
        if row < len(block.remarks):
            return (*gutter, block.remarks[row])
        row -= len(block.remarks)
        if hunk.needs and row == 0:
            return (*gutter, self._leaning(hunk))
        row -= 1 if hunk.needs else 0
        if row < len(block.before):
            return (("     " + code_line(block.before[row]), "dim"),)
        row -= len(block.before)
        if row < len(hunk.old) + hunk.added:
            mark, text = row_at(hunk, row)
            if mark == " ":
                return (("     " + code_line(text), "dim"),)
            return (*gutter, (f" {mark} {code_line(text)}", _ROW_INKS[mark]))
        row -= len(hunk.old) + hunk.added
        return (("     " + code_line(block.after[row]), "dim"),)

    def _leaning(self, hunk: Hunk) -> tuple[str, str]:
        missing = self._missing(hunk)
        mark, ink = ("!", "warn") if missing else ("~", "dim")
        return f"   {mark} {leaning(hunk, missing)}", ink

    def _heading(self, block: Block, hunk: Hunk, gutter: Line, width: int) -> Line:
        place = one_line(hunk.symbol) or f"line {hunk.start + 1}"
        if hunk.op is FileOp.RENAME:
            place = f"moved from {one_line(hunk.source)}"
        facts = [f"{block.number}/{self._total}"]
        facts += [one_line(hunk.task)] if hunk.task else []
        facts += [one_line(short_model(hunk.model))] if hunk.model and width >= 70 else []
        facts += ["edited"] if hunk.edited else []
        right: Line = (
            ("  ".join(facts) + "  ", "dim"),
            (
                f"{hunk.risk.word} {one_line(hunk.rule)} ".replace("  ", " "),
                RISK_INK.get(hunk.risk, "bad"),
            ),
        )
        return right_aligned((*gutter, (f" @@ {place} @@", "head")), right, width)


def _laid_out(run: RunState, only_open: bool) -> list[Block]:
    blocks: list[Block] = []
    row = number = 0
    for place, file in enumerate(run.files):
        shown = [(number + i, h) for i, h in enumerate(file.hunks, 1)]
        number += len(file.hunks)
        if only_open:
            shown = [(n, h) for n, h in shown if run.decision(h.id) is HunkState.PENDING]
        if not shown:
            continue
        blocks.append(Block(row, place, None, 0))
        row += 1
        seen = -1
        for at, (count, hunk) in enumerate(shown):
            following = shown[at + 1][1].start if at + 1 < len(shown) else None
            block = _block(row, place, count, hunk, seen, following)
            blocks.append(block)
            row += block.height
            seen = hunk.start + len(hunk.old) + len(block.after)
    return blocks


def _block(row: int, file: int, number: int, hunk: Hunk, seen: int, following: int | None) -> Block:
    start = hunk.start
    fresh = start - max(start - len(hunk.context_before), seen)
    before = hunk.context_before[-fresh:] if fresh > 0 else ()
    after = hunk.context_after
    if following is not None:
        after = after[: max(0, following - start - len(hunk.old))]
    return Block(row, file, hunk, number, _remarks(hunk), before, after)


def _remarks(hunk: Hunk) -> tuple[tuple[str, str], ...]:
    how = placing(hunk)
    found = [(f"   ~ {how}", "dim")] if how else []
    found += [(f"   ! doubtful: {one_line(hunk.doubt)}", "warn")] if hunk.doubt else []
    found += [(f"   ! {one_line(', '.join(hunk.flags))}", "warn")] if hunk.flags else []
    return tuple(found)


def row_at(hunk: Hunk, row: int) -> tuple[str, str]:
    """The row of that number among `hunk.rows()`, without walking over all before it."""
    at = 0
    for i, j, k, m in hunk.runs:
        for mark, lines in ((" ", hunk.old[at:i]), ("-", hunk.old[i:j]), ("+", hunk.new[k:m])):
            if row < len(lines):
                return mark, lines[row]
            row -= len(lines)
        at = j
    return " ", hunk.old[at + row]

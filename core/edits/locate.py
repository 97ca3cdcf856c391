"""Where an intent belongs, or a refusal that says why. Never a guess.

All places are looked at on the strictest tier that has any: whole lines exactly, part of one line
exactly, lines apart from trailing blanks. One place is taken; several are narrowed only by a line
hint that is within three lines of exactly one of them, else refused with every line listed. An
ambiguous tier never falls through to a looser one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.hunk import Refusal
from core.edits.hunks import changed_blocks
from core.edits.intent import Intent, Op
from core.edits.nearest import nearest_text
from core.edits.snapshot import Snapshot, bare, ending, split_lines

HINT_REACH = 3
"""Lines that a hint may be off."""


@dataclass(frozen=True, slots=True)
class Located:
    """Lines `start … end` of the snapshot become `lines`."""

    start: int
    """0-based."""
    end: int
    lines: tuple[str, ...]
    tier: str
    """`exact`, `part of a line`, `trailing blanks`, `site`, `whole file`."""
    intent: Intent


def locate(intent: Intent, snapshot: Snapshot) -> Located | Refusal:
    """The one place of an intent in a snapshot."""
    match intent.op:
        case Op.SITE:
            return _site(intent, snapshot)
        case Op.WHOLE | Op.CREATE:
            return Located(0, len(snapshot.lines), _whole(intent, snapshot), "whole file", intent)
        case Op.DELETE:
            return Located(0, len(snapshot.lines), (), "whole file", intent)
        case _:
            return _edit(intent, snapshot)


def _edit(intent: Intent, snapshot: Snapshot) -> Located | Refusal:
    wanted = tuple(bare(line) for line in split_lines(intent.old))
    if not wanted and not snapshot.lines:
        return Located(0, 0, _whole(intent, snapshot), "whole file", intent)
    if not any(line.strip() for line in wanted):
        return _refuse(intent, "the text to find is empty, so there is no place for the edit")
    places = _line_places(snapshot.bare, wanted, str)
    tier = "exact"
    if not places and len(wanted) == 1:
        located = _part_of_a_line(intent, snapshot, wanted[0])
        if located is not None:
            return located
    if not places:
        places = _line_places(snapshot.bare, wanted, str.rstrip)
        tier = "trailing blanks"
    places = _narrow(places, intent.line)
    if len(places) != 1:
        return _no_single_place(intent, snapshot, places)
    start = places[0]
    end = start + len(wanted)
    lines = with_ends(intent.new, snapshot.lines[start:end], snapshot)
    if end == len(snapshot.lines):
        lines = _last_end(intent, lines, snapshot)
    return Located(start, end, lines, tier, intent)


def _last_end(intent: Intent, lines: tuple[str, ...], snapshot: Snapshot) -> tuple[str, ...]:
    """A diff can say that the file's last line gains or loses its end; blocks never do."""
    had, has = intent.old.endswith("\n"), intent.new.endswith("\n")
    if not lines or had == has or not intent.new:
        return lines
    return (*lines[:-1], bare(lines[-1]) + (snapshot.eol if has else ""))


def _line_places(
    lines: Sequence[str], wanted: Sequence[str], view: Callable[[str], str]
) -> list[int]:
    target = [view(line) for line in wanted]
    first, size = target[0], len(target)
    return [
        i
        for i in range(len(lines) - size + 1)
        if view(lines[i]) == first and [view(line) for line in lines[i : i + size]] == target
    ]


def _narrow(places: list[int], hint: int | None) -> list[int]:
    if len(places) < 2 or hint is None:
        return places
    near = [p for p in places if abs(p + 1 - hint) <= HINT_REACH]
    return near if len(near) == 1 else places


def _part_of_a_line(intent: Intent, snapshot: Snapshot, wanted: str) -> Located | Refusal | None:
    """Text inside one line; it begins and ends where words do, or `cat` would be in `concat`."""
    before = r"(?<!\w)" if re.match(r"\w", wanted) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", wanted) else ""
    pattern = re.compile(before + re.escape(wanted) + after)
    found = [i for i, line in enumerate(snapshot.bare) for _ in pattern.finditer(line)]
    places, hits = sorted(set(found)), len(found)
    if not hits:
        return None
    if hits > 1:
        return _no_single_place(intent, snapshot, places)
    line = snapshot.lines[places[0]]
    fresh = intent.new.removesuffix("\n").replace("\n", snapshot.eol)
    text = pattern.sub(lambda _: fresh, line, count=1)
    return Located(places[0], places[0] + 1, split_lines(text), "part of a line", intent)


def _site(intent: Intent, snapshot: Snapshot) -> Located | Refusal:
    row, column = (intent.line or 0) - 1, intent.column or 0
    last = row + intent.old.count("\n")
    if not 0 <= row <= last < len(snapshot.lines):
        return _refuse(intent, f"line {intent.line} is not in the file")
    text = "".join(bare(line) + "\n" for line in snapshot.lines[row : last + 1])
    if not text.startswith(intent.old, column):
        return _refuse(
            intent, f"line {intent.line} does not hold the expected text at column {column + 1}"
        )
    changed = text[:column] + intent.new + text[column + len(intent.old) :]
    replaced = snapshot.lines[row : last + 1]
    return Located(row, last + 1, with_ends(changed, replaced, snapshot), "site", intent)


def _whole(intent: Intent, snapshot: Snapshot) -> tuple[str, ...]:
    """The new lines; those that stay keep their own ends, the others take the file's commonest."""
    fresh = [bare(line) for line in split_lines(intent.new)]
    lines: list[str] = []
    position = 0
    for start, end, first, last in changed_blocks(snapshot.bare, fresh):
        lines += snapshot.lines[position:start]
        lines += [line + snapshot.eol for line in fresh[first:last]]
        position = end
    lines += snapshot.lines[position:]
    lines = [line if ending(line) else line + snapshot.eol for line in lines]
    if snapshot.lines:
        unterminated = not ending(snapshot.lines[-1])
    else:
        unterminated = not intent.new.endswith("\n")
    if lines and unterminated:
        lines[-1] = bare(lines[-1])
    return tuple(lines)


def with_ends(text: str, replaced: Sequence[str], snapshot: Snapshot) -> tuple[str, ...]:
    """New lines take the end of the line in their place, else the file's commonest; an unterminated
    last line stays so.
    """
    ends = [ending(line) for line in replaced]
    fresh = [bare(line) for line in split_lines(text)]
    lines = [
        line + ((ends[i] if i < len(ends) else "") or snapshot.eol) for i, line in enumerate(fresh)
    ]
    if lines and ends and not ends[-1]:
        lines[-1] = bare(lines[-1])
    return tuple(lines)


def _no_single_place(intent: Intent, snapshot: Snapshot, places: Sequence[int]) -> Refusal:
    if places:
        rows = tuple(p + 1 for p in places)
        listed = ", ".join(map(str, rows[:12])) + (" …" if len(rows) > 12 else "")
        return _refuse(
            intent,
            f"the text to find is in {len(rows)} places (lines {listed}), which one is not said",
            rows,
        )
    text, row = nearest_text(intent.old, snapshot.bare)
    hint = f"; the nearest text is at line {row}" if row else ""
    return _refuse(
        intent, f"the text to find is not in the file{hint}", (row,) if row else (), text
    )


def _refuse(intent: Intent, reason: str, lines: tuple[int, ...] = (), nearest: str = "") -> Refusal:
    return Refusal(intent.path, f"edit {intent.number}: {reason}", lines, nearest, intent.old)

"""Hunks from before and after lines: identity, split, edit."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from core.domain.hunk import FileOp, Hunk
from core.edits.differing import differing
from core.edits.snapshot import Snapshot, bare, ending, split_lines

CONTEXT = 3
"""Unchanged lines kept on each side for showing."""

_DEFINITION = re.compile(
    r"^\s*(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|final|abstract|async|unsafe|override|virtual|inline)\s+)*"
    r"(?:def|class|func|function|fn|impl|struct|enum|trait|interface|module|namespace|type|object|record|sub)\b"
)


def derive_hunks(
    before: Snapshot, after: Sequence[str], op: FileOp = FileOp.MODIFY
) -> tuple[Hunk, ...]:
    """One hunk per contiguous block of changed lines.

    Creating or deleting a file is always one hunk.
    """
    if op is not FileOp.MODIFY:
        return (_hunk(before, 0, len(before.lines), tuple(after), op, Counter()),)
    seen: Counter[str] = Counter()
    return tuple(
        _hunk(before, start, end, tuple(after[first:last]), op, seen)
        for start, end, first, last in changed_blocks(before.lines, after)
    )


def changed_blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """`(start, end, first, last)`: lines start…end of `before` became first…last of `after`."""
    head = 0
    limit = min(len(before), len(after))
    while head < limit and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < limit - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    return [(head + i, head + j, head + k, head + m) for i, j, k, m in differing(old, new)]


def enclosing(snapshot: Snapshot, row: int) -> str:
    """The definition line that encloses a line, by indentation; empty at top level."""
    lines = snapshot.bare
    anchor = next((i for i in range(row, min(row + 3, len(lines))) if lines[i].strip()), None)
    above = -1 if anchor is None else snapshot.parents[anchor]
    while above >= 0 and not _DEFINITION.match(lines[above]):
        above = snapshot.parents[above]
    return lines[above].strip().rstrip(":{ ") if above >= 0 else ""


def _hunk(
    before: Snapshot, start: int, end: int, new: tuple[str, ...], op: FileOp, seen: Counter[str]
) -> Hunk:
    old = before.lines[start:end]
    symbol = enclosing(before, start)
    plain = _identity(before.path, symbol, old, new)
    seen[plain] += 1
    return Hunk(
        id=plain if seen[plain] == 1 else f"{plain}.{seen[plain]}",
        path=before.path,
        start=start,
        old=old,
        new=new,
        op=op,
        symbol=symbol,
        context_before=before.lines[max(0, start - CONTEXT) : start],
        context_after=before.lines[end : end + CONTEXT],
    )


def _identity(path: str, symbol: str, old: Sequence[str], new: Sequence[str]) -> str:
    text = "\0".join((path, symbol, "".join(old), "".join(new)))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def split_hunk(hunk: Hunk) -> tuple[Hunk, ...]:
    """One hunk a changed line: old and new lines are paired in order, what is left over stands
    alone.

    Empty when the hunk cannot be split: a single pair, or the creation or deletion of a file.
    """
    pairs = max(len(hunk.old), len(hunk.new))
    if pairs < 2 or hunk.op is not FileOp.MODIFY:
        return ()
    parts = []
    for i in range(pairs):
        old, new = hunk.old[i : i + 1], hunk.new[i : i + 1]
        start = hunk.start + min(i, len(hunk.old))
        name = _identity(hunk.path, hunk.id, (str(i),), (*old, *new))
        parts.append(
            replace(
                hunk, id=name, start=start, seq=hunk.seq + i, old=old, new=new, split_from=hunk.id
            )
        )
    return tuple(parts)


def edit_hunk(hunk: Hunk, text: str) -> Hunk:
    """The hunk with other added lines, written by the user; it gets an identity of its own.

    A line that stays keeps its line end; the others take the hunk's first one.
    """
    end = next((ending(line) for line in (*hunk.new, *hunk.old) if ending(line)), "\n")
    ends = {bare(line): ending(line) or end for line in (*hunk.old, *hunk.new)}
    lines = [bare(line) + ends.get(bare(line), end) for line in split_lines(text)]
    unterminated = (hunk.new or hunk.old)[-1:]
    if lines and unterminated and not ending(unterminated[0]):
        lines[-1] = bare(lines[-1])
    new = tuple(lines)
    name = _identity(hunk.path, hunk.id, hunk.old, ("edited", *new))
    return replace(hunk, id=name, new=new, edited=True, model="user")

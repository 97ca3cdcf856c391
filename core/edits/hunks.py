"""Hunks from before and after lines: identity, split, edit."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from core.domain.hunk import FileOp, Hunk, Run
from core.edits.differing import differing
from core.edits.snapshot import Snapshot, bare, ending, split_lines

CONTEXT = 3
"""Unchanged lines kept on each side for showing."""

APART = 3
"""Changes with fewer unchanged lines than this between them are one hunk."""

_DEFINITION = re.compile(
    r"^\s*(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|final|abstract|async|unsafe|override|virtual|inline)\s+)*"
    r"(?:def|class|func|function|fn|impl|struct|enum|trait|interface|module|namespace|type|object|record|sub)\b"
)


def derive_hunks(
    before: Snapshot,
    after: Sequence[str],
    op: FileOp = FileOp.MODIFY,
    runs: Sequence[Run] | None = None,
    *,
    merge: bool = True,
) -> tuple[Hunk, ...]:
    """The hunks that make `after` of a file; creating, deleting and renaming are one hunk each.

    `runs` are the differing runs where they are known (a `Differ`'s answer); else they are
    computed. Changes less than `APART` lines apart become one hunk, unless they stand in different
    definitions; with `merge` off every change is a hunk, so that hunks of two authors clash only
    where both change lines.
    """
    if op in (FileOp.CREATE, FileOp.DELETE):
        whole: Run = (0, len(before.lines), 0, len(after))
        return (_hunk(before, after, [whole], op, Counter()),)
    found = differing(before.lines, after) if runs is None else list(runs)
    seen: Counter[str] = Counter()
    if op is FileOp.RENAME:
        return (_hunk(before, after, found or [(0, 0, 0, 0)], op, seen),)
    groups = _grouped(before, found) if merge else [[run] for run in found]
    return tuple(_hunk(before, after, group, op, seen) for group in groups)


def is_definition(line: str) -> bool:
    """Whether a line begins a definition, in the words of the common languages."""
    return _DEFINITION.match(line) is not None


def enclosing(snapshot: Snapshot, row: int) -> str:
    """The definition line that encloses a line, by indentation; empty at top level."""
    above = enclosing_row(snapshot, row)
    return snapshot.bare[above].strip().rstrip(":{ ") if above >= 0 else ""


def enclosing_row(snapshot: Snapshot, row: int) -> int:
    lines = snapshot.bare
    anchor = next((i for i in range(row, min(row + 3, len(lines))) if lines[i].strip()), None)
    above = -1 if anchor is None else snapshot.parents[anchor]
    while above >= 0 and not _DEFINITION.match(lines[above]):
        above = snapshot.parents[above]
    return above


def _grouped(before: Snapshot, runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Neighbours together. The definition that encloses a change is part of its identity, so a
    change joins only those of the same definition, or the one that changes the definition's head.
    """
    group: list[Run] = []
    place = -1
    for run in runs:
        close = bool(group) and run[0] - group[-1][1] < APART
        here = enclosing_row(before, run[0]) if close or not group else None
        if close and here is not None and (here == place or here >= group[0][0]):
            group.append(run)
            continue
        if group:
            yield group
        group, place = [run], enclosing_row(before, run[0]) if here is None else here
    if group:
        yield group


def _hunk(
    before: Snapshot, after: Sequence[str], runs: Sequence[Run], op: FileOp, seen: Counter[str]
) -> Hunk:
    start, end = runs[0][0], runs[-1][1]
    first, last = runs[0][2], runs[-1][3]
    symbol = enclosing(before, start)
    changed = [(*before.lines[i:j], None, *after[k:m]) for i, j, k, m in runs]
    plain = _identity(before.path, op.value, symbol, *changed)
    seen[plain] += 1
    inner = tuple((i - start, j - start, k - first, m - first) for i, j, k, m in runs)
    return Hunk(
        id=plain if seen[plain] == 1 else f"{plain}.{seen[plain]}",
        path=before.path,
        start=start,
        old=before.lines[start:end],
        new=tuple(after[first:last]),
        changes=inner if len(inner) > 1 else (),
        op=op,
        symbol=symbol,
        context_before=before.lines[max(0, start - CONTEXT) : start],
        context_after=before.lines[end : end + CONTEXT],
    )


def _identity(*parts: object) -> str:
    """Twelve hex digits; `ascii` keeps the parts apart and knows every character."""
    return sha256(ascii(parts).encode("ascii")).hexdigest()[:12]


def is_splittable(hunk: Hunk) -> bool:
    """Whether `split_hunk` would give parts."""
    return hunk.op is FileOp.MODIFY and (
        len(hunk.runs) > 1 or any(max(j - i, m - k) > 1 for i, j, k, m in hunk.runs)
    )


def split_hunk(hunk: Hunk) -> tuple[Hunk, ...]:
    """The hunk's changes apart, at the unchanged lines between them; a single change line by line:
    old and new lines are paired in order, what is left over stands alone.

    Empty when the hunk cannot be split: a single pair, or what happens to a whole file.
    """
    if not is_splittable(hunk):
        return ()
    runs = hunk.runs if len(hunk.runs) > 1 else tuple(_pairs(*hunk.runs[0]))
    return tuple(_part(hunk, n, run) for n, run in enumerate(runs))


def _pairs(i: int, j: int, k: int, m: int) -> Iterator[Run]:
    for n in range(max(j - i, m - k)):
        a, b = min(i + n, j), min(k + n, m)
        yield a, min(a + 1, j), b, min(b + 1, m)


def _part(hunk: Hunk, number: int, run: Run) -> Hunk:
    i, j, k, m = run
    old, new = hunk.old[i:j], hunk.new[k:m]
    return replace(
        hunk,
        id=_identity(hunk.path, hunk.id, number, old, new),
        start=hunk.start + i,
        seq=hunk.seq + number,
        old=old,
        new=new,
        changes=(),
        context_before=(*hunk.context_before, *hunk.old[:i])[-CONTEXT:],
        context_after=(*hunk.old[j:], *hunk.context_after)[:CONTEXT],
        split_from=hunk.id,
    )


def edit_hunk(hunk: Hunk, text: str) -> Hunk:
    """The hunk with other new lines, written by the user; it gets an identity of its own.

    `text` holds its added lines, and the unchanged ones between them where it has several changes;
    which lines differ is worked out again. A line that stays keeps its line end; the others take
    the hunk's first one.
    """
    new = _edited_lines(hunk, [bare(line) for line in split_lines(text)])
    runs = tuple(differing(hunk.old, new)) if len(hunk.runs) > 1 else ()
    whole = ((0, len(hunk.old), 0, len(new)),)
    return replace(
        hunk,
        id=_identity(hunk.path, hunk.id, hunk.old, "edited", new),
        new=new,
        changes=() if runs == whole else runs,
        edited=True,
        model="user",
    )


def _edited_lines(hunk: Hunk, fresh: Sequence[str]) -> tuple[str, ...]:
    end = next((ending(line) for line in (*hunk.new, *hunk.old) if ending(line)), "\n")
    ends = {bare(line): ending(line) or end for line in (*hunk.old, *hunk.new)}
    lines: list[str] = []
    at = 0
    for i, j, k, m in differing([bare(line) for line in hunk.new], fresh):
        lines += hunk.new[at:i]
        lines += (line + ends.get(line, end) for line in fresh[k:m])
        at = j
    lines += hunk.new[at:]
    lines = [line if ending(line) else line + end for line in lines]
    unterminated = (hunk.new or hunk.old)[-1:]
    if lines and unterminated and not ending(unterminated[0]):
        lines[-1] = bare(lines[-1])
    return tuple(lines)

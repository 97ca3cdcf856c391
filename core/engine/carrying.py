"""What earlier decisions mean for hunks that are staged anew."""

from collections.abc import Mapping
from dataclasses import replace

from core.domain.hunk import FileEdit, Hunk, HunkState
from core.similarity import likeness

ALIKE = 0.8
"""Similarity of the changed lines from which a hunk counts as another wording of an earlier one."""
MOST_PAIRS = 2_000
"""Pairs of hunks that are compared; a rewritten proposal is a new one."""

_DECIDED = (HunkState.ACCEPTED, HunkState.REJECTED)


def carried(
    earlier: tuple[FileEdit, ...],
    files: tuple[FileEdit, ...],
    decisions: Mapping[str, HunkState],
) -> tuple[tuple[FileEdit, ...], dict[str, HunkState]]:
    """The staged files and the decisions that hold for them.

    Only an identical hunk keeps its decision, and not one that was rejected for a doubt it no
    longer has. A hunk that is another wording of a decided one says so, to be looked at again.
    """
    old = {h.id: h for f in earlier for h in f.hunks}
    new = {h.id: h for f in files for h in f.hunks}
    kept = {i: state for i, state in decisions.items() if state in _DECIDED}
    for name, hunk in new.items():
        was = old.get(name)
        if was and was.doubt and not hunk.doubt and kept.get(name) is HunkState.REJECTED:
            del kept[name]
        if hunk.doubt:
            kept.setdefault(name, HunkState.REJECTED)
    gone = [h for name, h in old.items() if name not in new and kept.get(name) in _DECIDED]
    flags: dict[str, str] = {}
    for hunk in [h for name, h in new.items() if name not in old][
        : MOST_PAIRS // max(1, len(gone))
    ]:
        before = next((g for g in gone if _is_other_wording(g, hunk)), None)
        if before and not before.doubt:
            flags[hunk.id] = f"another wording was {kept[before.id].value}"
    return tuple(_flagged(f, flags) for f in files), kept


def _is_other_wording(a: Hunk, b: Hunk) -> bool:
    same_place = (a.path, a.symbol, a.op) == (b.path, b.symbol, b.op)
    return same_place and likeness(_changed(a), _changed(b)) >= ALIKE


def _changed(hunk: Hunk) -> str:
    return "".join(line for mark, line in hunk.rows() if mark != " ")


def _flagged(file: FileEdit, flags: Mapping[str, str]) -> FileEdit:
    if not any(h.id in flags for h in file.hunks):
        return file
    hunks = (replace(h, flags=(*h.flags, flags[h.id])) if h.id in flags else h for h in file.hunks)
    return replace(file, hunks=tuple(hunks))

"""How a hunk came to its place and what it leans on, in words, for every front end."""

from collections.abc import Mapping, Sequence

from core.domain.hunk import FileOp, Hunk, HunkState, Need
from tui.figures import counted, short_model
from tui.sanitise import one_line

_LITERAL = frozenset({"", "exact", "site", "whole file"})
"""Tiers that need no word: the text stood there exactly as it was written."""

OPERATIONS = {
    FileOp.CREATE: "creates the file",
    FileOp.DELETE: "deletes the file",
    FileOp.RENAME: "moves the file",
}


def placing(hunk: Hunk) -> str:
    """`placed: indentation, repaired by haiku`; empty for text that was found as written."""
    loose = [tier for tier in hunk.matched_by.split(", ") if tier not in _LITERAL]
    facts = [f"placed: {one_line(', '.join(loose))}"] if loose else []
    facts += [f"repaired by {one_line(short_model(hunk.repaired_by))}"] if hunk.repaired_by else []
    return ", ".join(facts)


def leaning(hunk: Hunk, missing: Sequence[Need] = ()) -> str:
    """`needs 2 more hunks: uses parse_flags, which src/cli.py defines; …`, or what it misses."""
    shown = missing or hunk.needs
    if not shown:
        return ""
    whys = "; ".join(dict.fromkeys(one_line(need.why) for need in shown))
    if missing:
        return f"needs {counted(len(missing), 'hunk')} not accepted: {whys}"
    return f"needs {counted(len(shown), 'more hunk')}: {whys}"


def missing_needs(
    hunk: Hunk, decisions: Mapping[str, HunkState], staged: Mapping[str, bool]
) -> tuple[Need, ...]:
    """What an accepted hunk needs and will not have.

    `staged` says of every hunk whether its change is on disk already: it stays unless rejected.
    """
    if not hunk.needs or decisions.get(hunk.id) is not HunkState.ACCEPTED:
        return ()
    return tuple(n for n in hunk.needs if n.id in staged and not _stays(n.id, decisions, staged))


def _stays(hunk_id: str, decisions: Mapping[str, HunkState], staged: Mapping[str, bool]) -> bool:
    state = decisions.get(hunk_id, HunkState.PENDING)
    if staged[hunk_id]:
        return state is not HunkState.REJECTED
    return state in (HunkState.ACCEPTED, HunkState.LANDED)

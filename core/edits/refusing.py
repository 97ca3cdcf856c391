"""Why an edit is not placed: one clause that says what is where, and what would help."""

from collections.abc import Callable, Sequence

from core.domain.hunk import Refusal, RefusalKind
from core.edits.intent import Intent, Op
from core.edits.lazy import lazy_marker
from core.edits.locate import Place, Tier
from core.edits.nearest import nearest_text
from core.edits.reindent import NoIndent
from core.edits.snapshot import Snapshot

DISTINCTIVE = 8
"""Characters that are not blank. Less new text than that may stand in a file twice by chance."""

SHOWN = 12
"""Line numbers named in a sentence; all are in `Refusal.lines`."""


def refusal(
    intent: Intent,
    kind: RefusalKind,
    reason: str,
    lines: Sequence[int] = (),
    nearest: str = "",
) -> Refusal:
    """A refusal of one edit; `lines` count from 1."""
    said = f"edit {intent.number}: {reason}"
    return Refusal(
        intent.path,
        said,
        tuple(lines),
        nearest,
        intent.old,
        kind=kind,
        number=intent.number,
        doubt=intent.doubt,
    )


def before_looking(
    intent: Intent, old: Sequence[str], snapshot: Snapshot, *, in_order: bool
) -> Refusal | None:
    """What can be refused whatever the file's lines are like.

    Blank lines are a place only in formats that tell where to look, or in which order.
    """
    if intent.op is Op.SITE:
        return None
    appends = intent.at_end or not snapshot.lines
    blank = not any(line.strip() for line in old)
    if intent.op is Op.EDIT and blank and not (appends if not old else in_order):
        reason = "the text to find is empty, so there is no place for the edit"
        return refusal(intent, RefusalKind.EMPTY_SEARCH, reason)
    if intent.op is Op.REPLACE and not intent.old and snapshot.lines:
        reason = "the text to find is empty, so there is no place for the edit"
        return refusal(intent, RefusalKind.EMPTY_SEARCH, reason)
    return left_out(intent, snapshot)


def left_out(intent: Intent, snapshot: Snapshot) -> Refusal | None:
    """New text that stands for text it leaves out, and names it so."""
    marker = lazy_marker(intent.new, intent.old)
    if not marker or marker in snapshot.exact.text:
        return None
    reason = f"its new text leaves text out (`{marker[:60]}`); give every line it should hold"
    return refusal(intent, RefusalKind.LEFT_OUT, reason)


def ambiguous(intent: Intent, tier: Tier, places: Sequence[Place]) -> Refusal:
    """Several places and nothing that tells them apart."""
    rows = sorted({p.start + 1 for p in places})
    listed = ", ".join(map(str, rows[:SHOWN])) + (" …" if len(rows) > SHOWN else "")
    loosely = "" if tier in (Tier.EXACT, Tier.PART) else f", {_LOOSELY.get(tier, tier.value)}"
    if len(rows) == 1:
        reason = f"the text to find is {len(places)} times in line {listed}"
    else:
        reason = f"the text to find is in {len(rows)} places (lines {listed}){loosely}"
    said = f"{reason}, which one is not said; more of the lines around it would tell"
    return refusal(intent, RefusalKind.AMBIGUOUS, said, rows)


_LOOSELY = {
    Tier.TRAILING: "apart from trailing blanks",
    Tier.INDENTATION: "apart from indentation",
    Tier.TRIMMED: "apart from blanks and typographic characters",
}


def no_change(intent: Intent) -> Refusal:
    """Old and new text are the same."""
    return refusal(intent, RefusalKind.NO_CHANGE, "it changes nothing")


def already_applied(intent: Intent, row: int) -> Refusal:
    """The new text is in the file; `row` counts from 0."""
    reason = f"its new text is in the file already, at line {row + 1}"
    return refusal(intent, RefusalKind.ALREADY_APPLIED, reason, (row + 1,))


def cannot_adapt(intent: Intent, place: Place, why: str) -> Refusal:
    """Found loosely, but the new lines cannot be brought into the file's form."""
    reason = f"the text to find is at line {place.start + 1} apart from blanks, but {why}"
    return refusal(intent, RefusalKind.NOT_FOUND, reason, (place.start + 1,))


def repeated(intent: Intent, other: Intent) -> Refusal:
    """The same edit of the same place, given twice."""
    reason = f"it repeats edit {other.number}, which is placed"
    return refusal(intent, RefusalKind.NO_CHANGE, reason)


def out_of_scope(intent: Intent, row: int) -> Refusal:
    """The text is in one place, but not under the line that the edit names; `row` from 0."""
    scope = intent.scopes[-1].strip()[:60]
    reason = f"the text to find is at line {row + 1} only, which is not under `{scope}`"
    return refusal(intent, RefusalKind.AMBIGUOUS, reason, (row + 1,))


def conflict(intent: Intent, other: Intent, row: int) -> Refusal:
    """Two edits of one reply change the same line; `row` counts from 0."""
    reason = f"it changes the same lines as edit {other.number} (line {row + 1})"
    return refusal(intent, RefusalKind.CONFLICT, reason, (row + 1,))


def is_there_already(
    place: Place, old: Sequence[str], new: Sequence[str], snapshot: Snapshot
) -> bool:
    """Whether lines that the block would add around the place stand there already."""
    if len(new) <= len(old) or place.column is not None or not _is_distinctive(old, new):
        return False
    block, fresh = list(old), list(new)
    try:
        wanted = [place.reindent(line) if place.reindent else line for line in fresh]
    except NoIndent:
        return False
    for lead in range(len(fresh) - len(block) + 1):
        first = place.start - lead
        if fresh[lead : lead + len(block)] == block and first >= 0:
            there = snapshot.bare[first : first + len(fresh)]
            if [line.rstrip() for line in there] == [line.rstrip() for line in wanted]:
                return True
    return False


def _is_distinctive(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the new lines hold enough that is not in the old ones."""
    known = set(old)
    added = "".join("".join(line.split()) for line in new if line not in known)
    return len(added) >= DISTINCTIVE


def not_found(
    intent: Intent,
    old: Sequence[str],
    new: Sequence[str],
    snapshot: Snapshot,
    elsewhere: Callable[[Intent], str],
    *,
    is_one_of_many: bool = False,
) -> Refusal:
    """Text that is nowhere in the file: is the change made already, or in another file?

    For one of many the nearest text is not looked for, which takes milliseconds each.
    """
    reason = "the text to find is not in the file"
    if new and _is_distinctive(old, new):
        there = snapshot.unpadded.places([line.rstrip(" \t") for line in new])
        if len(there) == 1 and any(line.strip() and line in old for line in new):
            return already_applied(intent, there[0])
        if len(there) == 1:
            reason += f"; its new text is in the file already, at line {there[0] + 1}"
    strange = next((line.strip() for line in old if line.strip() not in snapshot.known), "")
    if strange and len(old) > 1:
        reason += f" (the line `{strange[:60]}` is nowhere)"
    if other := elsewhere(intent):
        return refusal(
            intent, RefusalKind.NOT_FOUND, f"{reason}; it is once in {other}, which is not touched"
        )
    text, row = ("", 0) if is_one_of_many else nearest_text(intent.old, snapshot.bare)
    if row:
        reason += f"; the nearest text is at line {row}"
    return refusal(intent, RefusalKind.NOT_FOUND, reason, (row,) if row else (), text)

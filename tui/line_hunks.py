"""Words about hunks: looking at them, deciding, splitting, editing."""

import re
from collections.abc import Callable

from core.domain import commands as c
from core.domain.hunk import Hunk, HunkState
from core.edits.closure import closure, dependents
from tui.figures import counted
from tui.line_desk import Desk
from tui.patch import as_patch
from tui.placed import OPERATIONS, leaning, missing_needs, placing
from tui.sanitise import one_line
from tui.tally import file_of, tally

_SPAN = re.compile(r"(\d+)(?:-(\d+))?")
_TURN = {HunkState.PENDING: HunkState.ACCEPTED, HunkState.ACCEPTED: HunkState.REJECTED}


async def hunks(desk: Desk, rest: str) -> None:
    """Number every hunk."""
    _listed(desk, desk.state.hunks)


async def undecided(desk: Desk, rest: str) -> None:
    """Number the hunks that wait."""
    _listed(desk, desk.undecided())


def _listed(desk: Desk, shown: tuple[Hunk, ...]) -> None:
    run = desk.state
    for hunk in shown:
        where = f"{hunk.path}:{hunk.start + 1}" + (f" {hunk.symbol}" if hunk.symbol else "")
        size = f"+{hunk.added} -{hunk.removed}"
        facts = [run.decision(hunk.id).value, risk_words(hunk), *hunk.flags]
        facts += [hunk.doubt] if hunk.doubt else []
        facts += [text] if (text := placing(hunk)) else []
        facts += [f"needs {counted(len(hunk.needs), 'more hunk')}"] if hunk.needs else []
        desk.say(f"{desk.place(hunk):>3}  {one_line(f'{where}  {size}  ' + ', '.join(facts))}")
    for refusal in run.refusals:
        desk.say(f"  -  {one_line(f'{refusal.path}: refused: {refusal.reason}')}")
    counts = tally(run)
    desk.say(
        f"{counted(counts.total, 'hunk')}: {counts.pending} undecided, {counts.accepted} accepted, "
        f"{counts.rejected} rejected, {counts.landed} landed."
        if run.files
        else "No edits are staged."
    )


def told(desk: Desk, hunk: Hunk) -> str:
    """A hunk with what must be known of it, as text."""
    run = desk.state
    facts = [run.decision(hunk.id).value, risk_words(hunk), *hunk.flags]
    facts += [OPERATIONS[hunk.op]] if hunk.op in OPERATIONS else []
    facts += [f"written by {hunk.model}"] if hunk.model else []
    facts += [text] if (text := placing(hunk)) else []
    facts += ["the file changed on disk since"] if hunk.path in run.stale_paths else []
    head = f"Hunk {desk.place(hunk)} of {len(run.hunks)} in {one_line(hunk.path)}"
    place = f", in {one_line(hunk.symbol)}" if hunk.symbol else ""
    rows = [f"{head}{place}: {one_line(', '.join(facts))}"]
    rows += [f"doubt: {one_line(hunk.doubt)}"] if hunk.doubt else []
    rows += [_leaning(desk, hunk)] if hunk.needs else []
    return "\n".join([*rows, *as_patch(hunk).rstrip("\n").split("\n")[2:]])


def _leaning(desk: Desk, hunk: Hunk) -> str:
    """What it leans on, with the numbers to go there by."""
    run = desk.state
    staged = {h.id: f.present for f in run.files for h in f.hunks}
    text = leaning(hunk, missing_needs(hunk, run.decisions, staged))
    places = {h.id: str(n) for n, h in enumerate(run.hunks, 1)}
    numbers = ", ".join(places[n.id] for n in hunk.needs if n.id in places)
    return f"{text} (hunk {numbers})" if numbers else text


async def hunk(desk: Desk, rest: str) -> None:
    """Go to a hunk by number, path, symbol or text, and print it."""
    found = _named(desk, rest)
    if found:
        desk.hunk = found[0].id
        desk.say(told(desk, found[0]))


async def copy(desk: Desk, rest: str) -> None:
    """Print a hunk as a patch."""
    found = _named(desk, rest)
    if found:
        desk.say(as_patch(found[0]).rstrip("\n"))


def _named(desk: Desk, rest: str) -> list[Hunk]:
    """The hunks that a number, a span or a text means; the current one without any."""
    every = desk.state.hunks
    if not every:
        desk.say("No edits are staged.")
        return []
    if not rest:
        current = desk.current()
        return [current] if current else []
    span = _SPAN.fullmatch(rest)
    if not span:
        found = [h for h in every if rest in h.path or rest in h.symbol or _holds(h, rest)]
        if not found:
            desk.say(f"No hunk holds {rest}.")
        return found[:1]
    first, last = int(span[1]), int(span[2] or span[1])
    if not 1 <= first <= last <= len(every):
        desk.say(f"There are hunks 1 to {len(every)}; `hunks` lists them.")
        return []
    return list(every[first - 1 : last])


def _holds(hunk: Hunk, text: str) -> bool:
    return any(text in line for line in (*hunk.new, *hunk.old))


async def accept(desk: Desk, rest: str) -> None:
    """Accept the current hunk, a number, or a span."""
    await decide(desk, [h.id for h in _named(desk, rest)], HunkState.ACCEPTED)


async def reject(desk: Desk, rest: str) -> None:
    """Reject the current hunk, a number, or a span."""
    await decide(desk, [h.id for h in _named(desk, rest)], HunkState.REJECTED)


async def toggle(desk: Desk, rest: str) -> None:
    """Undecided, accepted, rejected in turn."""
    for found in _named(desk, rest):
        following = _TURN.get(desk.state.decision(found.id), HunkState.PENDING)
        await desk.send(c.DecideHunk((found.id,), following))


async def accept_needed(desk: Desk, rest: str) -> None:
    """Accept a hunk and every hunk it needs."""
    for found in _named(desk, rest)[:1]:
        wanted = closure(found.id, desk.state.hunks)
        taken = (HunkState.ACCEPTED, HunkState.LANDED)
        ids = [i for i in wanted if i == found.id or desk.state.decision(i) not in taken]
        await decide(desk, ids, HunkState.ACCEPTED, looked_at=found.id)


async def reject_needed(desk: Desk, rest: str) -> None:
    """Reject a hunk and every hunk that needs it."""
    for found in _named(desk, rest)[:1]:
        wanted = dependents(found.id, desk.state.hunks)
        ids = [i for i in wanted if desk.state.decision(i) is not HunkState.LANDED]
        await decide(desk, ids, HunkState.REJECTED)


async def decide(desk: Desk, ids: list[str], state: HunkState, looked_at: str = "") -> None:
    """Decide hunks; several that are odd are left for a look at each, but for the one looked at."""
    if state is HunkState.ACCEPTED and len(ids) > 1:
        odd = {h.id for h in desk.state.hunks if h.doubt or "invisible characters" in h.flags}
        odd.discard(looked_at)
        left = [i for i in ids if i in odd]
        ids = [i for i in ids if i not in odd]
        if left:
            desk.say(f"{counted(len(left), 'odd hunk')} left: look at each one.")
    if ids:
        await desk.send(c.DecideHunk(tuple(ids), state))


async def accept_rest(desk: Desk, rest: str) -> None:
    """Accept it and what follows in its file."""
    await _of_file(desk, rest, HunkState.ACCEPTED, lambda n, at: n >= at)


async def reject_rest(desk: Desk, rest: str) -> None:
    """Reject it and what follows in its file."""
    await _of_file(desk, rest, HunkState.REJECTED, lambda n, at: n >= at)


async def accept_file(desk: Desk, rest: str) -> None:
    """Accept every hunk of its file."""
    await _of_file(desk, rest, HunkState.ACCEPTED, lambda n, at: True)


async def reject_file(desk: Desk, rest: str) -> None:
    """Reject every hunk of its file."""
    await _of_file(desk, rest, HunkState.REJECTED, lambda n, at: True)


async def _of_file(
    desk: Desk, rest: str, state: HunkState, keep: Callable[[int, int], bool]
) -> None:
    for found in _named(desk, rest)[:1]:
        file = file_of(desk.state, found.id)
        ids = [h.id for h in file.hunks] if file else []
        at = ids.index(found.id)
        live = [
            i
            for n, i in enumerate(ids)
            if keep(n, at) and desk.state.decision(i) is not HunkState.LANDED
        ]
        await decide(desk, live, state)


async def split(desk: Desk, rest: str) -> None:
    """Split a hunk into smaller ones."""
    for found in _named(desk, rest)[:1]:
        at = desk.place(found)
        before = len(desk.state.hunks)
        await desk.send(c.SplitHunk(found.id))
        if len(desk.state.hunks) > before:
            desk.hunk = desk.state.hunks[at - 1].id


async def edit(desk: Desk, rest: str) -> None:
    """Edit the added lines of a hunk."""
    for found in _named(desk, rest)[:1]:
        at = desk.place(found)
        suffix = "." + found.path.rsplit(".", 1)[-1] if "." in found.path else ".txt"
        text = await desk.edit("".join(found.new), suffix)
        if text is not None:
            await desk.send(c.EditHunk(found.id, text))
            desk.hunk = desk.state.hunks[at - 1].id


async def undo_decision(desk: Desk, rest: str) -> None:
    """Take back the last decision."""
    await desk.send(c.UndoDecision())


async def following(desk: Desk, rest: str) -> None:
    """The next hunk."""
    _go(desk, 1)


async def previous(desk: Desk, rest: str) -> None:
    """The hunk before."""
    _go(desk, -1)


def _go(desk: Desk, by: int) -> None:
    current, every = desk.current(), desk.state.hunks
    if current is None:
        desk.say("No edits are staged.")
        return
    at = desk.place(current) - 1 + by
    if not 0 <= at < len(every):
        desk.say("This is the last hunk." if by > 0 else "This is the first hunk.")
        return
    desk.hunk = every[at].id
    desk.say(told(desk, every[at]))


async def next_file(desk: Desk, rest: str) -> None:
    """The first hunk of the next file."""
    await _go_file(desk, 1)


async def previous_file(desk: Desk, rest: str) -> None:
    """The first hunk of the file before."""
    await _go_file(desk, -1)


async def _go_file(desk: Desk, by: int) -> None:
    current = desk.current()
    files = [f for f in desk.state.files if f.hunks]
    if current is None:
        desk.say("No edits are staged.")
        return
    at = [f.path for f in files].index(current.path) + by
    if not 0 <= at < len(files):
        desk.say("This is the last file." if by > 0 else "This is the first file.")
        return
    await hunk(desk, str(desk.place(files[at].hunks[0])))


def risk_words(hunk: Hunk) -> str:
    """The tier, and the rule that gave it."""
    return f"{hunk.risk.word} risk" + (f" ({hunk.rule})" if hunk.rule else "")

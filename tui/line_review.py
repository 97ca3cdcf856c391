"""Hunk after hunk, with the letters of `git add -p`."""

from collections.abc import Awaitable, Callable, Mapping

from core.domain import commands as c
from core.domain.hunk import Hunk, HunkState
from core.edits.hunks import is_splittable
from tui import line_hunks as hunks
from tui.line_desk import Desk
from tui.tally import hunk_by_id, is_needed, tally

HELP = """\
y  accept this hunk                      n  reject this hunk
Y  accept it with all it needs           N  reject it with all that needs it
a  accept it and the rest of the file    d  reject it and the rest of the file
A  accept the whole file                 D  reject the whole file
s  split it into smaller hunks           e  edit its added lines in your editor
j  leave it, next undecided hunk         k  leave it, previous undecided hunk
J  leave it, next hunk                   K  leave it, previous hunk
g  go to a hunk: g 3, g path, g text     u  take back the last decision
q  leave the review                      ?  this help"""


async def review(desk: Desk, rest: str) -> None:
    """Ask about one hunk after another; `review 3` begins there. Decisions are kept at once."""
    if not desk.state.hunks:
        desk.say("No edits are staged.")
        return
    if rest:
        desk.hunk = ""
        await hunks.hunk(desk, rest)
        if not desk.hunk:
            return
    else:
        waiting = desk.undecided()
        desk.hunk = waiting[0].id if waiting else ""
        _show(desk)
    while desk.hunk:
        current = desk.current()
        if current is None or not await _answered(desk, current):
            break
    _close(desk)


async def _answered(desk: Desk, current: Hunk) -> bool:
    """Ask about one hunk; False when the review is to end."""
    letters = _letters(desk, current)
    place = f"{desk.place(current)} of {len(desk.state.hunks)} in {current.path}"
    typed = (await desk.ask(f"Accept hunk {place} [{','.join(letters)}] ")).strip()
    letter, _, rest = typed.partition(" ")
    if letter == "q":
        return False
    if letter not in letters or (rest and letter != "g"):
        desk.say(HELP if letter == "?" else f"`{typed}` is none of {','.join(letters)}; ? explains")
        return True
    if letter == "?":
        desk.say(HELP)
    else:
        await _ANSWERS[letter](desk, current, rest.strip())
    return True


def _letters(desk: Desk, hunk: Hunk) -> tuple[str, ...]:
    """The letters that do something for this hunk, in the order of `git add -p`."""
    fixed = desk.state.decision(hunk.id) is HunkState.LANDED
    wanted = "" if fixed else f"yn{_together(desk, hunk)}adAD{'s' * is_splittable(hunk)}e"
    others = [h for h in desk.undecided() if h.id != hunk.id]
    at = desk.place(hunk)
    wanted += "j" if any(desk.place(h) > at for h in others) else ""
    wanted += "k" if any(desk.place(h) < at for h in others) else ""
    wanted += ("J" if at < len(desk.state.hunks) else "") + ("K" if at > 1 else "")
    return (*wanted, "g", *(("u",) if desk.state.history else ()), "q", "?")


def _together(desk: Desk, hunk: Hunk) -> str:
    """The letters for several at once, where the hunk needs another or is needed."""
    return "Y" * bool(hunk.needs) + "N" * is_needed(desk.state, hunk.id)


def _show(desk: Desk) -> None:
    current = hunk_by_id(desk.state, desk.hunk)
    if current:
        desk.say(hunks.told(desk, current))


async def _decided(desk: Desk, current: Hunk, work: Awaitable[None]) -> None:
    """Decide, then go to the next undecided hunk; the review ends where there is none."""
    at = desk.place(current)
    await work
    waiting = desk.undecided()
    later = next((h for h in waiting if desk.place(h) >= at and h.id != current.id), None)
    following = later or next((h for h in waiting if h.id != current.id), None)
    desk.hunk = following.id if following else current.id if waiting else ""
    _show(desk)


async def _one(desk: Desk, current: Hunk, state: HunkState) -> None:
    await _decided(desk, current, hunks.decide(desk, [current.id], state))


async def _move(desk: Desk, current: Hunk, by: int, among: tuple[Hunk, ...]) -> None:
    at = desk.place(current)
    ahead = [h for h in among if (desk.place(h) - at) * by > 0]
    desk.hunk = (ahead[0] if by > 0 else ahead[-1]).id
    _show(desk)


async def _split(desk: Desk, current: Hunk) -> None:
    desk.hunk = current.id
    await hunks.split(desk, "")
    _show(desk)


async def _edit(desk: Desk, current: Hunk) -> None:
    desk.hunk = current.id
    await hunks.edit(desk, "")
    _show(desk)


async def _go_to(desk: Desk, current: Hunk, rest: str) -> None:
    if rest:
        await hunks.hunk(desk, rest)
    else:
        await hunks.hunks(desk, "")
        desk.say("g NUMBER goes to one of them.")


async def _undo(desk: Desk) -> None:
    last = desk.state.history[-1]
    await desk.send(c.UndoDecision())
    desk.hunk = last[0][0]
    _show(desk)


_ANSWERS: Mapping[str, Callable[[Desk, Hunk, str], Awaitable[None]]] = {
    "y": lambda d, h, _: _one(d, h, HunkState.ACCEPTED),
    "n": lambda d, h, _: _one(d, h, HunkState.REJECTED),
    "Y": lambda d, h, _: _decided(d, h, hunks.accept_needed(d, str(d.place(h)))),
    "N": lambda d, h, _: _decided(d, h, hunks.reject_needed(d, str(d.place(h)))),
    "a": lambda d, h, _: _decided(d, h, hunks.accept_rest(d, str(d.place(h)))),
    "d": lambda d, h, _: _decided(d, h, hunks.reject_rest(d, str(d.place(h)))),
    "A": lambda d, h, _: _decided(d, h, hunks.accept_file(d, str(d.place(h)))),
    "D": lambda d, h, _: _decided(d, h, hunks.reject_file(d, str(d.place(h)))),
    "s": lambda d, h, _: _split(d, h),
    "e": lambda d, h, _: _edit(d, h),
    "j": lambda d, h, _: _move(d, h, 1, d.undecided()),
    "k": lambda d, h, _: _move(d, h, -1, d.undecided()),
    "J": lambda d, h, _: _move(d, h, 1, d.state.hunks),
    "K": lambda d, h, _: _move(d, h, -1, d.state.hunks),
    "g": _go_to,
    "u": lambda d, _h, _r: _undo(d),
}


def _close(desk: Desk) -> None:
    counts = tally(desk.state)
    left = f"{counts.pending} undecided, " if counts.pending else ""
    desk.say(
        f"{left}{counts.accepted} accepted, {counts.rejected} rejected. `verify` checks exactly "
        "the accepted ones, `land` writes them."
    )

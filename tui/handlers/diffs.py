"""Handlers of the diff panel."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from core.domain import commands as c
from core.domain.hunk import Hunk, HunkState
from core.domain.state import RunState
from core.edits.closure import closure, dependents
from tui.cockpit import Cockpit
from tui.figures import counted
from tui.patch import as_patch
from tui.placed import OPERATIONS
from tui.sanitise import one_line
from tui.screens.choice import Choice, ChoiceScreen
from tui.screens.form import NoteScreen
from tui.screens.reader import ReaderScreen
from tui.tally import file_of, hunk_by_id

FIXED = (HunkState.LANDED,)


def shown(cockpit: Cockpit) -> tuple[Hunk, ...]:
    """The hunks the panel shows, in order."""
    run, view = cockpit.run_state, cockpit.view
    if not view.undecided_only:
        return run.hunks
    return run.hunks_in(HunkState.PENDING)


async def _decide(cockpit: Cockpit, ids: list[str], state: HunkState) -> None:
    run = cockpit.run_state
    live = tuple(i for i in ids if run.decision(i) not in FIXED)
    if not live:
        return
    following = _next_open(cockpit, set(live))
    await cockpit.send(c.DecideHunk(live, state))
    cockpit.change(replace(cockpit.view, hunk=following or cockpit.view.hunk))


def _next_open(cockpit: Cockpit, decided: set[str]) -> str:
    hunks = cockpit.run_state.hunks
    run = cockpit.run_state
    at = next((i for i, h in enumerate(hunks) if h.id == cockpit.view.hunk), 0)
    for hunk in (*hunks[at + 1 :], *hunks[:at]):
        if hunk.id not in decided and run.decision(hunk.id) is HunkState.PENDING:
            return hunk.id
    return ""


async def _one(cockpit: Cockpit, state: HunkState) -> None:
    await _decide(cockpit, [cockpit.view.hunk], state)


async def _of_file(cockpit: Cockpit, state: HunkState, keep: Callable[[int, int], bool]) -> None:
    file = file_of(cockpit.run_state, cockpit.view.hunk)
    if file is None:
        return
    ids = [h.id for h in file.hunks]
    at = ids.index(cockpit.view.hunk)
    chosen = [i for n, i in enumerate(ids) if keep(n, at)]
    if state is HunkState.ACCEPTED:
        chosen = _without_hidden(cockpit, file.hunks, chosen)
    await _decide(cockpit, chosen, state)


def _without_hidden(cockpit: Cockpit, hunks: Iterable[Hunk], ids: list[str]) -> list[str]:
    """Hunks with invisible characters or a doubt are accepted one by one only."""
    odd = {h.id for h in hunks if "invisible characters" in h.flags or h.doubt}
    left = [i for i in ids if i not in odd]
    if len(left) < len(ids):
        cockpit.say(f"{counted(len(ids) - len(left), 'hunk')} left: look at each, then y")
    return left


async def accept(cockpit: Cockpit) -> None:
    """Accept the selected hunk."""
    await _one(cockpit, HunkState.ACCEPTED)


async def reject(cockpit: Cockpit) -> None:
    """Reject the selected hunk."""
    await _one(cockpit, HunkState.REJECTED)


async def accept_rest(cockpit: Cockpit) -> None:
    """Accept it and what follows in the file."""
    await _of_file(cockpit, HunkState.ACCEPTED, lambda n, at: n >= at)


async def reject_rest(cockpit: Cockpit) -> None:
    """Reject it and what follows in the file."""
    await _of_file(cockpit, HunkState.REJECTED, lambda n, at: n >= at)


async def accept_file(cockpit: Cockpit) -> None:
    """Accept the whole file."""
    await _of_file(cockpit, HunkState.ACCEPTED, lambda n, at: True)


async def reject_file(cockpit: Cockpit) -> None:
    """Reject the whole file."""
    await _of_file(cockpit, HunkState.REJECTED, lambda n, at: True)


async def accept_needed(cockpit: Cockpit) -> None:
    """Accept the selected hunk and all it needs."""
    run, here = cockpit.run_state, cockpit.view.hunk
    hunks = run.hunks
    asked = {HunkState.PENDING, HunkState.REJECTED, HunkState.UNDONE}
    ids = [i for i in closure(here, hunks) if i == here or run.decision(i) in asked]
    others = (h for h in hunks if h.id != here)
    await _decide(cockpit, _without_hidden(cockpit, others, ids), HunkState.ACCEPTED)


async def reject_needed(cockpit: Cockpit) -> None:
    """Reject the selected hunk and all that need it."""
    ids = list(dependents(cockpit.view.hunk, cockpit.run_state.hunks))
    await _decide(cockpit, ids, HunkState.REJECTED)


_TURN = {HunkState.PENDING: HunkState.ACCEPTED, HunkState.ACCEPTED: HunkState.REJECTED}


async def toggle(cockpit: Cockpit) -> None:
    """Undecided, accepted, rejected, and round again; the selection stays."""
    hunk_id = cockpit.view.hunk
    state = cockpit.run_state.decision(hunk_id)
    await cockpit.send(c.DecideHunk((hunk_id,), _TURN.get(state, HunkState.PENDING)))


async def split(cockpit: Cockpit) -> None:
    """Split the selected hunk."""
    await cockpit.send(c.SplitHunk(cockpit.view.hunk))


async def edit_hunk(cockpit: Cockpit) -> None:
    """Edit its added lines in the user's editor."""
    hunk = hunk_by_id(cockpit.run_state, cockpit.view.hunk)
    if hunk is None:
        return
    suffix = "." + hunk.path.rsplit(".", 1)[-1] if "." in hunk.path else ".txt"
    text = cockpit.edit_text("".join(hunk.new), suffix)
    if text is not None:
        await cockpit.send(c.EditHunk(hunk.id, text))


def _select(cockpit: Cockpit, hunk_id: str) -> None:
    cockpit.change(replace(cockpit.view, hunk=hunk_id))


def _move(cockpit: Cockpit, step: int) -> None:
    hunks = shown(cockpit)
    at = next((i for i, h in enumerate(hunks) if h.id == cockpit.view.hunk), -1 if step > 0 else 1)
    if hunks:
        _select(cockpit, hunks[min(max(at + step, 0), len(hunks) - 1)].id)


async def next_hunk(cockpit: Cockpit) -> None:
    """The next hunk."""
    _move(cockpit, 1)


async def previous_hunk(cockpit: Cockpit) -> None:
    """The previous hunk."""
    _move(cockpit, -1)


def _move_file(cockpit: Cockpit, step: int) -> None:
    files = [f for f in cockpit.run_state.files if f.hunks]
    file = file_of(cockpit.run_state, cockpit.view.hunk)
    if files and file in files:
        at = min(max(files.index(file) + step, 0), len(files) - 1)
        _select(cockpit, files[at].hunks[0].id)


async def next_file(cockpit: Cockpit) -> None:
    """The next file."""
    _move_file(cockpit, 1)


async def previous_file(cockpit: Cockpit) -> None:
    """The previous file."""
    _move_file(cockpit, -1)


async def undo_decision(cockpit: Cockpit) -> None:
    """Take back the last decision and go where it was taken."""
    history = cockpit.run_state.history
    await cockpit.send(c.UndoDecision())
    if history and hunk_by_id(cockpit.run_state, history[-1][0][0]):
        _select(cockpit, history[-1][0][0])


async def go_to_hunk(cockpit: Cockpit) -> None:
    """Pick a hunk from a list."""
    run = cockpit.run_state
    choices = tuple(
        Choice(h.id, f"{n:>4} {h.path} {h.symbol}", run.decision(h.id).value, _first_words(h))
        for n, h in enumerate(run.hunks, 1)
    )

    async def then(choice: Choice) -> None:
        _select(cockpit, choice.id)

    await cockpit.open(ChoiceScreen("Go to a hunk", choices), then)


def _first_words(hunk: Hunk) -> str:
    return one_line(next((text.strip() for text in (*hunk.new, *hunk.old) if text.strip()), ""))


async def undecided_only(cockpit: Cockpit) -> None:
    """Show the undecided only, or all."""
    cockpit.change(replace(cockpit.view, undecided_only=not cockpit.view.undecided_only))


async def centre(cockpit: Cockpit) -> None:
    """Bring the hunk to the middle."""
    cockpit.centre()


async def note_hunk(cockpit: Cockpit) -> None:
    """Tell the relay something about the selected hunk."""
    hunk = hunk_by_id(cockpit.run_state, cockpit.view.hunk)
    if hunk is None:
        return
    where = f"{hunk.path} line {hunk.start + 1}" + (f" in {hunk.symbol}" if hunk.symbol else "")

    async def then(text: str) -> None:
        await cockpit.send(c.AddNote(f"about {where}: {text}"))

    await cockpit.open(NoteScreen(f"Note about {one_line(where)}"), then)


async def copy_hunk(cockpit: Cockpit) -> None:
    """Copy the hunk as a patch."""
    hunk = hunk_by_id(cockpit.run_state, cockpit.view.hunk)
    if hunk:
        cockpit.copy(as_patch(hunk))
        cockpit.say("sent to the clipboard (OSC 52); terminals may ignore it")


async def show_hunk(cockpit: Cockpit) -> None:
    """The hunk with all that is known of it."""
    hunk = hunk_by_id(cockpit.run_state, cockpit.view.hunk)
    if hunk is None:
        return
    word = OPERATIONS.get(hunk.op, "")
    facts = [
        f"state     {cockpit.run_state.decision(hunk.id).value}",
        f"risk      {hunk.risk.word}",
        f"written by {hunk.model or 'unknown'} for {hunk.task or 'no task'}",
        f"placed    {hunk.matched_by}",
        *([f"repaired by {hunk.repaired_by}"] if hunk.repaired_by else []),
        *([f"operation {word}"] if word else []),
        *([f"doubt     {hunk.doubt}"] if hunk.doubt else []),
        *([f"flags     {', '.join(hunk.flags)}"] if hunk.flags else []),
        *_needs(cockpit.run_state, hunk),
    ]
    await cockpit.open(ReaderScreen(f"{hunk.path}", "\n".join(facts) + "\n\n" + as_patch(hunk)))


def _needs(run: RunState, hunk: Hunk) -> Iterator[str]:
    for need in hunk.needs:
        other = hunk_by_id(run, need.id)
        if other:
            where = f"{other.path} line {other.start + 1}, {run.decision(other.id).value}"
            yield f"needs     {where}: {need.why}"

"""Handlers of plan, context, events and phases."""

from dataclasses import replace

from core.domain import commands as c
from core.domain.errors import RelaypairError
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.domain.task import TaskSpec
from tui import context_words as words
from tui import figures
from tui.cockpit import Cockpit
from tui.screens.form import TaskScreen
from tui.screens.paths import PathScreen
from tui.screens.reader import ReaderScreen
from tui.state import LogRow, stepped_phase


def _shifted(ids: list[str], current: str, step: int) -> str:
    if not ids:
        return ""
    at = ids.index(current) if current in ids else 0
    return ids[min(max(at + step, 0), len(ids) - 1)]


def _move_task(cockpit: Cockpit, step: int) -> None:
    ids = [t.id for t in cockpit.run_state.tasks]
    cockpit.change(replace(cockpit.view, task=_shifted(ids, cockpit.view.task, step)))


async def next_task(cockpit: Cockpit) -> None:
    """The next task."""
    _move_task(cockpit, 1)


async def previous_task(cockpit: Cockpit) -> None:
    """The previous task."""
    _move_task(cockpit, -1)


async def edit_task(cockpit: Cockpit) -> None:
    """Change the selected task in a form."""
    current = next((t for t in cockpit.run_state.tasks if t.id == cockpit.view.task), None)
    if current is None:
        return

    async def then(task: TaskSpec) -> None:
        tasks = tuple(task if t.id == task.id else t for t in cockpit.run_state.tasks)
        await cockpit.send(c.EditPlan(tasks))

    await cockpit.open(TaskScreen(current), then)


async def add_task(cockpit: Cockpit) -> None:
    """Write a new task."""
    taken = {t.id for t in cockpit.run_state.tasks}
    number = next(n for n in range(1, len(taken) + 2) if f"T{n}" not in taken)

    async def then(task: TaskSpec) -> None:
        await cockpit.send(c.EditPlan((*cockpit.run_state.tasks, task)))

    await cockpit.open(TaskScreen(TaskSpec(f"T{number}", "", "", ())), then)


async def remove_task(cockpit: Cockpit) -> None:
    """Take the task out of the plan."""
    gone = cockpit.view.task
    tasks = tuple(t for t in cockpit.run_state.tasks if t.id != gone)
    await cockpit.send(c.EditPlan(tasks))


async def include_task(cockpit: Cockpit) -> None:
    """Leave the task out, or take it in again."""
    chosen = cockpit.view.task
    tasks = tuple(
        replace(t, included=not t.included) if t.id == chosen else t
        for t in cockpit.run_state.tasks
    )
    await cockpit.send(c.EditPlan(tasks))


def _move_item(cockpit: Cockpit, step: int) -> None:
    ids = list(words.rows(cockpit.run_state, by_tokens=cockpit.view.by_tokens))
    cockpit.change(replace(cockpit.view, item=_shifted(ids, cockpit.view.item, step)))


async def next_item(cockpit: Cockpit) -> None:
    """The next item."""
    _move_item(cockpit, 1)


async def previous_item(cockpit: Cockpit) -> None:
    """The previous item."""
    _move_item(cockpit, -1)


async def pin(cockpit: Cockpit) -> None:
    """Pin the item; quote the file of which nothing is quoted."""
    chosen = cockpit.view.item
    if words.candidate(cockpit.run_state, chosen):
        # Its lines are looked for, which takes long where the index is still being read.
        cockpit.later(cockpit.send(c.AddContext(chosen)))
    else:
        await cockpit.send(c.PinContext(chosen))


async def drop(cockpit: Cockpit) -> None:
    """Drop the item."""
    await cockpit.send(c.DropContext(cockpit.view.item))


async def add_context(cockpit: Cockpit) -> None:
    """Pick a path, with `:start-end` where only lines are wanted, or a definition."""

    async def then(wanted: c.AddContext) -> None:
        chosen, known = cockpit.view.item, {i.id for i in cockpit.run_state.items}
        await cockpit.send(wanted)
        fresh = (i.id for i in cockpit.run_state.items if i.id not in known)
        if (first := next(fresh, "")) and cockpit.view.item == chosen:
            cockpit.change(replace(cockpit.view, item=first))

    async def load() -> None:
        screen.take_paths(await cockpit.paths())

    screen = PathScreen(cockpit.definitions)
    await cockpit.open(screen, then)
    cockpit.later(load())


async def sort_items(cockpit: Cockpit) -> None:
    """Largest first, or as they are sent."""
    cockpit.change(replace(cockpit.view, by_tokens=not cockpit.view.by_tokens))


async def show_item(cockpit: Cockpit) -> None:
    """Read the item as a model reads it, or what of a file would be quoted."""
    run, chosen = cockpit.run_state, cockpit.view.item
    item = next((i for i in run.items if i.id == chosen), None)
    if item:
        await cockpit.open(ReaderScreen(item.id, words.preview(run, item)))
    elif words.candidate(run, chosen):
        screen = ReaderScreen(f"{chosen}, as p quotes it", "being read ...")
        await cockpit.open(screen)
        cockpit.later(_preview(cockpit, chosen, screen))


async def _preview(cockpit: Cockpit, path: str, screen: ReaderScreen) -> None:
    try:
        found = await cockpit.pieces(c.AddContext(path))
    except RelaypairError as fault:
        screen.show_text(str(fault))
    else:
        run = cockpit.run_state
        texts = [f"{piece.id}\n{words.preview(run, piece)}" for piece in found]
        screen.show_text("\n\n".join(texts))


def _row(cockpit: Cockpit) -> LogRow | None:
    view = cockpit.view
    if not view.log:
        return None
    return next((r for r in view.log if r.number == view.row), view.log[-1])


def _move_event(cockpit: Cockpit, step: int) -> None:
    log = cockpit.view.log
    current = _row(cockpit)
    if current:
        number = min(max(current.number + step, log[0].number), log[-1].number)
        cockpit.change(replace(cockpit.view, row=number))


async def next_event(cockpit: Cockpit) -> None:
    """The next row; the log no longer follows."""
    _move_event(cockpit, 1)


async def previous_event(cockpit: Cockpit) -> None:
    """The previous row; the log no longer follows."""
    _move_event(cockpit, -1)


async def follow(cockpit: Cockpit) -> None:
    """Follow the newest row, or stay at it."""
    view = cockpit.view
    last = view.log[-1].number if view.log else 0
    cockpit.change(replace(view, row=last if view.following else 0))


async def show_event(cockpit: Cockpit) -> None:
    """Read a whole row."""
    row = _row(cockpit)
    if row:
        await cockpit.open(ReaderScreen(f"Event {row.number}, {figures.clock(row.at)}", row.text))


async def down_phase(cockpit: Cockpit) -> None:
    """Focus the next phase."""
    cockpit.change(stepped_phase(cockpit.view, 1))


async def up_phase(cockpit: Cockpit) -> None:
    """Focus the previous phase."""
    cockpit.change(stepped_phase(cockpit.view, -1))


def _kept(cockpit: Cockpit, place: int) -> tuple[str, ...]:
    phase = cockpit.view.phase
    found = tuple(row[place] for row in cockpit.view.replies if row[0] == phase.value)
    receipt = cockpit.run_state.phases[phase].receipt
    if not found and place == 1 and isinstance(receipt, GenerateReceipt):
        found = tuple(o.reply for o in receipt.outputs)
    return tuple(digest for digest in found if digest)


async def _read_kept(cockpit: Cockpit, what: str, place: int) -> None:
    texts = [cockpit.blob(digest) for digest in _kept(cockpit, place)]
    phase: Phase = cockpit.view.phase
    if not texts:
        cockpit.say(f"{phase.value} has no {what}: it ran without a model call in this session")
        return
    title = f"{what.capitalize()} of {phase.value}"
    await cockpit.open(ReaderScreen(title, "\n\n-- next call --\n\n".join(texts)))


async def show_reply(cockpit: Cockpit) -> None:
    """Read the model's own words."""
    await _read_kept(cockpit, "reply", 1)


async def show_prompt(cockpit: Cockpit) -> None:
    """Read what was sent."""
    await _read_kept(cockpit, "prompt", 2)

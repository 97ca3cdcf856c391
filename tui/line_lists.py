"""Words that print what there is: plan, context, phases, receipts, checks, events."""

import time
from dataclasses import replace

from core.domain import commands as c
from core.domain.context import ContextItem, ItemState
from core.domain.phase import ORDER, PhaseState
from core.domain.task import TaskSpec
from tui import context_words as words
from tui import figures
from tui.ink import plain
from tui.line_desk import Desk
from tui.line_outputs import phases_meant
from tui.question_words import by_word
from tui.sanitise import one_line
from tui.task_words import scope_words

PLACES = 8
"""Definitions of a name that are listed."""
WIDTH = 80
"""Cells of a table."""


async def plan(desk: Desk, rest: str) -> None:
    """Number the tasks."""
    for number, task in enumerate(desk.state.tasks, 1):
        out = "" if task.included else ", left out"
        head = f"{task.id} {task.title} ({task.risk.word} risk{out})"
        desk.say(f"{number:>3}  {one_line(head)}")
        desk.say(f"     {one_line(task.intent)}")
        for text in scope_words(task):
            desk.say(f"     {text}")
        for text in task.acceptance:
            desk.say(f"     holds when {one_line(text)}")
    if not desk.state.tasks:
        desk.say("There is no plan yet; `step` or `run` makes one.")


async def task_include(desk: Desk, rest: str) -> None:
    """Leave a task out, or take it in again."""
    chosen = _task(desk, rest)
    if chosen:
        tasks = (
            replace(t, included=not t.included) if t.id == chosen.id else t
            for t in desk.state.tasks
        )
        await desk.send(c.EditPlan(tuple(tasks)))


async def task_remove(desk: Desk, rest: str) -> None:
    """Take a task out of the plan."""
    chosen = _task(desk, rest)
    if chosen:
        await desk.send(c.EditPlan(tuple(t for t in desk.state.tasks if t.id != chosen.id)))


def _task(desk: Desk, rest: str) -> TaskSpec | None:
    tasks = desk.state.tasks
    named = next((t for t in tasks if t.id.casefold() == rest.casefold()), None)
    if named:
        return named
    if rest.isdigit() and 1 <= int(rest) <= len(tasks):
        return tasks[int(rest) - 1]
    desk.say("Say the number of a task; `plan` lists them.")
    return None


async def context(desk: Desk, rest: str) -> None:
    """What it costs, the items by number, what is sent, the files that are not quoted."""
    run = desk.state
    if run.items:
        desk.say(f"     {words.budget(run)}")
    for text in filter(None, (words.over_budget(run), words.failure(run))):
        desk.say(f"     ! {one_line(text)}")
    if words.failure(run):
        offered = f"; {by_word(run.question)}" if run.question else ", `skip` goes on without any"
        desk.say(f"     `context add NAME` adds, `rerun retrieve NOTE` reruns{offered}")
    desk.items = tuple(item.id for item in words.ordered_items(run))
    for item in words.ordered_items(run):
        desk.say(_row(desk, item))
    for text in words.sent(run) if run.items else ():
        desk.say(f"     {text}")
    files = words.unquoted(run)
    if files:
        hint = "; `context add PATH` quotes one"
        desk.say(f"     {words.heading(len(files), hint=hint)}")
    for file in files:
        about = f"{figures.tokens(file.tokens)} tokens, {words.reason(run, file)}"
        desk.say(f"     {one_line(f'{file.path}  {about}')}")
    for text in run.project.lines():
        desk.say(f"     {one_line(text)}")
    if not run.items:
        desk.say("Nothing is retrieved yet; `step` retrieves, `context add PATH` adds a file.")


async def context_sort(desk: Desk, rest: str) -> None:
    """The items again, the largest first, under the numbers that they have."""
    for item in words.ordered_items(desk.state, by_tokens=True):
        desk.say(_row(desk, item))
    if not desk.state.items:
        desk.say("Nothing is retrieved yet; `step` retrieves.")


def _row(desk: Desk, item: ContextItem) -> str:
    number = _numbered(desk).index(item.id) + 1
    word = "" if item.state is ItemState.ACTIVE else f"{item.state.value}, "
    flags = f", {', '.join(item.flags)}" if item.flags else ""
    about = f"{word}{figures.tokens(item.tokens)} tokens, {words.reason(desk.state, item)}{flags}"
    return f"{number:>3}  {one_line(f'{item.id}  {about}')}"


async def context_pin(desk: Desk, rest: str) -> None:
    """Keep an item whatever the ranking says; again: release it."""
    if item := _item(desk, rest):
        await desk.send(c.PinContext(item.id))


async def context_drop(desk: Desk, rest: str) -> None:
    """Send an item to no model; again: restore it."""
    if item := _item(desk, rest):
        await desk.send(c.DropContext(item.id))


async def context_read(desk: Desk, rest: str) -> None:
    """Print an item as a model reads it."""
    if item := _item(desk, rest):
        desk.say(f"{item.id}\n{words.preview(desk.state, item)}")


async def context_add(desk: Desk, rest: str) -> None:
    """Add a file, lines of it, or a definition."""
    path, start, end = words.parsed_lines(rest)
    if not path:
        desk.say("Say `context add PATH`, `context add PATH:10-40` or `context add NAME`.")
    elif not desk.state.goal.text:
        desk.say("There is no goal yet; `goal TEXT` takes one up.")
    elif start or path in await desk.session.paths():
        await desk.send(c.AddContext(path, start, max(start, end)))
    else:
        await _add_definition(desk, path)


async def _add_definition(desk: Desk, name: str) -> None:
    """Add the one place that defines a name; list the places where there is more than one."""
    places = () if "/" in name else await desk.session.definitions(name, PLACES)
    exact = [p for p in places if p.name == name]
    if len(exact) == 1:
        await desk.send(c.AddContext(exact[0].path, exact[0].start, exact[0].end))
        return
    desk.say(
        f"{name} is defined in {len(exact)} places; say which one:"
        if exact
        else f"There is no file {name} and nothing is named so" + ("; near it:" if places else ".")
    )
    for place in exact or places:
        desk.say(f"  context add {place.path}:{place.start}-{place.end}  {place.name} {place.kind}")


def _numbered(desk: Desk) -> tuple[str, ...]:
    """Ids of items under the numbers that were printed last; what came since is numbered after."""
    now = [item.id for item in words.ordered_items(desk.state)]
    return tuple(dict.fromkeys((*desk.items, *now)))


def _item(desk: Desk, rest: str) -> ContextItem | None:
    ids = _numbered(desk)
    wanted = ids[int(rest) - 1] if rest.isdigit() and 1 <= int(rest) <= len(ids) else rest
    found = next((item for item in desk.state.items if item.id == wanted), None)
    if found is None:
        desk.say("Say the number of an item; `context` lists them.")
    return found


async def phases(desk: Desk, rest: str) -> None:
    """One line a phase, then what the relay waits for."""
    run = desk.state
    for phase in ORDER:
        at, route = run.phases[phase], run.routes.get(phase)
        word = "stale" if run.is_stale(phase) else at.state.value
        facts = [word, *([at.model or (route.model if route else "")])]
        facts += [figures.seconds(at.seconds)] if at.seconds else []
        facts += [at.usage.price] if at.usage.calls else []
        facts += [at.reason] if at.reason else []
        mark = "next" if phase is run.cursor and at.state is not PhaseState.RUNNING else ""
        desk.say(f"{phase.value:<9} {one_line(', '.join(x for x in (*facts, mark) if x))}")


async def run_figures(desk: Desk, rest: str) -> None:
    """What the run cost, took and came to so far."""
    from core.record.live import figures_of
    from tui.run_words import run_table
    from tui.sources.run_figures import figures_source

    table = run_table(figures_of(desk.session.past()))
    source = figures_source(table, WIDTH, time.time())
    for row in range(source.line_count):
        desk.say(plain(source.line(row, WIDTH)).rstrip())


async def reply(desk: Desk, rest: str) -> None:
    """Print the model's own words."""
    _print_kept(desk, rest, "reply")


async def prompt(desk: Desk, rest: str) -> None:
    """Print exactly what was sent."""
    _print_kept(desk, rest, "prompt")


def _print_kept(desk: Desk, rest: str, what: str) -> None:
    for phase in phases_meant(desk, rest):
        made = [r for r in desk.replies if r.phase is phase]
        digests = [r.text if what == "reply" else r.prompt for r in made]
        if not any(digests):
            desk.say(f"{phase.value} has no {what}: it made no model call since this began.")
        for digest in filter(None, digests):
            try:
                desk.say(desk.session.blob(digest).decode("utf-8", "replace"))
            except KeyError:
                desk.say(f"The {what} is no longer kept.")


async def checks(desk: Desk, rest: str) -> None:
    """Print what the checks said."""
    for subset, result in desk.state.checks:
        desk.say(f"`{result.command.line}` on {subset}: {result.outcome.value}. {result.summary}")
        for text in (*result.failures, *result.notes):
            desk.say(f"  {text}")
        if not result.passed and result.output:
            desk.say(result.output.rstrip("\n"))
    if not desk.state.checks:
        desk.say("No check has run yet.")


async def events(desk: Desk, rest: str) -> None:
    """Print the last events again."""
    number = int(rest) if rest.isdigit() else 20
    for text in list(desk.log)[-number:]:
        desk.say(text)
    if not desk.log:
        desk.say("Nothing has happened yet.")


async def tail(desk: Desk, rest: str) -> None:
    """Print the last lines of what streamed."""
    number = int(rest) if rest.isdigit() else 10
    lines = [text for text in desk.tail if text][-number:]
    desk.say("\n".join(lines) if lines else "No text has streamed yet.")

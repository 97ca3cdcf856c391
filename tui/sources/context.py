"""The context as lines: what it costs, what is sent, what was ranked besides."""

from core.domain.context import Candidate, ContextItem, ItemState
from core.domain.phase import Phase, PhaseState
from core.domain.state import RunState
from tui import context_words as words
from tui import figures
from tui.ink import Line, right_aligned
from tui.question_words import by_key, is_settled
from tui.sanitise import middle_cut, one_line
from tui.sources.text import TextSource, wrapped
from tui.state import ViewState

MARK = {ItemState.PINNED: "*", ItemState.DROPPED: "x", ItemState.ACTIVE: " "}
"""The mark of a context item."""

CHOICES = "o adds a file or a name   r reruns it with a note   "


def is_filled(run: RunState) -> bool:
    """Whether there is anything to list."""
    return bool(run.items or run.further)


def context_source(run: RunState, view: ViewState, width: int) -> TextSource:
    """The budget, then every item, then the files that are not quoted, then the project."""
    lines: list[Line] = head_lines(run, view, width)
    owners: list[str] = [""] * len(lines)
    for item in words.ordered_items(run, by_tokens=view.by_tokens):
        rows = [_item_line(item, width), *_why(run, item, view, width)]
        lines += rows
        owners += [item.id] * len(rows)
    if run.items:
        lines += _told(run, width)
    files = words.unquoted(run, by_tokens=view.by_tokens)
    if files:
        lines.append(((f" {words.heading(len(files), hint='; p quotes one')}", "bar"),))
    owners += [""] * (len(lines) - len(owners))
    for file in files:
        rows = [_file_line(file, width), *_why(run, file, view, width)]
        lines += rows
        owners += [file.path] * len(rows)
    for text in run.project.lines():
        lines += _text(text, "warn" if text.startswith("hint: ") else "dim", width)
    return TextSource(tuple(lines), tuple(owners))


def head_lines(run: RunState, view: ViewState, width: int) -> list[Line]:
    """What the items use of the budget, how far the search is, and why it failed."""
    lines: list[Line] = []
    if run.items:
        over = words.over_budget(run)
        lines.append(((f" {words.budget(run)}", "warn" if over else "bar"),))
        lines += _text(over, "warn", width) if over else []
        lines += _text("largest first; T: as they are sent", "dim", width) if view.by_tokens else []
    if progress := words.searching(run, view.indexing, is_early=view.is_early):
        lines += _text(progress, "accent", width)
    if run.running is Phase.RETRIEVE and run.items and not view.is_early:
        lines += _text("until then: what was found before", "dim", width)
    if failed := words.failure(run):
        lines += _text(f"{Phase.RETRIEVE.value} FAIL: {failed}", "bad", width)
        lines += _text(CHOICES + _way_on(run), "warn", width)
    return lines


def _way_on(run: RunState) -> str:
    if is_settled(run):
        return ". runs it again with what you added"
    if run.question and words.is_asked_about_source(run):
        return f"! answers: {by_key(run.question)}"
    return "S goes on without any"


def _text(text: str, ink: str, width: int) -> list[Line]:
    return [((row, ink),) for row in wrapped(one_line(text), width - 1, " ")]


def _told(run: RunState, width: int) -> list[Line]:
    """Who is sent the items above."""
    done = run.phases[Phase.RETRIEVE].state
    if done in (PhaseState.RUNNING, PhaseState.FAILED):
        return []
    return [line for text in words.sent(run) for line in _text(text, "dim", width)]


def _item_line(item: ContextItem, width: int) -> Line:
    ink = "dim" if item.state is ItemState.DROPPED else "plain"
    word = "" if item.state is ItemState.ACTIVE else f"{item.state.value} "
    tail: Line = (
        (word, "accent" if item.state is ItemState.PINNED else "dim"),
        (f"{item.score:.2f} {figures.tokens(item.tokens):>4} ", "dim"),
    )
    return _named(f" {MARK[item.state]} ", item.id, ink, tail, width)


def _file_line(file: Candidate, width: int) -> Line:
    tail: Line = ((f"{file.score:.2f} {figures.tokens(file.tokens):>4} ", "dim"),)
    return _named("   ", file.path, "dim", tail, width)


def _named(lead: str, name: str, ink: str, tail: Line, width: int) -> Line:
    room = width - sum(len(text) for text, _ in tail) - len(lead) - 1
    return right_aligned(((lead + middle_cut(one_line(name), room), ink),), tail, width)


def _why(run: RunState, piece: ContextItem | Candidate, view: ViewState, width: int) -> list[Line]:
    """Flags and reason on one line; on as many as they need for the selected row."""
    name: str = piece.path
    marks: tuple[str, ...] = ()
    if isinstance(piece, ContextItem):
        name, marks = piece.id, piece.flags
    flags: Line = ((f"! {one_line(', '.join(marks))}  ", "warn"),) if marks else ()
    why = one_line(words.reason(run, piece))
    if view.item != name:
        return [(("     ", "plain"), *flags, (why, "dim"))]
    told: list[Line] = [(("     ", "plain"), *flags)] if flags else []
    return told + [((row, "dim"),) for row in wrapped(why, width - 1, "     ")]

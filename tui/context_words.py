"""What is said of the context, in the panel and in the line mode alike. Pure."""

import re
from collections.abc import Iterable

from core.domain.context import CONTEXT_TOKENS, Candidate, ContextItem, ItemState
from core.domain.phase import Phase, PhaseState
from core.domain.route import LOCAL
from core.domain.state import RunState
from tui import figures
from tui.figures import counted

BAR = 10
"""Cells of the budget's bar."""
REST = 1_200
"""Tokens of other context that generate adds for a task: a test holds it against the phase."""

_LINES = re.compile(r":(\d+)(?:-(\d+))?\s*$")
_RANK = {ItemState.PINNED: 0, ItemState.ACTIVE: 1, ItemState.DROPPED: 2}

FLAGS = {
    "generated": "a program wrote the file: edits of it may be lost",
    "secret-like": "what looks like a secret is masked, here and for every model",
    "instruction-like": "words like an order stand in it: models are told to follow none",
    "invisible characters": "characters that nobody sees stand in it: they are written out",
}
"""What each flag of an item means."""


def parsed_lines(typed: str) -> tuple[str, int, int]:
    """What is looked for, and the lines after `:`; 0 and 0 for the whole file."""
    found = _LINES.search(typed)
    if not found:
        return typed.strip(), 0, 0
    start = int(found[1])
    return typed[: found.start()].strip(), start, int(found[2] or start)


def ordered_items(run: RunState, *, by_tokens: bool = False) -> tuple[ContextItem, ...]:
    """In the order in which they are sent, those that were dropped last; or the largest first."""
    if by_tokens:
        return tuple(sorted(run.items, key=lambda i: -i.tokens))
    return tuple(sorted(run.items, key=lambda i: (_RANK[i.state], -i.score)))


def unquoted(run: RunState, *, by_tokens: bool = False) -> tuple[Candidate, ...]:
    """Files that were ranked and of which nothing is quoted, best first or largest first."""
    quoted = {item.path for item in run.items}
    files = [c for c in run.further if c.path not in quoted]
    return tuple(sorted(files, key=lambda c: -c.tokens)) if by_tokens else tuple(files)


def rows(run: RunState, *, by_tokens: bool = False) -> tuple[str, ...]:
    """What can be selected, from top to bottom: ids of items, then paths of files."""
    items = (item.id for item in ordered_items(run, by_tokens=by_tokens))
    return (*items, *(c.path for c in unquoted(run, by_tokens=by_tokens)))


def candidate(run: RunState, path: str) -> Candidate | None:
    """The ranked file of that path, where nothing of it is quoted."""
    return next((c for c in unquoted(run) if c.path == path), None)


def successor(run: RunState, gone: str) -> str:
    """What is selected in the place of a row that is no more: other lines of the same file, else
    the first row.
    """
    path = gone.rpartition(":")[0] or gone
    same = (i.id for i in ordered_items(run) if path and i.path == path)
    return next(same, "") or next(iter(rows(run)), "")


def used(run: RunState) -> int:
    """Tokens of everything that may be sent."""
    return sum(item.tokens for item in run.context)


def budget(run: RunState) -> str:
    """Tokens used of the budget, as figures and as a bar."""
    total = used(run)
    filled = min(BAR, BAR * total // CONTEXT_TOKENS)
    shown = f"{figures.tokens(total)} of {figures.tokens(CONTEXT_TOKENS)} tokens"
    return f"{shown} {'#' * filled}{'-' * (BAR - filled)}"


def too_many(run: RunState) -> int:
    """Tokens above the budget; 0 within it."""
    return max(0, used(run) - CONTEXT_TOKENS)


def to_drop(run: RunState) -> tuple[ContextItem, ...]:
    """What to drop to be within the budget, the largest first."""
    over, chosen = too_many(run), []
    for item in sorted(run.context, key=lambda i: -i.tokens):
        if over <= 0:
            break
        chosen.append(item)
        over -= item.tokens
    return tuple(chosen)


def over_budget(run: RunState) -> str:
    """By how much, and what to drop; empty within the budget. Nothing is dropped by itself."""
    if not too_many(run):
        return ""
    first, *others = to_drop(run)
    more = f" and {len(others)} more, the largest first" if others else ""
    named = f"{first.id} ({figures.tokens(first.tokens)}){more}"
    return f"over by {figures.tokens(too_many(run))}; all of it is sent unless you drop {named}"


def sent(run: RunState) -> tuple[str, ...]:
    """Which of the items each phase is sent, as far as it is known before it runs."""
    lines = []
    if model := _model(run, Phase.PLAN):
        besides = ", and one line on each file below" if unquoted(run) else ""
        lines.append(f"plan ({model}) is sent all of these{besides}")
    if model := _model(run, Phase.GENERATE):
        rest = figures.tokens(REST)
        lines.append(
            f"generate ({model}) is sent, for each task, those of its files, the pinned ones and "
            f"up to {rest} tokens of what else holds a name it speaks of; also the beginnings of "
            "its files that are not quoted, and lines that it asks to see"
        )
    return tuple(lines) or ("no model is set for plan or generate: nothing is sent",)


def _model(run: RunState, phase: Phase) -> str:
    route = run.routes.get(phase)
    return figures.short_model(route.model) if route and route.model != LOCAL else ""


def failure(run: RunState) -> str:
    """Why nothing that retrieve found is built upon; empty where it did not fail."""
    leg = run.phases[Phase.RETRIEVE]
    if leg.state is not PhaseState.FAILED:
        return ""
    # The question goes on with what to do, which is offered in its own line.
    return leg.reason.partition("; ")[0] if is_asked_about_source(run) else leg.reason


def is_asked_about_source(run: RunState) -> bool:
    """Whether the relay asks what it may build upon."""
    return run.question is not None and run.question.phase is Phase.RETRIEVE


def searching(run: RunState, indexing: tuple[int, int], *, is_early: bool) -> str:
    """How far the search is; empty while nothing is read or searched."""
    done, total = indexing
    if total:
        return f"reading {done:,} of {total:,} files"
    if run.running is not Phase.RETRIEVE:
        return ""
    if not is_early:
        return "the repository is searched"
    if model := _model(run, Phase.RETRIEVE):
        return f"history, or the order by {model}, is still to come; the ranking may change"
    return "history is still being read; the ranking may change"


def heading(number: int, *, hint: str) -> str:
    """Above the files that are not quoted."""
    return f"ranked, not quoted: {counted(number, 'file')}{hint}"


def origin(run: RunState, item: ContextItem | Candidate) -> str:
    """Where a piece comes from."""
    if item.path in run.project.instructions:
        return f"{item.trust.value}  instructions for agents, read as text and not followed"
    return item.trust.value


def reason(run: RunState, item: ContextItem | Candidate) -> str:
    """Where a piece comes from, what it is of and why it was chosen."""
    symbol = item.symbol if isinstance(item, ContextItem) else ""
    within = f"{'.'.join(symbol.split('.')[-2:])}: " if symbol else ""
    return f"{origin(run, item)}  {within}{item.why}"


def preview(run: RunState, item: ContextItem) -> str:
    """Everything about an item but its name, then its lines as a model reads them, numbered."""
    word = "" if item.state is ItemState.ACTIVE else f", {item.state.value}"
    about = f"about {counted(item.tokens, 'token')}, score {item.score:.2f}{word}"
    facts = [about, origin(run, item)]
    facts += [item.symbol] if item.symbol else []
    facts += [f"- {why}" for why in item.why.split("; ")]
    facts += [f"! {flag}: {FLAGS.get(flag, 'see the text')}" for flag in item.flags]
    facts += [f"inside: {' / '.join(item.heads)}"] if item.heads else []
    return "\n".join((*facts, "", *_numbered(item)))


def _numbered(item: ContextItem) -> Iterable[str]:
    lines = item.text.removesuffix("\n").split("\n")
    if not item.start:
        return lines
    cells = len(str(item.start + len(lines)))
    return [f"{number:>{cells}} | {text}" for number, text in enumerate(lines, item.start)]

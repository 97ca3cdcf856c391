"""The lines around the panels: header, waiting line, hints, panel titles, tabs."""

from rich.cells import cell_len

from core.domain.metrics import money
from core.domain.phase import Phase
from core.domain.state import RunState
from tui import figures
from tui.context_words import too_many, used
from tui.figures import counted
from tui.ink import Line, Span, plain, right_aligned
from tui.question_words import asked_now, by_key
from tui.run_table import RunSums
from tui.sanitise import fitted, one_line
from tui.sources.waiting import waiting_ink, waits
from tui.state import ViewState, questions
from tui.tally import Tally, tally

PANELS = (
    ("1", "plan", "Plan"),
    ("2", "context", "Context"),
    ("3", "diffs", "Diffs"),
    ("4", "phases", "Phases"),
    ("5", "events", "Events"),
    ("6", "figures", "Figures"),
)
"""Key, id and name of each panel."""


def spent(run: RunState, sums: RunSums) -> str:
    """The cost so far and the budget, as shown."""
    limit = run.goal.budget.dollars
    if limit is None:
        return sums.cost
    over = " OVER" if run.spent.dollars > limit else ""
    return f"{sums.cost} of {money(limit)}{over}"


def header(run: RunState, view: ViewState, width: int, now: float) -> Line:
    """Program, goal, place, session, cost, time; the least needed gives way first."""
    sums = view.figures.sums
    cost, time = spent(run, sums), sums.took(now)
    optional = [
        (_where(run), 0),
        (f"run {one_line(run.run_id)}" if run.run_id else "", 3),
        (f"models {view.host}" if view.host in ("warming", "dead") else "", 1),
        (f"rework {sums.rework}" if sums.rework else "", 2),
        (_indexing(run, view), 1),
    ]
    used = len("relaypair  ") + len(cost) + len(time) + 6
    goal = one_line(run.goal.text)
    room = width - used - min(len(goal), max(20, width // 3))
    kept: list[str] = []
    for text, _ in sorted(optional, key=lambda pair: pair[1]):
        if text and cell_len(text) + 3 <= room:
            room -= cell_len(text) + 3
            kept.append(text)
    facts = [text for text, _ in optional if text in kept]
    tail: Line = (*((f"{text}   ", "dim") for text in facts), (f"{cost}   ", "bar"), (time, "dim"))
    left_room = width - cell_len(plain(tail)) - 13
    name = fitted(goal, min(cell_len(goal), max(0, left_room)))
    return right_aligned(
        ((" relaypair  ", "accent"), (name, "bar")), (*tail, (" ", "plain")), width
    )


def _indexing(run: RunState, view: ViewState) -> str:
    """How far the index is; while retrieve runs the waiting line says it."""
    done, total = (0, 0) if run.running is Phase.RETRIEVE else view.indexing
    return f"read {done:,}/{total:,} files" if total else ""


def _where(run: RunState) -> str:
    place = run.repository
    if place is None:
        return ""
    name = one_line(place.root.rstrip("/").rsplit("/", 1)[-1])
    branch = one_line(place.branch or place.head[:7])
    star = "*" if place.condition == "dirty" else ""
    odd = place.condition if place.condition not in ("clean", "dirty") else ""
    text = f"{name}@{branch}{star}" if branch else name
    return f"{text} {odd}".strip()


def waiting(run: RunState, view: ViewState, width: int) -> Line:
    """The one line that says what the relay waits for, or what a second key will do."""
    if view.armed:
        return _filled(view.promise, "ask", width)
    if view.says:
        return _says(view, width)
    if view.question:
        return _question(run, view, width)
    head, reason = waits(run, view)
    return ((fitted(f" {one_line(head + reason)}", width), waiting_ink(run)),)


def _filled(text: str, ink: str, width: int) -> Line:
    return ((fitted(f" {one_line(text)}", width), ink),)


def _says(view: ViewState, width: int) -> Line:
    """What was said about the last key; the event panel has it whole where it is cut here."""
    text, more = one_line(view.says), "  5: all of it"
    is_logged = bool(view.log) and text in view.log[-1].text
    if cell_len(text) < width or not is_logged:
        return _filled(text, "warn", width)
    return ((f" {fitted(text, width - 1 - len(more))}{more}", "warn"),)


def _question(run: RunState, view: ViewState, width: int) -> Line:
    """The keys first, so that no width cuts them off."""
    here, asked = view.focus in ("question", "phases"), run.question
    command = next((c for c in run.asked if c.id == view.question), None)
    if command:
        text = f"may `{one_line(command.line)}` run? (from {one_line(command.source)})"
        answers = "y yes, n no"
    elif asked and asked.id == view.question:
        text, answers = one_line(asked_now(run, asked)), by_key(asked)
    else:
        return ()
    number = len(questions(run))
    more = f" (1 of {number})" if number > 1 else ""
    return _filled(f"{answers if here else '! to answer'}{more}: {text}", "ask", width)


def hint_line(hints: tuple[tuple[str, str], ...], width: int) -> Line:
    """As many hints as fit; the last two (help and palette) always stay."""
    ends = hints[-2:]
    closing = sum(len(key) + len(label) + 3 for key, label in ends)
    spans: list[Span] = [(" ", "plain")]
    room = width - closing - 1
    for key, label in hints[:-2]:
        size = len(key) + len(label) + 3
        if size > room:
            break
        room -= size
        spans += [(key, "bar"), (f" {label}  ", "dim")]
    for key, label in ends:
        spans += [(key, "bar"), (f" {label}  ", "dim")]
    return tuple(spans)


def title(run: RunState, view: ViewState, panel: str, width: int, rule: str) -> Line:
    """A panel's title row: number, name, figures, and a rule to the edge."""
    key, _, name = next(row for row in PANELS if row[1] == panel)
    focused = view.focus == panel
    ink = "title-focus" if focused else "bar"
    facts = _figures(run, view, panel)
    edge = f"[{key} {name}]" if focused else f" {key} {name} "
    used = 1 + len(edge) + (len(facts) + 1 if facts else 0) + 1
    if used > width:
        facts, used = "", 2 + len(edge)
    text = f" {facts}" if facts else ""
    tail = rule * max(0, width - used)
    return ((rule, "title"), (edge, ink), (text, "plain"), (" ", "title"), (tail, "title"))


def _figures(run: RunState, view: ViewState, panel: str) -> str:
    if panel == "plan":
        live = sum(t.included for t in run.tasks)
        return f"{live} of {counted(len(run.tasks), 'task')}" if run.tasks else ""
    if panel == "context":
        return _context_figures(run, view)
    if panel == "diffs":
        only = "  undecided only" if view.undecided_only else ""
        refused = f", {len(run.refusals)} refused" if run.refusals else ""
        return (_counts(tally(run)) + refused + only) if run.files else ""
    if panel == "events":
        return "" if view.following else "not following"
    return ""


def _short_figures(run: RunState, panel: str) -> str:
    if panel == "diffs" and run.files:
        counts = tally(run)
        return f"{counts.total - counts.pending}/{counts.total}"
    if panel == "plan" and run.tasks:
        return f"{sum(t.included for t in run.tasks)}/{len(run.tasks)}"
    if panel == "context" and run.items:
        return figures.tokens(used(run)) + _over(run)
    return ""


def _counts(counts: Tally) -> str:
    parts = [counted(counts.total, "hunk")]
    for number, word in (
        (counts.pending, "undecided"),
        (counts.accepted, "accepted"),
        (counts.rejected, "rejected"),
        (counts.landed, "landed"),
        (counts.undone, "undone"),
    ):
        if number:
            parts.append(f"{number} {word}")
    return ", ".join(parts)


def _context_figures(run: RunState, view: ViewState) -> str:
    if not run.items:
        return ""
    total = used(run)
    route = run.routes.get(Phase.GENERATE)
    window = dict(view.windows).get(route.model) if route else None
    over = _over(run)
    if not window:
        return f"{figures.tokens(total)} tokens{over}"
    filled = min(6, round(6 * total / window))
    share = f"{100 * total / window:.0f}%"
    return f"{figures.tokens(total)} tok [{'#' * filled}{'.' * (6 - filled)}] {share}{over}"


def _over(run: RunState) -> str:
    """Said where it stays on screen: the line with the bar scrolls."""
    return " OVER" if too_many(run) else ""


def tabs(run: RunState, view: ViewState, width: int) -> Line:
    """The panel names on one row, for screens with room for one panel."""
    spans: list[Span] = [(" ", "title")]
    short = width < 60
    for key, panel, name in PANELS:
        here = panel == view.panel
        urgent = "!" if panel == "phases" and view.question else ""
        word = key if short and not here else f"{key} {name}{urgent}"
        if here:
            extra = _short_figures(run, panel)
            fits = f" {extra}" if extra and width >= 60 else ""
            focus = "title-focus" if view.focus == panel else "bar"
            spans += [(f"[{word}{fits}]", focus), (" ", "title")]
        else:
            spans += [(f" {word} ", "dim"), (" ", "title")]
    return tuple(spans)

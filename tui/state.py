"""What the screen shows beside the run itself: focus, selections, an armed key, the streamed tail.

Pure: every change gives another value, and nothing here knows Textual.
"""

from dataclasses import dataclass, field, replace

from core.domain.phase import ORDER, Phase
from core.domain.state import RunState
from tui import context_words
from tui.question_words import is_settled
from tui.run_table import RunTable
from tui.tally import first_hunk, hunk_by_id

QUIET = 1.0
"""Seconds without typing before a question may appear: a word being typed never answers it."""

READ = 0.4
"""Seconds a question must have been on screen before a key may answer it."""

TAIL_LINES = 200
"""Streamed lines that are kept for looking at."""

REPLIES = 200
"""Calls whose text can be read from the phases panel."""

LOG_ROWS = 5_000
"""Events that stay on screen; the journal has them all."""


LOWER = ("events", "phases", "figures")
"""Panels that share a place where there is room for one of them."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event in words."""

    number: int
    at: float
    """Seconds since the epoch."""
    text: str
    tone: str
    """Name of the ink: `plain`, `good`, `bad`, `warn` or `dim`."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """The screen's own state."""

    focus: str = "goal"
    """`goal`, `plan`, `context`, `diffs`, `phases`, `events`, `figures` or `question`."""
    panel: str = "diffs"
    """The panel that last had focus."""
    lower: str = "events"
    """Which of `LOWER` the two-column layout shows."""
    zoomed: bool = False
    phase: Phase = Phase.RETRIEVE
    hunk: str = ""
    task: str = ""
    item: str = ""
    row: int = 0
    """Number of the selected log row; 0 follows the newest."""
    undecided_only: bool = False
    armed: str = ""
    """Id of the action that waits for its second key."""
    promise: str = ""
    """What the armed action will do, in one line."""
    says: str = ""
    """A notice or refusal, until the next key."""
    typed_at: float = -1e9
    """When something was last typed, in monotonic seconds."""
    question: str = ""
    """Id of the asked command or question that is shown; it may be asked and not shown yet."""
    question_at: float = 0.0
    host: str = ""
    indexing: tuple[int, int] = (0, 0)
    """Files read and files to be read while the search index is brought up to date."""
    is_early: bool = False
    """What is listed was ranked before the history was read."""
    by_tokens: bool = False
    """The context lists the largest items first."""
    is_opening: bool = False
    """The repository and the run are still being opened."""
    asks_again: float = 0.0
    """When a call that failed is made again, in seconds since the epoch; past where none waits."""
    is_pausing: bool = False
    """The user asked the relay to stop after the phase that runs."""
    doing: str = ""
    """What was begun outside the phases and still goes on: a check, a landing."""
    is_busy: bool = False
    """Whether that still goes on."""
    tail: tuple[str, ...] = ()
    """Complete and last partial line of what streams."""
    tail_from: str = ""
    log: tuple[LogRow, ...] = field(default=(), repr=False)
    figures: RunTable = RunTable()
    """What the run cost and took; rows only while the panel that shows them is on screen."""
    replies: tuple[tuple[str, str, str], ...] = ()
    """Phase, reply and prompt (blob digests) of each call of this session."""
    draft: tuple[str, str] = ("", "")
    """A text that was edited and what of it was no receipt, to be opened again in its place."""
    windows: tuple[tuple[str, int], ...] = ()
    """Model id to context window in tokens, where known."""

    @property
    def following(self) -> bool:
        """Whether the event panel stays at its newest row."""
        return self.row == 0


def typed(view: ViewState, now: float) -> ViewState:
    """Something was typed at `now`."""
    return replace(view, typed_at=now)


def focused(view: ViewState, where: str) -> ViewState:
    """The user moved to another place; an armed key is disarmed."""
    view = disarmed(view)
    if where in ("goal", "question"):
        return replace(view, focus=where)
    lower = where if where in LOWER else view.lower
    return replace(view, focus=where, panel=where, lower=lower)


def armed(view: ViewState, action: str, promise: str) -> ViewState:
    """One more press of the same key will do it."""
    return replace(view, armed=action, promise=promise, says="")


def disarmed(view: ViewState) -> ViewState:
    """Any other key takes an armed one back, and clears what was said."""
    if not (view.armed or view.says):
        return view
    return replace(view, armed="", promise="", says="")


def logged(view: ViewState, at: float, text: str, tone: str = "plain") -> ViewState:
    """The view with one more row in its log; an empty text adds none."""
    if not text:
        return view
    number = view.log[-1].number + 1 if view.log else 1
    kept = view.log if len(view.log) < LOG_ROWS else view.log[-LOG_ROWS + LOG_ROWS // 10 :]
    return replace(view, log=(*kept, LogRow(number, at, text, tone)))


def questions(run: RunState) -> list[str]:
    """Ids of all that waits for an answer."""
    asked = run.question if run.question and not is_settled(run) else None
    return [command.id for command in run.asked] + ([asked.id] if asked else [])


def with_question(view: ViewState, run: RunState, now: float) -> ViewState:
    """Show the oldest unanswered question, but never within `QUIET` of typing."""
    asked = questions(run)
    if view.question in asked:
        return view
    if not asked or now - view.typed_at < QUIET:
        return replace(view, question="") if view.question else view
    return replace(view, question=asked[0], question_at=now)


def may_answer(view: ViewState, now: float) -> bool:
    """Whether a key pressed at `now` can have been meant for the question."""
    return bool(view.question) and now - view.question_at >= READ


def reconciled(view: ViewState, run: RunState) -> ViewState:
    """Selections that point at something that exists."""
    return replace(
        view,
        hunk=view.hunk if hunk_by_id(run, view.hunk) else _successor(view.hunk, run),
        task=_kept(view.task, [t.id for t in run.tasks]),
        item=view.item if view.item in context_words.rows(run) else _row(view, run),
    )


def _kept(current: str, ids: list[str]) -> str:
    return current if current in ids else (ids[0] if ids else "")


def _row(view: ViewState, run: RunState) -> str:
    return context_words.successor(run, view.item)


def _successor(gone: str, run: RunState) -> str:
    part = next((h.id for h in run.hunks if gone and h.split_from == gone), "")
    return part or first_hunk(run)


def picked(view: ViewState, where: str, owner: str) -> ViewState:
    """A click selected what owns a line of a panel."""
    if where == "events":
        return replace(view, row=int(owner))
    if where == "phases":
        return replace(view, phase=Phase(owner))
    if where == "diffs":
        return replace(view, hunk=owner)
    if where == "plan":
        return replace(view, task=owner)
    return replace(view, item=owner) if where == "context" else view


def stepped_phase(view: ViewState, step: int) -> ViewState:
    """Focus the phase `step` places on; the ends hold."""
    place = min(max(ORDER.index(view.phase) + step, 0), len(ORDER) - 1)
    return replace(view, phase=ORDER[place])

"""What an event changes on the screen beside the run itself. Imported after the first frame."""

from dataclasses import replace

from core.domain import events as e
from tui.state import REPLIES, TAIL_LINES, ViewState, logged
from tui.wording import sentence, tone

OVERTAKING = (
    e.PhaseStarted,
    e.PhaseFailed,
    e.ApprovalRequested,
    e.QuestionAsked,
    e.AcceptedVerified,
    e.EditsLanded,
    e.LandingUndone,
)
"""News that matters more than what was said about the last key."""


ENDING = (e.PhasePassed, e.PhaseFailed, e.PhaseCancelled)
"""News after which no search is under way; files that are still read will say so again."""


def after_event(view: ViewState, recorded: e.Recorded) -> ViewState:
    """The view after one event: its row in the log, the streamed tail, the focused phase."""
    event = recorded.event
    if isinstance(event, e.TextStreamed):
        return _streamed(view, event)
    if isinstance(event, e.IndexAdvanced):
        is_done = event.done >= event.total
        return replace(view, indexing=(0, 0) if is_done else (event.done, event.total))
    if isinstance(event, ENDING):
        view = replace(view, is_early=False, indexing=(0, 0))
    if isinstance(event, e.ContextRetrieved):
        view = replace(view, is_early=True)
    if isinstance(event, e.HostChanged):
        view = replace(view, host=event.state)
    if isinstance(event, e.CommandRefused):
        read = (0, 0) if event.command == "index" else view.indexing
        view = replace(view, says=event.reason, indexing=read)
    if isinstance(event, OVERTAKING):
        view = replace(view, says="")
    if isinstance(event, e.PhaseStarted):
        view = replace(view, phase=event.phase, tail=(), tail_from=event.model)
        view = replace(view, is_pausing=False, asks_again=0.0)
    if isinstance(event, e.CallRetried):
        view = replace(view, asks_again=recorded.at + event.wait)
    if isinstance(event, e.ModelReplied):
        call = (event.phase.value, event.text, event.prompt)
        view = replace(view, replies=(*view.replies, call)[-REPLIES:])
    return logged(view, recorded.at, sentence(event), tone(event))


def _streamed(view: ViewState, event: e.TextStreamed) -> ViewState:
    last = view.tail[-1] if view.tail else ""
    fresh = (last + event.text).split("\n")
    tail = (*view.tail[:-1], *fresh)[-TAIL_LINES:]
    return replace(view, tail=tail, tail_from=event.source or view.tail_from)

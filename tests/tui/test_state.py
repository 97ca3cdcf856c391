from dataclasses import replace

from core.domain import events as e
from core.domain.metrics import Usage
from core.domain.phase import Phase
from core.domain.state import RunState
from tui import sample
from tui.news import after_event
from tui.scripted_session import sample_session
from tui.state import (
    LOG_ROWS,
    READ,
    TAIL_LINES,
    ViewState,
    armed,
    disarmed,
    focused,
    logged,
    may_answer,
    reconciled,
    stepped_phase,
    typed,
    with_question,
)

ASKED = RunState(asked=(sample.PYTEST,))


def _recorded(event: e.Event) -> e.Recorded:
    return e.Recorded(1, 5.0, "r", event)


def test_streamed_text_grows_the_last_line_until_it_ends() -> None:
    view = ViewState()
    for piece in ("ab", "c\nd", "e"):
        view = after_event(view, _recorded(e.TextStreamed(Phase.PLAN, piece)))

    assert view.tail == ("abc", "de")
    assert view.log == ()


def test_the_streamed_tail_is_bounded() -> None:
    text = "x\n" * (TAIL_LINES * 2)
    view = after_event(ViewState(), _recorded(e.TextStreamed(Phase.PLAN, text)))

    assert len(view.tail) == TAIL_LINES


def test_a_started_phase_is_focused_and_its_tail_is_empty() -> None:
    view = replace(ViewState(), tail=("old",))
    started = e.PhaseStarted(Phase.GENERATE, 1, "m", "default", "k")
    view = after_event(view, _recorded(started))

    assert (view.phase, view.tail, view.log[-1].text) == (
        Phase.GENERATE,
        (),
        "generate: started on m (default)",
    )


def test_a_refusal_is_said_until_the_next_key() -> None:
    view = after_event(ViewState(), _recorded(e.CommandRefused("Land", "no")))

    assert view.says == "no"
    assert disarmed(view).says == ""


def test_a_reply_is_remembered_for_reading() -> None:
    event = e.ModelReplied(Phase.PLAN, "c", "m", Usage(), 1.0, 0.1, "text-blob", "prompt-blob")

    view = after_event(ViewState(), _recorded(event))

    assert view.replies == (("plan", "text-blob", "prompt-blob"),)


def test_the_log_is_bounded_and_its_numbers_go_on() -> None:
    view = ViewState()
    for n in range(LOG_ROWS + 2):
        view = logged(view, 0.0, str(n))

    assert len(view.log) <= LOG_ROWS
    assert view.log[-1].number == LOG_ROWS + 2


def test_a_question_waits_while_somebody_types() -> None:
    view = typed(ViewState(), 100.0)

    assert with_question(view, ASKED, 100.9).question == ""
    assert with_question(view, ASKED, 101.1).question == sample.PYTEST.id


def test_a_question_cannot_be_answered_before_it_could_be_read() -> None:
    view = with_question(ViewState(), ASKED, 100.0)

    assert not may_answer(view, 100.0 + READ / 2)
    assert may_answer(view, 100.0 + READ)


def test_an_answered_question_leaves() -> None:
    view = with_question(ViewState(), ASKED, 100.0)

    assert with_question(view, RunState(), 101.0).question == ""


def test_moving_focus_disarms() -> None:
    view = focused(armed(ViewState(), "land", "land 3 hunks"), "plan")

    assert (view.armed, view.promise, view.focus, view.panel) == ("", "", "plan", "plan")


def test_going_to_the_prompt_keeps_the_panel_to_come_back_to() -> None:
    view = focused(focused(ViewState(), "context"), "goal")

    assert (view.focus, view.panel) == ("goal", "context")


def test_the_first_undecided_hunk_is_selected_at_first() -> None:
    run = sample_session().state

    assert run.decision(reconciled(ViewState(), run).hunk).value == "pending"


def test_a_selection_that_exists_stays() -> None:
    run = sample_session().state
    chosen = run.hunks[7].id

    assert reconciled(ViewState(hunk=chosen), run).hunk == chosen


def test_the_selection_moves_to_the_first_part_of_a_split_hunk() -> None:
    session = sample_session()
    hunk = session.files[2].hunks[2]
    parts = (replace(hunk, id="a", split_from=hunk.id), replace(hunk, id="b", split_from=hunk.id))
    session.publish(e.HunkSplit(hunk.id, parts))

    assert reconciled(ViewState(hunk=hunk.id), session.state).hunk == "a"


def test_the_focused_phase_stops_at_both_ends() -> None:
    assert stepped_phase(ViewState(), -1).phase is Phase.RETRIEVE
    assert stepped_phase(ViewState(phase=Phase.REVIEW), 1).phase is Phase.REVIEW

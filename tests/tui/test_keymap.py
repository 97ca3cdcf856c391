from dataclasses import replace

import pytest

from core.domain.state import RunState
from tui.action import Action, DuplicateKey, checked
from tui.handlers.table import HANDLERS
from tui.keymap import ACTIONS, BY_ID, hints, markdown_table, render_keys
from tui.scripted_session import sample_session
from tui.sources.chrome import hint_line
from tui.state import ViewState, reconciled


def test_every_action_is_carried_out_by_a_function_and_no_function_is_orphaned() -> None:
    assert set(HANDLERS) == set(BY_ID)


@pytest.mark.parametrize("scope", ["diffs", "relay", "global"])
def test_a_key_that_means_two_things_in_one_place_is_an_error(scope: str) -> None:
    another = Action("another", "y", scope, "", "")

    with pytest.raises(DuplicateKey, match="y means"):
        checked((*ACTIONS, another))


def test_the_same_key_may_mean_other_things_in_other_panels() -> None:
    assert {a.scope for a in ACTIONS if "x" in a.keys} == {"plan", "context"}


def test_an_id_that_is_used_twice_is_an_error() -> None:
    with pytest.raises(DuplicateKey):
        checked((*ACTIONS, replace(ACTIONS[0], key="ctrl+t")))


def test_no_key_is_one_that_terminals_cannot_tell_apart() -> None:
    unsafe = {"ctrl+m", "ctrl+i", "ctrl+j", "ctrl+h", "ctrl+s", "ctrl+q"}

    assert not unsafe & {key for a in ACTIONS for key in a.keys}


def test_landing_skipping_undoing_and_going_back_want_their_key_twice() -> None:
    assert {a.id for a in ACTIONS if a.arms} == {"land", "skip", "undo-landing", "back"}


def test_help_and_readme_name_every_key() -> None:
    for action in ACTIONS:
        assert action.help in render_keys(200)
        assert action.help in markdown_table()


def test_help_leads_with_the_panel_it_was_asked_from() -> None:
    assert render_keys(80, first="context").startswith("Context\n")


def test_help_keeps_to_its_width() -> None:
    assert max(map(len, render_keys(60).splitlines())) <= 60


def test_hints_leave_out_what_cannot_be_done() -> None:
    run = sample_session().state
    view = reconciled(ViewState(focus="diffs"), run)

    assert ("y", "accept") in hints(run, view)
    assert ("U", "undo") not in hints(run, view)
    assert ("y", "accept") not in hints(RunState(), view)


@pytest.mark.parametrize(
    "focus", ["goal", "plan", "context", "diffs", "phases", "events", "figures"]
)
def test_hints_fit_eighty_columns_and_always_offer_help_or_the_palette(focus: str) -> None:
    run = sample_session().state
    view = reconciled(ViewState(focus=focus), run)
    text = "".join(part for part, _ in hint_line(hints(run, view), 80))

    assert len(text.rstrip()) <= 80
    assert "palette" in text


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.id)
def test_an_action_says_in_one_clause_why_it_cannot_be_done_yet(action: Action) -> None:
    reason = action.enabled(RunState(), ViewState())

    assert "\n" not in reason
    assert not reason.endswith(".")

from dataclasses import replace

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from tests.tui.driving import driving, wait_until
from tui import sample
from tui.cockpit import AppOptions
from tui.scripted_session import ScriptedSession, sample_session
from tui.state import READ


def _decisions(session: ScriptedSession) -> list[c.Command]:
    kinds = (c.DecideHunk, c.ApproveCommand, c.Land, c.SkipPhase, c.SplitHunk)
    return [x for x in session.submitted if isinstance(x, kinds)]


async def test_the_first_frame_is_there_before_the_session_is_warmed() -> None:
    async with driving(ScriptedSession(), focus="goal") as driven:
        assert "goal>" in driven.text
        assert "Relaypair hands a goal through six phases" in driven.text
        assert driven.app.view.focus == "goal"


async def test_a_goal_is_taken_up_and_a_second_one_rewords_it() -> None:
    async with driving(ScriptedSession(), focus="goal") as driven:
        await driven.press(*"add x", "enter")
        await driven.sees("RET wait")
        assert driven.app.view.focus == "diffs"
        await driven.press("0", *"add y", "enter")
        await driven.submits(2)

        assert driven.session.submitted == [c.StartRun("add x"), c.SetGoal("add y")]


async def test_a_run_goes_from_goal_to_landing_and_back_by_keys() -> None:
    async with driving(ScriptedSession(), focus="goal") as driven:
        await driven.press(*"backoff", "enter")
        await driven.press("escape", "R")
        await wait_until(lambda: driven.session.state.cursor is None)
        await driven.sees("12 hunks")
        await driven.press("3", "A", "V")
        await driven.sees("accepted hunks verified")
        await driven.press("L")
        await driven.sees("L again writes 2 hunks in 1 file, ")
        assert not driven.session.state.landings
        await driven.press("L")
        await driven.sees("landed 2 hunks in 1 file, verified")
        await driven.press("U", "U")
        await driven.sees("undone: 1 file restored")


async def test_typing_a_goal_while_a_question_is_raised_decides_nothing() -> None:
    session = sample_session()
    async with driving(session, focus="goal") as driven:
        for number, key in enumerate("yes and add docs"):
            if number == 4:
                session.publish(e.ApprovalRequested(sample.PYTEST, "pyproject.toml proposes it"))
            await driven.press(key)
        assert driven.app.board.goal.value == "yes and add docs"
        assert driven.app.view.focus == "goal"
        assert _decisions(session) == []
        assert "may `pytest -q` run?" not in driven.text.splitlines()[-3]


async def test_a_question_is_answered_only_where_it_has_focus() -> None:
    session = sample_session()
    async with driving(session, focus="diffs") as driven:
        session.publish(e.ApprovalRequested(sample.PYTEST, "pyproject.toml proposes it"))
        await driven.sees("`pytest -q` run? (from pyproject.toml)")
        await driven.press("y")
        await driven.submits(1)
        assert isinstance(session.submitted[0], c.DecideHunk)
        await driven.press("exclamation_mark")
        await wait_until(lambda: driven.app.view.focus == "question")
        await wait_until(lambda: _answered(driven.app.view.question_at))
        await driven.press("n")
        await driven.submits(2)

        assert session.submitted[1] == c.ApproveCommand(sample.PYTEST.id, False)


def _answered(since: float) -> bool:
    import time

    return time.monotonic() - since >= READ


async def test_nothing_that_happens_moves_focus() -> None:
    session = sample_session()
    async with driving(session, focus="plan") as driven:
        session.publish(e.ApprovalRequested(sample.PYTEST, "why"))
        session.publish(e.EditsStaged(session.files))
        session.publish(e.PhaseFailed(Phase.REVIEW, "gone"))
        await driven.sees("review: FAIL: gone")

        assert driven.app.focused is not None
        assert driven.app.focused.id == "plan"


@pytest.mark.parametrize(
    ("key", "state", "count"),
    [
        ("y", HunkState.ACCEPTED, 1),
        ("n", HunkState.REJECTED, 1),
        ("space", HunkState.ACCEPTED, 1),
        ("a", HunkState.ACCEPTED, 3),
        ("d", HunkState.REJECTED, 4),
        ("A", HunkState.ACCEPTED, 4),
        ("D", HunkState.REJECTED, 5),
    ],
)
async def test_a_decision_by_key(key: str, state: HunkState, count: int) -> None:
    async with driving() as driven:
        await driven.press(key)
        await driven.submits(1)
        command = driven.session.submitted[0]

        assert isinstance(command, c.DecideHunk)
        assert (command.state, len(command.ids)) == (state, count)


async def test_hunks_with_a_doubt_are_never_accepted_in_bulk() -> None:
    async with driving() as driven:
        await driven.press("A")
        await driven.sees("1 hunk left: look at each, then y")
        doubtful = next(h for h in driven.session.state.hunks if h.doubt)

        assert driven.session.state.decision(doubtful.id) is HunkState.REJECTED


def _leaning() -> tuple[ScriptedSession, str, str]:
    """A session in which a hunk needs a definition that was rejected."""
    session = sample_session()
    use = next(h for h in session.state.hunks if h.needs)
    definition = use.needs[0].id
    session.publish(e.HunkDecided((definition,), HunkState.REJECTED))
    return session, use.id, definition


async def test_one_key_accepts_a_hunk_with_all_it_needs_and_one_takes_both_back() -> None:
    session, use, definition = _leaning()
    async with driving(session) as driven:
        await driven.press("j", "j")
        await wait_until(lambda: driven.app.view.hunk == use)
        await driven.press("Y")
        await driven.submits(1)
        run = session.state
        assert session.submitted == [c.DecideHunk((definition, use), HunkState.ACCEPTED)]
        assert {run.decision(i) for i in (use, definition)} == {HunkState.ACCEPTED}
        await driven.press("u")
        await driven.submits(2)
        assert session.state.decision(use) is HunkState.PENDING
        assert session.state.decision(definition) is HunkState.REJECTED


async def test_one_key_rejects_a_hunk_with_all_that_need_it() -> None:
    session, use, definition = _leaning()
    async with driving(session) as driven:
        driven.app.change(replace(driven.app.view, hunk=definition))
        await driven.press("N")
        await driven.submits(1)
        assert {session.state.decision(i) for i in (use, definition)} == {HunkState.REJECTED}


async def test_a_hunk_that_leans_on_nothing_says_so_at_these_keys() -> None:
    async with driving() as driven:
        await driven.press("Y")
        await driven.sees("it needs no other hunk; y accepts it")
        await driven.press("N")
        await driven.sees("no other hunk needs it; n rejects it")
        assert driven.session.submitted == []


async def test_an_accepted_hunk_says_what_it_misses() -> None:
    session, use, _ = _leaning()
    async with driving(session) as driven:
        await driven.press("j", "j")
        await wait_until(lambda: driven.app.view.hunk == use)
        await driven.sees("~ needs 1 more hunk: uses backoff")
        await driven.press("y")
        await driven.sees("! needs 1 hunk not accepted: uses backoff")


async def test_accepting_goes_on_to_the_next_undecided_hunk() -> None:
    async with driving() as driven:
        before = driven.app.view.hunk
        await driven.press("y")
        await wait_until(lambda: driven.app.view.hunk != before)
        run = driven.session.state

        assert run.decision(driven.app.view.hunk) is HunkState.PENDING


async def test_a_decision_is_taken_back_where_it_was_taken() -> None:
    async with driving() as driven:
        first = driven.app.view.hunk
        await driven.press("n", "u")
        await wait_until(lambda: driven.app.view.hunk == first)

        assert driven.session.state.decision(first) is HunkState.PENDING


async def test_moving_by_hunk_and_by_file() -> None:
    async with driving() as driven:
        hunks = driven.session.state.hunks
        await driven.press("J")
        assert driven.app.view.hunk == hunks[7].id
        await driven.press("j", "j", "k")
        assert driven.app.view.hunk == hunks[8].id
        await driven.press("K", "K")
        assert driven.app.view.hunk == hunks[0].id


async def test_only_undecided_hunks_are_walked_when_asked() -> None:
    async with driving() as driven:
        await driven.press("t", *"jjjjjjjjjjjj")
        await driven.sees("undecided only")
        open_ones = driven.session.state.hunks_in(HunkState.PENDING)

        assert driven.app.view.hunk == open_ones[-1].id
        assert " 1/12 " not in driven.text


async def test_splitting_selects_the_first_part() -> None:
    async with driving() as driven:
        await driven.press("J", "j", "s")
        await wait_until(lambda: len(driven.session.state.hunks) == 13)
        parts = [h for h in driven.session.state.hunks if h.split_from]
        await wait_until(lambda: driven.app.view.hunk == parts[0].id)


@pytest.mark.parametrize("other", ["j", "y", "f12", "1"])
async def test_any_other_key_disarms(other: str) -> None:
    async with driving() as driven:
        await driven.press("L")
        await wait_until(lambda: driven.app.view.armed == "land")
        await driven.press(other, "L")
        await driven.sees("NOT VERIFIED")

        assert not driven.session.state.landings


async def test_an_unchecked_set_lands_only_on_the_word_unverified() -> None:
    async with driving() as driven:
        await driven.press("L", "L")
        await driven.sees("Type unverified")
        await driven.press(*"yes", "enter")
        await driven.sees("nothing was landed")
        assert not driven.session.state.landings
        await driven.press("L", "L")
        await driven.sees("Type unverified")
        await driven.press(*"unverified", "enter")
        await wait_until(lambda: bool(driven.session.state.landings))


async def test_an_action_that_cannot_be_done_says_why() -> None:
    async with driving() as driven:
        await driven.press("U")
        await driven.sees("undo: nothing has landed")
        assert driven.session.submitted == []


async def test_plan_keys_change_the_plan() -> None:
    async with driving(focus="plan") as driven:
        await driven.press("space")
        await wait_until(lambda: not driven.session.state.tasks[0].included)
        await driven.press("j", "x")
        await wait_until(lambda: [t.id for t in driven.session.state.tasks] == ["T1", "T3"])
        await driven.press("e")
        await driven.sees("Intent: what to do")
        await driven.press(*"!!", "ctrl+o")
        await wait_until(lambda: any("!!" in t.title for t in driven.session.state.tasks))


async def test_a_new_task_needs_a_title() -> None:
    async with driving(focus="plan") as driven:
        await driven.press("o")
        await driven.sees("Task T4")
        await driven.press("ctrl+o")
        for words in ("docs", "", "docs/a.md, b.md", "", "", ""):
            await driven.press(*words, "enter")
        await wait_until(lambda: len(driven.session.state.tasks) == 4)

        assert driven.session.state.tasks[3].files == ("docs/a.md", "b.md")


async def test_context_keys_pin_drop_add_and_read() -> None:
    async with driving(focus="context") as driven:
        await driven.press("j", "p")
        await wait_until(lambda: driven.session.state.items[1].state.value == "pinned")
        await driven.press("x")
        await wait_until(lambda: driven.session.state.items[1].state.value == "dropped")
        await driven.press("o")
        await driven.sees("Add to the context")
        await driven.press(*"sess:3-9", "enter")
        await driven.sees("core/session.py:3-9")
        await driven.press("enter")
        await driven.sees("about 200 tokens, score 1.00, pinned")

        assert c.AddContext("core/session.py", 3, 9) in driven.session.submitted


async def test_the_model_picker_swaps_the_focused_phase_or_all() -> None:
    async with driving() as driven:
        await driven.press("m")
        await driven.sees("OPENAI_API_KEY")
        await driven.press(*"haiku", "enter")
        await driven.submits(1)
        await driven.press("m")
        await driven.sees("window")
        await driven.press(*"gpt-mini", "alt+enter")
        await driven.submits(2)

        assert driven.session.submitted == [
            c.SwapModel(Phase.REVIEW, "anthropic/claude-haiku"),
            c.SwapModel(None, "openai/gpt-mini"),
        ]


async def test_the_model_picker_says_that_the_environment_chose() -> None:
    async with driving() as driven:
        for _ in range(4):
            await driven.press("left_square_bracket")
        await driven.press("m")
        await driven.sees("Model of plan")
        assert "set by the environment" in driven.text


async def test_rerun_asks_for_a_note() -> None:
    async with driving() as driven:
        await driven.press("r")
        await driven.sees("Rerun review")
        await driven.press(*"be brief", "enter")
        await driven.submits(1)

        assert driven.session.submitted == [c.RerunPhase(Phase.REVIEW, "be brief")]


async def test_a_note_names_its_hunk() -> None:
    async with driving() as driven:
        await driven.press("c")
        await driven.sees("Note about core/relay.py line 14")
        await driven.press(*"why async?", "enter")
        await driven.submits(1)

        assert driven.session.submitted == [
            c.AddNote("about core/relay.py line 14 in retry: why async?")
        ]


async def test_the_palette_carries_out_an_action_and_says_why_others_cannot_be_done() -> None:
    async with driving() as driven:
        await driven.press("ctrl+p")
        await driven.sees("(no question waits)")
        await driven.press(*"verify", "enter")
        await driven.submits(1)

        assert driven.session.submitted == [c.VerifyAccepted()]


async def test_what_is_typed_right_after_the_palette_key_decides_nothing() -> None:
    async with driving() as driven:
        await driven.press("ctrl+p", *"andy", "backspace")
        await driven.sees("Actions")
        assert driven.session.submitted == []


async def test_the_palette_does_not_carry_out_what_is_greyed() -> None:
    async with driving() as driven:
        await driven.press("ctrl+p", *"restore the files", "enter")
        await driven.sees("Actions")
        assert driven.session.submitted == []


async def test_help_lists_the_keys_and_escape_closes_it() -> None:
    async with driving() as driven:
        await driven.press("question_mark")
        await driven.sees("accept this hunk and go to the next undecided")
        await driven.press("escape")
        await wait_until(lambda: len(driven.app.screen_stack) == 1)
        assert driven.app.focused is not None and driven.app.focused.id == "diffs"


async def test_receipt_reply_prompt_and_checks_can_be_read() -> None:
    async with driving(focus="phases") as driven:
        await driven.press("up", "enter")
        await driven.sees("Receipt of verify")
        await driven.press("escape", "left_square_bracket", "left_square_bracket", "o")
        await driven.sees("canned text of reply-")
        await driven.press("escape", "v")
        await driven.sees("coroutine 'retry' was never awaited")


async def test_control_c_cancels_first_then_clears_then_quits() -> None:
    import asyncio

    session = sample_session()
    async with driving(session, focus="goal") as driven:
        session.hold = asyncio.Event()
        await driven.press("escape", "full_stop")
        await driven.sees("REV run")
        await driven.press("ctrl+c")
        await driven.sees("REV stop")
        await driven.press("i", *"draft", "ctrl+c")
        assert driven.app.board.goal.value == ""
        await driven.press("up")
        assert driven.app.board.goal.value == "draft"
        await driven.press("ctrl+c", "ctrl+c")
        await driven.sees("ctrl+c again quits")
        await driven.press("ctrl+c")
        await wait_until(lambda: driven.app.return_value is not None)
        leave = driven.app.return_value
        assert leave is not None
        assert leave.lines[-1] == "resume  relaypair resume 3f2a"
        assert (leave.hunks, leave.accepted) == (12, 2)


async def test_control_c_closes_a_sheet_and_does_not_cancel() -> None:
    async with driving() as driven:
        await driven.press("m")
        await driven.sees("Model of review")
        await driven.press("ctrl+c")
        await wait_until(lambda: len(driven.app.screen_stack) == 1)

        assert driven.app.view.armed == ""
        assert driven.session.submitted == []


async def test_streamed_text_is_shown_while_nothing_is_staged() -> None:
    import asyncio

    session = ScriptedSession()
    session.hold = asyncio.Event()
    async with driving(session, focus="goal") as driven:
        await driven.press(*"go", "enter")
        await driven.press("escape", "full_stop")
        await driven.sees("Writing edits for retrieve.")
        session.hold.set()
        await driven.sees("RET ok")


async def test_a_handler_that_fails_is_told_and_the_app_goes_on() -> None:
    session = sample_session()
    async with driving(session) as driven:
        session.receipts.clear()
        await driven.press("left_square_bracket", "left_square_bracket", *"[")
        session.blob = None  # type: ignore[method-assign, assignment]
        await driven.press("4", "o")
        await driven.sees("the screen met a fault and went on: TypeError")
        await driven.press("1")

        assert driven.app.view.focus == "plan"


async def test_a_line_that_cannot_be_drawn_is_told_and_the_app_goes_on() -> None:
    session = sample_session()
    async with driving(session) as driven:
        first = session.files[0]
        broken = replace(first.hunks[0], id="odd", symbol=7)  # type: ignore[arg-type]
        session.publish(e.EditsStaged((replace(first, hunks=(broken,)),)))
        await driven.sees("this line could not be drawn")
        await driven.sees("the screen met a fault and went on")
        await driven.press("1")

        assert driven.app.view.focus == "plan"


async def test_markup_in_what_is_shown_is_only_text() -> None:
    evil = "[link=https://x]click[/link] [@click=app.quit]q[/] \x1b]0;t\x07"
    session = sample_session()
    first = session.files[0]
    hunk = replace(first.hunks[0], id="m", symbol=evil, new=(evil + "\n",), model=f"x/{evil}")
    async with driving(session, size=(200, 60)) as driven:
        session.publish(e.GoalChanged(replace(sample.GOAL, text=evil)))
        session.publish(e.EditsStaged((replace(first, path=f"a/{evil}", hunks=(hunk,)),)))
        session.publish(e.NoticeGiven(evil))
        session.publish(e.RouteChanged(replace(sample.ROUTES[Phase.PLAN], models=(evil,))))
        await driven.sees(
            "+ [link=https://x]click[/link] [@click=app.quit]q[/] <U+001B>]0;t<U+0007>"
        )
        await wait_until(lambda: driven.text.count("[link=https://x]") >= 4)

        assert "\x1b" not in driven.text


async def test_a_long_paste_is_bounded_and_told() -> None:
    from textual import events

    async with driving(ScriptedSession(), focus="goal") as driven:
        driven.app.board.goal.post_message(
            events.Paste("line one\nline \x1b[201~two " + "x" * 10**6)
        )
        await driven.sees("characters were pasted")

        assert driven.app.board.goal.value.startswith("line one line <U+001B>[201~two")
        assert len(driven.app.board.goal.value) <= 4_000


async def test_a_goal_given_at_start_is_taken_up() -> None:
    session = ScriptedSession()
    async with driving(session, options=AppOptions(goal="add x"), focus="goal") as driven:
        await driven.submits(1)
        assert session.submitted == [c.StartRun("add x")]

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState, Need, NeedKind
from core.domain.phase import ORDER, Phase
from core.domain.receipt import PlanReceipt
from core.domain.state import RunState
from core.record.live import figures_of
from tui import sample
from tui.figures import short_model
from tui.ink import plain
from tui.patch import as_patch
from tui.run_table import RunSums, RunTable
from tui.run_words import run_sums
from tui.scripted_session import ScriptedSession, large_session, sample_session
from tui.sources import chrome
from tui.sources.diffs import DiffSource, row_at
from tui.sources.foot import foot_lines
from tui.sources.lists import plan_source
from tui.sources.relay import bar_lines, relay_source, served, state_word
from tui.sources.text import wrapped
from tui.state import ViewState
from tui.widgets.line_view import LineSource, marked

RUN = sample_session().state
NOW = 1e9


def _sums(session: ScriptedSession) -> RunSums:
    return run_sums(figures_of(session.past()))


def _lines(source: LineSource, width: int) -> list[str]:
    return [plain(source.line(i, width)) for i in range(source.line_count)]


def _with(run: RunState, *found: e.Event) -> RunState:
    session = sample_session()
    for event in found:
        session.publish(event)
    return session.state


def _file(*hunks: Hunk) -> FileEdit:
    return FileEdit("a.py", FileOp.MODIFY, "b", "b", False, hunks)


def _hunk(name: str, start: int, before: tuple[str, ...], after: tuple[str, ...]) -> Hunk:
    return Hunk(
        name, "a.py", start, ("old\n",), ("new\n",), context_before=before, context_after=after
    )


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_diffs_at_a_width(width: int) -> None:
    kept = Path(__file__).with_name("goldens") / f"diffs_{width}.txt"
    lines = _lines(DiffSource(RUN, foot_lines(RUN, width)), width)

    assert "\n".join(line.rstrip() for line in lines) + "\n" == kept.read_text("utf-8")


def test_every_line_of_a_hunk_belongs_to_it_and_no_other_line_does() -> None:
    source = DiffSource(RUN)
    for hunk in RUN.hunks:
        rows = source.rows(hunk.id)
        assert rows
        assert {source.owner(i) for i in rows} == {hunk.id}
    owned = sum(len(source.rows(h.id)) for h in RUN.hunks)
    assert owned == sum(bool(source.owner(i)) for i in range(source.line_count))


def test_lines_between_two_near_hunks_are_shown_once() -> None:
    run = RunState(
        files=(_file(_hunk("1", 1, ("one\n",), ("x\n", "y\n")), _hunk("2", 3, ("x\n",), ("z\n",))),)
    )
    lines = _lines(DiffSource(run), 60)

    assert [line.strip() for line in lines].count("x") == 1
    assert not any(line.strip() == "y" for line in lines)


def test_a_decision_changes_the_gutter_and_how_the_line_looks() -> None:
    source = DiffSource(RUN)
    hunk = RUN.hunks[4]
    row = source.rows(hunk.id)[0]
    before, mark = source.look(row), plain(source.line(row, 80))[1]
    source.update({**RUN.decisions, hunk.id: HunkState.ACCEPTED}, ())

    assert mark == "?"
    assert plain(source.line(row, 80))[1] == "y"
    assert source.look(row) != before


def _leaning_run() -> RunState:
    definition = _hunk("d", 1, (), ())
    use = replace(
        _hunk("u", 20, (), ()),
        needs=(Need("d", NeedKind.SOFT, "uses f, which a.py defines"),),
        matched_by="exact, indentation",
        repaired_by="x/small",
    )
    return _with(RUN, e.EditsStaged((_file(definition, use),)))


def test_a_hunk_says_how_it_was_placed_and_what_it_needs() -> None:
    source = DiffSource(_leaning_run())
    shown = [plain(source.line(i, 80)).strip() for i in source.rows("u")]
    assert shown[1:3] == [
        "?   ~ placed: indentation, repaired by small",
        "?   ~ needs 1 more hunk: uses f, which a.py defines",
    ]
    assert [x for x in _lines(source, 80) if "exact" in x] == []


def test_an_accepted_hunk_warns_until_what_it_needs_is_accepted_too() -> None:
    source = DiffSource(_leaning_run())
    row = source.rows("u")[2]
    looks = {source.look(row)}
    source.update({"u": HunkState.ACCEPTED, "d": HunkState.REJECTED}, ())
    assert source.line(row, 80)[1] == (
        "   ! needs 1 hunk not accepted: uses f, which a.py defines",
        "warn",
    )
    looks.add(source.look(row))
    source.update({"u": HunkState.ACCEPTED, "d": HunkState.ACCEPTED}, ())
    assert source.line(row, 80)[1][1] == "dim"
    looks.add(source.look(row))
    assert len(looks) == 3


def test_unchanged_lines_inside_a_hunk_are_shown_as_context() -> None:
    old, new = ("a\n", "b\n", "c\n", "d\n"), ("A\n", "b\n", "c\n", "x\n", "d\n")
    hunk = Hunk("h", "a.py", 3, old, new, ((0, 1, 0, 1), (3, 3, 3, 4)))
    source = DiffSource(_with(RUN, e.EditsStaged((_file(hunk),))))
    rows = [plain(source.line(i, 60)).rstrip()[3:] for i in source.rows("h")]
    assert rows[1:] == ["- a", "+ A", "  b", "  c", "+ x", "  d"]
    assert [row_at(hunk, n) for n in range(6)] == list(hunk.rows())
    assert as_patch(hunk).split("@@\n")[1] == "-a\n+A\n b\n c\n+x\n d\n"


def test_a_move_is_told_by_both_paths() -> None:
    hunk = Hunk("h", "new.py", 0, (), (), op=FileOp.RENAME, source="old.py")
    edit = FileEdit("new.py", FileOp.RENAME, "b", "b", False, (hunk,))
    source = DiffSource(_with(RUN, e.EditsStaged((edit,))))
    shown = _lines(source, 60)
    assert "moved 0/1" in shown[0] and "new.py" in shown[0]
    assert "moved from old.py" in shown[1]
    assert as_patch(hunk).splitlines()[1:] == ["rename from old.py", "rename to new.py"]


def test_hunks_of_a_file_that_changed_on_disk_are_marked() -> None:
    run = _with(RUN, e.FilesChanged(("tests/test_relay.py",)))
    source = DiffSource(run)
    hunk = next(h for h in run.hunks if h.path == "tests/test_relay.py")
    lines = _lines(source, 100)

    assert lines[source.rows(hunk.id)[0]][1] == "*"
    assert any("changed on disk" in line and "test_relay.py" in line for line in lines)


def test_only_undecided_hunks_are_shown_when_asked() -> None:
    source = DiffSource(RUN, only_open=True)
    open_ones = [h.id for h in RUN.hunks_in(HunkState.PENDING)]

    assert list(source.order) == open_ones
    assert not any(" 1/12 " in line for line in _lines(source, 100))


def test_a_doubt_and_an_invisible_character_are_told_at_the_hunk() -> None:
    text = "\n".join(_lines(DiffSource(RUN), 200))

    assert "! doubtful: the search text stood in two places" in text
    assert "! invisible characters" in text
    assert "<U+202E> looks harmless" in text
    assert "\u202e" not in text


def test_many_hunks_are_laid_out_without_making_their_text() -> None:
    run = large_session(10_000).state
    source = DiffSource(run)

    assert len(source.order) == 10_000
    assert plain(source.line(source.rows(source.order[-1])[0], 80)).startswith(" ? @@ part_9999 @@")


def test_the_foot_tells_refusals_checks_counts_and_advice() -> None:
    text = "\n".join(plain(line) for line in foot_lines(RUN, 100))

    assert "1 edit refused" in text
    assert "docs/retries.md (line 12, 40): the lines to replace stand in two places" in text
    assert "FAIL (fail) pytest -q on proposal" in text
    assert "tests/test_relay.py::test_retry" in text
    assert "`time.sleep`: 3 hits before, 1 after, left at core/old.py:9" in text
    assert "advises: revise" in text
    assert "blocking: the cap is never tested" in text


def test_the_foot_says_when_the_accepted_hunks_changed_since_they_were_verified() -> None:
    verified = e.AcceptedVerified("t", RUN.accepted_key, True, "41 passed")
    session = sample_session()
    session.publish(verified)
    assert "accepted hunks verified: 41 passed" in _foot(session.state)
    session.publish(e.HunkDecided((RUN.hunks[4].id,), HunkState.ACCEPTED))

    assert "changed since they were verified" in _foot(session.state)


def _foot(run: RunState) -> str:
    return "\n".join(plain(line) for line in foot_lines(run, 100))


def test_the_selected_task_is_told_in_full_and_others_in_one_line() -> None:
    source = plan_source(RUN, "T2", 60)

    assert [len(source.rows(t.id)) > 1 for t in RUN.tasks] == [False, True, False]
    assert "asyncio.sleep(backoff" in "\n".join(_lines(source, 60))


def test_a_task_that_is_left_out_has_an_empty_box() -> None:
    tasks = (replace(RUN.tasks[0], included=False), *RUN.tasks[1:])
    receipt = PlanReceipt(tasks=tasks)
    run = _with(RUN, e.OutputEdited(Phase.PLAN, receipt))

    assert _lines(plan_source(run, "", 60), 60)[0].startswith(" [ ] T1")


@pytest.mark.parametrize("width", [40, 54, 60, 80, 120, 200])
def test_the_phase_bar_keeps_to_its_width_and_tells_the_focused_phase(width: int) -> None:
    view = ViewState(phase=Phase.REVIEW)
    rows = [plain(line) for line in bar_lines(RUN, view, width, NOW, True)]

    assert all(len(row) <= width for row in rows)
    assert ">REV wait" in rows[0]


@pytest.mark.parametrize(
    ("event", "word"),
    [
        (e.PhaseFailed(Phase.PLAN, "no"), "fail"),
        (e.PhaseSkipped(Phase.PLAN, "no"), "skip"),
        (e.PhaseCancelled(Phase.PLAN, "no"), "stop"),
        (e.GoalChanged(replace(sample.GOAL, text="other")), "stale"),
        (e.SentBack(Phase.VERIFY, Phase.PLAN, "no", ""), "retry 1"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_the_state_of_a_phase_is_a_word(event: e.Event, word: str) -> None:
    run = _with(RUN, event)
    if word == "retry 1":
        run = replace(run, moved_back=Phase.PLAN)

    assert state_word(run, Phase.PLAN, NOW)[0] == word


def test_prices_are_marked_when_estimated_and_never_nought_when_unknown() -> None:
    text = plain(bar_lines(RUN, ViewState(), 200, NOW, True)[0])
    session = sample_session()
    session.publish(e.PhaseStarted(Phase.REVIEW, 1, "m", "default", "k"))
    session.publish(
        e.ModelReplied(Phase.REVIEW, "c", "m", sample.USAGE[Phase.REVIEW], 1.0, 0.1, "")
    )

    assert "~$0.13" in text
    assert chrome.spent(session.state, _sums(session)) == "~$0.14+$? of $0.50"


def test_a_recording_says_so_wherever_a_model_is_named() -> None:
    assert "recorded sonnet" in plain(bar_lines(RUN, ViewState(), 200, NOW, True)[1])
    lines = _lines(relay_source(RUN, ViewState(phase=Phase.VERIFY), 60, NOW), 60)
    assert any("recorded sonnet" in line for line in lines)


def test_the_phases_panel_shows_the_receipt_of_the_focused_phase() -> None:
    text = "\n".join(_lines(relay_source(RUN, ViewState(phase=Phase.PLAN), 60, NOW), 60))

    assert "- split the goal into three tasks" in text
    assert "assumed: retry() has only async callers" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160, 200])
def test_chrome_keeps_to_its_width(width: int) -> None:
    view = ViewState(host="warming", focus="diffs")
    for line in (
        chrome.header(RUN, view, width, NOW),
        chrome.waiting(RUN, view, width),
        chrome.title(RUN, view, "context", width, "-"),
        *bar_lines(RUN, view, width, NOW, True),
    ):
        assert len(plain(line)) <= width


def test_the_header_drops_the_session_before_the_cost() -> None:
    view = ViewState(figures=RunTable(_sums(sample_session())))
    narrow, wide = (plain(chrome.header(RUN, view, w, NOW)) for w in (60, 160))

    assert "run 3f2a" in wide and "run 3f2a" not in narrow
    assert "~$0.14 of $0.50" in narrow


def test_the_waiting_line_tells_a_failure_before_undecided_hunks() -> None:
    failed = _with(RUN, e.PhaseFailed(Phase.REVIEW, "the model is gone"))

    assert "8 undecided" in plain(chrome.waiting(RUN, ViewState(), 100))
    assert ": the model is gone" in plain(chrome.waiting(failed, ViewState(), 100))


def test_over_budget_is_a_word() -> None:
    tight = replace(RUN, goal=replace(RUN.goal, budget=replace(RUN.goal.budget, dollars=0.01)))

    assert chrome.spent(tight, RunSums("$0.14")) == "$0.14 of $0.0100 OVER"


def test_a_selected_line_has_a_mark_and_not_only_a_colour() -> None:
    assert plain(marked(((" x", "plain"),))) == ">x"
    assert plain(marked(())) == ">"


def test_words_are_wrapped_and_long_ones_broken() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("abcdefghijkl", 8) == ["abcdefgh", "ijkl"]


def test_every_phase_has_a_line_in_the_phases_panel() -> None:
    source = relay_source(RUN, ViewState(), 60, NOW)

    assert all(source.rows(phase.value) for phase in ORDER)


def test_the_bar_names_who_ran_until_the_next_one_does() -> None:
    """A swap counts from the next call on: it did not write what is there."""
    session = sample_session()
    ran = session.state.phases[Phase.PLAN].model
    chosen = replace(sample.ROUTES[Phase.PLAN], models=("other/next",))
    session.publish(e.RouteChanged(chosen))
    run, view = session.state, ViewState()
    assert run.routes[Phase.PLAN].model == "other/next"
    assert served(run, Phase.PLAN, view, 40).split()[0] == short_model(ran)
    session.publish(e.RerunAsked(Phase.PLAN, ""))
    assert served(session.state, Phase.PLAN, view, 40).split()[0] == "next"


def test_commands_are_shown_so_that_they_can_be_told_apart() -> None:
    one = CheckCommand(("sh", "-c", "echo ok; touch proof"), "t")
    other = CheckCommand(("sh", "-c", "echo", "ok;", "touch", "proof"), "t")
    assert one.line == "sh -c 'echo ok; touch proof'"
    assert one.line != other.line

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.context import CONTEXT_TOKENS, Candidate, ContextItem, Definition, ItemState, Trust
from core.domain.phase import Phase
from core.domain.project import ProjectSummary
from core.domain.question import Choice, Question
from core.domain.receipt import ContextReceipt
from core.domain.route import LOCAL, Layer, Route
from core.domain.state import RunState
from tests.tui.driving import Driven, driving, wait_until
from tui import context_words as words
from tui import sample
from tui.ink import plain
from tui.news import after_event
from tui.scripted_session import ScriptedSession, sample_session
from tui.sources.chrome import waiting
from tui.sources.context import context_source
from tui.sources.empty import empty_source
from tui.sources.waiting import waits
from tui.state import ViewState, reconciled

RUN = sample_session().state
FURTHER = "core/session.py"


def lines(run: RunState, view: ViewState | None = None, width: int = 80) -> list[str]:
    source = context_source(run, view or ViewState(), width)
    return [plain(source.line(i, width)).rstrip() for i in range(source.line_count)]


def ink_of(run: RunState, text: str, width: int = 80) -> str:
    source = context_source(run, ViewState(), width)
    found = (source.line(i, width) for i in range(source.line_count))
    return next(line[0][1] for line in found if text in plain(line))


def with_events(*found: e.Event) -> RunState:
    session = sample_session()
    for event in found:
        session.publish(event)
    return session.state


def item(path: str, tokens: int, **more: object) -> ContextItem:
    made = ContextItem(f"{path}:1-9", path, 1, 9, "text\n", tokens, 0.5, "why", Trust.CODE)
    return replace(made, **more)  # type: ignore[arg-type]  # names are ContextItem's own


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_context_at_a_width(width: int) -> None:
    kept = Path(__file__).with_name("goldens") / f"context_{width}.txt"
    heavy = e.ContextAdded(item("docs/long.md", 2_400, flags=("secret-like",), trust=Trust.DOCS))
    run = with_events(heavy, e.ContextMarked(RUN.items[3].id, ItemState.DROPPED))
    shown = lines(run, ViewState(item=RUN.items[1].id), width)
    assert "\n".join(shown) + "\n" == kept.read_text("utf-8")
    assert max(map(len, shown[:1])) <= width


def test_items_stand_in_the_order_in_which_they_are_sent_and_dropped_ones_last() -> None:
    last, first = RUN.items[-1].id, RUN.items[0].id
    run = with_events(
        e.ContextMarked(last, ItemState.PINNED), e.ContextMarked(first, ItemState.DROPPED)
    )
    ids = [i.id for i in words.ordered_items(run)]
    assert ids[:-1] == [i.id for i in run.context]
    assert (ids[0], ids[-1]) == (last, first)
    shown = lines(run)
    assert shown[1].startswith(" * ") and "pinned" in shown[1]
    assert any(line.startswith(" x ") and "dropped" in line for line in shown)


def test_the_bar_counts_what_may_be_sent_and_nothing_that_was_dropped() -> None:
    full = sum(i.tokens for i in RUN.items)
    run = with_events(e.ContextMarked(RUN.items[0].id, ItemState.DROPPED))
    assert words.used(RUN) == full
    assert words.used(run) == full - RUN.items[0].tokens
    assert lines(run)[0] == " 1.8k of 3.6k tokens #####-----"
    assert ink_of(run, "tokens #") == "bar"


def test_over_the_budget_the_largest_item_is_named_first() -> None:
    pinned = item("pinned.py", 3_000, state=ItemState.PINNED)
    run = RunState(items=(item("small.py", 300), pinned, item("large.py", 700)))
    assert [i.path for i in words.to_drop(run)] == ["pinned.py"]
    told = words.over_budget(run)
    assert told == "over by 400; all of it is sent unless you drop pinned.py:1-9 (3.0k)"
    assert ink_of(run, "tokens #") == ink_of(run, "over by") == "warn"
    many = RunState(items=tuple(item(f"{n}.py", 1_000 + n) for n in range(6)))
    assert [i.path for i in words.to_drop(many)] == ["5.py", "4.py", "3.py"]
    assert words.over_budget(many).endswith("drop 5.py:1-9 (1.0k) and 2 more, the largest first")
    just = RunState(items=(replace(pinned, tokens=CONTEXT_TOKENS),))
    assert words.over_budget(just) == ""


def test_ranked_files_that_are_not_quoted_stand_below_with_their_size() -> None:
    shown = lines(RUN)
    at = next(n for n, line in enumerate(shown) if "ranked, not quoted: 1 file" in line)
    assert shown[at + 1].split() == [FURTHER, "0.20", "640"]
    assert shown[at + 2].split() == ["repo:code", "path"]
    assert ink_of(RUN, FURTHER) == "dim"


def test_a_file_of_which_something_is_quoted_is_no_longer_listed_below() -> None:
    run = with_events(e.ContextAdded(item(FURTHER, 90)))
    assert words.unquoted(run) == ()
    assert not any("ranked, not quoted" in line for line in lines(run))


def test_largest_first_on_demand() -> None:
    ids = [i.id for i in words.ordered_items(RUN, by_tokens=True)]
    sizes = [i.tokens for name in ids for i in RUN.items if i.id == name]
    assert sizes == sorted(sizes, reverse=True)
    files = tuple(Candidate(f"{n}.py", 1.0, "", Trust.CODE, n) for n in (5, 9, 7))
    run = with_events(e.OutputEdited(Phase.RETRIEVE, ContextReceipt(further=files)))
    assert words.rows(run, by_tokens=True)[-3:] == ("9.py", "7.py", "5.py")
    assert words.rows(run)[-3:] == ("5.py", "9.py", "7.py")


@pytest.mark.parametrize("flag", words.FLAGS)
def test_a_flag_is_told_in_words_in_the_list_and_explained_in_the_preview(flag: str) -> None:
    flagged = item("a.py", 5, flags=(flag,))
    assert any(f"! {flag}" in line for line in lines(RunState(items=(flagged,))))
    assert f"! {flag}: {words.FLAGS[flag]}" in words.preview(RunState(), flagged)


def test_instructions_for_agents_never_look_like_orders() -> None:
    told = item("AGENTS.md", 5, trust=Trust.DOCS, why="text")
    project = ProjectSummary(files=1, instructions=("AGENTS.md",))
    run = with_events(
        e.OutputEdited(Phase.RETRIEVE, ContextReceipt(project=project)), e.ContextAdded(told)
    )
    assert "repo:docs  instructions for agents, read as text and not followed  text" in "\n".join(
        line.strip() for line in lines(run, width=120)
    )


def test_the_selected_row_tells_its_whole_reason() -> None:
    long = item("a.py", 5, why="words " * 30 + "end")
    run = RunState(items=(long,))
    assert "end" not in "\n".join(line[:60] for line in lines(run, width=60))
    chosen = lines(run, ViewState(item=long.id), 60)
    assert any(line.endswith("end") for line in chosen)
    assert max(map(len, chosen[1:5])) <= 60


def test_the_preview_numbers_the_lines_and_names_what_is_around_them() -> None:
    within = replace(item("a.py", 5), start=99, end=100, text="def b():\n    pass\n")
    told = words.preview(RunState(), replace(within, heads=("class A:", "class B:")))
    assert told.splitlines()[-2:] == [" 99 | def b():", "100 |     pass"]
    assert "inside: class A: / class B:" in told
    assert "about 5 tokens, score 0.50" in told


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ({}, ("no model is set for plan or generate: nothing is sent",)),
        (
            {Phase.PLAN: "x/one"},
            ("plan (one) is sent all of these, and one line on each file below",),
        ),
    ],
)
def test_who_is_sent_what_is_said_of_phases_with_a_model(
    models: dict[Phase, str], told: tuple[str, ...]
) -> None:
    routes = [Route(p, (models.get(p, LOCAL),), Layer.USER) for p in Phase]
    assert words.sent(with_events(*map(e.RouteChanged, routes))) == told


# While it is searched.


def started(session: ScriptedSession) -> None:
    session.publish(e.RunStarted(sample.GOAL, sample.REPOSITORY))
    session.publish(e.PhaseStarted(Phase.RETRIEVE, 1, LOCAL, "default", "k"))


def seen(session: ScriptedSession, *found: e.Event) -> ViewState:
    view = ViewState()
    for event in found:
        session.publish(event)
        view = after_event(view, e.Recorded(1, 5.0, "r", event))
    return view


def test_reading_the_files_is_told_with_figures_in_the_panel_and_in_the_waiting_line() -> None:
    session = ScriptedSession()
    started(session)
    view = seen(session, e.IndexAdvanced(256, 3_000))
    run = session.state
    source = empty_source(run, view, "context", 60, 10)
    assert plain(source.line(0, 60)) == " reading 256 of 3,000 files"
    assert plain(waiting(run, view, 80)).endswith(": reading 256 of 3,000 files")
    view = seen(session, e.IndexAdvanced(3_000, 3_000))
    assert "the repository is searched" in waits(run, view)[1]


def test_an_early_ranking_says_that_history_is_still_being_read_until_the_phase_has_passed() -> (
    None
):
    session = ScriptedSession()
    started(session)
    early = e.ContextRetrieved(sample.items()[:2])
    view = seen(session, early)
    assert " history is still being read; the ranking may change" in lines(session.state, view)
    assert "history is still being read" in waits(session.state, view)[1]
    passed = e.PhasePassed(Phase.RETRIEVE, ContextReceipt(), "k", 1.0)
    view = seen(session, early, e.ContextRetrieved(sample.items()), passed)
    assert not any("history is" in line for line in lines(session.state, view))


def test_an_early_ranking_that_a_model_will_order_says_so() -> None:
    session = ScriptedSession()
    session.publish(e.RouteChanged(Route(Phase.RETRIEVE, ("x/small",), Layer.USER)))
    started(session)
    view = seen(session, e.ContextRetrieved(sample.items()[:2]))
    told = " history, or the order by small, is still to come; the ranking may change"
    assert told in lines(session.state, view)


def test_searched_again_the_items_of_the_search_before_are_told_apart() -> None:
    session = sample_session()
    session.publish(e.PhaseStarted(Phase.RETRIEVE, 2, LOCAL, "default", "k"))
    assert lines(session.state)[1:3] == [
        " the repository is searched",
        " until then: what was found before",
    ]


PAUSE = (
    "nothing here speaks of x; say in the goal which file or name you mean, or add a file to the "
    "context (o), and rerun (r)"
)


def test_a_search_that_found_nothing_to_trust_says_why_and_offers_choices_above_the_items() -> None:
    asked = Question("s", PAUSE, (Choice.WIDEN, Choice.GO_ON), phase=Phase.RETRIEVE)
    run = with_events(e.PhaseFailed(Phase.RETRIEVE, PAUSE), e.QuestionAsked(asked))
    added = " o adds a file or a name   r reruns it with a note   . runs it again with what"
    assert lines(run)[2] == added
    run = replace(run, items=tuple(replace(i, state=ItemState.ACTIVE) for i in run.items))
    shown = lines(run)
    assert shown[1:4] == [
        " retrieve FAIL: nothing here speaks of x",
        " o adds a file or a name   r reruns it with a note   ! answers: w tests and",
        " documents too, y go on with what is listed",
    ]
    assert "relay.py" in shown[4]
    bare = ScriptedSession()
    started(bare)
    bare.publish(e.PhaseFailed(Phase.RETRIEVE, "the search process ended; rerun retrieve (r)"))
    source = empty_source(bare.state, ViewState(), "context", 80, 10)
    told = [plain(source.line(i, 80)) for i in range(source.line_count)]
    assert told[0] == " retrieve FAIL: the search process ended; rerun retrieve (r)"
    assert told[1].endswith("S goes on without any")


@pytest.mark.parametrize(
    "ending",
    [
        e.PhaseFailed(Phase.RETRIEVE, "no"),
        e.PhaseCancelled(Phase.RETRIEVE, "no"),
        e.CommandRefused("index", "no"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_search_that_ended_reads_no_more_files(ending: e.Event) -> None:
    session = ScriptedSession()
    started(session)
    assert seen(session, e.IndexAdvanced(1, 3), ending).indexing == (0, 0)
    other = e.CommandRefused("Step", "no")
    assert seen(session, e.IndexAdvanced(1, 3), other).indexing == (1, 3)


# Selection and keys.


def test_a_selection_that_is_gone_moves_to_other_lines_of_the_same_file() -> None:
    run = with_events(e.ContextAdded(item(FURTHER, 90)))
    assert reconciled(ViewState(item=FURTHER), run).item == f"{FURTHER}:1-9"
    assert reconciled(ViewState(item="core/clock.py:1-5"), run).item == "core/clock.py:10-44"
    assert reconciled(ViewState(item="gone.py:1-5"), run).item == words.rows(run)[0]


async def to_the_end(driven: Driven) -> None:
    await driven.press(*["j"] * len(driven.session.state.items))
    await wait_until(lambda: driven.app.view.item == FURTHER)


async def test_pinning_a_file_that_is_not_quoted_quotes_it_and_follows_it() -> None:
    async with driving(focus="context") as driven:
        await to_the_end(driven)
        await driven.press("p")
        await driven.submits(1)
        await wait_until(lambda: driven.app.view.item == FURTHER)
        assert driven.session.submitted == [c.AddContext(FURTHER)]
        assert FURTHER in {i.id for i in driven.session.state.items}


async def test_a_file_that_is_not_quoted_is_previewed_and_cannot_be_dropped() -> None:
    async with driving(focus="context") as driven:
        await to_the_end(driven)
        await driven.press("enter")
        await driven.sees("core/session.py, as p quotes it")
        await driven.sees("added text")
        await driven.press("escape", "x")
        await driven.sees("drop: nothing of this file is quoted; p quotes it")
        assert driven.session.submitted == []


async def test_sorting_keeps_the_selection_and_walks_in_the_order_that_is_shown() -> None:
    async with driving(focus="context", size=(200, 60)) as driven:
        await driven.press("T")
        await driven.sees("largest first")
        sizes = [i.id for i in words.ordered_items(driven.session.state, by_tokens=True)]
        assert driven.app.view.item == sizes[0]
        await driven.press("j", "j")
        await wait_until(lambda: driven.app.view.item == sizes[2])
        await driven.press("T")
        await wait_until(lambda: "largest first" not in driven.text)
        assert driven.app.view.item == sizes[2]


async def test_going_back_to_the_first_item_brings_the_bar_back() -> None:
    async with driving(focus="context", size=(80, 24)) as driven:
        bar = words.budget(driven.session.state)
        await driven.press(*["j"] * 9)
        await wait_until(lambda: bar not in driven.text)
        await driven.press(*["k"] * 9)
        await driven.sees(bar)


async def test_over_the_budget_is_told_where_nothing_scrolls() -> None:
    async with driving(focus="context", size=(80, 24)) as driven:
        driven.session.publish(e.ContextAdded(item("heavy.py", 9_000)))
        await driven.sees("[2 Context 12k OVER]")


# Adding by name.


async def test_a_definition_is_added_by_its_name_with_exactly_its_lines() -> None:
    async with driving(focus="context") as driven:
        await driven.press("o")
        await driven.sees("Add to the context")
        await driven.press(*"failed")
        await driven.sees("Failed  core/errors.py:3-12")
        await driven.press("enter")
        await driven.submits(1)
        assert driven.session.submitted == [c.AddContext("core/errors.py", 3, 12)]
        await wait_until(lambda: driven.app.view.item == "core/errors.py:3-12")


async def test_what_is_typed_at_once_after_the_key_is_typed_into_the_picker() -> None:
    async with driving(focus="context") as driven:
        await driven.press("o", *"relay.py:2-4", "enter")
        await driven.submits(1)
        assert driven.session.submitted == [c.AddContext("core/relay.py", 2, 4)]


async def test_enter_waits_for_names_where_nothing_that_is_listed_can_be_meant() -> None:
    session = sample_session()
    session.looks_up = asyncio.Event()
    async with driving(session, focus="context") as driven:
        await driven.press("o", *"retry_once")
        await driven.sees("names are still being looked up")
        await driven.press("enter")
        assert session.submitted == []
        session.looks_up.set()
        await driven.submits(1)
        assert session.submitted == [c.AddContext("core/relay.py", 30, 41)]


async def test_a_key_after_enter_takes_the_choice_back() -> None:
    session = sample_session()
    session.looks_up = asyncio.Event()
    async with driving(session, focus="context") as driven:
        await driven.press("o", *"retry_onc", "enter")
        await driven.press("e")
        session.looks_up.set()
        await driven.sees("retry_once  core/relay.py:30-41")
        assert session.submitted == []


async def test_a_late_answer_to_an_older_text_is_dropped() -> None:
    session = sample_session()
    older = asyncio.Event()

    async def definitions(name: str, limit: int) -> tuple[Definition, ...]:
        if name.startswith("retry"):
            await older.wait()
        return tuple(d for d in sample.DEFINITIONS if name in d.name)

    session.definitions = definitions  # type: ignore[method-assign]
    async with driving(session, focus="context") as driven:
        await driven.press("o", *"retry")
        await driven.press("ctrl+u")
        await driven.press(*"Fail")
        await driven.sees("Failed  core/errors.py:3-12")
        older.set()
        await driven.press("down")
        assert "Failed  core/errors.py:3-12" in driven.text
        assert "retry_once" not in driven.text


async def test_enter_takes_part_of_a_path_at_once() -> None:
    session = sample_session()
    session.looks_up = asyncio.Event()
    async with driving(session, focus="context") as driven:
        await driven.press("o", *"clock.py", "enter")
        await driven.submits(1)
        assert session.submitted == [c.AddContext("core/clock.py")]


async def test_a_row_that_was_moved_to_stays_marked_when_names_come() -> None:
    session = sample_session()
    session.looks_up = asyncio.Event()
    async with driving(session, focus="context") as driven:
        await driven.press("o", *"retr")
        await driven.sees(">docs/retries.md")
        await driven.press("down")
        await wait_until(lambda: ">docs/retries.md" not in driven.text)
        marked = next(x.strip() for x in driven.text.splitlines() if x.strip().startswith(">"))
        session.looks_up.set()
        await driven.sees("retry_once  core/relay.py:30-41")
        assert marked in driven.text
        await driven.press("enter")
        await driven.submits(1)
        assert session.submitted == [c.AddContext(marked.removeprefix(">"))]


async def test_an_exact_name_comes_before_paths_that_hold_it() -> None:
    session = sample_session()
    session.looks_up = asyncio.Event()
    async with driving(session, focus="context") as driven:
        driven.session.paths = _many_paths  # type: ignore[method-assign]
        await driven.press("o", *"failed")
        await driven.sees(">core/failed_calls.py")
        session.looks_up.set()
        await driven.sees(">Failed  core/errors.py:3-12")


async def _many_paths() -> tuple[str, ...]:
    return ("core/errors.py", "core/failed_calls.py")


async def test_the_index_is_asked_for_when_the_session_is_open() -> None:
    async with driving() as driven:
        await wait_until(lambda: driven.session.indexed)

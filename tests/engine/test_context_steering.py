import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.adapters.journal import SqliteJournal
from core.adapters.repo import WorkingRepo
from core.adapters.scripted import ScriptedChecker, ScriptedClient
from core.adapters.worktree import Worktree
from core.domain import commands as c
from core.domain import events as e
from core.domain.context import Candidate, ContextItem, Definition, Found, ItemState
from core.domain.errors import RelaypairError
from core.domain.goal import Budget, Scope
from core.domain.model import Timeouts
from core.domain.phase import Phase, PhaseState
from core.domain.progress import OnProgress, unwatched
from core.domain.repository import RepositoryState
from core.engine.adding import WHOLE
from core.engine.bus import Bus
from core.engine.clients import Clients
from core.engine.runner import Outside
from core.engine.session import Session, Start
from core.phases.showing import OTHER_TOKENS
from core.ports import Finder
from tests.playing import (
    EDITS,
    GREETING,
    PLAN,
    FastClock,
    Played,
    make_repository,
    open_played,
    routes,
)
from tui import context_words as words
from tui import figures

PHASES = (Phase.PLAN, Phase.GENERATE)
GOAL = "let `greet` take a loud flag"
LARGE = (
    "".join(
        f"def step_{n}(value):\n    total = value + {n}\n    return total\n\n\n" for n in range(300)
    )
    + 'def greet_aloud(name, loud):\n    """Say hello, loud."""\n    return name.upper()\n'
)
TREE = {**GREETING, "app/large.py": LARGE, "app/empty.py": "\n\n"}


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    make_repository(tmp_path / "r", TREE)
    run = open_played(tmp_path / "r", tmp_path / "s", PLAN)
    yield run
    await run.session.close()


def added(run: Played) -> list[ContextItem]:
    return [x.item for x in run.events if isinstance(x, e.ContextAdded)]


def refusals(run: Played) -> list[str]:
    return [x.reason for x in run.events if isinstance(x, e.CommandRefused)]


async def test_a_small_file_is_added_whole_and_pinned(played: Played) -> None:
    await played.do(c.StartRun(GOAL), c.AddContext("app/greet.py"))
    (item,) = added(played)
    assert item.text == GREETING["app/greet.py"]
    assert item.state is ItemState.PINNED


async def test_of_a_large_file_its_best_lines_for_the_goal_are_added(played: Played) -> None:
    await played.do(c.StartRun(GOAL), c.AddContext("app/large.py"))
    items = added(played)
    assert any("greet_aloud" in i.text for i in items)
    assert sum(i.tokens for i in items) <= WHOLE
    assert {i.state for i in items} == {ItemState.PINNED}
    assert all("its best lines for the goal, of about " in i.why for i in items)


async def test_named_lines_are_added_exactly_however_many(played: Played) -> None:
    await played.do(c.StartRun(GOAL), c.AddContext("app/large.py", 1, 1_000))
    (item,) = added(played)
    assert (item.start, item.end) == (1, 1_000)
    assert item.tokens > WHOLE


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (c.AddContext("app/none.py"), "not a text file"),
        (c.AddContext("../outside.py"), "not a text file"),
        (c.AddContext("app/empty.py"), "has no text in it"),
        (c.AddContext("app/greet.py", 500, 600), "has no text in lines 500 to 600"),
    ],
)
async def test_what_cannot_be_shown_is_refused_with_the_reason(
    played: Played, wanted: c.AddContext, why: str
) -> None:
    await played.do(c.StartRun(GOAL), wanted)
    assert added(played) == []
    assert [why in said for said in refusals(played)] == [True]


async def test_without_a_goal_nothing_is_added(played: Played) -> None:
    await played.do(c.AddContext("app/greet.py"))
    assert added(played) == []
    assert "no goal" in refusals(played)[0]


async def test_looking_at_what_would_be_added_adds_nothing(played: Played) -> None:
    await played.do(c.StartRun(GOAL))
    before = played.state
    items = await played.session.pieces(c.AddContext("app/greet.py"))
    assert [i.path for i in items] == ["app/greet.py"]
    assert played.state == before


async def test_what_was_added_outlasts_a_new_ranking_and_makes_retrieve_pass(
    tmp_path: Path,
) -> None:
    make_repository(tmp_path / "r", TREE)
    run = open_played(tmp_path / "r", tmp_path / "s", PLAN)
    await run.do(c.StartRun("zzqx wvvk"), c.Step())
    assert run.state.phases[Phase.RETRIEVE].state is PhaseState.FAILED
    await run.do(c.AddContext("app/greet.py"), c.RerunPhase(Phase.RETRIEVE, "look again"))
    assert run.state.phases[Phase.RETRIEVE].state is PhaseState.PASSED
    assert "app/greet.py" in {i.path for i in run.state.items}
    await run.session.close()


async def test_the_index_is_read_before_anything_is_asked(played: Played) -> None:
    await played.session.index()
    await played.do(c.StartRun(GOAL))
    steps = played.told(e.IndexAdvanced)
    assert steps[-1:] == [e.IndexAdvanced(len(TREE), len(TREE))]
    places = await played.session.definitions("greet_aloud", 5)
    assert [(p.name, p.path) for p in places[:1]] == [("greet_aloud", "app/large.py")]


@dataclass
class Faulty(Finder):
    """A finder that cannot keep an index; it may take its time to say so, but not when closed."""

    hesitates: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self, on_progress: OnProgress = unwatched) -> None:
        if self.hesitates:
            await self.ended.wait()
        raise RelaypairError("There is no room for an index; free some.")

    async def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        return Found()

    async def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        return ()

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        raise RelaypairError("There is no room for an index; free some.")

    async def close(self) -> None:
        self.ended.set()
        await asyncio.sleep(0)


@dataclass
class Alone:
    """A session whose finder cannot keep an index, and what it told."""

    session: Session
    finder: Faulty
    told: list[e.Event] = field(default_factory=list)

    async def do(self, *commands: c.Command) -> None:
        for command in commands:
            await self.session.submit(command)
        await asyncio.sleep(0)

    @property
    def refused(self) -> list[str]:
        return [x.reason for x in self.told if isinstance(x, e.CommandRefused)]


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Alone]:
    root = make_repository(tmp_path / "r", TREE)
    repo = WorkingRepo(root, {"PATH": "/usr/local/bin:/usr/bin:/bin"}, has_git=True)
    journal, clock, client = SqliteJournal.in_memory(), FastClock(), ScriptedClient()
    clients, finder = Clients({}, client, client), Faulty()
    outside = Outside(
        repo, journal, ScriptedChecker(), finder, clients, clock, Timeouts(), lambda: ()
    )
    start = Start(routes(), Scope(), Budget())
    worktree = Worktree(root, journal, tmp_path / "land.lock")
    made = Alone(Session(Bus(journal, clock, "run1"), outside, worktree, journal, start), finder)
    events = made.session.events()

    async def listen() -> None:
        async for recorded in events:
            made.told.append(recorded.event)

    listening = asyncio.ensure_future(listen())
    yield made
    await made.session.close()
    await listening


async def test_a_fault_of_the_index_is_news_and_the_session_goes_on(alone: Alone) -> None:
    await alone.session.index()
    assert await alone.session.definitions("greet", 3) == ()
    await alone.do(c.StartRun(GOAL), c.AddContext("app/greet.py"))
    assert alone.refused == ["There is no room for an index; free some."] * 2
    assert [i.path for i in alone.session.state.items] == ["app/greet.py"]


async def test_a_large_file_in_which_nothing_fits_asks_for_lines(alone: Alone) -> None:
    await alone.do(c.StartRun(GOAL), c.AddContext("app/large.py"))
    assert alone.session.state.items == ()
    assert "name lines of it, as in app/large.py:1-40" in alone.refused[0]


async def test_an_index_that_closing_ends_is_no_news(alone: Alone) -> None:
    alone.finder.hesitates = True
    indexing = asyncio.ensure_future(alone.session.index())
    await asyncio.sleep(0)
    await alone.session.close()
    await indexing
    assert alone.refused == []


async def test_a_review_reads_no_index(alone: Alone) -> None:
    state = alone.session.state
    repository = RepositoryState("/r", "git", "", "main", "clean")
    alone.session.begin_review("review", [e.RunStarted(state.goal, repository, "review")])
    await alone.session.index()
    await alone.do()
    assert alone.refused == []


async def test_each_phase_is_sent_what_the_panel_says(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", TREE)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.do(c.StartRun(GOAL), c.Step(), c.AddContext("app/large.py", 1, 300))
    for n in range(6):
        await run.do(c.AddContext("app/large.py", 400 + 100 * n, 480 + 100 * n))
        await run.do(c.PinContext(run.state.items[-1].id))  # pinned again, it is released
    dropped = run.state.items[-1]
    await run.do(c.DropContext(dropped.id), c.RunOn(Phase.GENERATE))
    planned, written = (next(r.prompt for r in run.model.asked if r.phase is p) for p in PHASES)
    live = run.state.context
    assert dropped not in live
    listed = [i for i in words.ordered_items(run.state) if i in live]
    places = [planned.index(f"{i.path} lines {i.start}-{i.end} ") for i in listed]
    assert places == sorted(places)
    assert all(i.text in planned for i in live)
    assert dropped.text not in planned + written
    own = ("app/greet.py", "tests/test_greet.py")
    always = [i for i in live if i.state is ItemState.PINNED or i.path in own]
    assert all(i.text in written for i in always)
    rest = [i for i in live if i not in always and i.text in written]
    left = [i for i in live if i not in always and i not in rest]
    assert rest and left
    assert words.REST == OTHER_TOKENS
    assert sum(i.tokens for i in rest) <= words.REST
    assert all(re.search(r"\bgreet\b", i.text) for i in rest)
    named = [i for i in left if re.search(r"\bgreet\b", i.text)]
    assert len(named) < len(left)
    assert all(sum(i.tokens for i in rest) + i.tokens > words.REST for i in named)
    first, second = words.sent(run.state)
    assert first.startswith("plan (planner) is sent all of these")
    assert (
        f"the pinned ones and up to {figures.tokens(words.REST)} tokens of what else holds a name it speaks of"
        in second
    )
    await run.session.close()

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.codec import event_from_json
from core.domain.events import Recorded
from core.domain.hunk import HunkState
from core.domain.phase import ORDER, Phase
from core.domain.state import RunState
from core.engine.reduce import fold
from tests.playing import EDITS, GREETING, PLAN, Played, git, make_repository, open_played
from tests.tui.driving import wait_until
from tui.app import RelaypairApp
from tui.cockpit import AppOptions
from tui.exit_codes import ExitCode
from tui.headless import Accept, Headless, HeadlessOptions
from tui.line import LineMode

GOAL = "let `greet` shout"


@dataclass
class Lines:
    """Lines typed by a script; what is printed is kept."""

    left: list[str]
    is_live: bool = False

    async def read(self, prompt: str, draft: str = "") -> str:
        if not self.left:
            raise EOFError
        return self.left.pop(0)

    def write(self, text: str) -> None:
        """Nobody reads it here."""

    def interrupt(self) -> bool:
        return False


async def by_lines(played: Played) -> RunState:
    words = ["run", "accept 1-3", "land", "land"]
    assert await LineMode(played.session, Lines(words)).run(GOAL) is ExitCode.DONE
    return played.state


async def headless(played: Played) -> RunState:
    """The fold of what is printed, and of nothing else."""
    printed: list[str] = []
    options = HeadlessOptions(accept=Accept.ALL, land=True, json=True)
    front = Headless(played.session, options, printed.append)
    assert await front.run(GOAL) is ExitCode.DONE
    return fold(as_recorded(line) for line in printed)


def as_recorded(line: str) -> Recorded:
    row = json.loads(line)
    head = row.pop("seq"), row.pop("at"), row.pop("run")
    return Recorded(*head, event_from_json(json.dumps(row)))


async def in_the_app(played: Played) -> RunState:
    app = RelaypairApp(played.session, AppOptions(goal=GOAL))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(lambda: played.state.cursor is Phase.RETRIEVE)
        await pilot.press("escape", "R")
        await wait_until(lambda: bool(played.state.hunks) and played.state.cursor is None)
        await played.session.idle()
        await pilot.press("3", "A", "A")
        await wait_until(lambda: not played.state.hunks_in(HunkState.PENDING))
        assert played.state.is_verified
        await pilot.press("L", "L")
        await wait_until(lambda: bool(played.state.landings))
        await played.session.idle()
    return played.state


FRONTS: dict[str, Callable[[Played], Awaitable[RunState]]] = {
    "line": by_lines,
    "headless": headless,
    "app": in_the_app,
}
"""Every way to drive a run to its landing."""


async def driven(front: str, folder: Path) -> tuple[Played, RunState]:
    make_repository(folder / "r", GREETING)
    played = open_played(folder / "r", folder / "s", PLAN, EDITS)
    state = await FRONTS[front](played)
    await played.session.close()
    return played, state


def told(state: RunState) -> RunState:
    """The state without what must differ between two runs: random ids, times, and whether it was ended."""
    number = {landing.id: str(n) for n, landing in enumerate(state.landings)}
    landings = tuple(replace(x, id=number[x.id]) for x in state.landings)
    phases = {p: replace(state.phases[p], started=0.0, seconds=0.0) for p in ORDER}
    repository = replace(state.repository, root="", head="") if state.repository else None
    return replace(
        state,
        landings=landings,
        phases=phases,
        repository=repository,
        last_seq=0,
        outcome="",
        routes=dict(state.routes),
    )


@pytest.mark.parametrize("front", FRONTS)
async def test_the_journal_and_a_resumed_run_hold_what_the_front_end_showed(
    tmp_path: Path, front: str
) -> None:
    played, shown = await driven(front, tmp_path)
    assert told(fold(played.journal.read("run1"))) == told(shown)

    again = open_played(played.root, tmp_path / "s", journal=played.journal)
    again.session.resume()
    assert told(again.state) == told(shown)
    await again.session.close()


async def test_every_front_end_leaves_the_same_run_and_the_same_files(tmp_path: Path) -> None:
    runs = {name: await driven(name, tmp_path / name) for name in FRONTS}
    (_, first), *others = runs.values()
    assert [x.verified for x in first.landings] == [True]
    for _, state in others:
        assert told(state) == told(first)
    changes = {git(played.root, "diff") for played, _ in runs.values()}
    assert len(changes) == 1
    assert changes != {""}

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.domain.hunk import HunkState
from core.engine.reduce import fold
from tests.playing import GREETING, git, make_repository, open_played

CHILD = Path(__file__).with_name("crashing_child.py")


class Crashing:
    """One repository whose relay is played in child processes."""

    def __init__(self, folder: Path) -> None:
        self.root = make_repository(folder / "r", GREETING)
        self.state = folder / "s"
        self.log = folder / "calls.log"

    def play(self, kill_after: int) -> int:
        argv = [
            sys.executable,
            str(CHILD),
            str(self.root),
            str(self.state),
            str(self.log),
            str(kill_after),
        ]
        return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode

    def calls(self) -> Counter[str]:
        return Counter(self.log.read_text().split("\n")[:-1]) if self.log.exists() else Counter()

    def changed(self) -> str:
        return git(self.root, "diff")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Crashing:
    """The same run, never interrupted."""
    run = Crashing(tmp_path_factory.mktemp("whole"))
    assert run.play(0) == 0
    return run


EVENTS = 42
"""Of the whole run: each is a moment at which it is killed."""


async def test_the_run_is_killed_after_every_event(whole: Crashing) -> None:
    played = open_played(whole.root, whole.state)
    assert len(tuple(played.journal.read("run1"))) == EVENTS
    await played.session.close()


@pytest.mark.parametrize("moment", range(1, EVENTS + 1))
def test_a_killed_run_resumes_without_loss_and_pays_for_nothing_twice(
    whole: Crashing, tmp_path: Path, moment: int
) -> None:
    run = Crashing(tmp_path)
    assert run.play(moment) == -9
    files = {p.name: p.read_bytes() for p in (run.root / "app").iterdir()}
    assert files["greet.py"] in (
        GREETING["app/greet.py"].encode(),
        (whole.root / "app/greet.py").read_bytes(),
    )
    assert run.play(0) == 0
    assert run.changed() == whole.changed()
    assert max(run.calls().values()) == 1
    assert sum(run.calls().values()) == sum(whole.calls().values())


async def test_resuming_shows_the_state_of_the_last_event(whole: Crashing) -> None:
    resumed = open_played(whole.root, whole.state)
    before = fold(resumed.journal.read("run1"))
    resumed.session.resume()
    after = resumed.state
    assert (after.decisions, after.phases, after.landings, after.items) == (
        before.decisions,
        before.phases,
        before.landings,
        before.items,
    )
    assert sorted(after.decisions.values()) == [
        HunkState.LANDED,
        HunkState.LANDED,
        HunkState.REJECTED,
    ]


def test_killed_again_and_again_it_still_arrives(whole: Crashing, tmp_path: Path) -> None:
    run = Crashing(tmp_path)
    codes = []
    while not codes or codes[-1]:
        codes.append(run.play(5))
        assert len(codes) < 60
    assert run.changed() == whole.changed()
    assert max(run.calls().values()) == 1

import json
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from core.adapters.journal import SqliteJournal
from core.adapters.records import REMEMBERED, journals_in, read_records, read_track_record
from core.domain import events as e
from core.domain.errors import Refused
from core.domain.events import Recorded
from core.domain.hunk import HunkState
from core.domain.metrics import CostBasis
from core.domain.phase import Phase
from core.record.cost import Cost
from tests.calling import CHECK, GOAL, RENAMED, User
from tests.playing import make_repository
from tests.record.making import Made, landing
from tui.commands.stats import bar, dollars, moment, sparkline
from tui.exit_codes import ExitCode

LANDED = ("run", GOAL, "--check", CHECK, "--accept", "all", "--land")
DAY = 86_400.0


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))


def a_run(**reply: Any) -> Made:
    made = Made().ran(Phase.PLAN, **reply).ran(Phase.GENERATE).stage("a:T1", "b:T1")
    made.decide(HunkState.ACCEPTED, "a").decide(HunkState.REJECTED, "b", after=4.0)
    return made.tell(e.EditsLanded(landing("a")), e.RunFinished("landed"))


def keep(path: Path, *runs: Made, begun: float = 0.0, apart: float = DAY) -> None:
    """A journal of these runs, the newest first given first, begun so many seconds ago."""
    journal = SqliteJournal(path)
    for number, made in enumerate(runs):
        start = time.time() - begun - number * apart
        run = f"run{number}"
        journal.begin(run, "do it", "relay", start)
        for seq, one in enumerate(made.events, 1):
            journal.append(Recorded(seq, start + one.at - 1_000.0, run, one.event))
        journal.finish(run, "landed", start)
    journal.close()


def journal_of(user: User) -> Path:
    """Where the user's repository keeps its journal."""
    assert user.call("run", GOAL, "--plan-only").code == ExitCode.DONE
    (path,) = journals_in(user.home / ".local/state/relaypair")
    path.unlink()
    return path


def told(user: User, *arguments: str) -> dict[str, Any]:
    done = user.call("stats", "--json", *arguments)
    assert (done.code, done.err) == (ExitCode.DONE, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_real_run_is_told_as_it_was(user: User) -> None:
    assert user.call(*LANDED).code == ExitCode.DONE
    found = told(user)
    assert found["summary"]["outcomes"] == {"landed": 1}
    assert found["summary"]["hunks_landed"] == found["summary"]["hunks_accepted"] == 4
    phases = {row["phase"]: row for row in found["phases"]}
    assert list(phases) == [phase.value for phase in Phase]
    assert phases["plan"]["calls"] == phases["plan"]["passed"] == 1
    assert found["runs"][0]["unread_events"] == 0
    assert found["runs"][0]["goal"] == GOAL
    assert user.call("undo", "--yes").code == ExitCode.DONE
    assert told(user)["summary"]["escapes"] == 1


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_tables_fit_eighty_columns(user: User, locale: str) -> None:
    long = "provider/" + "a-model-with-a-long-name" * 4
    keep(journal_of(user), a_run(model=long, basis=CostBasis.ESTIMATED), a_run(cost=None), a_run())
    done = user.call("stats", env={"LC_ALL": locale})
    assert (done.code, done.err) == (ExitCode.DONE, "")
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.out.isascii() is (locale == "C")
    for words in ("3 relays", "landed 3", "reject 3", "~$2.50+$?", "$?: of 1 relay", "21-100"):
        assert words in done.out, words


def test_an_unknown_price_is_shown_and_not_added(user: User) -> None:
    keep(journal_of(user), a_run(cost=None))
    out = user.call("stats").out
    plan, generate = (
        next(line for line in out.splitlines() if line.startswith(phase))
        for phase in ("plan", "generate")
    )
    assert "$?" in plan.split()
    assert "$0.50" in generate.split()
    assert "$0.50+$?" in out
    summary = told(user)["summary"]
    assert summary["cost"] == {
        "dollars": None,
        "known_dollars": 0.5,
        "unpriced_calls": 1,
        "estimated": False,
    }
    assert summary["dollars_a_run"] == {"median": None, "n": 0}


def test_filters_narrow_phase_model_and_time(user: User) -> None:
    keep(journal_of(user), a_run(model="x/opus"), a_run(), a_run(), apart=DAY)
    assert [row["phase"] for row in told(user, "--phase", "plan")["phases"]] == ["plan"]
    found = told(user, "--model", "OPUS")
    assert [(row["phase"], row["model"]) for row in found["models"]] == [("plan", "x/opus")]
    assert len(found["runs"]) == 1
    assert len(told(user, "--since", "36h")["runs"]) == 2
    assert len(told(user, "--since", "2001-02-03")["runs"]) == 3
    nothing = user.call("stats", "--model", "nobody")
    assert (nothing.code, nothing.out) == (ExitCode.DONE, "")
    assert "no run that asked" in nothing.err


def test_all_repositories_or_the_one_a_folder_is_in(user: User, tmp_path: Path) -> None:
    path = journal_of(user)
    keep(path, a_run())
    other = path.parent.parent / "other-1"
    other.mkdir()
    shutil.copy(path, other)
    inner = user.root / "deep/inside"
    inner.mkdir(parents=True)
    assert len(told(user)["runs"]) == 1
    assert len(told(user, "--repo", str(inner))["runs"]) == 1
    assert len(told(user, "--all")["runs"]) == 2
    foreign = make_repository(tmp_path / "foreign", RENAMED)
    done = user.call("stats", "--repo", str(foreign))
    assert (done.code, done.out) == (ExitCode.DONE, "")
    assert "no run in this repository yet" in done.err


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--since", "yesterday"), "is no time"),
        (("--since", "9999999d"), "is no time"),
        (("--repo", "/nowhere"), "is not a folder"),
        (("--phase", "dance"), "invalid choice"),
    ],
)
def test_what_is_not_understood_is_said(user: User, arguments: tuple[str, ...], said: str) -> None:
    done = user.call("stats", *arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_asking_leaves_no_trace(user: User) -> None:
    keep(journal_of(user), a_run())
    before = {p: p.stat().st_mtime_ns for p in user.state()}
    told(user)
    assert {p: p.stat().st_mtime_ns for p in user.state()} == before


def test_a_journal_that_is_being_written_is_read_up_to_now(tmp_path: Path) -> None:
    path = tmp_path / "r/journal.sqlite"
    journal = SqliteJournal(path)
    journal.begin("run0", "do it", "relay", 1.0)
    for seq, one in enumerate(Made().ran(Phase.PLAN).events, 1):
        journal.append(Recorded(seq, one.at, "run0", one.event))
    (run,) = read_records([path]).runs
    assert run.cost.dollars == 0.5
    journal.close()


def test_a_track_record_is_of_the_newest_runs(tmp_path: Path) -> None:
    path = tmp_path / "r/journal.sqlite"
    assert read_track_record(path).passed("plan", "x/one").replies == 0
    keep(path, *([a_run()] * REMEMBERED), a_run(model="x/forgotten"), apart=60.0)
    record = read_track_record(path)
    assert record.passed("plan", "x/one").replies == REMEMBERED
    assert record.passed("plan", "x/forgotten").replies == 0


def test_damaged_rows_and_unknown_events_are_left_out_and_said(user: User) -> None:
    path = journal_of(user)
    keep(path, a_run())
    with sqlite3.connect(path) as database:
        for seq, body in enumerate((b"{", b"\xff\x00", b"", b'{"type":"Later"}', b"7"), 900):
            database.execute("INSERT INTO event VALUES('run0',?,'?',CAST(? AS TEXT))", (seq, body))
        database.execute("INSERT INTO event VALUES('run0',950,1.0,x'7b7d')")
    done = user.call("stats")
    assert done.code == ExitCode.DONE
    assert "5 events could not be read and are left out" in done.out
    assert "landed 1" in done.out


def test_a_damaged_journal_is_said_and_the_others_are_read(user: User) -> None:
    path = journal_of(user)
    keep(path, a_run())
    for name, content in (("a", b"no database"), ("b", b""), ("c", path.read_bytes()[:9_000])):
        (path.parent.parent / name).mkdir()
        (path.parent.parent / name / path.name).write_bytes(content)
    done = user.call("stats", "--all")
    assert done.code == ExitCode.DONE
    assert "1 relay" in done.out
    assert done.err.count("could not be read to its end") == 3
    assert "Traceback" not in done.err


def test_a_goal_that_speaks_to_the_terminal_is_not_obeyed(user: User) -> None:
    keep(journal_of(user), a_run(model="x/\x1b[2Jevil"))
    out = user.call("stats").out
    assert "\x1b" not in out
    assert "evil" in out


def test_times_are_ago_or_dates() -> None:
    assert moment("") == 0.0
    assert moment("2d", 1_000_000.0) == 1_000_000.0 - 2 * DAY
    assert moment("2w", 2_000_000.0) == 2_000_000.0 - 14 * DAY
    assert time.strftime("%Y-%m-%d %H", time.localtime(moment("2026-11-01"))) == "2026-11-01 00"
    with pytest.raises(Refused):
        moment("2026-13-01")


def test_plots_show_shares_of_the_greatest() -> None:
    assert sparkline([0, 1, 2, 4], is_ascii=True) == ".-=#"
    assert sparkline([0, 8], is_ascii=False) == "▁█"
    assert sparkline([0, 0], is_ascii=True) == ".."
    assert sparkline([], is_ascii=True) == ""
    assert bar(0.5, 10, is_ascii=True) == "#####"
    assert (bar(0.001, 10, is_ascii=True), bar(0.0, 10, is_ascii=True)) == ("#", "")


@pytest.mark.parametrize(
    "cost, shown",
    [
        (Cost(), "$0"),
        (Cost(0.0312), "$0.0312"),
        (Cost(1.5, 0, True), "~$1.50"),
        (Cost(1.5, 2), "$1.50+$?"),
        (Cost(0.0, 2), "$?"),
    ],
)
def test_dollars_tell_what_is_not_known(cost: Cost, shown: str) -> None:
    assert dollars(cost) == shown

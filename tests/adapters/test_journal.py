import random
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.journal import VERSION, JournalUnusable, SqliteJournal
from core.domain.errors import Refused
from core.domain.events import CommandRefused, Recorded

ROOT = Path(__file__).resolve().parents[2]
RUN = "r1"

WRITER = """\
import sys
sys.path.insert(0, {code!r})
from pathlib import Path
from core.adapters.journal import SqliteJournal
from core.domain.events import CommandRefused, Recorded
journal = SqliteJournal(Path({path!r}))
for seq in range(10_000):
    if seq == {pause}:
        sys.stdin.readline()
    journal.append(Recorded(seq, float(seq), "r1", CommandRefused("Land", "reason %d." % seq)))
    print(seq, flush=True)
"""


def event(seq: int) -> Recorded:
    return Recorded(seq, float(seq), RUN, CommandRefused("Land", f"reason {seq}."))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(path)
    yield opened
    opened.close()


def reopened(path: Path) -> list[Recorded]:
    journal = SqliteJournal(path)
    try:
        return list(journal.read(RUN))
    finally:
        journal.close()


def test_events_come_back_as_they_were_in_order(journal: SqliteJournal, path: Path) -> None:
    for seq in (0, 1, 2):
        journal.append(event(seq))
    assert list(journal.read(RUN)) == [event(0), event(1), event(2)]
    assert list(journal.read("another")) == []
    journal.close()
    assert reopened(path) == [event(0), event(1), event(2)]


def test_one_number_is_written_once(journal: SqliteJournal) -> None:
    journal.append(event(0))
    with pytest.raises(JournalUnusable):
        journal.append(Recorded(0, 1.0, RUN, CommandRefused("Land", "another.")))
    assert list(journal.read(RUN)) == [event(0)]


def test_blobs_come_back_byte_for_byte(journal: SqliteJournal) -> None:
    data = bytes(range(256)) * 10
    assert journal.get(journal.put(data)) == data
    assert journal.put(data) == journal.put(data)
    assert journal.get(journal.put(b"")) == b""
    with pytest.raises(KeyError):
        journal.get("0" * 64)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_kept(data: bytes, journal: SqliteJournal) -> None:
    assert journal.get(journal.put(data)) == data


def test_runs_are_listed_newest_first_with_how_they_ended(journal: SqliteJournal) -> None:
    journal.begin("one", "first goal", "relay", 1.0)
    journal.begin("two", "second goal", "review", 2.0)
    journal.finish("one", "landed", 3.0)
    rows = [(r.id, r.goal, r.kind, r.started, r.touched, r.outcome) for r in journal.runs()]
    assert rows == [
        ("two", "second goal", "review", 2.0, 2.0, ""),
        ("one", "first goal", "relay", 1.0, 3.0, "landed"),
    ]


def test_approvals_outlive_the_process(journal: SqliteJournal, path: Path) -> None:
    journal.approve("c1", "pytest -q", 1.0)
    journal.close()
    again = SqliteJournal(path)
    assert again.approved() == frozenset({"c1"})
    again.close()


def test_only_the_user_can_read_it(journal: SqliteJournal, path: Path) -> None:
    journal.append(event(0))
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    assert set(modes) == {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_journal_in_memory_writes_no_file(tmp_path: Path) -> None:
    journal = SqliteJournal.in_memory()
    journal.append(event(0))
    assert list(journal.read(RUN)) == [event(0)]
    journal.close()
    assert list(tmp_path.iterdir()) == []
    assert not (Path.cwd() / ":memory:").exists()


# Row 1


@pytest.mark.parametrize("pause", [0, 1, 17])
def test_what_was_shown_before_a_kill_is_there_after_it(pause: int, path: Path) -> None:
    code = WRITER.format(code=str(ROOT), path=str(path), pause=pause)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin and child.stdout
        shown = [child.stdout.readline() for _ in range(pause)]
        child.stdin.write("go\n")
        child.stdin.flush()
        shown += [child.stdout.readline() for _ in range(3)]
        child.send_signal(signal.SIGKILL)
        shown += child.stdout.readlines()
    found = reopened(path)
    assert found == [event(seq) for seq in range(len(found))]
    assert len(shown) <= len(found) <= len(shown) + 1


# Row 3


def written(folder: Path, count: int = 40) -> Path:
    """A journal as a killed process leaves it: everything still in its write-ahead log."""
    live = folder / "live" / "journal.sqlite"
    journal = SqliteJournal(live)
    for seq in range(count):
        journal.append(event(seq))
    left = folder / "left"
    shutil.copytree(live.parent, left)
    journal.close()
    assert (left / "journal.sqlite-wal").stat().st_size > 10_000
    return left / "journal.sqlite"


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_damaged_log_opens_at_a_whole_event(damage: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(f"{damage} {seed}")
    path = written(tmp_path)
    log = path.with_name("journal.sqlite-wal")
    data = bytearray(log.read_bytes())
    at = chance.randrange(len(data))
    if damage == "cut":
        del data[at:]
    else:
        data[at : at + 512] = chance.randbytes(512)
    log.write_bytes(data)
    found = reopened(path)
    assert found == [event(seq) for seq in range(len(found))]
    journal = SqliteJournal(path)
    journal.append(event(len(found)))
    assert list(journal.read(RUN)) == [*found, event(len(found))]
    journal.close()


# Row 4


@pytest.mark.parametrize(
    "damage", [b"not a database at all", b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_corrupt_journal_is_moved_aside_and_told(damage: bytes, path: Path) -> None:
    first = SqliteJournal(path)
    first.append(event(0))
    first.close()
    with path.open("r+b") as file:
        file.write(damage)
    again = SqliteJournal(path)
    assert "was damaged" in again.recovered
    assert list(again.read(RUN)) == []
    again.append(event(0))
    again.close()
    aside = [p for p in path.parent.iterdir() if ".corrupt-" in p.name]
    assert aside and aside[0].name in again.recovered
    assert aside[0].read_bytes().startswith(damage)


def test_a_healthy_journal_says_nothing_of_recovery(journal: SqliteJournal) -> None:
    assert journal.recovered == ""


# Row 6


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """No file of this process can grow further than the journal's log has grown."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    room = path.with_name("journal.sqlite-wal").stat().st_size + 8192
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.mark.parametrize("change", ["append", "put", "begin", "approve", "finish"])
def test_a_full_disk_is_told_and_nothing_of_the_change_is_kept(
    change: str, journal: SqliteJournal, path: Path
) -> None:
    journal.begin(RUN, "goal", "relay", 1.0)
    journal.append(event(0))
    big = "x" * 300_000
    changes: dict[str, Callable[[], object]] = {
        "append": lambda: journal.append(Recorded(1, 1.0, RUN, CommandRefused("Land", big))),
        "put": lambda: journal.put(big.encode()),
        "begin": lambda: journal.begin("r2", big, "relay", 2.0),
        "approve": lambda: journal.approve("c", big, 2.0),
        "finish": lambda: journal.finish(RUN, big, 2.0),
    }
    with full_disk(path), pytest.raises(JournalUnusable, match="free some space"):
        changes[change]()
    assert list(journal.read(RUN)) == [event(0)]
    assert [(r.id, r.outcome) for r in journal.runs()] == [(RUN, "")]
    assert journal.approved() == frozenset()
    changes[change]()


# Rows 11 and 13


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises((JournalUnusable, OSError)):
        SqliteJournal(tmp_path / "state" / "journal.sqlite")


def test_a_journal_of_a_newer_version_is_refused_and_untouched(path: Path) -> None:
    SqliteJournal(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version={VERSION + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(Refused, match="newer Relaypair"):
        SqliteJournal(path)
    assert path.read_bytes() == before
    assert not [p for p in path.parent.iterdir() if "corrupt" in p.name]


def test_two_relaypairs_write_one_journal(path: Path) -> None:
    first, second = SqliteJournal(path), SqliteJournal(path)
    first.append(event(0))
    second.append(Recorded(0, 0.0, "r2", CommandRefused("Land", "other.")))
    first.append(event(1))
    assert [r.seq for r in second.read(RUN)] == [0, 1]
    assert len(list(first.read("r2"))) == 1
    first.close()
    second.close()

"""The journal: every event of every run in one SQLite file, and the bytes they name.

WAL with synchronous=FULL: once `append` returns, the event survives kill -9, and power loss on a
disk that honours flushes.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.codec import event_from_json, event_to_json
from core.domain.edit import digest
from core.domain.errors import Refused, RelaypairError
from core.domain.events import Event, Recorded

VERSION = 1
"""Schema version, kept in `user_version`; a newer one is refused, not guessed at."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event(
    run TEXT NOT NULL, seq INTEGER NOT NULL, at REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY(run, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run(
    id TEXT PRIMARY KEY, goal TEXT NOT NULL, kind TEXT NOT NULL,
    started REAL NOT NULL, touched REAL NOT NULL, outcome TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS blob(digest TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS approval(command TEXT PRIMARY KEY, line TEXT NOT NULL, at REAL NOT NULL);
"""


class JournalUnusable(RelaypairError):
    """The journal cannot be written; the sentence says why."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the session list."""

    id: str
    goal: str
    kind: str
    started: float
    touched: float
    outcome: str


class SqliteJournal:
    """Events and blobs of one repository. Also the `Blobs` port."""

    def __init__(self, path: Path) -> None:
        """Open or create.

        A damaged file is moved aside and `recovered` says so. Raises `JournalUnusable`.
        """
        self.path = path
        self.recovered = ""
        try:
            self._database = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise JournalUnusable(
                    f"The journal {path} cannot be opened ({error}); check that its folder can "
                    "be written."
                ) from error
            self._set_aside()
            self._database = self._open()

    @classmethod
    def in_memory(cls) -> "SqliteJournal":
        """A journal that ends with the process, for when no state folder can be written."""
        return cls(Path(":memory:"))

    def _open(self) -> sqlite3.Connection:
        if str(self.path) != ":memory:":
            for folder in (self.path.parent.parent, self.path.parent):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(
            self.path, isolation_level=None, timeout=10.0, check_same_thread=False
        )
        try:
            found = database.execute("PRAGMA user_version").fetchone()[0]
            if found > VERSION:
                raise Refused(
                    f"The journal {self.path} was written by a newer Relaypair (format "
                    f"{found}); update Relaypair to open it."
                )
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            check = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if check != "ok":
                raise sqlite3.DatabaseError(check)
            database.executescript(_SCHEMA)
            database.execute(f"PRAGMA user_version={VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        aside = self.path.with_name(f"{self.path.name}.corrupt-{int(time.time())}")
        self.path.rename(aside)
        for tail in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + tail).rename(
                    aside.with_name(aside.name + tail)
                )
        self.recovered = (
            f"The journal was damaged; it was moved to {aside.name} and a fresh one was begun."
        )

    def begin(self, run: str, goal: str, kind: str, at: float) -> None:
        """Add a run to the list."""
        self._write(
            "INSERT OR REPLACE INTO run(id, goal, kind, started, touched) VALUES(?,?,?,?,?)",
            (run, goal, kind, at, at),
        )

    def append(self, recorded: Recorded) -> None:
        """Write one event durably.

        Raises `JournalUnusable`, in which case nothing of it is kept.
        """
        row = (recorded.run_id, recorded.seq, recorded.at, event_to_json(recorded.event))
        self._write("INSERT INTO event(run, seq, at, body) VALUES(?,?,?,?)", row)

    def finish(self, run: str, outcome: str, at: float) -> None:
        """Note how a run ended, for the list."""
        self._write("UPDATE run SET outcome=?, touched=? WHERE id=?", (outcome, at, run))

    def read(self, run: str) -> Iterator[Recorded]:
        """Every event of a run, in order."""
        rows = self._database.execute(
            "SELECT seq, at, body FROM event WHERE run=? ORDER BY seq", (run,)
        )
        for seq, at, body in rows:
            yield Recorded(seq, at, run, self._event(body))

    def _event(self, body: str) -> Event:
        return event_from_json(body)

    def runs_that_landed(self) -> tuple[str, ...]:
        """Ids of the runs in which something was landed, newest first."""
        rows = self._database.execute(
            "SELECT id FROM run WHERE id IN (SELECT DISTINCT run FROM event "
            'WHERE body LIKE \'{"type":"EditsLanded"%\') ORDER BY started DESC, rowid DESC'
        )
        return tuple(row[0] for row in rows)

    def runs(self) -> tuple[RunRow, ...]:
        """All runs, newest first."""
        rows = self._database.execute(
            "SELECT id, goal, kind, started, touched, outcome FROM run ORDER BY started DESC, "
            "rowid DESC"
        )
        return tuple(RunRow(*row) for row in rows)

    def put(self, data: bytes) -> str:
        """Keep bytes by their hash."""
        name = digest(data)
        self._write("INSERT OR IGNORE INTO blob(digest, data) VALUES(?,?)", (name, data))
        return name

    def get(self, digest: str) -> bytes:
        """Bytes kept by `put`. Raises KeyError."""
        row = self._database.execute("SELECT data FROM blob WHERE digest=?", (digest,)).fetchone()
        if row is None:
            raise KeyError(digest)
        return bytes(row[0])

    def approve(self, command_id: str, line: str, at: float) -> None:
        """Remember that the user allowed exactly this command in this repository."""
        self._write(
            "INSERT OR REPLACE INTO approval(command, line, at) VALUES(?,?,?)",
            (command_id, line, at),
        )

    def approved(self) -> frozenset[str]:
        """Ids of all commands the user has allowed in this repository."""
        return frozenset(row[0] for row in self._database.execute("SELECT command FROM approval"))

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise JournalUnusable(
                "This run is open in another Relaypair, which wrote to it meanwhile; go on there, "
                "or resume it again here."
            ) from error
        except sqlite3.Error as error:
            raise JournalUnusable(
                f"The journal {self.path} cannot be written ({error}); free some space or check "
                "the folder, then try again."
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

"""The index of one repository: a cache in one SQLite file, rebuilt when in doubt.

What is indexed hangs off git blob ids; paths are a thin layer over them. Each batch is one
transaction, so a reader sees whole batches and kill -9 loses at most one. Several processes may
use a file at once: one writes, the others read what was there before or wait.
"""

import contextlib
import sqlite3
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.adapters import index_lists
from core.domain.errors import RelaypairError
from core.domain.repository import Commit
from core.retrieval.corpus import can_be_written_down
from core.retrieval.postings import Entry, Field, Postings

Database = sqlite3.Connection

VERSION = 7
"""Of the schema and of what the tokeniser and the chunks make; another one means rebuilding."""
BUSY = 30.0
"""Seconds to wait for another process's batch."""
AGAIN = 0.02
"""Seconds between two tries to open a file that another process is laying out."""
MOST_DEAD = 20_000
"""Chunks of texts that no path leads to, beyond those in use, before the index is built again."""

CACHE = 32_768
"""KiB of pages that a connection may keep; terms of a batch are spread over the whole file."""

MOST_MESSAGE = 4_000
"""Characters of a commit's message that are indexed."""

_SCHEMA = (
    "CREATE TABLE state(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE TABLE blobs(id INTEGER PRIMARY KEY, oid TEXT NOT NULL, lang TEXT NOT NULL, "
    "size INTEGER NOT NULL, first INTEGER NOT NULL, lengths BLOB NOT NULL, spans BLOB NOT NULL, "
    "names TEXT NOT NULL, symbols INTEGER NOT NULL, generated INTEGER NOT NULL, UNIQUE(oid, lang))",
    "CREATE TABLE files(path TEXT PRIMARY KEY, blob INTEGER NOT NULL, stat TEXT NOT NULL) "
    "WITHOUT ROWID",
    "CREATE TABLE symbols(name TEXT NOT NULL, blob INTEGER NOT NULL, line INTEGER NOT NULL, "
    "last INTEGER NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL, "
    "PRIMARY KEY(name, blob, line)) WITHOUT ROWID",
    *index_lists.SCHEMA,
    "CREATE TABLE commits(id INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE, "
    "subject TEXT NOT NULL, length INTEGER NOT NULL, files TEXT NOT NULL)",
)


class IndexUnusable(RelaypairError):
    """The index cannot be kept; the sentence says why."""


class IndexDamaged(Exception):
    """What was read cannot be what was written; the file is to be made again."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be indexed or already indexed: a path and the blob it holds."""

    path: str
    oid: str
    language: str
    stat: str = ""
    """Size and times, for files that were hashed from disk; else empty."""


class IndexStore:
    """One open index file. Not for several threads."""

    def __init__(self, path: Path) -> None:
        """Open or create. Raises `IndexUnusable` when the folder cannot be written."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unusable(error) from error
        self.database = self._opened()
        self._lists = index_lists.Reader(self.database)

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._patiently()
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from error
        except sqlite3.DatabaseError:
            self._remove()
        try:
            return self._patiently()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _patiently(self) -> sqlite3.Connection:
        """Connect; SQLite does not wait by itself while another process turns a file to WAL."""
        until = time.monotonic() + BUSY
        while True:
            try:
                return self._connect()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
            time.sleep(AGAIN)

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute(f"PRAGMA cache_size=-{CACHE}")
            if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                self._lay_out(database)
            if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("quick_check")
        except BaseException:
            database.close()
            raise
        return database

    def _lay_out(self, database: sqlite3.Connection) -> None:
        """Empty tables in the place of whatever there is, in one transaction."""
        with _transaction(database):
            if database.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                return
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                database.execute(f'DROP TABLE "{name}"')
            for statement in _SCHEMA:
                database.execute(statement)
            database.execute(f"PRAGMA user_version={VERSION}")

    def _remove(self) -> None:
        """Delete the file. What other processes hold open stays theirs."""
        for tail in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + tail).unlink()

    def rebuild(self) -> None:
        """Begin again with an empty file. Raises `IndexUnusable`."""
        self.close()
        try:
            self._remove()
        except OSError as error:
            raise self._unusable(error) from error
        self.database = self._opened()
        self._lists = index_lists.Reader(self.database)

    def _unusable(self, error: Exception) -> IndexUnusable:
        return IndexUnusable(
            f"The search index {self.path} cannot be kept ({error}); check that its folder can be "
            "written and has room."
        )

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()

    @contextlib.contextmanager
    def faults_told(self) -> Iterator[None]:
        """Faults of the file as `IndexDamaged` (make it again) or `IndexUnusable`."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "malformed" in str(error):
                raise IndexDamaged(str(error)) from error
            raise self._unusable(error) from error
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(str(error)) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator["Batch"]:
        """One batch, written whole or not at all; waits for other writers."""
        with _transaction(self.database):
            batch = Batch(self.database)
            yield batch
            batch.write_postings()

    def fetch(self, kind: Field, terms: Iterable[str]) -> Mapping[str, bytes]:
        """The posting lists of terms, in one state of the index; those that stand nowhere are
        left out.
        """
        with self._reading() as lists:
            return lists.fetch(kind, terms)

    def count(self, kind: Field, terms: Iterable[str]) -> Mapping[str, int]:
        """How many postings each of these terms has; those that stand nowhere are left out."""
        with self._reading() as lists:
            return lists.count(kind, terms)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[index_lists.Reader]:
        self.database.execute("BEGIN")
        try:
            yield self._lists
        finally:
            self.database.execute("COMMIT")

    def generation(self) -> int:
        """Changes with every batch anyone writes."""
        return int(str(state(self.database, "generation", 0)))


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def state(database: sqlite3.Connection, name: str, default: object) -> object:
    """A value that was kept by name."""
    row = database.execute("SELECT value FROM state WHERE name=?", (name,)).fetchone()
    return default if row is None else row[0]


class Batch:
    """What one transaction adds and takes away."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.postings = Postings(int(str(self.state("next_chunk", 0))))
        self._first = self.postings.next

    def state(self, name: str, default: object) -> object:
        """A value that was kept by name."""
        return state(self._database, name, default)

    def keep(self, name: str, value: object) -> None:
        """Keep a value by name."""
        self._database.execute("INSERT OR REPLACE INTO state VALUES(?,?)", (name, value))

    def blob(self, oid: str, language: str) -> int | None:
        """The number of an indexed blob."""
        row = self._database.execute(
            "SELECT id FROM blobs WHERE oid=? AND lang=?", (oid, language)
        ).fetchone()
        return None if row is None else int(row[0])

    def add_blob(self, source: Source, text: str, size: int) -> int:
        """Index one text; its number. An empty text is a blob that matches nothing."""
        entry = self.postings.add(source.path, text)
        number = self._database.execute(
            "INSERT INTO blobs(oid, lang, size, first, lengths, spans, names, symbols, generated) "
            "VALUES(?,?,?,?,?,?,?,?,?)",
            (source.oid, source.language, size, entry.first, *_kept(entry)),
        ).lastrowid
        self._database.executemany(
            "INSERT OR IGNORE INTO symbols VALUES(?,?,?,?,?,?)",
            [(d.name, number, d.start, d.end, d.kind, d.parent) for d in entry.definitions],
        )
        return int(str(number))

    def set_file(self, source: Source, blob: int) -> None:
        """Let a path lead to a blob."""
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES(?,?,?)", (source.path, blob, source.stat)
        )

    def drop_files(self, paths: Iterable[str]) -> None:
        """Forget paths; their blobs stay for when they come back."""
        self._database.executemany("DELETE FROM files WHERE path=?", ((p,) for p in paths))

    def add_commits(self, commits: Sequence[Commit], most_files: int) -> None:
        """Index messages and what they changed; those that changed too much only as read."""
        for commit in commits:
            files = tuple(f for f in commit.files if can_be_written_down(f) and "\n" not in f)
            is_told = 0 < len(files) <= most_files
            message = f"{commit.subject}\n{commit.body[:MOST_MESSAGE]}" if is_told else ""
            text = message.encode("utf-8", "replace").decode("utf-8")
            number = self._database.execute(
                "INSERT OR IGNORE INTO commits(sha, subject, length, files) VALUES(?,?,?,?)",
                (
                    commit.sha,
                    commit.subject[:200].encode("utf-8", "replace").decode("utf-8"),
                    len(text.split()),
                    "\n".join(files if is_told else ()),
                ),
            )
            if is_told and number.rowcount > 0:
                self.postings.add_message(int(str(number.lastrowid)), text)

    def write_postings(self) -> None:
        """Write the lists of everything added."""
        generation = int(str(self.state("generation", 0))) + 1
        self.keep("generation", generation)
        index_lists.write(self._database, generation, self.postings.lists)
        if self.postings.next != self._first:
            self.keep("next_chunk", self.postings.next)


def _kept(entry: Entry) -> tuple[bytes, bytes, str, int, bool]:
    spans = array("I", [edge for chunk in entry.spans for edge in (chunk.start, chunk.end)])
    names = "\n".join(chunk.symbol for chunk in entry.spans)
    return entry.lengths.tobytes(), spans.tobytes(), names, entry.symbols, entry.is_generated

"""Reading one state of the index file as a `Snapshot`."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence

from core.adapters.index_files import Disk, text_of
from core.adapters.index_store import IndexDamaged, IndexStore, state
from core.retrieval.postings import Field
from core.retrieval.snapshot import Lookups, PastCommit, Snapshot
from core.syntax.languages import unix

AT_ONCE = 500
"""Commits that are read with one question; SQLite takes 999 values and more."""


def load(store: IndexStore, head: str, disk: Disk) -> Snapshot:
    """The state as it is; commits only if they are those that `head` reaches.

    Raises `IndexDamaged` and `IndexUnusable`.
    """
    with store.faults_told():
        try:
            return _load(store, head, disk)
        except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
            raise IndexDamaged(str(error)) from error


def _load(store: IndexStore, head: str, disk: Disk) -> Snapshot:
    database = store.database
    rows = database.execute(
        "SELECT path, blob, first, lengths, symbols, generated "
        "FROM files JOIN blobs ON blobs.id = files.blob ORDER BY path"
    ).fetchall()
    has_history = bool(head) and state(database, "history_head", "") == head
    reachable = _numbers("I", _bytes(state(database, "reachable", b""))) if has_history else ()
    known = dict(database.execute("SELECT id, length FROM commits")) if reachable else {}
    past = json.loads(_bytes(state(database, "past", b"{}"))) if has_history else {}
    return Snapshot(
        paths=[row[0] for row in rows],
        blobs=[row[1] for row in rows],
        firsts=[row[2] for row in rows],
        lengths=[_numbers("H", row[3]) for row in rows],
        symbol_counts=[row[4] for row in rows],
        lookups=_lookups(store, disk),
        commit_lengths={n: known[n] for n in reachable if known.get(n)},
        kept_chunks=int(str(state(database, "next_chunk", 0))),
        recent={path: changes for path, (changes, _) in past.items() if changes},
        told={path: words for path, (_, words) in past.items()},
        generated=[bool(row[5]) for row in rows],
    )


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("not bytes")
    return value


def _numbers(kind: str, data: bytes) -> "array[int]":
    found = array(kind)
    found.frombytes(data)
    return found


def _lookups(store: IndexStore, disk: Disk) -> Lookups:
    database = store.database

    def postings(kind: Field, terms: Iterable[str]) -> Mapping[str, bytes]:
        return store.fetch(kind, terms)

    def holders(kind: Field, terms: Iterable[str]) -> Mapping[str, int]:
        return store.count(kind, terms)

    def defined(names: Iterable[str]) -> Mapping[str, Sequence[tuple[int, str, int]]]:
        found = {}
        for name in names:
            rows = database.execute(
                "SELECT blob, kind, line FROM symbols WHERE name=?", (name,)
            ).fetchall()
            if rows:
                found[name] = rows
        return found

    def all_names() -> Sequence[str]:
        return [row[0] for row in database.execute("SELECT DISTINCT name FROM symbols")]

    def commits(numbers: Iterable[int]) -> Mapping[int, PastCommit]:
        found = {}
        for number in numbers:
            row = database.execute(
                "SELECT sha, subject, files FROM commits WHERE id=?", (number,)
            ).fetchone()
            found[number] = PastCommit(row[0], row[1], tuple(row[2].split("\n")))
        return found

    def changed(numbers: Iterable[int]) -> Mapping[int, Sequence[str]]:
        wanted, found = list(numbers), {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = database.execute(f"SELECT id, files FROM commits WHERE id IN ({marks})", part)
            found.update({number: files.split("\n") for number, files in rows})
        return found

    def text(path: str) -> str:
        data = disk.read(path)
        return "" if data is None else text_of(data)

    def passage(path: str, blob: int, chunk: int) -> str:
        row = database.execute("SELECT first, spans FROM blobs WHERE id=?", (blob,)).fetchone()
        if row is None:
            return ""
        spans = _numbers("I", row[1])
        start, end = spans[2 * (chunk - row[0]) :][:2]
        return "\n".join(unix(text(path)).split("\n")[start:end])

    return Lookups(postings, holders, defined, all_names, commits, changed, text, passage)

"""Posting lists in the index file.

A list is one row a term and batch, so a batch of one edited file would write to as many pages as
it has terms. Small batches are kept as one row each instead, and made into rows by the term when
there is enough of them: a log-structured merge tree of two levels (O'Neil et al., 1996).
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from core.retrieval.postings import Field, packed, unpacked

SCHEMA = (
    "CREATE TABLE postings(field INTEGER NOT NULL, term TEXT NOT NULL, batch INTEGER NOT NULL, "
    "data BLOB NOT NULL, PRIMARY KEY(field, term, batch)) WITHOUT ROWID",
    "CREATE TABLE fresh(batch INTEGER NOT NULL, field INTEGER NOT NULL, terms TEXT NOT NULL, "
    "sizes BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY(batch, field))",
)
POSTING = 4
"""Bytes of a posting."""
SMALL = 4_096
"""Terms of a batch that is kept as it is."""
MOST_FRESH = 16_384
"""Terms of all such batches together: what every query reads beside the lists."""

Lists = Mapping[str, list[int]]


def write(database: sqlite3.Connection, batch: int, lists: Mapping[Field, Lists]) -> None:
    """Keep the lists of one batch; `batch` is greater than every one before.

    To be called within a transaction.
    """
    count = sum(map(len, lists.values()))
    if not count:
        return
    kept = database.execute("SELECT COALESCE(SUM(length(sizes)), 0) / 4 FROM fresh").fetchone()[0]
    if count <= SMALL and count + int(kept) <= MOST_FRESH:
        database.executemany("INSERT INTO fresh VALUES(?,?,?,?,?)", _as_rows(batch, lists))
        return
    for older, field in database.execute("SELECT batch, field FROM fresh").fetchall():
        _insert(database, older, field, _terms(database, older, field))
    database.execute("DELETE FROM fresh")
    for kind, terms in lists.items():
        _insert(database, batch, int(kind), {term: packed(held) for term, held in terms.items()})


def _as_rows(
    batch: int, lists: Mapping[Field, Lists]
) -> Iterable[tuple[int, int, str, bytes, bytes]]:
    for kind, terms in lists.items():
        if terms:
            sizes = packed([len(held) for held in terms.values()])
            data = b"".join(map(packed, terms.values()))
            yield batch, int(kind), "\n".join(terms), sizes, data


def _insert(
    database: sqlite3.Connection, batch: int, field: int, terms: Mapping[str, bytes]
) -> None:
    database.executemany(
        "INSERT INTO postings VALUES(?,?,?,?)",
        ((field, term, batch, terms[term]) for term in sorted(terms)),
    )


def _terms(database: sqlite3.Connection, batch: int, field: int) -> Mapping[str, bytes]:
    """The lists of a small batch by their terms."""
    row = database.execute(
        "SELECT terms, sizes, data FROM fresh WHERE batch=? AND field=?", (batch, field)
    ).fetchone()
    return {} if row is None else _read(*row)


def _read(terms: str, sizes: bytes, data: bytes) -> Mapping[str, bytes]:
    names, counts = terms.split("\n"), unpacked(sizes)
    if len(names) != len(counts) or POSTING * sum(counts) != len(data):
        raise sqlite3.DatabaseError("a batch of posting lists does not agree with itself")
    found: dict[str, bytes] = {}
    at = 0
    for name, count in zip(names, counts, strict=True):
        found[name] = data[at : at + POSTING * count]
        at += POSTING * count
    return found


class Reader:
    """Reads the lists of one database; small batches, which never change, are taken apart once.

    Each of its methods is to be called within a transaction: another process may be making rows of
    small batches.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._fresh: dict[int, dict[int, Mapping[str, bytes]]] = {}
        """Lists of small batches, by field and batch."""

    def fetch(self, kind: Field, terms: Iterable[str]) -> Mapping[str, bytes]:
        """The posting lists of terms; those that stand nowhere are left out."""
        fresh = self._fresh_lists(kind)
        found: dict[str, bytes] = {}
        for term in terms:
            rows = self._database.execute(
                "SELECT data FROM postings WHERE field=? AND term=? ORDER BY batch",
                (int(kind), term),
            ).fetchall()
            held = [row[0] for row in rows] + [one[term] for one in fresh if term in one]
            if held:
                found[term] = b"".join(held)
        return found

    def count(self, kind: Field, terms: Iterable[str]) -> Mapping[str, int]:
        """How many postings each term has, without reading them; no term that has none."""
        fresh = self._fresh_lists(kind)
        found: dict[str, int] = {}
        for term in terms:
            row = self._database.execute(
                "SELECT SUM(length(data)) FROM postings WHERE field=? AND term=?", (int(kind), term)
            ).fetchone()
            size = (row[0] or 0) + sum(len(one[term]) for one in fresh if term in one)
            if size:
                found[term] = size // POSTING
        return found

    def _fresh_lists(self, kind: Field) -> Sequence[Mapping[str, bytes]]:
        rows = self._database.execute(
            "SELECT batch FROM fresh WHERE field=? ORDER BY batch", (int(kind),)
        ).fetchall()
        known = self._fresh.get(kind, {})
        now = {
            batch: known[batch] if batch in known else _terms(self._database, batch, int(kind))
            for (batch,) in rows
        }
        self._fresh[kind] = now
        return tuple(now.values())

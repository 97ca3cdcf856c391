"""Names in the index: what a file defines, and where a name is defined."""

from collections.abc import Mapping

from core.adapters.index_store import IndexStore
from core.domain.context import Definition
from core.retrieval.tokenise import WORD, parts
from core.similarity import near_matches

QUIET = ("variable", "field", "key", "rule")
"""Kinds that are too many and too small to be looked up by name."""
FLOOR = 70.0
"""How alike a name must be, from 0 to 100, to be offered for another."""


def outline(
    store: IndexStore, path: str, terms: Mapping[str, float], most: int
) -> tuple[int, tuple[str, ...]]:
    """Bytes of an indexed file, and what it defines: first what is named with the terms, by what
    these are worth, then what stands at its top; 0 and none for an unknown file.
    """
    with store.faults_told():
        row = store.database.execute(
            "SELECT size, names FROM files JOIN blobs ON blobs.id = files.blob WHERE path=?",
            (path,),
        ).fetchone()
    if row is None:
        return 0, ()
    names = [name for name in dict.fromkeys(str(row[1]).split("\n")) if name]
    worth = {name: _worth(name, terms) for name in names}
    meant = sorted((n for n in names if worth[n]), key=lambda n: -worth[n])
    tops = (name.partition(".")[0] for name in names)
    return int(row[0]), tuple(dict.fromkeys([*meant, *tops]))[:most]


def _worth(name: str, terms: Mapping[str, float]) -> float:
    held = {part for word in WORD.findall(name) for part in parts(word)}
    return sum(terms.get(part, 0.0) for part in held)


def definitions(store: IndexStore, name: str, limit: int) -> tuple[Definition, ...]:
    """Definitions of a name: exact ones, then those that hold it, then those like it."""
    with store.faults_told():
        names = [
            row[0]
            for row in store.database.execute(
                "SELECT DISTINCT name FROM symbols WHERE kind NOT IN (?,?,?,?)", QUIET
            )
        ]
        wanted = name.lower()
        holding = [n for n in names if wanted in n.lower()]
        holding.sort(key=lambda n: (not n.lower().startswith(wanted), len(n), n))
        near = near_matches(name, names, limit=limit, floor=FLOOR) if wanted else []
        found: list[Definition] = []
        for one in dict.fromkeys([*holding[:limit], *near]):
            rows = store.database.execute(
                "SELECT path, line, last, kind FROM symbols JOIN files ON files.blob=symbols.blob "
                "WHERE name=? AND kind NOT IN (?,?,?,?) ORDER BY path, line",
                (one, *QUIET),
            )
            found += [Definition(one, path, line, last, kind) for path, line, last, kind in rows]
            if len(found) >= limit:
                break
    return tuple(found[:limit])

"""Names in the index: what a file defines, and where a name is defined."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from core.adapters.index_store import IndexStore
from core.domain.context import Definition
from core.retrieval.architecture import Used
from core.retrieval.postings import Field
from core.retrieval.tokenise import WORD, parts
from core.similarity import near_matches

QUIET = ("variable", "field", "key", "rule")
"""Kinds that are too many and too small to be looked up by name."""
FLOOR = 70.0
"""How alike a name must be, from 0 to 100, to be offered for another."""
MOST_USED = 5_000
"""Definitions whose uses are counted."""
BY_CHANCE = 0.15
CONSTRUCTORS = ("__init__", "constructor", "initialize")
"""Names of what makes an instance, where it is not named like its class."""


def outline(
    store: IndexStore, path: str, terms: Mapping[str, float], most: int
) -> tuple[int, tuple[str, ...]]:
    """Bytes of an indexed file, and what it defines: first what is named with the terms, by what
    these are worth, then what stands at its top, then the rest; 0 and none for an unknown file.

    A name within one that is given says enough of that one.
    """
    with store.faults_told():
        row = store.database.execute(
            "SELECT size, names FROM files JOIN blobs ON blobs.id = files.blob WHERE path=?",
            (path,),
        ).fetchone()
    if row is None:
        return 0, ()
    found = dict.fromkeys(str(row[1]).split("\n"))
    names = [name for name in found if name and not _is_constructor(name)]
    worth = {name: _worth(name, terms) for name in names}
    meant = sorted((n for n in names if worth[n]), key=lambda n: -worth[n])
    return int(row[0]), _innermost((*meant, *_tops(names), *names), most)


def _is_constructor(name: str) -> bool:
    """Whether a name says nothing that its class does not."""
    holder, _, last = name.rpartition(".")
    return last in CONSTRUCTORS or (last != "" and last == holder.rpartition(".")[2])


def _tops(names: Sequence[str]) -> Iterator[str]:
    """The outermost names that tell a file's definitions apart: a namespace around all of them does
    not.
    """
    holders = {name.rpartition(".")[0] for name in names}
    paths = [name.split(".") for name in names if name not in holders]
    if not paths:
        return
    first, last = min(paths), max(paths)
    pairs = zip(first, last, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    depth = min(shared + 1, max(map(len, paths)))
    for path in paths:
        yield ".".join(path[:depth])


def _innermost(names: Iterable[str], most: int) -> tuple[str, ...]:
    """The first `most` names, without those that hold another of them."""
    told: list[str] = []
    for name in dict.fromkeys(names):
        if not any(one.startswith(f"{name}.") for one in told):
            told = [one for one in told if not name.startswith(f"{one}.")] + [name]
        if len(told) == most:
            break
    return tuple(told)


def _worth(name: str, terms: Mapping[str, float]) -> float:
    held = {part for word in WORD.findall(name) for part in parts(word)}
    return sum(terms.get(part, 0.0) for part in held)


def definitions(store: IndexStore, name: str, limit: int) -> tuple[Definition, ...]:
    """Definitions of a name: exact ones, then those that hold it, then those like it.

    `Class.method` means that method first.
    """
    with store.faults_told():
        names = [
            row[0]
            for row in store.database.execute(
                "SELECT DISTINCT name FROM symbols WHERE kind NOT IN (?,?,?,?)", QUIET
            )
        ]
        holder, _, last = name.rpartition(".")
        wanted = last.lower()
        holding = [n for n in names if wanted in n.lower()]
        holding.sort(key=lambda n: (not n.lower().startswith(wanted), len(n), n))
        near = near_matches(last, names, limit=limit, floor=FLOOR) if wanted else []
        found: list[Definition] = []
        for one in dict.fromkeys([*holding[:limit], *near]):
            rows = store.database.execute(
                "SELECT path, line, last, kind, parent FROM symbols "
                "JOIN files ON files.blob=symbols.blob "
                "WHERE name=? AND kind NOT IN (?,?,?,?) ORDER BY path, line",
                (one, *QUIET),
            ).fetchall()
            rows.sort(key=lambda row: bool(holder) and not f".{row[4]}".endswith(f".{holder}"))
            found += [Definition(one, *row[:4]) for row in rows]
            if len(found) >= limit:
                break
    return tuple(found[:limit])


def used_definitions(store: IndexStore) -> tuple[Used, ...]:
    """Public classes and functions of one file only, with how many chunks spell their name.

    A name that is also an English word is spelt by chance, so it counts less.
    """
    with store.faults_told():
        rows = store.database.execute(
            "SELECT name, MIN(path) FROM symbols JOIN files ON files.blob = symbols.blob "
            "WHERE (kind IN ('class', 'type') OR (kind = 'function' AND parent = '')) "
            "AND length(name) > 3 AND name NOT LIKE '\\_%' ESCAPE '\\' "
            "GROUP BY name HAVING COUNT(*) = 1 LIMIT ?",
            (MOST_USED,),
        ).fetchall()
        lists = store.fetch(Field.BODY, {parts(name)[0] for name, _ in rows})
        counted = []
        for name, path in rows:
            share = 1.0 if len(parts(name)) > 1 else BY_CHANCE
            counted.append(Used(name, path, share * len(lists.get(parts(name)[0], b"")) / 4))
    return tuple(counted)

"""One state of an index, in memory, as ranking reads it."""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeVar

from core.domain.context import Trust
from core.retrieval.corpus import GENERATED, beside, is_source, lane
from core.retrieval.postings import Field
from core.retrieval.tokenise import WORD, parts

K1 = 1.2
B = 0.75
"""BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009)."""

Key = TypeVar("Key", str, int)
Value = TypeVar("Value", str, int)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a name is defined."""

    file: int
    """Number of the file in `Snapshot.paths`."""
    name: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A commit that HEAD reaches."""

    sha: str
    subject: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Lookups:
    """What is read from the store only when a query needs it."""

    postings: Callable[[Field, Iterable[str]], Mapping[str, bytes]]
    holders: Callable[[Field, Iterable[str]], Mapping[str, int]]
    """How many postings each of these terms has; no term that has none."""
    defined: Callable[[Iterable[str]], Mapping[str, Sequence[tuple[int, str, int]]]]
    """Blob id, kind and line of each definition of these exact names."""
    all_names: Callable[[], Sequence[str]]
    commits: Callable[[Iterable[int]], Mapping[int, PastCommit]]
    changed: Callable[[Iterable[int]], Mapping[int, Sequence[str]]]
    """The paths that each of these commits changed."""
    text: Callable[[str], str]
    """What a path holds now; empty where it cannot be read."""
    passage: Callable[[str, int, int], str]
    """Lines of a chunk, by path, blob and number; empty where the file is another by now."""


@lru_cache(maxsize=100_000)
def ranked_in(path: str, *, defines: bool) -> Trust:
    """The lane that a path is ranked in: data and configuration stand with the docs."""
    found = lane(path)
    return Trust.DOCS if found is Trust.CODE and not is_source(path, defines=defines) else found


_beside = lru_cache(maxsize=100_000)(beside)


@lru_cache(maxsize=100_000)
def path_terms(path: str) -> Mapping[str, int]:
    """The words of a path and how often each stands there; not to be changed."""
    counts: dict[str, int] = {}
    for word in WORD.findall(path):
        for part in parts(word):
            counts[part] = counts.get(part, 0) + 1
    return counts


PathLists = Mapping[str, Sequence[tuple[int, int]]]


@lru_cache(maxsize=2)
def _path_measures(paths: tuple[str, ...]) -> tuple[PathLists, Sequence[int], Sequence[float]]:
    """Files by the terms of their paths, the size of each path, and its norm; most edits change
    no path.
    """
    lists: dict[str, list[tuple[int, int]]] = {}
    sizes = []
    for number, path in enumerate(paths):
        found = path_terms(path)
        sizes.append(sum(found.values()))
        for term, n in found.items():
            lists.setdefault(term, []).append((number, n))
    return lists, sizes, _norms(sizes)


@dataclass
class Snapshot:
    """Files, their chunks and what both measure. Numbers of files are places in `paths`."""

    paths: Sequence[str]
    blobs: Sequence[int]
    """Blob id of each path."""
    firsts: Sequence[int]
    """First chunk of each path."""
    lengths: "Sequence[array[int]]"
    """Words of each path's chunks."""
    symbol_counts: Sequence[int]
    """Words of each path's definitions."""
    lookups: Lookups
    commit_lengths: Mapping[int, int]
    """Words of each commit that HEAD reaches, by its number."""
    kept_chunks: int
    """How many chunks were ever numbered."""
    recent: Mapping[str, float]
    """How often and how lately each path was changed, by those commits."""
    told: Mapping[str, float]
    """Words that those commits' messages spend on each path."""
    generated: Sequence[bool]
    """Whether each path's text says that a program wrote it."""
    file_of_chunk: "array[int]" = field(init=False)
    """File of each chunk, or -1 for chunks of texts that no path leads to."""
    norms: list[float] = field(init=False)
    """What BM25 adds to a chunk's count, by its length."""
    file_norms: list[float] = field(init=False)
    path_norms: Sequence[float] = field(init=False)
    symbol_norms: list[float] = field(init=False)
    path_lists: PathLists = field(init=False)
    """Files that hold a term in their path, and how often."""
    lanes: list[Trust] = field(init=False)
    """Where each path is ranked; see `ranked_in`."""
    chunks: int = field(init=False)
    """How many chunks lead to a file."""
    has_dead: bool = field(init=False)
    """Whether posting lists may name chunks that lead to no file."""
    _changes: dict[int, tuple[float, tuple[int, ...]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        end = max((f + len(n) for f, n in zip(self.firsts, self.lengths, strict=True)), default=0)
        owner = array("i", [-1]) * end
        for number, (first, lengths) in enumerate(zip(self.firsts, self.lengths, strict=True)):
            count = len(lengths)
            owner[first : first + count] = array("i", [number]) * count
        self.file_of_chunk = owner
        self.chunks = sum(len(n) for n in self.lengths)
        self.has_dead = self.kept_chunks > len(owner) - owner.count(-1)
        self.path_lists, self._path_sizes, self.path_norms = _path_measures(tuple(self.paths))
        self._measure_chunks(end)
        self.lanes = [
            ranked_in(path, defines=bool(symbols))
            for path, symbols in zip(self.paths, self.symbol_counts, strict=True)
        ]

    def _measure_chunks(self, end: int) -> None:
        self.norms = [0.0] * end
        bodies = [sum(n) for n in self.lengths]
        extra = [len(n) * s for n, s in zip(self.lengths, self._path_sizes, strict=True)]
        mean = max(1.0, (sum(bodies) + sum(extra)) / max(1, self.chunks))
        for first, lengths, size in zip(self.firsts, self.lengths, self._path_sizes, strict=True):
            self.norms[first : first + len(lengths)] = [
                K1 * (1 - B + B * (n + size) / mean) for n in lengths
            ]
        self.file_norms = _norms(bodies)
        self.symbol_norms = _norms(self.symbol_counts)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Number of each path."""
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def by_blob(self) -> Mapping[int, Sequence[int]]:
        """Files of each blob: more than one where texts are equal."""
        return _grouped((blob, number) for number, blob in enumerate(self.blobs))

    @cached_property
    def by_stem(self) -> Mapping[str, Sequence[int]]:
        """Files of each file name, with and without its endings, lower-cased."""
        names = [path.rpartition("/")[2].lower() for path in self.paths]
        return _grouped(
            (key, n) for n, name in enumerate(names) for key in {name, name.partition(".")[0]}
        )

    @cached_property
    def told_norms(self) -> Sequence[float]:
        """What BM25 adds to a file's count in messages, by how much was said of it."""
        return _norms([self.told.get(path, 0.0) for path in self.paths])

    @cached_property
    def beside(self) -> Mapping[int, str]:
        """Files that are rarely meant, with the word that says why; see `corpus.beside`."""
        found = {n: _beside(path) for n, path in enumerate(self.paths)}
        return {n: word or GENERATED for n, word in found.items() if word or self.generated[n]}

    def changes(self, numbers: Iterable[int]) -> Mapping[int, tuple[float, tuple[int, ...]]]:
        """What each commit is worth for a file that it changed, and those files that still are."""
        known = self._changes
        missing = [number for number in numbers if number not in known]
        for number, paths in self.lookups.changed(missing).items():
            here = tuple(self.places[path] for path in paths if path in self.places)
            known[number] = 1 / math.sqrt(len(paths)), here
        return known

    @cached_property
    def names(self) -> Mapping[int, Sequence[str]]:
        """Every name that is defined, long enough to be misspelt, by its length; read once."""
        return _grouped((len(name), name) for name in self.lookups.all_names() if len(name) > 3)


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = {}
    for key, number in pairs:
        found.setdefault(key, []).append(number)
    return found


def _norms(sizes: Sequence[float]) -> list[float]:
    mean = max(1.0, sum(sizes) / max(1, len(sizes)))
    return [K1 * (1 - B + B * size / mean) for size in sizes]

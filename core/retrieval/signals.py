"""What speaks for a file: one score a file from each signal."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.context import Trust
from core.retrieval.postings import Field, unpacked
from core.retrieval.query import MOST_TERMS, Query
from core.retrieval.snapshot import K1, B, PastCommit, Site, Snapshot
from core.retrieval.tokenise import parts
from core.similarity import likeness, near_matches

COMMON = 0.4
"""A term in more of the chunks than this tells files apart too little to be worth its time."""
COMMITS = 40
"""Past commits that are given as reasons."""
LEAST_MISSPELT = 5
"""Letters of a word that may be a misspelt name."""
MOST_MISSPELT = 8
ALIKE = 0.8
"""How alike a misspelt word and a name must be, from 0 to 1."""
MISSPELT = 0.6
"""What a nearly spelt name weighs beside one that is spelt right."""

Scores = dict[int, float]
"""Score by number of the file."""


@dataclass
class Past:
    """What the history says."""

    scores: Scores = field(default_factory=dict)
    why: dict[int, PastCommit] = field(default_factory=dict)
    """The best commit that changed a file."""
    commits: list[PastCommit] = field(default_factory=list)
    """The commits themselves, best first."""


@dataclass
class Texts:
    """What the words say: of chunks with their paths, of whole files."""

    chunk: Scores = field(default_factory=dict)
    best: dict[int, int] = field(default_factory=dict)
    """A file's best chunk."""
    whole: Scores = field(default_factory=dict)


def idf(total: int, holders: int) -> float:
    """How much a term tells, by how many of all hold it."""
    return math.log(1 + (max(total, holders) - holders + 0.5) / (holders + 0.5))


@dataclass(frozen=True, slots=True)
class Held:
    """A term of the query and where it stands."""

    weight: float
    rarity: float
    postings: Sequence[int]

    @property
    def worth(self) -> float:
        """What one mention of it is worth."""
        return self.weight * self.rarity


def weighed(query: Query, index: Snapshot) -> dict[str, Held]:
    """The terms worth looking up, rare ones first where there are too many."""
    raw = index.lookups.postings(Field.BODY, query.terms)
    found: dict[str, Held] = {}
    for term in sorted(query.terms, key=lambda t: len(raw.get(t, b"")) / query.terms[t]):
        postings = live(index, raw.get(term, b""))
        if postings or term in index.path_lists:
            rarity = idf(index.chunks, len(postings))
            found[term] = Held(query.terms[term], rarity, postings)
        if len(found) == MOST_TERMS:
            break
    rare = {t: held for t, held in found.items() if len(held.postings) <= COMMON * index.chunks}
    return rare if len(rare) >= 2 else found


def live(index: Snapshot, data: bytes) -> Sequence[int]:
    """The postings of chunks that belong to a file: those of older texts are kept beside them."""
    found = unpacked(data)
    if not index.has_dead:
        return found
    owner, end = index.file_of_chunk, len(index.file_of_chunk) << 8
    return [posting for posting in found if posting < end and owner[posting >> 8] >= 0]


def texts(index: Snapshot, terms: Mapping[str, Held]) -> Texts:
    """BM25 of every chunk, with its path's words among its own, and of every whole file."""
    scores, owner, norms = [0.0] * len(index.file_of_chunk), index.file_of_chunk, index.norms
    whole: Scores = {}
    touched: set[int] = set()
    for term, held in terms.items():
        in_paths = _in_paths(index, term)
        in_files: dict[int, int] = {}
        worth = held.worth * (K1 + 1)
        for posting in held.postings:
            chunk, n = posting >> 8, posting & 255
            number = owner[chunk]
            in_files[number] = in_files.get(number, 0) + n
            if chunk in in_paths:
                in_paths[chunk] += n
            else:
                scores[chunk] += worth * n / (n + norms[chunk])
        for chunk, n in in_paths.items():
            scores[chunk] += worth * n / (n + norms[chunk])
        rare = idf(len(index.paths), len(in_files)) * held.weight
        for number, n in in_files.items():
            whole[number] = whole.get(number, 0.0) + rare * n * (K1 + 1) / (
                n + index.file_norms[number]
            )
        touched.update(in_files)
        touched.update(number for number, _ in index.path_lists.get(term, ()))
    return _by_file(index, touched, scores, whole)


def _in_paths(index: Snapshot, term: str) -> dict[int, int]:
    """How often a term stands in the path of each chunk; a text may have several paths."""
    counts: dict[int, int] = {}
    for number, n in index.path_lists.get(term, ()):
        first = index.firsts[number]
        for chunk in range(first, first + len(index.lengths[number])):
            counts[chunk] = counts.get(chunk, 0) + n
    return counts


def _by_file(
    index: Snapshot, touched: Iterable[int], scores: Sequence[float], whole: Scores
) -> Texts:
    found = Texts(whole=whole)
    for number in touched:
        first, count = index.firsts[number], len(index.lengths[number])
        mine = scores[first : first + count]
        if not mine:
            continue
        top = max(mine)
        at = mine.index(top)
        found.chunk[number], found.best[number] = top, first + at
    return found


def best_source(index: Snapshot, total: Scores, count: int) -> list[int]:
    """The source files that are worth most."""
    code = (number for number in total if index.lanes[number] is Trust.CODE)
    return sorted(code, key=lambda number: (-total[number], number))[:count]


def paths(index: Snapshot, query: Query) -> Scores:
    """BM25 of the paths alone."""
    scores: Scores = {}
    for term, weight in query.prose.items():
        holders = index.path_lists.get(term, ())
        rare = weight * idf(len(index.paths), len(holders))
        for number, n in holders:
            scores[number] = scores.get(number, 0.0) + rare * n * (K1 + 1) / (
                n + index.path_norms[number]
            )
    return scores


def symbols(index: Snapshot, query: Query) -> Scores:
    """BM25 of the names that files define."""
    scores: Scores = {}
    for term, data in index.lookups.postings(Field.SYMBOL, query.prose).items():
        held = [(index.file_of_chunk[p >> 8], p & 255) for p in live(index, data)]
        rare = query.prose[term] * idf(len(index.paths), len(held))
        for number, n in held:
            scores[number] = scores.get(number, 0.0) + rare * n * (K1 + 1) / (
                n + index.symbol_norms[number]
            )
    return scores


def definitions(
    index: Snapshot, names: Mapping[str, float]
) -> tuple[Scores, dict[int, list[Site]]]:
    """Files that define what is named; a name with many definitions says little of each."""
    scores: Scores = {}
    sites: dict[int, list[Site]] = {}
    for name, rows in index.lookups.defined(names).items():
        live = [(n, kind, line) for blob, kind, line in rows for n in index.by_blob.get(blob, ())]
        files = {number for number, _, _ in live}
        for number, kind, line in live:
            sites.setdefault(number, []).append(Site(number, name, kind, line))
        for number in files:
            scores[number] = scores.get(number, 0.0) + names[name] / len(files)
    return scores, sites


def mentions(index: Snapshot, query: Query) -> tuple[Scores, dict[int, str]]:
    """Files whose path, name or dotted module the query names; `Makefile` is a name too."""
    scores: Scores = {}
    said: dict[int, str] = {}
    for mention, weight in [*query.paths.items(), *query.dotted.items()]:
        found = _meant(index, mention, is_path=mention in query.paths)
        if not 0 < len(found) <= 5:
            continue
        for number in found:
            scores[number] = scores.get(number, 0.0) + weight / len(found)
            said.setdefault(number, mention)
    for word in query.words:
        if word[0].isupper():
            for number in index.by_stem.get(word.lower(), ()):
                if index.paths[number].rpartition("/")[2] == word:
                    scores[number] = scores.get(number, 0.0) + 1.0
                    said.setdefault(number, word)
    return scores, said


def _meant(index: Snapshot, mention: str, *, is_path: bool) -> list[int]:
    """Files that a mention can mean: as much of its end as possible, at least a file's name."""
    if is_path:
        wanted = mention.lower().strip("/")
        named = index.by_stem.get(wanted.rpartition("/")[2], [])
        while named and wanted:
            found = [n for n in named if f"/{index.paths[n].lower()}".endswith(f"/{wanted}")]
            if found:
                return found
            wanted = wanted.partition("/")[2]
        return []
    pieces = mention.lower().split(".")
    for end in range(len(pieces), max(0, len(pieces) - 3), -1):
        if end < 2:
            break
        tail = "/".join(pieces[:end])
        named = index.by_stem.get(pieces[end - 1], [])
        for start in range(end - 1):
            tail = "/".join(pieces[start:end])
            found = [n for n in named if _ends(index.paths[n].lower(), tail)]
            if found:
                return found
    return []


def _ends(path: str, tail: str) -> bool:
    stem = path.rpartition(".")[0] or path
    return f"/{stem}".endswith(f"/{tail}")


def scope(index: Snapshot, query: Query) -> Scores:
    """Files whose path holds the part that the first line begins with."""
    scores: Scores = {}
    for term in query.scope:
        holders = index.path_lists.get(term, ())
        for number, _ in holders:
            scores[number] = scores.get(number, 0.0) + idf(len(index.paths), len(holders))
    return scores


def history(index: Snapshot, query: Query) -> Past:
    """BM25 of files by what all commits that changed them said, and the commits that say most.

    A commit's words count less for each of its files the more it changed.
    """
    lengths = index.commit_lengths
    if not lengths:
        return Past()
    raw = index.lookups.postings(Field.COMMIT, query.prose)
    lists = {
        term: [(p >> 8, p & 255) for p in unpacked(data) if p >> 8 in lengths]
        for term, data in raw.items()
    }
    changes = index.changes({number for held in lists.values() for number, _ in held})
    found = Past()
    for term, held in lists.items():
        counts: Scores = {}
        for number, n in held:
            share, files = changes[number]
            for file in files:
                counts[file] = counts.get(file, 0.0) + n * share
        rare = query.prose[term] * idf(len(index.paths), len(counts))
        for file, n_ in counts.items():
            found.scores[file] = found.scores.get(file, 0.0) + rare * n_ * (K1 + 1) / (
                n_ + index.told_norms[file]
            )
    best = _like_commits(index, query, lists)
    commits = index.lookups.commits(best)
    found.commits = [commits[number] for number in best]
    for number in best:
        for file in changes[number][1]:
            found.why.setdefault(file, commits[number])
    return found


def _like_commits(
    index: Snapshot, query: Query, lists: Mapping[str, Sequence[tuple[int, int]]]
) -> list[int]:
    """The commits whose messages say most of the query, best first, newer before older."""
    lengths = index.commit_lengths
    mean = max(1.0, sum(lengths.values()) / len(lengths))
    scores: dict[int, float] = {}
    for term, held in lists.items():
        rare = query.prose[term] * idf(len(lengths), len(held))
        for number, n in held:
            norm = K1 * (1 - B + B * lengths[number] / mean)
            scores[number] = scores.get(number, 0.0) + rare * n * (K1 + 1) / (n + norm)
    return sorted(scores, key=lambda number: (-scores[number], -number))[:COMMITS]


def near_names(index: Snapshot, query: Query) -> dict[str, float]:
    """Names that are defined and nearly spelt like words of the query that stand nowhere."""
    wholes = {w: parts(w)[0] for w in query.words if len(w) >= LEAST_MISSPELT and parts(w)}
    known = index.lookups.holders(Field.BODY, set(wholes.values()))
    unknown = [word for word, whole in wholes.items() if whole not in known][:MOST_MISSPELT]
    found: dict[str, float] = {}
    for word in unknown:
        lengths = range(len(word) - 2, len(word) + 3)
        near = [n for length in lengths for n in index.names.get(length, ()) if n != word]
        for name in near_matches(word, near, limit=3, floor=85.0):
            if likeness(word.lower(), name.lower()) >= ALIKE:
                found[name] = MISSPELT
    return found

"""Whether what was found deserves to be built upon.

A goal that names a file or a definition that is there is believed. Of any other, the words are
weighed by how rare they are here: one of the best files must hold a share of them, a larger one
when many of the words stand nowhere. Of a goal of several lines the first may do alone, if most of
it is held: who tells a story uses words that no program has. The shares were set on messages of
commits, asked of their own repository and of others: docs/decisions/0010-trusted-or-paused.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.domain.context import Trust
from core.retrieval import signals
from core.retrieval.fusion import Ranking
from core.retrieval.postings import Field
from core.retrieval.query import Query, is_identifier, parse_query
from core.retrieval.slices import spoken_of
from core.retrieval.snapshot import Snapshot
from core.retrieval.tokenise import parts

ENOUGH = 0.33
"""Share of a goal, by the rarity of its words, that one of the best files holds."""
ENOUGH_WHERE_MUCH_IS_UNKNOWN = 0.55
ENOUGH_OF_A_TITLE = 0.55
"""Share of the first line of several that carries the goal alone."""
UNKNOWN = 0.34
"""Share of the words that stand in no file, from which on the larger share is asked for."""
COMMON = 0.5
"""What a word that stands in every file is worth, added to the rarity of each."""
BEST = 5
"""Files of a lane, best first, that may hold it."""
_ADDRESS = re.compile(r"https?://\S+|(?<![\w.])@[\w-]+|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b")
"""Addresses, people and commits: a repository does not speak of them."""
TOLD = 4
"""Words that are told as missing."""


def missing(text: str, index: Snapshot, ranking: Ranking, *, is_wide: bool = False) -> str:
    """What is missing, as a clause; empty where something can be trusted.

    With `is_wide`, tests and documents count as much as source, whether or not the goal speaks of
    them.
    """
    if not index.paths:
        return "there is no file here that can be searched"
    plain = _ADDRESS.sub(" ", text)
    title, _, more = plain.strip().partition("\n")
    wide = (Trust.TEST, Trust.DOCS) if is_wide else ()
    whole = _lacking(plain, ENOUGH, index, _best(plain, index, ranking, wide))
    best = _best(title, index, ranking, wide) if more.strip() else []
    is_carried = more.strip() and not _lacking(title, ENOUGH_OF_A_TITLE, index, best)
    return "" if is_carried else whole


def _lacking(text: str, enough: float, index: Snapshot, best: Sequence[int]) -> str:
    query = parse_query(text)
    if not query.prose:
        return "the goal holds no word that can be searched for"
    if _is_named(query, index):
        return ""
    holders = _holders(query, index)
    worth = {
        term: weight * (COMMON + signals.idf(len(index.paths), len(holders[term])))
        for term, weight in query.prose.items()
    }
    total = sum(worth.values())
    held = max((sum(worth[t] for t in worth if n in holders[t]) for n in best), default=0.0)
    unknown = [term for term in query.prose if not holders[term]]
    many = len(unknown) >= UNKNOWN * len(query.prose)
    if total and held >= (ENOUGH_WHERE_MUCH_IS_UNKNOWN if many else enough) * total:
        return ""
    if unknown:
        return f"nothing here speaks of {_spelled(unknown, worth, query.words)}"
    return "no source file here holds more than a few words of this goal"


def _is_named(query: Query, index: Snapshot) -> bool:
    """Whether the goal spells a path, a module or a definition that is there, or nearly does."""
    if signals.mentions(index, query)[1]:
        return True
    meant = replace(query, words=tuple(filter(is_identifier, query.words)))
    rows = index.lookups.defined(query.names | signals.near_names(index, meant))
    return any(blob in index.by_blob for found in rows.values() for blob, _, _ in found)


def _holders(query: Query, index: Snapshot) -> Mapping[str, set[int]]:
    """The files that hold each term, in their text or their path."""
    raw = index.lookups.postings(Field.BODY, query.prose)
    owner = index.file_of_chunk
    return {
        term: {owner[posting >> 8] for posting in signals.live(index, raw.get(term, b""))}
        | {number for number, _ in index.path_lists.get(term, ())}
        for term in query.prose
    }


def _best(text: str, index: Snapshot, ranking: Ranking, wide: Sequence[Trust]) -> list[int]:
    """The best source files, and those of the lanes that the goal speaks of or that are `wide`."""
    lanes = {Trust.TEST: ranking.tests, Trust.DOCS: ranking.docs}
    files = list(ranking.files[:BEST])
    for lane in dict.fromkeys((*spoken_of(text), *wide)):
        files += lanes[lane][:BEST]
    return [index.places[result.path] for result in files]


def _spelled(terms: Sequence[str], worth: Mapping[str, float], words: Sequence[str]) -> str:
    """The weightiest of these terms, as the goal spells them."""
    first = sorted(terms, key=lambda term: -worth[term])[:TOLD]
    spelled = [next((w for w in words if term in parts(w)), term) for term in first]
    return ", ".join(dict.fromkeys(spelled))

"""What the best files of a long goal say, as something more to look for.

An issue tells symptoms in its own words; the code that it finds first has the words of the code
that is meant. Pseudo relevance feedback (Lavrenko and Croft, "Relevance-based language models",
2001), with the best chunk of each file in the place of a document.
"""

from collections import Counter
from collections.abc import Sequence

from core.retrieval.postings import Field
from core.retrieval.query import Query
from core.retrieval.signals import Scores, Texts, best_source, idf, texts, weighed
from core.retrieval.snapshot import Snapshot
from core.retrieval.tokenise import STOP, WORD, parts

LONG = 40
"""Words of a goal from which this helps; shorter goals lose by it (docs/decisions/0009)."""
FILES = 10
TERMS = 20
LONGEST = 60
"""Letters of a word; longer ones are data."""
COMMON = 0.05
"""A term in more of the chunks than this says nothing about a file."""


def alike(index: Snapshot, total: Scores, said: Texts) -> Scores:
    """BM25 of files by the words that their best are made of; `total` is how they rank so far."""
    best = [n for n in best_source(index, total, FILES) if n in said.best]
    terms = _terms(index, [(n, said.best[n]) for n in best], total)
    return texts(index, weighed(Query(terms, terms, {}, {}, {}, ()), index)).chunk if terms else {}


def _terms(index: Snapshot, chunks: Sequence[tuple[int, int]], total: Scores) -> dict[str, float]:
    """The rarest and most frequent terms of chunks, and what each weighs beside the first."""
    shares: dict[str, float] = {}
    for number, chunk in chunks:
        words = WORD.findall(index.lookups.passage(index.paths[number], index.blobs[number], chunk))
        counts = Counter(t for w in words if len(w) <= LONGEST for t in parts(w))
        length = sum(counts.values()) or 1
        for term, n in counts.items():
            shares[term] = shares.get(term, 0.0) + total[number] * n / length
    told = [term for term in shares if len(term) > 2 and term not in STOP]
    found = index.lookups.holders(Field.BODY, told)
    worth: dict[str, float] = {}
    for term, holders in found.items():
        if 1 < holders < COMMON * index.chunks:
            worth[term] = shares[term] * idf(index.chunks, holders)
    most = sorted(worth, key=lambda t: (-worth[t], t))[:TERMS]
    return {term: worth[term] / worth[most[0]] for term in most}

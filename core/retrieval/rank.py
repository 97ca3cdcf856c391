"""Which files matter for a goal: BM25 over whole files, their paths, and what the goal names
exactly, added up.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
k1 = 1.2 and b = 0.75.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.context import Trust
from core.retrieval.bags import BAGS
from core.retrieval.corpus import Document
from core.retrieval.definitions import defines
from core.retrieval.tokenise import mentioned, query_terms, terms

K1 = 1.2
B = 0.75
PATH_WEIGHT = 0.7
MENTION_WEIGHT = 1.0
DEFINITION_WEIGHT = 1.0
"""The file that defines what the goal names matters more than those that use it."""

LANE = {Trust.CODE: 1.0, Trust.TEST: 0.75, Trust.DOCS: 0.6}
"""Tests and docs repeat the words of the code they speak of, so they would crowd it out."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document with its score and the reasons for it."""

    document: Document
    score: float
    """1.0 and up is certain; relative within one query."""
    why: str
    matched: tuple[str, ...]
    """Query terms that it holds, weightiest first."""


def rank(goal: str, documents: Sequence[Document]) -> list[Ranked]:
    """Documents that share anything with the goal, best first."""
    query = query_terms(goal)
    names = mentioned(goal)
    if not query or not documents:
        return []
    bodies = [BAGS.of(d) for d in documents]
    paths = [terms(d.path) for d in documents]
    body_scores = _bm25(query, bodies)
    path_scores = _bm25(query, paths)
    ranked = []
    for i, document in enumerate(documents):
        exact = [name for name in names if _names(document, name)]
        defined = [name for name in exact if defines(document.text, name)]
        score = (
            body_scores[i]
            + PATH_WEIGHT * path_scores[i]
            + MENTION_WEIGHT * len(exact) / max(1, len(names))
            + DEFINITION_WEIGHT * len(defined) / max(1, len(names))
        )
        if score > 0:
            hits = sorted(
                (t for t in query if t in bodies[i] or t in paths[i]), key=lambda t: -query[t]
            )
            ranked.append(
                Ranked(
                    document,
                    score * LANE[document.trust],
                    _why(defined, exact, hits, path_scores[i]),
                    tuple(hits),
                )
            )
    return sorted(ranked, key=lambda r: (-r.score, r.document.path))


def _bm25(query: Mapping[str, float], bags: Sequence[Counter[str]]) -> list[float]:
    """One score a bag, scaled so that the best is 1.0."""
    sizes = [sum(bag.values()) or 1 for bag in bags]
    mean = sum(sizes) / len(sizes)
    scores = [0.0] * len(bags)
    for term, weight in query.items():
        holders = [(i, bag[term]) for i, bag in enumerate(bags) if term in bag]
        idf = math.log(1 + (len(bags) - len(holders) + 0.5) / (len(holders) + 0.5))
        for i, n in holders:
            scores[i] += weight * idf * n * (K1 + 1) / (n + K1 * (1 - B + B * sizes[i] / mean))
    top = max(scores)
    return [s / top for s in scores] if top else scores


def _names(document: Document, name: str) -> bool:
    if "/" in name or name.endswith(document.path.rpartition("/")[2]):
        return document.path == name or document.path.endswith("/" + name)
    return name in document.text


def _why(
    defined: Sequence[str], exact: Sequence[str], hits: Sequence[str], path_score: float
) -> str:
    reasons = []
    used = [name for name in exact if name not in defined]
    if defined:
        reasons.append("defines " + ", ".join(f"`{n}`" for n in defined[:3]))
    if used:
        reasons.append("names " + ", ".join(f"`{n}`" for n in used[:3]))
    told = set(terms(" ".join(exact)))
    words = [hit for hit in hits if hit not in told]
    if words:
        reasons.append("mentions " + ", ".join(words[:4]))
    if path_score > 0.5:
        reasons.append("path")
    return "; ".join(reasons) or "words in common"

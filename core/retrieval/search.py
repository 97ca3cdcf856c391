"""From a goal in English to ranked context, with reasons, without network or model."""

from dataclasses import dataclass

from core.domain.context import ContextItem, Trust
from core.ports import Repo
from core.retrieval.corpus import Document, documents, read_document
from core.retrieval.rank import Ranked, rank
from core.retrieval.snippets import OUTLINES, choose, outline, span_item


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives."""

    items: tuple[ContextItem, ...]
    outlines: tuple[str, ...]
    sources: tuple[str, ...]
    ranked: tuple[Ranked, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """Whether anything found deserves to be built upon: an exact mention, or two terms in
        common.
        """
        return any("`" in r.why or len(r.matched) >= 2 for r in self.ranked[:10])


def search(repo: Repo, goal: str) -> Found:
    """Rank every searchable file for a goal.

    Slow for large repositories: call it off the event loop.
    """
    corpus = documents(repo)
    ranked = rank(goal, corpus)
    items = choose(goal, ranked)
    quoted = {i.path for i in items}
    further = [r.document for r in ranked if r.document.path not in quoted][:OUTLINES]
    return Found(items, tuple(outline(d) for d in further), _sources(corpus), tuple(ranked[:50]))


def _sources(corpus: tuple[Document, ...]) -> tuple[str, ...]:
    counts = {
        lane: sum(d.trust is lane for d in corpus) for lane in (Trust.CODE, Trust.TEST, Trust.DOCS)
    }
    return tuple(f"{n} {lane.value} files" for lane, n in counts.items() if n)


def read_span(repo: Repo, path: str, start: int, end: int, why: str) -> ContextItem | None:
    """Named lines of a file as a context item; None for key files, binaries and no file."""
    document = read_document(repo, path)
    return span_item(document, start, end, why) if document else None

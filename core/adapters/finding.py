"""Retrieval over one root, in this process: what the finder's child does, and `relaypair retrieve`.

Not for several threads.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from core.adapters.dependencies import Dependencies
from core.adapters.index_store import IndexUnusable
from core.adapters.repo import WorkingRepo
from core.adapters.retriever import Answer, Retriever
from core.domain.context import MOST_NAMES, Candidate, ContextItem, Definition, Found, Trust
from core.domain.progress import OnProgress, unwatched
from core.domain.project import Part, ProjectSummary
from core.retrieval.corpus import Document, read_document
from core.retrieval.facts import past_commits
from core.retrieval.project import summarise
from core.retrieval.slices import slices
from core.retrieval.snippets import CHARACTERS_PER_TOKEN, make_item

MORE = "more of this file"
"""Why a piece is quoted beside the best one of its file, which has the reasons."""
LANES: Mapping[Trust, tuple[int, float]] = {
    Trust.CODE: (30, 1.0),
    Trust.TEST: (10, 0.75),
    Trust.DOCS: (10, 0.6),
}
"""Candidates of each lane, and what its best one is worth: tests and documents repeat the words of
the code that they speak of.
"""


class Finding:
    """Ranks, quotes and looks up names; keeps the index that this takes."""

    def __init__(
        self, repo: WorkingRepo, cache: Path, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """`cache` is the folder of this root's index; where it cannot be written, the index is
        kept in a temporary folder until `close`. `environment` tells where packages may be
        installed. Raises `RelaypairError`.
        """
        self._repo = repo
        self._dependencies = Dependencies(repo, environment)
        self._aside: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._retriever = Retriever(repo, cache)
        except IndexUnusable:
            self._aside = tempfile.TemporaryDirectory(prefix="relaypair-index-")
            self._retriever = Retriever(repo, Path(self._aside.name))
        self._listed: tuple[tuple[int, str], tuple[str, ...]] | None = None
        self._project: tuple[tuple[int, str], ProjectSummary] | None = None

    @classmethod
    def open(cls, root: Path, cache: Path, environment: Mapping[str, str]) -> "Finding":
        """For the repository or folder at `root`. Raises `RelaypairError`."""
        return cls(WorkingRepo.open(root, environment), cache, environment)

    def answer(self, goal: str, k: int) -> Answer:
        """The plain ranking, history read first, with what it took. Raises `RelaypairError`."""
        return self._retriever.ask(goal, k)

    def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """Bring the index up to date, history included. Raises `RelaypairError`."""
        self._retriever.refresh(on_progress)

    def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        """See `core.ports.Finder`."""
        answer = self._retriever.ask(
            goal, LANES[Trust.CODE][0], with_history=with_history, on_progress=on_progress
        )
        terms = self._retriever.terms(goal)
        paths = self._paths()
        packages = self._dependencies.facts(goal, paths)
        facts = (*past_commits(answer.ranking.commits, paths), *packages)
        unlocked = self._dependencies.missing(goal, paths)
        return Found(
            candidates=tuple(self._candidates(answer, terms)),
            facts=facts,
            sources=tuple(f"{n} {trust.value} files" for trust, n in answer.lanes.items() if n),
            missing=unlocked or ("" if packages else answer.missing),
            missing_widely=unlocked or ("" if packages else answer.missing_widely),
            is_whole=answer.is_whole,
            project=self._summary(paths),
        )

    def _candidates(self, answer: Answer, terms: Mapping[str, float]) -> Iterator[Candidate]:
        ranking = answer.ranking
        lanes = {Trust.CODE: ranking.files, Trust.TEST: ranking.tests, Trust.DOCS: ranking.docs}
        for trust, results in lanes.items():
            most, best = LANES[trust]
            for result in results[:most]:
                size, names = self._retriever.outline(result.path, terms, MOST_NAMES)
                yield Candidate(
                    result.path,
                    round(best * result.score / results[0].score, 4),
                    "; ".join(result.why) or "words in common",
                    trust,
                    int(size / CHARACTERS_PER_TOKEN) + 1,
                    names,
                )

    def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        """See `core.ports.Finder`."""
        read = [(c, read_document(self._repo, c.path)) for c in candidates]
        known = [(c, d) for c, d in read if d is not None and d.text.strip()]
        terms = self._retriever.terms(goal)
        found = slices([(d.path, d.text) for _, d in known], terms, budget)
        return tuple(
            make_item(
                known[one.file][1],
                one.start,
                one.end,
                known[one.file][0].score,
                known[one.file][0].why if one.is_best else MORE,
                symbol=one.symbol,
                heads=one.heads,
            )
            for one in found
        )

    def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """See `core.ports.Finder`."""
        return self._retriever.definitions(name, limit)

    def describe(self, parts: Sequence[Part]) -> None:
        """See `core.ports.Finder`."""
        self._retriever.describe(parts)
        self._project = None

    def _paths(self) -> Sequence[str]:
        """Every file of the root, listed again when the index has changed."""
        if self._listed is None or self._listed[0] != self._retriever.state:
            self._listed = self._retriever.state, self._repo.files()
        return self._listed[1]

    def _summary(self, paths: Sequence[str]) -> ProjectSummary:
        """Read again when the index has changed."""
        if self._project is None or self._project[0] != self._retriever.state:
            found = summarise(paths, self._text)
            parts = self._retriever.architecture()
            self._project = self._retriever.state, replace(found, made_of=parts)
        return self._project[1]

    def _text(self, path: str) -> str | None:
        document: Document | None = read_document(self._repo, path)
        return document.text if document else None

    def close(self) -> None:
        """Let go of the index."""
        self._retriever.close()
        if self._aside:
            self._aside.cleanup()


class InlineFinder:
    """The `Finder` port in the caller's own thread: for programs that keep nobody waiting."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    async def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """See `Finder`."""
        self._finding.refresh(on_progress)

    async def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        """See `Finder`."""
        return self._finding.rank(goal, with_history=with_history, on_progress=on_progress)

    async def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        """See `Finder`."""
        return self._finding.quote(goal, candidates, budget)

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """See `Finder`."""
        return self._finding.definitions(name, limit)

    async def describe(self, parts: Sequence[Part]) -> None:
        """See `Finder`."""
        self._finding.describe(parts)

    async def close(self) -> None:
        """Let go of the index."""
        self._finding.close()

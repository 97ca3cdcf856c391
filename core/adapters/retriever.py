"""From a goal to ranked files of a root: the index, kept up to date, and its ranking."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.adapters.index_files import Disk
from core.adapters.index_history import has_history, read_history
from core.adapters.index_names import definitions, outline, used_definitions
from core.adapters.index_parts import describe, described
from core.adapters.index_snapshot import load
from core.adapters.index_store import IndexDamaged, IndexStore
from core.adapters.indexer import FILE_NAME, Upkeep
from core.adapters.repo import WorkingRepo
from core.domain.context import Definition, Trust
from core.domain.progress import OnProgress, unwatched
from core.domain.project import Part
from core.retrieval import signals
from core.retrieval.architecture import architecture
from core.retrieval.fusion import Ranking, rank_files
from core.retrieval.grounding import BEST, missing
from core.retrieval.query import parse_query
from core.retrieval.snapshot import Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking and what it took."""

    ranking: Ranking
    milliseconds: float
    """Of the query alone."""
    index_milliseconds: float
    """Of bringing the index up to date before it."""
    missing: str = ""
    """Why nothing found deserves to be built upon; empty where something does."""
    missing_widely: str = ""
    """The same when tests and documents count as much as source."""
    is_whole: bool = True
    """Whether the history was read."""
    lanes: Mapping[Trust, int] = ()  # type: ignore[assignment]  # always given
    """How many files were searched, by lane."""


class Retriever:
    """Answers queries about one root. Not for several threads."""

    def __init__(self, repo: WorkingRepo, cache: Path) -> None:
        """`cache` is the folder of this root's index. Raises `IndexUnusable`."""
        self._repo = repo
        self._store = IndexStore(cache / FILE_NAME)
        self._upkeep = Upkeep(self._store, repo)
        self._snapshot: Snapshot | None = None
        self.state: tuple[int, str] = (-1, "")
        """Changes whenever what is indexed does."""

    @classmethod
    def open(cls, root: Path, cache: Path, environment: Mapping[str, str]) -> "Retriever":
        """A retriever for the repository or folder at `root`. Raises `RelaypairError`."""
        return cls(WorkingRepo.open(root, environment), cache)

    def ask(
        self,
        text: str,
        k: int,
        *,
        with_history: bool = True,
        on_progress: OnProgress = unwatched,
    ) -> Answer:
        """Refresh the index, then rank; with the history read first, or as far as it is known.

        Raises `RelaypairError`.
        """
        return self._undamaged(lambda: self._ask(text, k, with_history, on_progress))

    def _ask(self, text: str, k: int, with_history: bool, on_progress: OnProgress) -> Answer:
        started = time.monotonic()
        index = self._current(with_history=with_history, on_progress=on_progress)
        ready = time.monotonic()
        ranking = rank_files(text, index, max(k, BEST))
        lacking = missing(text, index, ranking)
        lacking_widely = lacking and missing(text, index, ranking, is_wide=True)
        if lacking and not lacking_widely:
            lacking = "no source here speaks of this goal, but tests or documents do"
        done = time.monotonic()
        is_whole = self._repo.git is None or has_history(self._store, self.state[1])
        return Answer(
            _first(k, ranking),
            (done - ready) * 1000,
            (ready - started) * 1000,
            lacking,
            lacking_widely,
            is_whole,
            Counter(index.lanes),
        )

    def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """Bring the index up to date, history included. Raises `RelaypairError`."""
        self._undamaged(lambda: self._current(with_history=True, on_progress=on_progress))

    def terms(self, text: str) -> Mapping[str, float]:
        """What each term of a goal is worth in what was indexed last."""
        index = self._loaded()
        found = self._undamaged(lambda: signals.weighed(parse_query(text), index))
        return {term: held.worth for term, held in found.items()}

    def outline(
        self, path: str, terms: Mapping[str, float], most: int
    ) -> tuple[int, tuple[str, ...]]:
        """See `index_names.outline`."""
        return self._undamaged(lambda: outline(self._store, path, terms, most))

    def architecture(self) -> tuple[Part, ...]:
        """The parts of what was indexed last, with what is used most of each and what they are for
        as far as `describe` was told.
        """
        index = self._loaded()
        used = self._undamaged(lambda: used_definitions(self._store))
        lanes = zip(index.paths, index.lanes, strict=True)
        found = architecture([path for path, lane in lanes if lane is Trust.CODE], used)
        return self._undamaged(lambda: described(self._store, found))

    def describe(self, parts: Sequence[Part]) -> None:
        """Keep what parts are for, until what the rest uses of them is something else."""
        self._undamaged(lambda: describe(self._store, parts))

    def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """See `core.ports.Finder`."""
        self._loaded()
        return self._undamaged(lambda: definitions(self._store, name, limit))

    def _undamaged(self, work: Callable[[], T]) -> T:
        """What `work` gives; from a fresh index where the old one is damaged."""
        try:
            with self._store.faults_told():
                return work()
        except IndexDamaged:
            self._store.rebuild()
            self._snapshot = None
            return work()

    def _loaded(self) -> Snapshot:
        return self._snapshot or self._current(with_history=False, on_progress=unwatched)

    def _current(self, *, with_history: bool, on_progress: OnProgress) -> Snapshot:
        head = self._upkeep.refresh(on_progress)
        if with_history and self._repo.git and not has_history(self._store, head):
            read_history(self._store, self._repo.git, head)
        with self._store.faults_told():
            now = (self._store.generation(), head)
        if self._snapshot is None or now != self.state:
            self._snapshot = load(self._store, head, Disk(self._repo.root))
            self.state = now
        return self._snapshot

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()


def _first(k: int, ranking: Ranking) -> Ranking:
    return Ranking(ranking.files[:k], ranking.tests[:k], ranking.docs[:k], ranking.commits[:k])

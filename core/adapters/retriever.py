"""From a goal to ranked files of a root: the index, kept up to date, and its ranking."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.adapters.index_history import has_history, read_history
from core.adapters.index_snapshot import load
from core.adapters.index_store import IndexDamaged, IndexStore
from core.adapters.indexer import FILE_NAME, refresh_safely
from core.adapters.repo import WorkingRepo
from core.retrieval.fusion import Ranking, rank_files
from core.retrieval.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking and what it took."""

    ranking: Ranking
    milliseconds: float
    """Of the query alone."""
    index_milliseconds: float
    """Of bringing the index up to date before it."""


class Retriever:
    """Answers queries about one root. Not for several threads."""

    def __init__(self, repo: WorkingRepo, cache: Path) -> None:
        """`cache` is the folder of this root's index. Raises `IndexUnusable`."""
        self._repo = repo
        self._store = IndexStore(cache / FILE_NAME)
        self._snapshot: Snapshot | None = None
        self._seen: tuple[int, str] = (-1, "")

    @classmethod
    def open(cls, root: Path, cache: Path, environment: Mapping[str, str]) -> "Retriever":
        """A retriever for the repository or folder at `root`. Raises `RelaypairError`."""
        return cls(WorkingRepo.open(root, environment), cache)

    def ask(self, text: str, k: int, *, with_history: bool = True) -> Answer:
        """Refresh the index, then rank; with the history read first, or as far as it is known."""
        started = time.monotonic()
        try:
            index = self._current(with_history=with_history)
            ready = time.monotonic()
            ranking = rank_files(text, index, k)
        except IndexDamaged:
            self._store.rebuild()
            self._snapshot = None
            index = self._current(with_history=with_history)
            ready = time.monotonic()
            ranking = rank_files(text, index, k)
        done = time.monotonic()
        return Answer(ranking, (done - ready) * 1000, (ready - started) * 1000)

    def _current(self, *, with_history: bool) -> Snapshot:
        head = refresh_safely(self._store, self._repo)
        if with_history and self._repo.git and not has_history(self._store, head):
            read_history(self._store, self._repo.git, head)
        with self._store.faults_told():
            now = (self._store.generation(), head)
        if self._snapshot is None or now != self._seen:
            self._snapshot = load(self._store, head)
            self._seen = now
        return self._snapshot

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()

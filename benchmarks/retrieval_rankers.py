"""What ranks files for a goal: programs spoken to in JSON lines, and two plain baselines."""

import math
import os
import re
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.applier import Applier
from benchmarks.retrieval_cases import content_words
from benchmarks.retrieval_trees import Tree

K1 = 1.2
B = 0.75
SNIPPETS = 2_000
"""Tokens that a program may quote."""
_WORD = re.compile(r"[a-z0-9]+")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Ranking:
    """One answer. Times are in milliseconds, nan where the ranker does not say."""

    files: tuple[str, ...]
    ms: float
    index_ms: float = math.nan
    said: Mapping[str, Any] | None = None
    """The whole answer of a program."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took for one repository."""

    cold_ms: float
    """Bringing up the index from nothing, as the program says."""
    cold_cpu_ms: float
    """Processor time from its start to its first answer, imports included."""
    peak_mb: float
    """The most memory it ever held resident, its living children included."""
    first_mb: float
    """Its cache folder after the first tree."""
    last_mb: float
    """Its cache folder after the last tree."""


class Ranker(Protocol):
    """Ranks the source files of one repository's trees."""

    def rank(self, tree: Tree, query: str, k: int) -> Ranking:
        """The best `k` files first."""
        ...


class GrepCount:
    """As many hits of the query's words as a file has, any case, as `rg -c` counts."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def rank(self, tree: Tree, query: str, k: int) -> Ranking:
        """See `Ranker`."""
        words = content_words(query)
        began = time.perf_counter()
        hits = {}
        for source in tree.sources():
            if source.blob not in self._texts:
                self._texts[source.blob] = tree.text(source).lower()
            text = self._texts[source.blob]
            hits[source.path] = sum(map(text.count, words))
        return Ranking(_best(hits, k), (time.perf_counter() - began) * 1000)


class PlainBM25:
    """BM25 over whole files, words split at everything that is no letter or digit.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009).
    """

    def __init__(self) -> None:
        self._bags: dict[str, Counter[str]] = {}

    def rank(self, tree: Tree, query: str, k: int) -> Ranking:
        """See `Ranker`."""
        sources = tree.sources()
        for source in sources:
            if source.blob not in self._bags:
                self._bags[source.blob] = Counter(_WORD.findall(tree.text(source).lower()))
        began = time.perf_counter()
        bags = {source.path: self._bags[source.blob] for source in sources}
        sizes = {path: bag.total() for path, bag in bags.items()}
        mean = sum(sizes.values()) / max(1, len(sizes)) or 1.0
        scores: dict[str, float] = defaultdict(float)
        for term in set(_WORD.findall(query.lower())):
            holders = [path for path, bag in bags.items() if term in bag]
            rarity = math.log(1 + (len(bags) - len(holders) + 0.5) / (len(holders) + 0.5))
            for path in holders:
                n = bags[path][term]
                scores[path] += rarity * n * (K1 + 1) / (n + K1 * (1 - B + B * sizes[path] / mean))
        return Ranking(_best(scores, k), (time.perf_counter() - began) * 1000)


def _best(scores: Mapping[str, float], k: int) -> tuple[str, ...]:
    found = [path for path, score in scores.items() if score > 0]
    return tuple(sorted(found, key=lambda path: (-scores[path], path))[:k])


class Program(Applier):
    """A command with the contract of `relaypair retrieve --jsonl`, with a cache of its own."""

    def __init__(self, name: str, argv: Sequence[str]) -> None:
        self._cache = Path(tempfile.mkdtemp(prefix="relaypair-cache-"))
        self._first: tuple[float, float, float] | None = None
        self._peak = 0.0
        super().__init__(name, ["env", f"XDG_CACHE_HOME={self._cache}", *argv])

    def rank(self, tree: Tree, query: str, k: int) -> Ranking:
        """See `Ranker`. An error is an empty answer that keeps what was said."""
        request = {"root": str(tree.root), "query": query, "k": k, "snippets": SNIPPETS}
        answer, spent = self.ask(request)
        files = tuple(answer.get("files") or ())[:k]
        index_ms = float(answer.get("index_ms", math.nan))
        self._peak = max(self._peak, _peak_mb(self._process.pid))
        if self._first is None:
            self._first = index_ms, _cpu_ms(self._process.pid), _megabytes(self._cache)
        return Ranking(files, float(answer.get("ms", spent)), index_ms, answer)

    def cost(self) -> Cost:
        """What it has taken until now."""
        cold, cpu, size = self._first or (math.nan, math.nan, math.nan)
        return Cost(cold, cpu, self._peak, size, _megabytes(self._cache))

    def end(self) -> None:
        """End the program and delete its cache."""
        super().end()
        shutil.rmtree(self._cache, ignore_errors=True)


def _peak_mb(pid: int) -> float:
    total = 0.0
    for process in (pid, *_children(pid)):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        total += int(found[1]) / 1024 if found else 0.0
    return total


def _children(pid: int) -> list[int]:
    try:
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


def _cpu_ms(pid: int) -> float:
    """Of a process and the children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.nan
    return sum(map(int, fields[11:15])) * 1000 / _TICKS


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6

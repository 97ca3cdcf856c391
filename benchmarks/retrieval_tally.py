"""How much of the truth was found, how soon and at what cost, by ranker, repository and half."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.retrieval_cases import HALVES, Goal
from benchmarks.retrieval_rankers import Cost, Ranking
from benchmarks.retrieval_trees import is_source

DEPTHS = (1, 5, 10)
MEASURES = ("R@1", "R@5", "R@10", "all@5", "all@10", "MRR", "strays")


def measures(ranked: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """The figures of one answer, by the names of `MEASURES`.

    `R@k` is the share of the true files among the first k, `all@k` whether every one is there,
    `MRR` one over the rank of the first true file, `strays` how many of the first ten are no
    source by this benchmark's rule.
    """
    wanted = set(truth)
    ranks = [rank for rank, path in enumerate(ranked, 1) if path in wanted]
    found = {k: sum(rank <= k for rank in ranks) / len(wanted) for k in DEPTHS}
    return {
        **{f"R@{k}": found[k] for k in DEPTHS},
        **{f"all@{k}": float(found[k] == 1.0) for k in DEPTHS[1:]},
        "MRR": 1 / ranks[0] if ranks else 0.0,
        "strays": float(sum(not is_source(path) for path in ranked[: DEPTHS[-1]])),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """What the snippets of one answer show, as shares of the true files."""

    files: float
    lines: float
    """Files of which a changed line is shown; nan where the lines are not known."""
    symbols: float
    """Files of which a changed function or class is shown, if only in part."""


def covered(goal: Goal, snippets: Iterable[Mapping[str, object]]) -> Shown:
    """Snippets have `path`, `start` and `end`, lines from 1, both included; others are facts."""
    shown: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for item in snippets:
        shown[str(item["path"])].append((int(str(item["start"])), int(str(item["end"]))))

    def touched(places: Iterable[tuple[str, int, int]]) -> float:
        found = {
            path
            for path, start, end in places
            if any(first <= end and start <= last for first, last in shown[path])
        }
        return len(found) / len(goal.files) if goal.lines else math.nan

    files = sum(path in shown for path in goal.files) / len(goal.files)
    return Shown(files, touched(goal.lines), touched(goal.symbols))


@dataclass(slots=True)
class Row:
    """The figures of some cases."""

    cases: int = 0
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0.0))
    snippets: list[Shown] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)
    """Of each answer that says so: whether it trusts nothing that it found."""

    def add(self, figures: Mapping[str, float]) -> None:
        """Count one case."""
        self.cases += 1
        for name, value in figures.items():
            self.sums[name] += value

    def mean(self, name: str) -> float:
        """Over the cases."""
        return self.sums[name] / self.cases if self.cases else math.nan


@dataclass(slots=True)
class Speed:
    """Times of one program on one repository, in milliseconds."""

    warm: list[float] = field(default_factory=list)
    refresh: list[float] = field(default_factory=list)
    """From one case's tree to the next one's."""
    edits: list[float] = field(default_factory=list)
    """After one edited file."""
    cost: Cost | None = None
    sources: int = 0


class Tally:
    """Everything that was answered."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Row] = defaultdict(Row)
        """By half, repository and ranker."""
        self.speeds: dict[tuple[str, str], Speed] = defaultdict(Speed)
        """By ranker and repository."""
        self.errors: list[str] = []

    def add(self, goal: Goal, ranker: str, ranking: Ranking) -> dict[str, float]:
        """Count one answer; its figures."""
        figures = measures(ranking.files, goal.files)
        row = self.rows[goal.half, goal.repository, ranker]
        row.add(figures)
        said = ranking.said or {}
        if "error" in said:
            self.errors.append(f"{ranker} on {goal.name}: {said['error']}")
        if isinstance(said.get("snippets"), list):
            row.snippets.append(covered(goal, said["snippets"]))
        if isinstance(said.get("trusted"), bool):
            row.paused.append(not said["trusted"])
        return figures

    def means(self, half: str) -> list[tuple[str, str, int, Row]]:
        """What is meant, ranker, cases and figures.

        Over repositories, each weighing the same, and over cases.
        """
        repositories: dict[str, Row] = defaultdict(Row)
        cases: dict[str, Row] = defaultdict(Row)
        for (its_half, _, ranker), row in self.rows.items():
            if its_half == half and row.cases:
                repositories[ranker].add({name: row.mean(name) for name in MEASURES})
                cases[ranker].cases += row.cases
                for name in MEASURES:
                    cases[ranker].sums[name] += row.sums[name]
        found = [("mean of repositories", repositories), ("mean of cases", cases)]
        return [
            (title, ranker, cases[ranker].cases, row)
            for title, rows in found
            for ranker, row in rows.items()
        ]

    def markdown(self, title: str) -> str:
        """The tables."""
        parts = [self._summary(half, title) for half in HALVES]
        parts += [self._table(half, title) for half in HALVES]
        parts += [self._snippets(half) for half in HALVES] + [self._speed()]
        if self.errors:
            shown = "\n".join(f"- {error}" for error in self.errors[:10])
            parts.append(f"{len(self.errors)} errors:\n{shown}")
        return "\n\n".join(part for part in parts if part)

    def _summary(self, half: str, title: str) -> str:
        """One line for each repository: R@1 / R@5 / R@10 of every ranker."""
        found = {key[1:]: row for key, row in self.rows.items() if key[0] == half}
        rankers = list(dict.fromkeys(ranker for _, ranker in found))
        lines = [[f"{title}, {half}: R@1 / @5 / @10", "cases", *rankers]]
        lines.append(["---", "---:", *["---:"] * len(rankers)])
        for name in sorted({repository for repository, _ in found}):
            rows = [found[name, ranker] for ranker in rankers]
            lines.append([name, str(rows[0].cases), *map(_depths, rows)])
        means = self.means(half)
        for what in dict.fromkeys(mean[0] for mean in means):
            of_it = [mean for mean in means if mean[0] == what]
            cells = [_depths(row) for _, _, _, row in of_it]
            lines.append([f"**{what}**", str(of_it[0][2]), *cells])
        return _markdown(lines) if found else ""

    def _table(self, half: str, title: str) -> str:
        rows = {key[1:]: row for key, row in self.rows.items() if key[0] == half}
        if not rows:
            return ""
        lines = [[f"{title}, {half}", "ranker", "cases", *MEASURES]]
        lines.append(["---", "---", *["---:"] * (1 + len(MEASURES))])
        for (repository, ranker), row in sorted(rows.items(), key=lambda item: item[0][0]):
            lines.append([repository, ranker, str(row.cases), *_cells(row)])
        for what, ranker, cases, mean in self.means(half):
            lines.append([f"**{what}**", f"**{ranker}**", str(cases), *_cells(mean)])
        return _markdown(lines)

    def _snippets(self, half: str) -> str:
        """What programs quote, and how often they trust nothing of what they found."""
        head = [f"snippets, {half}", "cases", "true files shown", "changed lines shown"]
        lines = [[*head, "changed definitions shown", "paused"], ["---", *["---:"] * 5]]
        for ranker in dict.fromkeys(key[2] for key in self.rows):
            mine = [row for key, row in self.rows.items() if (key[0], key[2]) == (half, ranker)]
            shown = [one for row in mine for one in row.snippets]
            paused = [one for row in mine for one in row.paused]
            if shown:
                measured = ([s.files for s in shown], [s.lines for s in shown])
                cells = [
                    _share(_mean(values)) for values in (*measured, [s.symbols for s in shown])
                ]
                part = f"{sum(paused)} of {len(paused)}"
                lines.append([ranker, str(len(shown)), *cells, part])
        return _markdown(lines) if len(lines) > 2 else ""

    def _speed(self) -> str:
        head = ["program, repository", "source files", "cold index ms", "CPU ms to first answer"]
        head += ["next tree p50 ms", "one edit p50 ms", "warm p50 ms", "warm p95 ms", "peak MB"]
        head += ["index MB, first tree", "index MB, all trees"]
        lines = [head, ["---", *["---:"] * (len(head) - 1)]]
        for (ranker, repository), speed in self.speeds.items():
            cost = speed.cost
            if not cost:
                continue
            figures = [cost.cold_ms, cost.cold_cpu_ms, quantile(speed.refresh, 0.5)]
            figures += [quantile(speed.edits, 0.5), quantile(speed.warm, 0.5)]
            figures += [quantile(speed.warm, 0.95), cost.peak_mb, cost.first_mb, cost.last_mb]
            cells = ["" if math.isnan(figure) else f"{figure:,.1f}" for figure in figures]
            lines.append([f"{ranker}, {repository}", f"{speed.sources:,}", *cells])
        return _markdown(lines) if len(lines) > 2 else ""


def quantile(times: Sequence[float], share: float) -> float:
    """The time that `share` of all do not exceed; nan of none."""
    ordered = sorted(time for time in times if not math.isnan(time))
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else math.nan


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _cells(row: Row) -> list[str]:
    return [_share(row.mean(name)) for name in MEASURES]


def _depths(row: Row) -> str:
    return " / ".join(_share(row.mean(f"R@{k}")) for k in DEPTHS)


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

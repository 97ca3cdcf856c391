"""Outcomes and times of many cases, counted by group, variant and repository."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.applier import Case, Outcome

SIZES = {
    "one file, fewer than 1,500 lines": range(1_500),
    "one file, 1,500 to 3,000 lines": range(1_500, 3_001),
    "one file, more than 3,000 lines": range(3_001, 1 << 30),
}
"""Lines of the file that changes, in cases of one file."""
GROUPS = ("modified", "created", "deleted", "renamed", "whole commit")
HEAD = ("cases", *Outcome, "p50 ms", "p95 ms", "max ms")


@dataclass(slots=True)
class Row:
    """The figures of one line of a table."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def cells(self) -> dict[str, float]:
        """By the names of `HEAD`."""
        counts = {str(outcome): float(self.outcomes[outcome]) for outcome in Outcome}
        ordered = sorted(self.times)
        times = {
            "p50 ms": round(_quantile(ordered, 0.5), 2),
            "p95 ms": round(_quantile(ordered, 0.95), 2),
            "max ms": round(ordered[-1], 2) if ordered else 0.0,
        }
        return {"cases": float(len(ordered)), **counts, **times}


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Tally:
    """Everything that one applier answered."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = defaultdict(Row)
        self._repositories: dict[str, Row] = defaultdict(Row)
        self._sizes = {name: Row() for name in SIZES}
        self._all = Row()
        self._refused_once = 0
        self._hidden = 0

    def add(self, case: Case, outcome: Outcome, spent: float, hides_places: bool) -> None:
        """Count one answer."""
        width = f" U{case.context}" if case.context else ""
        rows = [
            self._rows[case.group, case.variant + width],
            self._repositories[case.name.partition(" ")[0]],
            self._all,
        ]
        if case.group != "whole commit":
            rows += [self._sizes[name] for name, sizes in SIZES.items() if case.longest in sizes]
        for row in rows:
            row.outcomes[outcome] += 1
            row.times.append(spent)
        self._refused_once += outcome is Outcome.REFUSED and not case.is_repeated
        self._hidden += hides_places

    def rows(self) -> dict[str, dict[str, float]]:
        """Every line of the tables by its title."""
        found = {f"{group}, {name}": row.cells() for (group, name), row in self._rows.items()}
        found |= {f"repository {name}": row.cells() for name, row in self._repositories.items()}
        found["all"] = self._all.cells()
        return found | {name: row.cells() for name, row in self._sizes.items()}

    def markdown(self) -> str:
        """The tables, and what stands beside them."""
        parts = []
        for group in GROUPS:
            named = {name: row for (g, name), row in self._rows.items() if g == group}
            if named:
                total = Row()
                for row in named.values():
                    total.outcomes.update(row.outcomes)
                    total.times += row.times
                parts.append(_table(group, {**named, "together": total}))
        parts.append(_table("repository", self._repositories))
        parts.append(_table("size", {**self._sizes, "all": self._all}))
        parts.append(
            f"{self._refused_once:,} refused although the old lines of every block stand in their "
            f"file once; {self._hidden:,} refusals speak of several places and list none."
        )
        return "\n\n".join(parts)


def _table(title: str, rows: dict[str, Row]) -> str:
    lines = [[title, *HEAD], ["---", *["---:"] * len(HEAD)]]
    for name, row in rows.items():
        cells = row.cells()
        lines.append([name, *(_figure(cells[key], key) for key in HEAD)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _figure(value: float, key: str) -> str:
    return f"{value:.1f}" if key.endswith(" ms") else f"{value:,.0f}"

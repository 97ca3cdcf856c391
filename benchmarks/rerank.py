"""What one small-model call adds to the ranking: issues whose files are known, before and after.

`python -m benchmarks.rerank REPO... --cases-file FILE.jsonl --model PROVIDER/NAME [--cases N]`

The whole retrieve phase runs, in a session, over the tree of each issue; the model answers as the
settings of the environment reach it.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.retrieval_cases import Goal, issue_goals
from benchmarks.retrieval_tally import measures
from benchmarks.retrieval_trees import Tree, name_of
from core.bootstrap import Workspace
from core.config import Flags, environment
from core.domain.commands import StartRun, Step
from core.domain.context import Trust
from core.domain.phase import Phase
from core.domain.state import RunState

SHOWN = ("R@1", "R@5", "R@10", "MRR")


@dataclass(frozen=True, slots=True)
class Played:
    """One issue, ranked with and without the model."""

    goal: Goal
    before: tuple[str, ...]
    after: tuple[str, ...]
    tokens_in: int
    said: str
    """What the receipt says of the model's order, or why the phase did not pass."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each issue, then the means."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rerank", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--cases-file", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cases", type=int, default=20, help="spread over the file")
    options = parser.parse_args(arguments)
    known = {name_of(path): path for path in options.repositories}
    goals = issue_goals(options.cases_file, options.repositories)
    asked = min(options.cases, len(goals))
    rows = []
    for goal in (goals[n * len(goals) // asked] for n in range(asked)):
        with Tree(known[goal.repository]) as tree, tempfile.TemporaryDirectory() as home:
            tree.move(goal.commit)
            rows.append(asyncio.run(_play(tree.root, Path(home), goal, options.model)))
        print(_line(rows[-1]), flush=True)
    for what in ("before", "after"):
        found = [measures(getattr(row, what), row.goal.files) for row in rows]
        means = [f"{name} {sum(one[name] for one in found) / len(found):.2f}" for name in SHOWN]
        hits = sum(bool(set(getattr(row, what)[:1]) & set(row.goal.files)) for row in rows)
        print(f"{what:<7} {'  '.join(means)}  first file is a true one {hits} of {len(rows)}")
    most = sum(1 / len(set(row.goal.files)) for row in rows) / len(rows)
    print(f"R@1 cannot exceed {most:.2f}: several files are true ones of some issues")
    print(f"tokens in a call: {sum(row.tokens_in for row in rows) // len(rows)}")


async def _play(root: Path, home: Path, goal: Goal, model: str) -> Played:
    env = {**environment(), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    before = await _ranked(root, env, goal, Flags())
    after = await _ranked(root, env, goal, Flags(models={"retrieve": model}))
    run = after.phases[Phase.RETRIEVE]
    receipt = run.receipt
    said = "; ".join(receipt.assumptions) if receipt else run.reason
    return Played(goal, _files(before), _files(after), run.usage.tokens_in, said)


async def _ranked(root: Path, env: dict[str, str], goal: Goal, flags: Flags) -> RunState:
    session = Workspace.open(root, env, flags).session()
    await session.submit(StartRun(goal.query))
    await session.submit(Step())
    await session.idle()
    await session.close()
    return session.state


def _files(state: RunState) -> tuple[str, ...]:
    """The source files that were quoted, then those that were ranked."""
    quoted = [item.path for item in state.context if item.trust is Trust.CODE]
    ranked = [one.path for one in state.further if one.trust is Trust.CODE]
    return tuple(dict.fromkeys([*quoted, *ranked]))


def _line(row: Played) -> str:
    places = [
        tuple(files.index(path) + 1 if path in files else 0 for path in row.goal.files)
        for files in (row.before, row.after)
    ]
    return f"{row.goal.name}: {places[0]} -> {places[1]}  {row.said}"


if __name__ == "__main__":
    main()

"""Does retrieval find what matters: goals whose files are known, from history and from issues.

`python -m benchmarks.retrieval REPO... [--cases N] [--seed S] [--skip N] [--cases-file FILE.jsonl]
[--k 10] [--peer [NAME=]COMMAND] [--without-ours] [--strangers] [--json OUT] [--misses DIR]`

A peer is any command with the contract of `relaypair retrieve --jsonl`: JSON lines in, JSON lines
out, an index of its own under `$XDG_CACHE_HOME`.
"""

import argparse
import json
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.retrieval_cases import Goal, history_goals, issue_goals
from benchmarks.retrieval_rankers import GrepCount, PlainBM25, Program, Ranker, Ranking
from benchmarks.retrieval_strangers import strangers
from benchmarks.retrieval_tally import MEASURES, Tally
from benchmarks.retrieval_trees import Tree, name_of

ROOT = Path(__file__).parent.parent
OURS = ("relaypair", [sys.executable, str(ROOT / "relaypair.py"), "retrieve", "--jsonl"])
EDITS = 5
"""Files that are edited, one after another, to see how long an index takes to follow."""
Commands = Sequence[tuple[str, Sequence[str]]]


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("repositories", nargs="+", type=Path, metavar="REPO")
    add("--cases", type=int, default=25, help="of each repository's history; 0: none")
    add("--seed", type=int, default=1)
    add("--skip", type=int, default=0, help="cases of each history that are left out, the first")
    add("--cases-file", type=Path, help='JSON lines of {"repo", "commit", "query", "files"}')
    add("--k", type=int, default=10, help="files that are asked for")
    add("--peer", action="append", default=[], metavar="[NAME=]COMMAND")
    add("--without-ours", action="store_true")
    add("--without-baselines", action="store_true")
    add("--strangers", action="store_true", help="goals about what a repository has not got")
    add("--json", type=Path, help="write the figures")
    add("--misses", type=Path, help="write what was not found, of the tuning half only")
    return parser.parse_args(arguments)


def commands_of(options: argparse.Namespace) -> Commands:
    """Ours and the peers."""
    found: list[tuple[str, Sequence[str]]] = [] if options.without_ours else [OURS]
    for i, given in enumerate(options.peer, 1):
        name, _, command = given.partition("=") if re.match(r"\w+=", given) else ("", "", given)
        found.append((name or f"peer {i}", shlex.split(command)))
    return found


def run(repository: Path, goals: Sequence[Goal], options: argparse.Namespace, tally: Tally) -> None:
    """Ask every ranker every goal of one repository, tree after tree."""
    programs = [Program(name, argv) for name, argv in commands_of(options)]
    rankers: dict[str, Ranker] = {program.name: program for program in programs}
    if not options.without_baselines:
        rankers = {"grep count": GrepCount(), "BM25": PlainBM25(), **rankers}
    try:
        with Tree(repository) as tree:
            for i, goal in enumerate(goals):
                tree.move(goal.commit)
                for name, ranker in rankers.items():
                    ranking = ranker.rank(tree, goal.query, options.k)
                    figures = tally.add(goal, name, ranking)
                    if isinstance(ranker, Program):
                        again = ranker.rank(tree, goal.query, options.k)
                        speed = tally.speeds[name, tree.name]
                        speed.warm.append(again.ms)
                        speed.refresh += [ranking.index_ms] if i else []
                    if options.misses and goal.half == "tuning" and figures["R@10"] < 1:
                        _write_miss(options.misses, name, goal, ranking, figures)
                if not i:
                    for program in programs:
                        tally.speeds[program.name, tree.name].sources = len(tree.sources())
            for program in programs:
                speed = tally.speeds[program.name, tree.name]
                speed.cost = program.cost()
                for source in tree.sources()[:EDITS]:
                    tree.edit(source, "edited")
                    speed.edits.append(program.rank(tree, goals[-1].query, options.k).index_ms)
    finally:
        for program in programs:
            program.end()


def _write_miss(
    folder: Path, ranker: str, goal: Goal, ranking: Ranking, figures: dict[str, float]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.-]+", "_", f"{goal.name} {ranker}")
    truth = "\n".join(
        f"{ranking.files.index(path) + 1 if path in ranking.files else '-':>3} {path}"
        for path in goal.files
    )
    ranked = "\n".join(f"{i:3} {path}" for i, path in enumerate(ranking.files, 1))
    lanes = {k: (ranking.said or {}).get(k) for k in ("tests", "docs", "commits", "reasons")}
    text = (
        f"{goal.name} at {goal.commit}\nR@10 {figures['R@10']:.2f}\n\n{goal.query}\n\n"
        f"TRUTH with rank\n{truth}\n\nRANKED\n{ranked}\n\n"
        f"{json.dumps({k: v for k, v in lanes.items() if v}, indent=1)}\n"
    )
    (folder / f"{plain}.txt").write_text(text)


def goals_of(options: argparse.Namespace) -> tuple[dict[str, dict[Path, list[Goal]]], list[str]]:
    """The goals by kind and repository, and a line about each repository."""
    kinds: dict[str, dict[Path, list[Goal]]] = {"history": {}, "issues": {}}
    said = []
    issues = issue_goals(options.cases_file, options.repositories) if options.cases_file else []
    for repository in options.repositories:
        found, head = history_goals(repository, options.skip + options.cases, options.seed)
        found = found[options.skip :]
        mine = [goal for goal in issues if goal.repository == name_of(repository)]
        kinds["history"][repository], kinds["issues"][repository] = found, mine
        said.append(
            f"{name_of(repository)}: {len(found)} of history, {len(mine)} issues, head {head[:10]}"
        )
    return kinds, said


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = options_of(arguments)
    kinds, said = goals_of(options)
    print("\n".join(said), flush=True)
    figures: dict[str, object] = {"seed": options.seed, "repositories": said}
    for kind, by_repository in kinds.items():
        tally = Tally()
        for repository, goals in by_repository.items():
            if goals:
                run(repository, goals, options, tally)
                print(f"{kind}: {name_of(repository)} done", file=sys.stderr, flush=True)
        if tally.rows:
            print(f"\n{tally.markdown(kind)}", flush=True)
        figures[kind] = {
            " / ".join(key): {"cases": row.cases, **{m: row.mean(m) for m in MEASURES}}
            for key, row in tally.rows.items()
        }
        figures[f"{kind}, speed"] = {
            " / ".join(key): asdict(speed) for key, speed in tally.speeds.items()
        }
    if options.strangers:
        print(f"\n{strangers(options.repositories, commands_of(options))}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

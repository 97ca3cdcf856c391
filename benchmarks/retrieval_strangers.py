"""Goals about things that a repository has not got, beside real ones: who is trusted?"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval_rankers import Program
from benchmarks.retrieval_trees import Tree, git, name_of

CASES = Path(__file__).with_suffix(".json")
"""A list of {"repository", "goal", "absent"}."""


def strangers(repositories: Sequence[Path], commands: Sequence[tuple[str, Sequence[str]]]) -> str:
    """What the programs trusted, in words and a table; one sentence if they do not say."""
    rows = json.loads(CASES.read_text())
    trusted: Counter[tuple[str, bool]] = Counter()
    asked: Counter[tuple[str, bool]] = Counter()
    wrong: list[str] = []
    for repository in repositories:
        mine = [row for row in rows if row["repository"] == name_of(repository)]
        programs = [Program(name, argv) for name, argv in commands if mine]
        try:
            with Tree(repository) as tree:
                if mine:
                    tree.move(git(repository, "rev-parse", "HEAD").strip())
                for row in mine:
                    for program in programs:
                        said = program.rank(tree, row["goal"], 10).said or {}
                        if isinstance(said.get("trusted"), bool):
                            key = program.name, bool(row["absent"])
                            asked[key] += 1
                            trusted[key] += said["trusted"]
                            if said["trusted"] == row["absent"]:
                                wrong.append(f"{program.name}, {tree.name}: {row['goal']}")
        finally:
            for program in programs:
                program.end()
    if not asked:
        return "Goals about what is not there: not measured, no program says `trusted`."
    lines = ["| program | absent goals | paused | real goals | paused falsely |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for name in dict.fromkeys(name for name, _ in asked):
        absent, real = asked[name, True], asked[name, False]
        paused = absent - trusted[name, True], real - trusted[name, False]
        lines.append(f"| {name} | {absent} | {paused[0]} | {real} | {paused[1]} |")
    return "\n".join([*lines, "", *(f"- {line}" for line in wrong)])

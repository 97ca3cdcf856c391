"""Commits of local git repositories re-told as edits in every format; the commit is the truth.

`python -m benchmarks.edits REPO... [--commits N] [--cases N] [--seed S] [--newest]
[--formats NAME...] [--context 1,3] [--detect] [--peer COMMAND] [--without-ours] [--json OUT]
[--failures DIR]`

A peer is any command with the contract of `relaypair edits`: JSON lines in, JSON lines out.
"""

import argparse
import json
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.applier import Applier, Case, Outcome, hides_places, judge
from benchmarks.history import CONTEXTS, Change, Commit, commits
from benchmarks.retelling import TELLERS, Inexpressible, Told, lines_of, reply, told
from benchmarks.tally import Tally

ROOT = Path(__file__).parent.parent
OURS = (sys.executable, str(ROOT / "relaypair.py"), "edits")
MOST_CHARACTERS = 256_000
"""Of the files of a commit: beyond, a request carries only the files that it changes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One case before it is told."""

    commit: Commit
    changes: tuple[Change, ...]
    variant: str
    context: int

    @property
    def group(self) -> str:
        """The row of the table."""
        return self.changes[0].kind if len(self.changes) == 1 else "whole commit"

    @property
    def name(self) -> str:
        """Stable across runs."""
        what = self.changes[0].path if len(self.changes) == 1 else "*"
        width = f" U{self.context}" if self.context else ""
        return f"{self.commit.repository} {self.commit.sha[:10]} {what} {self.variant}{width}"


def jobs(commit: Commit, variants: Sequence[str], contexts: Sequence[int]) -> Iterator[Job]:
    """Every change alone, and all of the commit's changes in one reply."""
    sets: list[tuple[Change, ...]] = [(change,) for change in commit.changes]
    if len(commit.changes) > 1:
        sets.append(commit.changes)
    for changes in sets:
        for variant in variants:
            for context in (0,) if variant == "whole_file" else contexts:
                yield Job(commit, changes, variant, context)


def case_of(job: Job, seed: int) -> Case:
    """Tell one job. Raises `Inexpressible`."""
    views = [told(change, job.context or CONTEXTS[0]) for change in job.changes]
    output = reply(views, job.variant, Random(f"{seed} {job.name}"))
    whole = {c.path: c.before for c in job.commit.changes if c.kind != "created"}
    own = {c.path: c.before for c in job.changes if c.kind != "created"}
    files = whole if sum(map(len, whole.values())) <= MOST_CHARACTERS else own
    truth = dict(files)
    for change in job.changes:
        truth.pop(change.path, None)
    for change in job.changes:
        if change.kind != "deleted":
            truth[change.target] = change.after
    longest = max(c.before.count("\n") for c in job.changes)
    repeated = any(map(_repeats, views))
    return Case(
        job.name, job.group, job.variant, job.context, files, output, truth, repeated, longest
    )


def _repeats(view: Told) -> bool:
    """Whether some block's old lines stand in more than one place of the file."""
    if view.kind not in ("modified", "renamed"):
        return False
    text = "\n" + "".join(line + "\n" for line in lines_of(view.before))
    wanted = ["\n" + "".join(line + "\n" for line in block.old) for block in view.blocks]
    return any(text.find(w, text.find(w) + 1) >= 0 for w in wanted)


def run(
    chosen: Sequence[Job], appliers: Sequence[Applier], options: argparse.Namespace
) -> tuple[dict[str, Tally], Counter[str]]:
    """Give every case to every applier in turn."""
    tallies = {applier.name: Tally() for applier in appliers}
    skipped: Counter[str] = Counter()
    for job in chosen:
        try:
            case = case_of(job, options.seed)
        except Inexpressible as reason:
            skipped[f"{job.variant.partition(':')[0]}: {reason}"] += 1
            continue
        request = case.request(with_format=not options.detect)
        for applier in appliers:
            answer, spent = applier.ask(request)
            outcome = judge(case, answer)
            tallies[applier.name].add(case, outcome, spent, hides_places(answer))
            if outcome is not Outcome.EXACT and options.failures:
                said = {"applier": applier.name, "outcome": outcome, "milliseconds": spent}
                report = {**said, "request": request, "truth": case.truth, "answer": answer}
                _write(options.failures, f"{applier.name} {outcome} {case.name}", report)
    return tallies, skipped


def _write(folder: Path, name: str, report: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.:-]+", "_", name)[-180:]
    (folder / f"{plain}.json").write_text(json.dumps(report, indent=1, ensure_ascii=False))


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edits", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("repositories", nargs="+", type=Path, metavar="REPO")
    add("--commits", type=int, default=40, help="of each repository")
    add("--cases", type=int, default=0, help="at most so many in all, a sample; 0: all")
    add("--seed", type=int, default=1)
    add("--newest", action="store_true", help="the newest commits, not a sample of all")
    add("--formats", nargs="+", default=[], help=f"or variants: {', '.join(TELLERS)}")
    add("--context", default="1,3", help="lines of context")
    add("--detect", action="store_true", help="leave the format for the applier to tell")
    add("--peer", action="append", default=[], metavar="[NAME=]COMMAND")
    add("--without-ours", action="store_true")
    add("--json", type=Path)
    add("--failures", type=Path, help="a folder for one file a case that is not exact")
    options = parser.parse_args(arguments)
    options.variants = [
        v for v in TELLERS if not options.formats or {v, v.partition(":")[0]} & set(options.formats)
    ]
    options.contexts = [int(n) for n in options.context.split(",")]
    if set(options.contexts) - set(CONTEXTS) or not options.variants:
        parser.error(f"contexts are {CONTEXTS}, formats {', '.join(TELLERS)}")
    return options


def appliers_of(options: argparse.Namespace) -> list[Applier]:
    """Start ours and the peers."""
    found = [] if options.without_ours else [Applier("relaypair", OURS)]
    for i, given in enumerate(options.peer, 1):
        name, _, command = given.rpartition("=") if re.match(r"\w+=", given) else ("", "", given)
        found.append(Applier(name or f"peer {i}", shlex.split(command)))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = options_of(arguments)
    chosen: list[Job] = []
    heads: dict[str, str] = {}
    for repository in options.repositories:
        found, head = commits(repository, options.commits, options.seed, newest=options.newest)
        for commit in found:
            heads[commit.repository] = head
            chosen += jobs(commit, options.variants, options.contexts)
        names = len({c.sha for c in found}), sum(len(c.changes) for c in found)
        print(f"{repository.name}: {names[0]} commits, {names[1]} changed files, head {head[:10]}")
    if 0 < options.cases < len(chosen):
        kept = sorted(Random(options.seed).sample(range(len(chosen)), options.cases))
        chosen = [chosen[i] for i in kept]
    appliers = appliers_of(options)
    try:
        tallies, skipped = run(chosen, appliers, options)
    finally:
        for applier in appliers:
            applier.end()
    for name, tally in tallies.items():
        print(f"\n## {name}\n\n{tally.markdown()}")
    if skipped:
        print("\nNot told, because the format has no words for it:")
        for reason, count in sorted(skipped.items()):
            print(f"  {count:6,} {reason}")
    if options.json:
        figures = {name: tally.rows() for name, tally in tallies.items()}
        document = {"heads": heads, "seed": options.seed, "skipped": skipped, "figures": figures}
        options.json.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()

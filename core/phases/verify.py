"""Verify: checks on exactly the tree on offer, hit counts for "every", then a reviewer with a clean
context.
"""

import asyncio
from collections.abc import Mapping, Sequence

from core.domain.check import SYNTAX, CheckCommand, CheckResult, Outcome
from core.domain.errors import NotPassed
from core.domain.hunk import FileEdit, HunkState
from core.domain.phase import Phase
from core.domain.receipt import HitCount, VerifyReceipt
from core.domain.task import TaskSpec
from core.domain.words import counted
from core.edits.staging import Change, composed
from core.phases.counting import MOST_WORDS, is_counted, texts
from core.phases.inputs import Inputs, PhasePorts
from core.phases.reviewer import ask_reviewer
from core.ports import Checker
from core.retrieval.hits import count_hits, goal_searches
from core.syntax.faults import syntax_errors


async def verify(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> VerifyReceipt:
    """Pass when every check that was allowed ran and passed on the tree with all hunks that are not
    rejected.
    """
    if not inputs.files:
        raise NotPassed("there are no staged edits to check; run generate and apply first")
    chosen = {
        h.id
        for f in inputs.files
        for h in f.hunks
        if inputs.decisions.get(h.id) is not HunkState.REJECTED
    }
    tree = await asyncio.to_thread(compose_tree, inputs.files, chosen, ports)
    tree_hash, results = await run_checks(tree, inputs.commands, ports.checker)
    failed = [r for r in results if not r.passed]
    counts = await asyncio.to_thread(_counts, inputs, tree, ports)
    if failed:
        raise NotPassed(
            _sentence(failed),
            owner=Phase.GENERATE if any(r.blames for r in failed) else None,
            evidence=_evidence(failed),
            checks=tuple(results),
        )
    verdict = None
    if not ports.model.is_local:
        verdict = await ask_reviewer(inputs, results, counts, tree_hash, ports)
        blocking = [f for f in verdict.findings if f.blocking]
        if blocking and not inputs.was_sent_back:
            listed = "\n".join(f"{f.where}: {f.claim} ({f.evidence})" for f in blocking)
            raise NotPassed(
                f"the reviewer found {len(blocking)} faults: {blocking[0].claim}",
                owner=Phase.GENERATE,
                evidence=listed,
                checks=tuple(results),
            )
    did = [f"{counted(len(results), 'check')} passed on tree {tree_hash[:8]}"]
    did += [f"`{c.line}` was not allowed to run, so it proves nothing" for c in inputs.unapproved]
    return VerifyReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=tuple(did),
        tree_hash=tree_hash,
        checks=tuple(results),
        counts=counts,
        verdict=verdict,
    )


Tree = Mapping[str, Change]
"""Path to the file as it is and as it would be."""


def compose_tree(files: Sequence[FileEdit], chosen: set[str], ports: PhasePorts) -> Tree:
    """The changed files of a subset of hunks, composed from their bases."""
    tree: dict[str, Change] = {}
    for file in files:
        base = ports.blobs.get(file.base) if file.base else None
        for path, change in composed(file, base, [h for h in file.hunks if h.id in chosen]).items():
            if change[0] != change[1] or file.present:
                tree[path] = change
    return tree


async def run_checks(
    tree: Tree, commands: Sequence[CheckCommand], checker: Checker
) -> tuple[str, list[CheckResult]]:
    """The hash of the composed tree and the result of every approved check on it, cheapest first,
    stopping at the first failure.
    """
    tree_hash = await prepared(tree, checker)
    results = [await asyncio.to_thread(check_syntax, tree, tree_hash)]
    for command in commands:
        if results[-1].passed:
            results.append(await checker.run(command, tree_hash))
    return tree_hash, results


async def prepared(tree: Tree, checker: Checker) -> str:
    """Bring the scratch tree to a composed tree; its hash."""
    changes = [after for _, after in tree.values() if after is not None]
    removed = [path for path, (_, after) in tree.items() if after is None]
    return await checker.prepare(changes, removed)


def check_syntax(tree: Tree, tree_hash: str) -> CheckResult:
    """The check that is always allowed: what could be parsed before can be parsed after."""
    faults, parsed = [], 0
    for path, (base, after) in tree.items():
        if after is None:
            continue
        parsed += 1
        found = syntax_errors(path, after.data.decode("utf-8", "replace"))
        if found and not (base and syntax_errors(path, base.data.decode("utf-8", "replace"))):
            faults += [f"{path}:{f.line}: {f.message}" for f in found[:3]]
    summary = f"{parsed} changed files parse" if not faults else faults[0]
    return CheckResult(
        SYNTAX,
        tree_hash,
        Outcome.FAIL if faults else Outcome.PASS,
        containment="in process",
        summary=summary,
        failures=tuple(faults),
        excerpt="\n".join(faults[:10]),
    )


def _counts(inputs: Inputs, tree: Tree, ports: PhasePorts) -> tuple[HitCount, ...]:
    plan = inputs.plan
    words = tuple(
        dict.fromkeys((*goal_searches(inputs.goal.text), *(plan.searches if plan else ())))
    )
    if not words:
        return ()
    words = words[:MOST_WORDS]
    before = texts(ports.repo, words)
    after = dict(before)
    for path, (_before, version) in tree.items():
        if version is None:
            after.pop(path, None)
        elif is_counted(path):
            after[path] = version.data.decode("utf-8", "replace")
    return tuple(count_hits(word, before, after) for word in words)


def _sentence(failed: Sequence[CheckResult]) -> str:
    first = failed[0]
    return (
        f"`{first.command.line}` {_WORDS.get(first.outcome, first.outcome.value)}: {first.summary}"
    )


_WORDS = {
    Outcome.FAIL: "failed",
    Outcome.TIMEOUT: "took too long",
    Outcome.NO_TESTS: "ran no tests",
    Outcome.NOT_FOUND: "could not be started",
}


def _evidence(failed: Sequence[CheckResult]) -> str:
    return "\n\n".join(f"{r.command.line}: {r.summary}\n{r.excerpt}" for r in failed)

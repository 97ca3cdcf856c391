"""Outputs of several tasks become one receipt; a task nobody complained of keeps its output."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from core.domain.receipt import AnyReceipt, GenerateReceipt
from core.domain.task import TaskSpec


def concerned(
    tasks: Sequence[TaskSpec],
    bases: Mapping[str, str],
    evidence: str,
    earlier: AnyReceipt | None,
) -> list[TaskSpec]:
    """The tasks to run: those without an output from the same basis (`bases` is what each would be
    done from now), and those whose files the evidence of a send-back names, or all if it names
    none.
    """
    if not isinstance(earlier, GenerateReceipt):
        return list(tasks)
    done = {o.task: o for o in earlier.outputs if o.basis and o.basis == bases.get(o.task)}
    named = [
        t
        for t in tasks
        if t.id in done
        and evidence
        and any(_stem(f) in evidence for f in (*t.writes, *done[t.id].files))
    ]
    if evidence and not named:
        return list(tasks)
    return [t for t in tasks if t.id not in done or t in named]


def merge_outputs(
    fresh: Sequence[GenerateReceipt],
    earlier: AnyReceipt | None,
    tasks: Sequence[TaskSpec],
    bases: Mapping[str, str],
) -> GenerateReceipt:
    """One receipt in plan order: fresh outputs, and kept ones of tasks that were not run again."""
    kept = earlier.outputs if isinstance(earlier, GenerateReceipt) else ()
    outputs = {o.task: o for o in kept if o.basis and o.basis == bases.get(o.task)}
    outputs |= {o.task: replace(o, basis=bases[o.task]) for r in fresh for o in r.outputs}
    ordered = [outputs.get(t.id) for t in tasks]
    return GenerateReceipt(
        model=fresh[-1].model if fresh else "local",
        why_model=fresh[-1].why_model if fresh else "",
        did=tuple(d for r in fresh for d in r.did),
        decisions=tuple(d for r in fresh for d in r.decisions),
        assumptions=tuple(a for r in fresh for a in r.assumptions),
        open_questions=tuple(q for r in fresh for q in r.open_questions),
        outputs=tuple(o for o in ordered if o is not None),
    )


def apart(
    receipt: AnyReceipt | None, left_out: Container[str], bases: Mapping[str, str]
) -> Iterator[GenerateReceipt]:
    """A receipt for each output but those of these tasks, as done from what `bases` says."""
    if isinstance(receipt, GenerateReceipt):
        for output in receipt.outputs:
            if output.task not in left_out and output.task in bases:
                did = tuple(line for line in receipt.did if line.startswith(f"{output.task}:"))
                kept = replace(output, basis=bases[output.task])
                yield replace(receipt, did=did, outputs=(kept,))


def settled_outputs(
    settled: Sequence[GenerateReceipt], bases: Mapping[str, str]
) -> dict[str, GenerateReceipt]:
    """By task, the replies that the user settled a question about, while the task is the same."""
    return {
        output.task: receipt
        for receipt in settled
        for output in receipt.outputs
        if output.basis == bases.get(output.task)
    }


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0] or path

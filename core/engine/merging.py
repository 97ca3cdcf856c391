"""Outputs of several tasks become one receipt; a task nobody complained of keeps its output."""

from collections.abc import Sequence

from core.domain.receipt import AnyReceipt, GenerateReceipt
from core.domain.task import TaskSpec


def concerned(
    tasks: Sequence[TaskSpec], evidence: str, earlier: AnyReceipt | None
) -> list[TaskSpec]:
    """The tasks to run: all of them, or after a send-back those whose files the evidence names (all
    if it names none).
    """
    if not evidence or not isinstance(earlier, GenerateReceipt):
        return list(tasks)
    done = {o.task: o for o in earlier.outputs}
    named = [
        t
        for t in tasks
        if t.id not in done or any(_stem(f) in evidence for f in (*t.files, *done[t.id].files))
    ]
    return named or list(tasks)


def merge_outputs(
    fresh: Sequence[GenerateReceipt], earlier: AnyReceipt | None, tasks: Sequence[TaskSpec]
) -> GenerateReceipt:
    """One receipt in plan order: fresh outputs, and kept ones of tasks that were not run again."""
    outputs = {o.task: o for r in fresh for o in r.outputs}
    kept = earlier.outputs if isinstance(earlier, GenerateReceipt) else ()
    ordered = [outputs.get(t.id) or next((o for o in kept if o.task == t.id), None) for t in tasks]
    return GenerateReceipt(
        model=fresh[-1].model if fresh else "local",
        why_model=fresh[-1].why_model if fresh else "",
        did=tuple(d for r in fresh for d in r.did),
        decisions=tuple(d for r in fresh for d in r.decisions),
        assumptions=tuple(a for r in fresh for a in r.assumptions),
        open_questions=tuple(q for r in fresh for q in r.open_questions),
        outputs=tuple(o for o in ordered if o is not None),
    )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0] or path

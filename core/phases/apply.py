"""Apply: put every edit in its one place, or refuse it with a reason.

Code first; a small model repairs only what did not place.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from core.domain.edit import FileVersion
from core.domain.errors import NotPassed
from core.domain.hunk import Refusal, RefusalKind
from core.domain.path import one_spelling
from core.domain.phase import Phase
from core.domain.receipt import ApplyReceipt, GenerateReceipt, TaskOutput
from core.domain.scope import Outside
from core.domain.task import TaskSpec
from core.domain.words import counted
from core.edits.annotate import annotator, find_owners, never_edited
from core.edits.intent import Intent, Op, ParseFault
from core.edits.staging import Staged, Wish, stage
from core.phases.inputs import Inputs, PhasePorts
from core.phases.repairing import is_repairable, repair
from core.phases.replies import read_parts
from core.phases.scoping import outside_task
from core.retrieval.corpus import is_secret_name


async def apply(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> ApplyReceipt:
    """Place all edits against the files as they are; pass when none is refused and something
    changes.

    What has no place is put right by a model, if there is one, once; what is left may still be
    proposed where it is very much alike, for a person to decide.
    """
    receipt = inputs.receipts.get(Phase.GENERATE)
    outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
    if not outputs:
        raise NotPassed("there are no edits to place; run generate first")
    model = receipt.model if isinstance(receipt, GenerateReceipt) else ""
    told = [await asyncio.to_thread(_wishes, o, model, inputs, ports) for o in outputs]
    wishes = [wish for of_task in told for wish in of_task]
    staged = await asyncio.to_thread(_staged, wishes, inputs, ports)
    repairable = [r for r in staged.refusals if is_repairable(r, inputs)]
    repaired = 0
    if repairable and not ports.model.is_local:
        wishes, repaired = await repair(wishes, repairable, inputs, ports)
    if repairable:
        staged = await asyncio.to_thread(_staged, wishes, inputs, ports, fuzzy=True)
    return _receipt(staged, repaired, inputs, ports)


def _receipt(staged: Staged, repaired: int, inputs: Inputs, ports: PhasePorts) -> ApplyReceipt:
    hunks = [h for f in staged.files for h in f.hunks]
    refused = [r for r in staged.refusals if not r.doubt and not r.is_harmless]
    clash = any(r.kind is RefusalKind.CONFLICT for r in refused)
    if not hunks or clash or (refused and not inputs.was_sent_back):
        told = refused or staged.refusals
        listed = "; ".join(f"{r.path}: {r.reason}" for r in told[:6]) or "the edits change nothing"
        raise NotPassed(
            f"{counted(len(told), 'edit')} without a place ({listed})",
            owner=Phase.GENERATE,
            evidence=_evidence(told),
        )
    doubtful = sum(bool(h.doubt) for h in hunks)
    dropped = sum(r.kind is RefusalKind.DROPPED for r in staged.refusals)
    idle = sum(r.is_harmless for r in staged.refusals) - dropped
    did = [f"placed {counted(len(hunks), 'hunk')} in {counted(len(staged.files), 'file')}"]
    did += [f"{doubtful} of them doubtful: they start rejected"] if doubtful else []
    did += [f"{counted(repaired, 'edit')} repaired by {ports.model.model}"] if repaired else []
    did += [f"{counted(dropped, 'edit')} left out by you"] if dropped else []
    did += [f"{counted(idle, 'edit')} without effect, or made before"] if idle else []
    return ApplyReceipt(
        model=ports.model.model if repaired else "local",
        why_model=ports.model.why if repaired else "",
        did=tuple(did),
        files=tuple(f.path for f in staged.files),
        hunks=len(hunks),
        doubtful=doubtful,
        refusals=staged.refusals,
        staged=staged.files,
    )


def _wishes(output: TaskOutput, model: str, inputs: Inputs, ports: PhasePorts) -> list[Wish]:
    """One wish for each reply that the output is made of: by its model, and in its own order."""
    try:
        parts = read_parts(output, _task(output.task, inputs), inputs, ports)
    except ParseFault as error:
        raise NotPassed(str(error), owner=Phase.GENERATE, evidence=str(error)) from error
    return [Wish(output.task, by or model, reply.intents, reply.in_order) for reply, by in parts]


def _task(name: str, inputs: Inputs) -> TaskSpec | None:
    tasks = inputs.plan.tasks if inputs.plan else ()
    return next((t for t in tasks if t.id == name), None)


def _staged(
    wishes: Sequence[Wish], inputs: Inputs, ports: PhasePorts, *, fuzzy: bool = False
) -> Staged:
    receipt = inputs.receipts.get(Phase.GENERATE)
    outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
    shown = {o.task: frozenset(o.shown) for o in outputs}
    dropped = {o.task: frozenset(o.dropped) for o in outputs}
    listed = frozenset(ports.repo.files())
    owners = find_owners(ports.repo.read)

    @cache
    def never(path: str) -> str:
        in_scope = inputs.scope.allows_write(path)
        return never_edited(path, ports.repo.read, inputs.policy) if in_scope else ""

    allowed, refused = [], []
    for wish in wishes:
        seen, left = shown.get(wish.task, frozenset()), dropped.get(wish.task, frozenset())
        task = _task(wish.task, inputs)
        # What the user let the task do besides, with the reply in view, is not asked for again.
        seen |= {touched.path for touched in task.widened} if task else set()
        beyond = outside_task(wish.intents, task, inputs, ports)
        kept = []
        for intent in wish.intents:
            if left.intersection(map(one_spelling, _paths(intent))):
                refused.append(_dropped(intent, wish.task))
            elif why := next((w for p in _paths(intent) if (w := never(p))), ""):
                refused.append(_left(intent, wish.task, why))
            elif problem := _gate(intent, beyond.get(intent), seen, listed, ports):
                said = f"edit {intent.number}: {problem}"
                refused.append(Refusal(intent.path, said, task=wish.task, number=intent.number))
            else:
                kept.append(intent)
        allowed.append(replace(wish, intents=tuple(kept)))
    others = sorted({path for paths in shown.values() for path in paths})
    staged = stage(
        allowed,
        _keeping(ports),
        annotator(inputs.policy, owners, ports.repo.read),
        ports.differ,
        fuzzy=fuzzy,
        others=others,
    )
    return Staged(staged.files, (*dict.fromkeys(refused), *staged.refusals))


def _keeping(ports: PhasePorts) -> Callable[[str], FileVersion | None]:
    """Reads files and keeps their bytes: the bases that hunks are composed on, later and after a
    crash.
    """

    def read(path: str) -> FileVersion | None:
        version = ports.repo.read(path)
        if version is not None:
            ports.blobs.put(version.data)
        return version

    return read


def _gate(
    intent: Intent,
    beyond: Outside | None,
    shown: frozenset[str],
    listed: frozenset[str],
    ports: PhasePorts,
) -> str:
    """Why a model may not edit this path; empty where it may."""
    if beyond:
        return f"outside the scope of the task: {beyond.why}"
    if any(is_secret_name(path) for path in _paths(intent)):
        return "the path is named like a key file, which no model reads or writes"
    if intent.path in shown or intent.op is Op.SITE:
        return ""
    if intent.path not in listed:
        there = ports.repo.read(intent.path) is not None
        return "the file is ignored, or belongs to another repository" if there else ""
    if intent.op in (Op.EDIT, Op.REPLACE, Op.WHOLE):
        return "the file was never shown to the model, so it cannot know what it changes"
    return ""


def _paths(intent: Intent) -> tuple[str, ...]:
    """What it touches: its file, and where a move takes that."""
    return (intent.path, intent.target) if intent.target else (intent.path,)


def _dropped(intent: Intent, task: str) -> Refusal:
    """The refusal of what the user left out: told, and it fails nothing."""
    said = f"edit {intent.number}: left out by you, as outside the scope of {task}"
    return Refusal(intent.path, said, task=task, kind=RefusalKind.DROPPED, number=intent.number)


def _left(intent: Intent, task: str, why: str) -> Refusal:
    """The refusal of what is never edited. Where a rule over many files meets such a file, it
    stays as it is, once said, and that fails nothing.
    """
    if intent.op is Op.SITE:
        said = f"the file stays as it is: {why}"
        return Refusal(intent.path, said, task=task, kind=RefusalKind.NO_CHANGE)
    said = f"edit {intent.number}: {why}"
    return Refusal(intent.path, said, task=task, number=intent.number)


def _evidence(refusals: Sequence[Refusal]) -> str:
    parts = []
    for refusal in refusals[:6]:
        near = f"\nnearest text in the file:\n{refusal.nearest}" if refusal.nearest else ""
        wanted = f"\nto be found:\n{refusal.block.rstrip()}" if refusal.block else ""
        parts.append(f"{refusal.path}: {refusal.reason}{wanted}{near}")
    return "\n\n".join(parts)

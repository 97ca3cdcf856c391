"""Apply: put every edit in its one place, or refuse it with a reason.

Code first; a small model repairs only what did not place.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.domain.edit import FileVersion
from core.domain.errors import NotPassed
from core.domain.hunk import Refusal
from core.domain.phase import Phase
from core.domain.receipt import ApplyReceipt, GenerateReceipt
from core.domain.task import TaskSpec
from core.edits.annotate import annotator
from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.rules import rule_intents
from core.edits.staging import Staged, Wish, stage
from core.phases.asking import RULES, fence, join, retry_part
from core.phases.inputs import Inputs, PhasePorts
from core.retrieval.corpus import is_secret_name

SYSTEM = (
    RULES
    + " Your phase is apply: put edits right that could not be placed, and change nothing else."
)

PROMPT = """\
These edits of a larger change could not be placed; the others are held. For each, reply with one
SEARCH/REPLACE block for the same file whose \
SEARCH lines are copied exactly from the file text below and are found only once, making the \
same change and no other."""

SLICE = 60
"""Lines of the file shown around the nearest text."""


async def apply(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> ApplyReceipt:
    """Place all edits against the files as they are; pass when none is refused and something
    changes.
    """
    receipt = inputs.receipts.get(Phase.GENERATE)
    outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
    if not outputs:
        raise NotPassed("there are no edits to place; run generate first")
    model = receipt.model if isinstance(receipt, GenerateReceipt) else ""
    wishes = [
        await asyncio.to_thread(_wish, o.task, model, o.reply, inputs, ports) for o in outputs
    ]
    staged = await asyncio.to_thread(_staged, wishes, inputs, ports)
    repaired = 0
    repairable = [r for r in staged.refusals if _is_repairable(r, inputs)]
    if repairable and not ports.model.is_local:
        wishes, repaired = await _repair(wishes, repairable, inputs, ports)
        staged = await asyncio.to_thread(_staged, wishes, inputs, ports)
    return _receipt(staged, repaired, inputs, ports)


def _receipt(staged: Staged, repaired: int, inputs: Inputs, ports: PhasePorts) -> ApplyReceipt:
    hunks = [h for f in staged.files for h in f.hunks]
    refused = [r for r in staged.refusals if not r.doubt]
    if not hunks or (refused and not inputs.was_sent_back):
        listed = (
            "; ".join(f"{r.path}: {r.reason}" for r in refused[:6]) or "the edits change nothing"
        )
        raise NotPassed(
            f"{len(refused)} edits have no place ({listed})",
            owner=Phase.GENERATE,
            evidence=_evidence(refused),
        )
    doubtful = sum(bool(h.doubt) for h in hunks)
    did = [f"placed {len(hunks)} hunks in {len(staged.files)} files"]
    did += [f"{doubtful} of them doubtful: they start rejected"] if doubtful else []
    did += [f"{repaired} edits repaired by {ports.model.model}"] if repaired else []
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


def _wish(task: str, model: str, reply: str, inputs: Inputs, ports: PhasePorts) -> Wish:
    text = ports.blobs.get(reply).decode("utf-8", "surrogatepass")
    try:
        parsed = parse_reply(text)
        intents = [*parsed.intents]
        if parsed.rules:
            intents += _from_rules(task, text, inputs, ports)
    except ParseFault as error:
        raise NotPassed(str(error), owner=Phase.GENERATE, evidence=str(error)) from error
    return Wish(task, model, tuple(intents))


def _from_rules(task: str, text: str, inputs: Inputs, ports: PhasePorts) -> tuple[Intent, ...]:
    rules = parse_reply(text).rules
    spec = next((t for t in (inputs.plan.tasks if inputs.plan else ()) if t.id == task), None)
    scope = inputs.scope.narrowed(write=spec.files) if spec else inputs.scope
    allowed = [
        p for p in ports.repo.files() if scope.allows_write(p) and inputs.scope.allows_write(p)
    ]
    versions = [v for v in map(ports.repo.read, allowed) if v is not None]
    texts = {v.path: v.data.decode("utf-8") for v in versions if _is_text(v.data)}
    intents, _report = rule_intents(rules, texts, scope.allows_write)
    return intents


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _is_repairable(refusal: Refusal, inputs: Inputs) -> bool:
    """Whether a model may be asked about it: it has a text to find, and the same text was not sent
    back in vain before.
    """
    return bool(refusal.block) and not refusal.doubt and refusal.block not in inputs.answered


def _staged(wishes: Sequence[Wish], inputs: Inputs, ports: PhasePorts) -> Staged:
    receipt = inputs.receipts.get(Phase.GENERATE)
    outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
    shown = {o.task: frozenset(o.shown) for o in outputs}
    listed = frozenset(ports.repo.files())
    allowed, refused = [], []
    for wish in wishes:
        kept = []
        for intent in wish.intents:
            problem = _gate(intent, shown.get(wish.task, frozenset()), listed, inputs, ports)
            if problem:
                refused.append(
                    Refusal(intent.path, f"edit {intent.number}: {problem}", task=wish.task)
                )
            else:
                kept.append(intent)
        allowed.append(replace(wish, intents=tuple(kept)))
    staged = stage(allowed, _keeping(ports), annotator(inputs.policy))
    return Staged(staged.files, (*refused, *staged.refusals))


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
    shown: frozenset[str],
    listed: frozenset[str],
    inputs: Inputs,
    ports: PhasePorts,
) -> str:
    """Why a model may not edit this path; empty where it may."""
    if not inputs.scope.allows_write(intent.path):
        return "the path is outside the scope"
    if is_secret_name(intent.path):
        return "the path is named like a key file, which no model reads or writes"
    if intent.path in shown or intent.op is Op.SITE:
        return ""
    if intent.path not in listed:
        there = ports.repo.read(intent.path) is not None
        return "the file is ignored, or belongs to another repository" if there else ""
    if intent.op in (Op.EDIT, Op.WHOLE):
        return "the file was never shown to the model, so it cannot know what it changes"
    return ""


def _evidence(refusals: Sequence[Refusal]) -> str:
    parts = []
    for refusal in refusals[:6]:
        near = f"\nnearest text in the file:\n{refusal.nearest}" if refusal.nearest else ""
        parts.append(
            f"{refusal.path}: {refusal.reason}\nto be found:\n{refusal.block.rstrip()}{near}"
        )
    return "\n\n".join(parts)


async def _repair(
    wishes: Sequence[Wish], refusals: Sequence[Refusal], inputs: Inputs, ports: PhasePorts
) -> tuple[list[Wish], int]:
    """One question about the refused edits; an answer that is no better is dropped."""
    parts = [fence(f"{r.path}: {r.reason}", _block(r, wishes)) for r in refusals]
    slices = [fence(f"{r.path} as it is", _slice(r, ports)) for r in refusals]
    reply = await ports.model.ask(
        SYSTEM, join(PROMPT, *parts, *dict.fromkeys(slices), retry_part(inputs)), max_output=4_000
    )
    try:
        fixed = parse_reply(reply.text).intents
    except ParseFault:
        return list(wishes), 0
    paths = {r.path for r in refusals}
    failed = {(r.path, r.block) for r in refusals}
    usable = tuple(i for i in fixed if i.path in paths and i.op is Op.EDIT)
    if not usable:
        return list(wishes), 0
    kept = [
        replace(w, intents=tuple(i for i in w.intents if (i.path, i.old) not in failed))
        for w in wishes
    ]
    owner = {r.path: r.task for r in refusals}
    return [
        replace(
            w,
            intents=(*w.intents, *(i for i in usable if owner.get(i.path, w.task) in (w.task, ""))),
        )
        for w in kept
    ], len(usable)


def _block(refusal: Refusal, wishes: Sequence[Wish]) -> str:
    found = next(
        (i for w in wishes for i in w.intents if i.path == refusal.path and i.old == refusal.block),
        None,
    )
    return f"{found.old}=======\n{found.new}" if found else refusal.block


def _slice(refusal: Refusal, ports: PhasePorts) -> str:
    version = ports.repo.read(refusal.path)
    lines = version.data.decode("utf-8", "replace").split("\n") if version else []
    middle = refusal.lines[0] if refusal.lines else 1
    first = max(0, middle - SLICE // 2)
    return "\n".join(lines[first : first + SLICE])

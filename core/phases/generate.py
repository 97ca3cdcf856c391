"""Generate: a task, its snippets and the decisions so far become edits in a model's own words."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.context import ContextItem
from core.domain.errors import NotPassed, OutOfScope
from core.domain.path import one_spelling
from core.domain.receipt import GenerateReceipt, KeptEdits, TaskOutput
from core.domain.route import BUILTIN
from core.domain.scope import listed
from core.domain.task import TaskSpec
from core.domain.words import counted
from core.edits.intent import ParseFault
from core.phases.asking import (
    RULES,
    context_part,
    diff_text,
    fence,
    goal_part,
    join,
    retry_part,
)
from core.phases.counting import places
from core.phases.inputs import Inputs, PhasePorts
from core.phases.ledger import ledger
from core.phases.replies import (
    RuleOutOfScope,
    TaskReply,
    by_hand,
    corrected,
    read_reply,
    rule_lines,
)
from core.phases.scoping import outside_task
from core.phases.showing import (
    MAX_NEEDS,
    asked_for,
    for_task,
    need_of,
    needs,
    once,
    outlines,
    unseen,
)

SYSTEM = RULES + " Your phase is generate: write the edits of one task, complete and ready to run."

FORMAT = """\
Write each edit as a block, the file's path on the line above it:

path/to/file.py
<<<<<<< SEARCH
lines exactly as they are in the file, with at least 3 unchanged lines (or the enclosing def line)
so that the place is unique
=======
the same lines as they should be
>>>>>>> REPLACE

To create a file leave the SEARCH part empty. To delete one write a line `*** Delete File: path`,
to move one `*** Rename File: old/path -> new/path`.
For the same mechanical change in many \
places you may instead give one ```rule block, an ast-grep rule in YAML (id, language, rule, fix,
expect: number of matches).
Change only the files of this task. Give every line in full: no "…", no "rest unchanged". A \
sentence or two before the first block says \
why; assumptions go there as lines `Assumption: …`."""

ASK = """\
If lines you must change or rely on are not shown, reply only with lines `NEED path:start-end` (or \
`NEED path symbol`), the most important first: once, at most {needs}, some 400 lines together."""

LAST = "You have been shown all that you may ask for: reply with the edits."
CORRECT = """\
Reply with the edits of each file that is to be corrected, all edits of that file again. Files that
you say nothing of keep their earlier edits; to take back a file's edits write, before the first
block, a line `DROP path`."""
CHANGED = "The user changed your edits of {files}: give those again in any case, as they are shown."

_ASSUMPTION = re.compile(r"^[ \t]*+Assumption:[ \t]*+(.+)$", re.MULTILINE | re.IGNORECASE)


async def generate(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> GenerateReceipt:
    """Ask for edits; pass when they can be read, change something, and stay inside the task's
    scope.

    Raises `OutOfScope`, with the reply that would be handed on, where they do not.
    """
    if ports.model.is_local:
        raise NotPassed(
            "no model is set for generate; press m to choose one, or set RELAYPAIR_GENERATE_MODEL"
        )
    shown = await asyncio.to_thread(for_task, task, inputs.goal.text, inputs.context)
    if again := tuple(map(need_of, inputs.asked.get(task.id, ()))):
        before, _ = await asyncio.to_thread(asked_for, again, task, ports)
        shown += before
    shown += await asyncio.to_thread(unseen, task, shown, ports)
    lines = await asyncio.to_thread(outlines, task, inputs.goal.text, shown, ports)
    words = inputs.plan.searches if inputs.plan else ()
    hits = await asyncio.to_thread(places, words, ports.repo, task.writes)
    ask = join(hits, f"The task's files:\n{lines}" if lines else "", ASK.format(needs=MAX_NEEDS))
    shown = once(shown)
    reply = await ports.model.ask(SYSTEM, _prompt(task, inputs, shown, ask))
    asked = needs(reply.text)
    extra: tuple[ContextItem, ...] = ()
    if asked:
        extra, missing = await asyncio.to_thread(asked_for, asked, task, ports)
        final = join(hits, "\n".join((LAST, *(f"Not shown: {text}." for text in missing))))
        reply = await ports.model.ask(SYSTEM, _prompt(task, inputs, once((*shown, *extra)), final))
    asked_ids = tuple(dict.fromkeys((*inputs.asked.get(task.id, ()), *(i.id for i in extra))))
    try:
        return await asyncio.to_thread(
            _handed_on, reply.text, task, (*shown, *extra), asked_ids, inputs, ports
        )
    except NotPassed as fault:
        fault.asked = asked_ids
        raise


def _handed_on(
    text: str,
    task: TaskSpec,
    shown: Sequence[ContextItem],
    asked: tuple[str, ...],
    inputs: Inputs,
    ports: PhasePorts,
) -> GenerateReceipt:
    """The receipt of a reply, once its edits are read and inside the scope."""
    parsed, kept = _parsed(text, task, inputs, ports)
    receipt = _receipt(task, text, parsed, shown, ports)
    [output] = receipt.outputs
    before = inputs.earlier.get(task.id)
    seen = tuple(dict.fromkeys((*output.shown, *(before.shown if before else ()))))
    did = [*receipt.did, *(f"asked to see {place}" for place in asked)]
    if stay := [path for one in kept for path in one.paths]:
        did.append(f"edits of the attempt before stay in {', '.join(stay)}")
    if before and (gone := [path for path in before.files if path not in output.files]):
        did.append(f"edits of the attempt before are taken back in {', '.join(gone)}")
    output = replace(output, asked=asked, kept=kept, shown=seen)
    receipt = replace(receipt, did=tuple(did), outputs=(output,))
    if beyond := outside_task(parsed.intents, task, inputs, ports):
        over = tuple(dict.fromkeys(beyond.values()))
        raise OutOfScope(f"edits outside the scope of {task.id}: {listed(over)}", over, receipt)
    return receipt


def _receipt(
    task: TaskSpec,
    reply: str,
    parsed: TaskReply,
    shown: Sequence[ContextItem],
    ports: PhasePorts,
) -> GenerateReceipt:
    paths = dict.fromkeys(p for i in parsed.intents for p in (i.path, i.target) if p)
    files = tuple(dict.fromkeys(one_spelling(path) for path in paths))
    said = _ASSUMPTION.sub("", parsed.prose).split("\n")
    rationale = "\n".join(line for line in said if line.strip() not in paths).strip()[:400]
    output = TaskOutput(
        task.id,
        ports.blobs.put(reply.encode("utf-8", "surrogatepass")),
        rationale,
        files or task.files,
        parsed.blocks,
        shown=tuple(dict.fromkeys(item.path for item in shown)),
        model=ports.model.model,
    )
    return GenerateReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=(f"{task.id}: {counted(parsed.blocks, 'edit')}", *rule_lines(parsed.report)),
        assumptions=tuple(_ASSUMPTION.findall(parsed.prose)[:6]),
        outputs=(output,),
    )


def _prompt(task: TaskSpec, inputs: Inputs, items: Sequence[ContextItem], ask: str) -> str:
    lines = [
        f"Your task, {task.id}: {task.title}",
        task.intent,
        f"Files you may change, or create if they are named in full: {', '.join(task.writes)}",
    ]
    if task.may_create:
        lines.append(f"Files you may create besides: {', '.join(task.may_create)}")
    if task.may_delete is not None:
        lines.append(f"Files you may delete or move: {', '.join(task.may_delete) or 'none'}")
    lines += [f"Must hold: {text}" for text in task.acceptance]
    return join(
        goal_part(inputs),
        ledger(inputs),
        "\n".join(line for line in lines if line),
        _others(task, inputs),
        context_part(items),
        FORMAT,
        ask,
        _earlier(task, inputs),
        retry_part(inputs),
    )


def _others(task: TaskSpec, inputs: Inputs) -> str:
    """The tasks that other workers do."""
    tasks = inputs.plan.tasks if inputs.plan else ()
    return "\n".join(
        f"Done by others: {t.id} {t.title} [{', '.join(t.files)}]"
        for t in tasks
        if t.included and t.id != task.id
    )


def _earlier(task: TaskSpec, inputs: Inputs) -> str:
    """What a sent-back attempt had changed: the files themselves are unchanged."""
    if not inputs.evidence:
        return ""
    before = inputs.earlier.get(task.id)
    change = diff_text(inputs, task.id)
    if change:
        told = f"Your earlier edits, which are not in the files:\n{fence('earlier edits', change)}"
    elif before:
        told = f"Your earlier reply edited {', '.join(before.files)}."
    else:
        return ""
    if not before:
        return f"{told}\nReply with all edits of the task again, corrected."
    changed = ", ".join(sorted(by_hand(task, inputs)))
    return f"{told}\n{CORRECT}" + (f" {CHANGED.format(files=changed)}" if changed else "")


def _parsed(
    text: str, task: TaskSpec, inputs: Inputs, ports: PhasePorts
) -> tuple[TaskReply, tuple[KeptEdits, ...]]:
    """A reply's edits, with those that it leaves as they were before it was sent back."""
    before = inputs.earlier.get(task.id)
    try:
        if before and ports.model.model != BUILTIN:  # which reads the goal alone, no correction
            return corrected(text, before, task, inputs, ports)
        return read_reply(text, task, inputs, ports), ()
    except RuleOutOfScope as error:
        raise OutOfScope(str(error)) from error
    except ParseFault as error:
        raise NotPassed(str(error)) from error

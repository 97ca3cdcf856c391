"""Generate: a task, its snippets and the decisions so far become edits in a model's own words."""

import asyncio
import re
from collections.abc import Sequence

from core.domain.context import ContextItem, ItemState
from core.domain.errors import NotPassed
from core.domain.goal import matches
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt, TaskOutput
from core.domain.task import TaskSpec
from core.edits.intent import ParseFault
from core.phases.asking import (
    RULES,
    context_part,
    diff_text,
    fence,
    goal_part,
    join,
    receipt_part,
    retry_part,
)
from core.phases.inputs import Inputs, PhasePorts
from core.phases.replies import TaskReply, read_reply, rule_lines
from core.retrieval.snippets import read_span

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
why; assumptions go there as lines `Assumption: …`.
If lines you must change are not shown, reply only with lines `NEED path:start-end` (or \
`NEED path symbol`), once, at most {needs}."""

MAX_NEEDS = 6
HEAD = 32
"""Lines of a large file of the task that retrieval did not quote."""
OTHER_TOKENS = 1_200
"""Tokens of context from files that the task may not write."""
NEED_TOKENS = 2_500
_NEED = re.compile(
    r"^[ \t]*+NEED[ \t]++([^\s:]++)(?::(\d+)-(\d+)|[ \t]++([\w.]++))?[ \t]*+$", re.MULTILINE
)
_ASSUMPTION = re.compile(r"^[ \t]*+Assumption:[ \t]*+(.+)$", re.MULTILINE | re.IGNORECASE)


async def generate(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> GenerateReceipt:
    """Ask for edits; pass when they can be read, change something, and stay inside the task's
    files.
    """
    if ports.model.is_local:
        raise NotPassed(
            "no model is set for generate; press m to choose one, or set RELAYPAIR_GENERATE_MODEL"
        )
    shown = _for_task(task, inputs.context)
    shown += await asyncio.to_thread(_unseen, task, shown, ports)
    reply = await ports.model.ask(SYSTEM, _prompt(task, inputs, shown))
    asked = needs(reply.text)
    extra = await asyncio.to_thread(_spans, asked, ports) if asked else ()
    if asked:
        reply = await ports.model.ask(SYSTEM, _prompt(task, inputs, (*shown, *extra), final=True))
    parsed = await asyncio.to_thread(_parsed, reply.text, task, inputs, ports)
    paths = (path for i in parsed.intents for path in (i.path, i.target) if path)
    files = tuple(dict.fromkeys(paths))
    outside = [path for path in files if not _allowed(path, task, inputs)]
    if outside:
        raise NotPassed(f"edits outside the files of {task.id}: {', '.join(outside)}")
    said = _ASSUMPTION.sub("", parsed.prose).split("\n")
    rationale = "\n".join(line for line in said if line.strip() not in files).strip()[:400]
    output = TaskOutput(
        task.id,
        ports.blobs.put(reply.text.encode("utf-8", "surrogatepass")),
        rationale,
        files or task.files,
        parsed.blocks,
        shown=tuple(dict.fromkeys(item.path for item in (*shown, *extra))),
    )
    return GenerateReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=(
            f"{task.id}: {parsed.blocks} edits",
            *rule_lines(parsed.report),
            *(f"asked to see {item.id}" for item in extra),
        ),
        assumptions=tuple(_ASSUMPTION.findall(parsed.prose)[:6]),
        outputs=(output,),
    )


def needs(reply: str) -> list[tuple[str, int, int, str]]:
    """The spans a reply asks for: path, first and last line (0 where not said), symbol.

    Empty if it holds edits.
    """
    rest = _NEED.sub("", reply)
    if "<<<<<<<" in rest or "```" in rest:
        return []
    found = [(m[1], int(m[2] or 0), int(m[3] or 0), m[4] or "") for m in _NEED.finditer(reply)]
    return found[:MAX_NEEDS]


def _prompt(
    task: TaskSpec, inputs: Inputs, items: Sequence[ContextItem], *, final: bool = False
) -> str:
    lines = [
        f"Your task, {task.id}: {task.title}",
        task.intent,
        f"Files you may change or create: {', '.join(task.files)}",
    ]
    lines += [f"Must hold: {text}" for text in task.acceptance]
    return join(
        goal_part(inputs),
        receipt_part(inputs, [Phase.PLAN]),
        "\n".join(line for line in lines if line),
        context_part(items),
        FORMAT.format(needs=MAX_NEEDS),
        "You have been shown all that you may ask for: reply with the edits." if final else "",
        _earlier(task, inputs),
        retry_part(inputs),
    )


def _earlier(task: TaskSpec, inputs: Inputs) -> str:
    """What a sent-back attempt had changed: the files themselves are unchanged, so all edits are
    wanted again.
    """
    change = diff_text(inputs, task.id) if inputs.evidence else ""
    if not change:
        return ""
    return (
        f"Your earlier edits, which are not in the files:\n{fence('earlier edits', change)}\n"
        "Reply with all edits of the task again, corrected."
    )


def _for_task(task: TaskSpec, items: Sequence[ContextItem]) -> tuple[ContextItem, ...]:
    """The task's own files and the pins; then as much of the rest as shows conventions."""
    own = [
        i
        for i in items
        if i.state is ItemState.PINNED or any(matches(i.path, f) for f in task.files)
    ]
    shown, left = list(own), OTHER_TOKENS
    for item in items:
        if item not in own and item.tokens <= left:
            shown.append(item)
            left -= item.tokens
    return tuple(shown)


def _unseen(
    task: TaskSpec, shown: Sequence[ContextItem], ports: PhasePorts
) -> tuple[ContextItem, ...]:
    """Windows of the task's files that retrieval did not quote, small files whole."""
    seen = {i.path for i in shown}
    wanted = [p for p in task.files if p not in seen and not any(c in p for c in "*?")]
    extra, left = [], NEED_TOKENS
    for path in _listed(wanted, ports):
        item = read_span(ports.repo, path, 0, 0, "a file of the task")
        if item and item.tokens > 600:
            item = read_span(ports.repo, path, 1, HEAD, "the start of a file of the task")
        if item and item.tokens <= left:
            extra.append(item)
            left -= item.tokens
    return tuple(extra)


def _spans(
    asked: Sequence[tuple[str, int, int, str]], ports: PhasePorts
) -> tuple[ContextItem, ...]:
    items, left = [], 2 * NEED_TOKENS
    listed = _listed([path for path, *_ in asked], ports)
    for path, start, end, symbol in asked:
        if path not in listed:
            continue
        if symbol:
            start, end = _find_symbol(ports, path, symbol)
        item = read_span(ports.repo, path, start, end, "asked for by the model")
        if item and item.tokens <= left:
            items.append(item)
            left -= item.tokens
    return tuple(items)


def _listed(paths: Sequence[str], ports: PhasePorts) -> list[str]:
    """Those that the repository lists: a model is never shown ignored files or another
    repository's.
    """
    known = frozenset(ports.repo.files()) if paths else frozenset()
    return [path for path in paths if path in known]


def _find_symbol(ports: PhasePorts, path: str, symbol: str) -> tuple[int, int]:
    version = ports.repo.read(path)
    lines = version.data.decode("utf-8", "replace").split("\n") if version else []
    name = re.compile(rf"\b{re.escape(symbol.rpartition('.')[2])}\b")
    row = next((n for n, line in enumerate(lines, 1) if name.search(line)), 1)
    return max(1, row - 2), row + 60


def _parsed(text: str, task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> TaskReply:
    try:
        return read_reply(text, task, inputs, ports)
    except ParseFault as error:
        raise NotPassed(str(error)) from error


def _allowed(path: str, task: TaskSpec, inputs: Inputs) -> bool:
    return inputs.scope.allows_write(path) and any(matches(path, f) for f in task.files)

"""What a phase handed on, as a page to read and as a text that an editor changes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from core.codec import CodecFault, validate
from core.domain import events as e
from core.domain.keys import task_key
from core.domain.path import one_spelling
from core.domain.phase import Phase
from core.domain.question import Choice, Question
from core.domain.receipt import AnyReceipt, GenerateReceipt, Receipt, TaskOutput
from core.domain.state import RunState
from core.domain.task import TaskSpec, whole_goal
from core.domain.words import counted
from core.edits.intent import ParseFault
from core.edits.parse.reply import parse_reply

COMMON = ("did", "decisions", "assumptions", "open_questions")
OWN = {
    Phase.PLAN: ("summary", "tasks", "searches"),
    Phase.REVIEW: ("summary", "commit_message", "attention"),
}
"""What may be changed besides in a receipt. Results of searches, of placing and of checks may not:
nobody can vouch for a test that did not run.
"""
RATIONALE = 400
"""Characters of the words before the edits that later phases read."""
_HEAD = re.compile(r"^=== relaypair: the reply for (\S+) ===\n", re.MULTILINE)

_STAY = re.compile(r"^=== earlier edits stay in .+ ===\n", re.MULTILINE)
"""Without this line they do not."""

Read = Callable[[str], str]
"""Kept bytes as text, by their digest."""
Keep = Callable[[str], str]
"""Keeps a text; its digest."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to edit."""

    text: str
    suffix: str


class NoOutput(ValueError):
    """An edited text is nothing that the phase could hand on; says why in a sentence."""


def refused_question(past: Iterable[e.Recorded], run: RunState) -> Question | None:
    """The question about a reply of generate that is not used: it is open, or was answered so, and
    nothing came in the reply's place.
    """
    if run.question and run.question.kept:
        return run.question
    asked: Question | None = None
    refused: Question | None = None
    for event in (recorded.event for recorded in past):
        if isinstance(event, e.QuestionAsked) and event.question.kept:
            asked = event.question
        elif isinstance(event, e.QuestionAnswered):
            is_it = asked and asked.id == event.question_id and event.choice is Choice.REFUSE
            refused = asked if is_it else refused
        elif _is_replaced(event):
            asked = refused = None
    return refused


def _is_replaced(event: e.Event) -> bool:
    if isinstance(event, e.RunStarted):
        return True
    is_new = isinstance(event, e.PhasePassed | e.OutputEdited | e.RerunAsked | e.PhaseStarted)
    return is_new and event.phase is Phase.GENERATE  # type: ignore[attr-defined]


def page(run: RunState, phase: Phase, refused: Question | None, read: Read) -> str:
    """What a phase handed on and who gave it; a reply that is not used in full."""
    receipt = run.phases[phase].receipt
    parts = [_handed_on(receipt)] if receipt else []
    if phase is Phase.GENERATE and refused and refused.kept:
        [output] = refused.kept.outputs
        parts.append(
            f"Not used: {refused.text}.\nThe reply for {output.task}, by {_by(refused.kept)}:\n\n"
            f"{read(output.reply)}"
        )
    return "\n\n".join(part for part in parts if part) or f"{phase.value} hands nothing on."


def _by(receipt: Receipt) -> str:
    why = f", chosen by: {receipt.why_model}" if receipt.why_model else ""
    return f"{receipt.model}{why}"


def _handed_on(receipt: AnyReceipt) -> str:
    if isinstance(receipt, GenerateReceipt) and not receipt.outputs:
        return ""
    edited = "; edited by you" if receipt.edited_by_user else ""
    return f"by {_by(receipt)}{edited}\n\n{receipt.to_note()}".rstrip()


def draft(run: RunState, phase: Phase, refused: Question | None, read: Read) -> Draft | None:
    """The text to edit; None where the phase handed nothing on and no reply waits."""
    if phase is Phase.GENERATE:
        outputs = _outputs(run, refused)
        parts = [_section(task.id, outputs.get(task.id), read) for task in _tasks(run)]
        return Draft("\n".join(parts) + "\n", ".txt") if outputs else None
    receipt = run.phases[phase].receipt
    if receipt is None:
        return None
    plain = asdict(receipt)
    shown = {name: _as_lines(plain[name]) for name in (*OWN.get(phase, ()), *COMMON)}
    return Draft(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", ".json")


def _section(task: str, output: TaskOutput | None, read: Read) -> str:
    head = f"=== relaypair: the reply for {task} ===\n"
    if output is None:
        return head
    if stay := [path for kept in output.kept for path in kept.paths]:
        head += f"=== earlier edits stay in {', '.join(stay)} (without this line they go) ===\n"
    return head + read(output.reply).rstrip()


def _as_lines(value: object) -> object:
    """A text of several lines as a list of them, which an editor shows as lines."""
    return value.split("\n") if isinstance(value, str) and "\n" in value else value


def edited_receipt(
    run: RunState, phase: Phase, refused: Question | None, text: str, keep: Keep
) -> AnyReceipt:
    """The receipt that an edited draft means. Raises `NoOutput`."""
    if phase is Phase.GENERATE:
        return _edited_replies(run, refused, text, keep)
    receipt = run.phases[phase].receipt
    assert receipt is not None
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise NoOutput(f"that is no JSON: {error.msg} in line {error.lineno}") from error
    names = (*OWN.get(phase, ()), *COMMON)
    if not isinstance(found, dict) or not found.keys() <= set(names):
        raise NoOutput(f"the text must be an object with {', '.join(names)}")
    plain = asdict(receipt)
    for name, value in found.items():
        is_text = isinstance(plain[name], str) and isinstance(value, list)
        plain[name] = "\n".join(map(str, value)) if is_text else value
    try:
        return validate(type(receipt), plain)
    except CodecFault as fault:
        raise NoOutput(f"that is no receipt of {phase.value}: {fault}") from fault


def _edited_replies(
    run: RunState, refused: Question | None, text: str, keep: Keep
) -> GenerateReceipt:
    tasks = {task.id: task for task in _tasks(run)}
    found = dict(_sections(text))
    if missing := [name for name in tasks if not found.get(name, "").strip()]:
        raise NoOutput(
            f"{', '.join(missing)} has no edits: write some, or leave the task out of the plan (1)"
        )
    if unknown := found.keys() - tasks:
        raise NoOutput(f"{', '.join(sorted(unknown))} is no task of the plan")
    before = _outputs(run, refused)
    outputs = tuple(_output(run, t, before.get(n), found[n], keep) for n, t in tasks.items())
    did = tuple(f"{o.task}: {counted(o.blocks, 'edit')}, edited by you" for o in outputs)
    known = run.phases[Phase.GENERATE].receipt
    receipt = known if isinstance(known, GenerateReceipt) and known.outputs else None
    receipt = receipt or (refused.kept if refused else None) or GenerateReceipt(model="user")
    return replace(receipt, did=did, outputs=outputs, edited_by_user=True)


def _output(
    run: RunState, task: TaskSpec, before: TaskOutput | None, text: str, keep: Keep
) -> TaskOutput:
    stays = before.kept if before and _STAY.search(text) else ()
    text = _STAY.sub("", text)
    try:
        parsed = parse_reply(text)
    except ParseFault as fault:
        raise NoOutput(f"{task.id}: {fault}") from fault
    paths = (p for i in parsed.intents for p in (i.path, i.target) if p)
    written = tuple(dict.fromkeys(map(one_spelling, paths))) or task.files
    kept = tuple(
        replace(one, paths=left)
        for one in stays
        if (left := tuple(path for path in one.paths if path not in written))
    )
    files = (*written, *(path for one in kept for path in one.paths))
    shown = before.shown if before else ()
    said = "\n".join(line for line in parsed.prose.split("\n") if line.strip() not in files)
    return TaskOutput(
        task.id,
        keep(text),
        said[:RATIONALE],
        files,
        parsed.blocks,
        shown=tuple(dict.fromkeys((*shown, *files))),
        basis=task_key(run, task),
        asked=before.asked if before else (),
        kept=kept,
        model=before.model if before else "",
        is_edited=True,
    )


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Task and reply, by the lines that head them."""
    _, *parts = _HEAD.split(text)
    return zip(parts[::2], parts[1::2], strict=True)


def _tasks(run: RunState) -> list[TaskSpec]:
    return [t for t in run.tasks if t.included] or [whole_goal(run.goal)]


def _outputs(run: RunState, refused: Question | None) -> dict[str, TaskOutput]:
    """The replies by task, the one that is not used among them."""
    receipt = run.phases[Phase.GENERATE].receipt
    found = list(receipt.outputs) if isinstance(receipt, GenerateReceipt) else []
    found += refused.kept.outputs if refused and refused.kept else ()
    return {output.task: output for output in found}

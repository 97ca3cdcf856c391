"""A task's reply as edits: paths filled in, rules run over exactly what the task may write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.goal import Scope, matches
from core.domain.path import one_spelling
from core.domain.receipt import KeptEdits, TaskOutput
from core.domain.task import TaskSpec
from core.edits.intent import Intent, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.rules import Rule, RuleReport, rule_intents
from core.phases.inputs import Inputs, PhasePorts


@dataclass(frozen=True, slots=True)
class TaskReply:
    """What a reply asks for, as far as it can be told without placing it."""

    intents: tuple[Intent, ...]
    blocks: int
    """Edits and rules, as the reply counts them."""
    prose: str
    in_order: bool
    """Whether its format promises file order."""
    report: RuleReport | None = None
    """What its rules matched, if it has any."""


class RuleOutOfScope(ParseFault):
    """A rule that names files which its task may not write; it is not run."""


def read_reply(text: str, task: TaskSpec | None, inputs: Inputs, ports: PhasePorts) -> TaskReply:
    """Read a reply to a task. Raises `ParseFault` with the clause that goes back to the model.

    An edit without a path means the task's file, where it has exactly one.
    """
    parsed = parse_reply(text, known=frozenset(ports.repo.files()))
    found = list(parsed.intents)
    report = None
    if parsed.rules:
        sites, report = _ruled(parsed.rules, task, inputs, ports)
        found += sites
    only = task.files[0] if task and len(task.files) == 1 else ""
    if any(not i.path for i in found):
        if not only or any(c in only for c in "*?["):
            raise ParseFault("an edit names no file; put its path on the line above it")
        found = [i if i.path else replace(i, path=only) for i in found]
    return TaskReply(tuple(found), parsed.blocks, parsed.prose, parsed.in_order, report)


def read_output(
    output: TaskOutput, task: TaskSpec | None, inputs: Inputs, ports: PhasePorts
) -> TaskReply:
    """Read the reply of an output, with what it keeps of earlier ones. Raises `ParseFault`."""
    reply = read_reply(_text(output.reply, ports), task, inputs, ports)
    for kept in output.kept:
        before = read_reply(_text(kept.reply, ports), task, inputs, ports)
        reply = _joined(reply, before, kept.paths)
    return reply


def _text(digest: str, ports: PhasePorts) -> str:
    return ports.blobs.get(digest).decode("utf-8", "surrogatepass")


def _joined(reply: TaskReply, before: TaskReply, paths: Sequence[str]) -> TaskReply:
    """With the edits of these files from an earlier reply, numbered on: a number means one edit."""
    last = max((i.number for i in reply.intents), default=0)
    kept = [replace(i, number=last + i.number) for i in before.intents if i.path in paths]
    return replace(
        reply,
        intents=(*reply.intents, *kept),
        blocks=reply.blocks + len(kept),
        in_order=reply.in_order and before.in_order,
    )


def corrected(
    reply: TaskReply,
    earlier: TaskOutput,
    taken_back: Sequence[str],
    task: TaskSpec,
    inputs: Inputs,
    ports: PhasePorts,
) -> tuple[TaskReply, tuple[KeptEdits, ...]]:
    """A reply that corrects an earlier one, with the edits of the files that it says nothing of,
    and which they are.
    """
    before = read_output(earlier, task, inputs, ports)
    touched = {one_spelling(p) for i in reply.intents for p in _touched(i)} | set(taken_back)
    silent = tuple(
        path
        for path in dict.fromkeys(i.path for i in before.intents)
        if not any(
            one_spelling(p) in touched
            for i in before.intents
            if i.path == path
            for p in _touched(i)
        )
    )
    found: dict[str, list[str]] = {}
    for path in silent:
        at = next((k.reply for k in earlier.kept if path in k.paths), earlier.reply)
        found.setdefault(at, []).append(path)
    kept = tuple(KeptEdits(digest, tuple(paths)) for digest, paths in found.items())
    return _joined(reply, before, silent), kept


def _touched(intent: Intent) -> tuple[str, ...]:
    return (intent.path, intent.target) if intent.target else (intent.path,)


def _ruled(
    rules: tuple[Rule, ...], task: TaskSpec | None, inputs: Inputs, ports: PhasePorts
) -> tuple[tuple[Intent, ...], RuleReport]:
    """The places that rules match in the task's scope; a rule that names others is refused."""
    scope = inputs.scope.narrowed(write=task.files) if task else inputs.scope
    listed = ports.repo.files()
    for rule in rules:
        outside = [
            p
            for p in listed
            if rule.files
            and any(matches(p, g) for g in rule.files)
            and not _allows(p, scope, inputs)
        ]
        if outside:
            raise RuleOutOfScope(
                f"rule {rule.id} names {len(outside)} files outside the task ({outside[0]}); "
                "narrow its files"
            )
    versions = [ports.repo.read(p) for p in listed if _allows(p, scope, inputs)]
    texts = {v.path: v.data.decode("utf-8") for v in versions if v and _is_text(v.data)}
    return rule_intents(rules, texts)


def _allows(path: str, scope: Scope, inputs: Inputs) -> bool:
    return scope.allows_write(path) and inputs.scope.allows_write(path)


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def rule_lines(report: RuleReport | None) -> tuple[str, ...]:
    """One line a rule: how many places it matches, before anything is staged."""
    if report is None:
        return ()
    return tuple(
        f"rule {name} matches {count} places in {len(report.files)} files"
        for name, count in report.counts
    )

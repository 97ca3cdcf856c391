"""A task's reply as edits: paths filled in, rules run over exactly what the task may write."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.domain.goal import Scope, matches
from core.domain.hunk import HunkState
from core.domain.path import one_spelling
from core.domain.receipt import KeptEdits, TaskOutput
from core.domain.task import TaskSpec
from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.rules import Rule, RuleReport, rule_intents
from core.phases.inputs import Inputs, PhasePorts

_DROP = re.compile(r"^[ \t]*+DROP[ \t]++(?:`([^`\n]++)`|([^\s`]++))[ \t]*+$", re.MULTILINE)
_THOUGHTS = re.compile(r"\A\s*+<think.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(
    r"^[ \t]*+(?:`{3}|~{3}|<{5}|-{5,9} SEARCH|\*\*\* |diff --git |--- |<file )", re.MULTILINE
)
"""What ends the words before the edits; inside an edit a line that begins with DROP is text."""
_PAIRS = re.compile(r"^[ \t]*+[{\[]", re.MULTILINE)
"""What may begin edits in JSON."""


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


def read_parts(
    output: TaskOutput, task: TaskSpec | None, inputs: Inputs, ports: PhasePorts
) -> list[tuple[TaskReply, str]]:
    """The reply of an output and what it keeps of each earlier one, each with the model that wrote
    it, numbered on: a number means one edit. Raises `ParseFault`.
    """
    read = _read_correction if output.kept else read_reply
    reply = read(_text(output.reply, ports), task, inputs, ports)
    parts = [(reply, output.model)]
    last = max((i.number for i in reply.intents), default=0)
    for kept in output.kept:
        before = read_reply(_text(kept.reply, ports), task, inputs, ports)
        intents = [
            replace(i, number=last + i.number) for i in before.intents if i.path in kept.paths
        ]
        parts.append((replace(before, intents=tuple(intents), blocks=len(intents)), kept.model))
        last += max((i.number for i in before.intents), default=0)
    return parts


def _read_correction(
    text: str, task: TaskSpec | None, inputs: Inputs, ports: PhasePorts
) -> TaskReply:
    """As `read_reply`; a correction may also do no more than take edits back."""
    try:
        return read_reply(text, task, inputs, ports)
    except ParseFault:
        said = _said(text)
        if _BLOCK.search(said) or _PAIRS.search(said) or not _taken_back(text):
            raise
        return TaskReply((), 0, said, in_order=True)


def _said(text: str) -> str:
    return _THOUGHTS.sub("", text)


def _taken_back(text: str) -> set[str]:
    """The paths of the `DROP` lines before the first edit."""
    head = _BLOCK.split(_said(text), maxsplit=1)[0]
    return {one_spelling(quoted or bare) for quoted, bare in _DROP.findall(head)}


def _text(digest: str, ports: PhasePorts) -> str:
    return ports.blobs.get(digest).decode("utf-8", "surrogatepass")


def corrected(
    text: str, earlier: TaskOutput, task: TaskSpec, inputs: Inputs, ports: PhasePorts
) -> tuple[TaskReply, tuple[KeptEdits, ...]]:
    """Read a reply that corrects an earlier one: with the edits of the files that it says nothing
    of, and which they are. Raises `ParseFault`.

    What it takes back, and what the user left out, is not kept. A move and the edits of what it
    moves stay or go together, and a rule takes the place of all earlier rules.
    """
    reply = _read_correction(text, task, inputs, ports)
    before = [i for part, _ in read_parts(earlier, task, inputs, ports) for i in part.intents]
    is_ruled = reply.report is not None
    taken_back = _taken_back(text)
    if not reply.blocks and taken_back.isdisjoint(p for i in before for p in _touched(i)):
        raise ParseFault("no edit blocks in the reply")
    gone = taken_back.union(earlier.dropped)
    gone |= {p for i in reply.intents if not (is_ruled and i.op is Op.SITE) for p in _touched(i)}
    gone |= {i.path for i in before if is_ruled and i.op is Op.SITE}
    for move in (i for i in before if i.op is Op.RENAME):
        if gone.intersection(_touched(move)):
            _need_move(move, reply, ports)
            gone.update(_touched(move))
    silent = tuple(dict.fromkeys(i.path for i in before if i.path not in gone))
    if changed := by_hand(task, inputs).intersection(silent):
        told = ", ".join(sorted(changed))
        raise ParseFault(
            f"the user changed your edits of {told}; give them again, as they are shown"
        )
    kept = tuple(_kept(earlier, silent))
    intents = (*reply.intents, *(i for i in before if i.path in silent))
    if not intents:
        raise ParseFault("nothing is left of the edits; reply with those that are to be made")
    blocks = reply.blocks + len(intents) - len(reply.intents)
    return replace(reply, intents=intents, blocks=blocks, prose=_DROP.sub("", reply.prose)), kept


def _kept(earlier: TaskOutput, paths: Sequence[str]) -> Iterator[KeptEdits]:
    """The edits of these files, each with the reply that they are of and what that said."""
    others = {path for kept in earlier.kept for path in kept.paths}
    own = KeptEdits(
        earlier.reply,
        tuple(path for path in paths if path not in others),
        earlier.model,
        earlier.rationale,
        earlier.is_edited,
    )
    for one in (own, *earlier.kept):
        if here := tuple(path for path in paths if path in one.paths):
            yield replace(one, paths=here)


def by_hand(task: TaskSpec, inputs: Inputs) -> frozenset[str]:
    """The files of a task in which the user edited a hunk: no earlier reply has those lines."""
    edited = (
        file
        for file in inputs.files
        for hunk in file.hunks
        if hunk.model == "user"
        and hunk.task == task.id
        and inputs.decisions.get(hunk.id) is not HunkState.REJECTED
    )
    return frozenset(path for file in edited for path in (file.path, file.source) if path)


def _need_move(move: Intent, reply: TaskReply, ports: PhasePorts) -> None:
    """Raise `ParseFault` where a reply edits what an earlier one moved, without the move."""
    on_it = [i.op for i in reply.intents if move.target in _touched(i)]
    is_edited = on_it and not set(on_it) & {Op.RENAME, Op.CREATE, Op.WHOLE}
    if is_edited and ports.repo.read(move.target) is None:
        raise ParseFault(
            f"{move.target} is not there: your earlier edits move {move.path} to it; give the move "
            "again with the edits, or the edits at the old path"
        )


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

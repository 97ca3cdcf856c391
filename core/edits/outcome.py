"""What the edits of one file make of it, whatever they ask: changed, made, removed, moved."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.domain.hunk import FileOp, Refusal, RefusalKind
from core.edits import refusing
from core.edits.differing import differing
from core.edits.intent import Intent, Op
from core.edits.locate import Tier
from core.edits.placing import Elsewhere, Located, nowhere, place
from core.edits.snapshot import MAX_WHOLE, Snapshot, bare, empty_snapshot, ending, split_lines
from core.edits.splice import Splice, applied, with_ends

MUCH = 0.3
"""Share of a file's lines above which a whole file given anew is marked for what it takes out."""

_OF_FILES = frozenset({Op.CREATE, Op.WHOLE, Op.DELETE, Op.RENAME})

IsThere = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file before and after its edits."""

    path: str
    """After a move: the new one."""
    op: FileOp
    before: Snapshot
    lines: tuple[str, ...]
    """The file afterwards."""
    located: tuple[Located, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    source: str = ""
    """Where it was before a move."""
    executable: bool = False
    """Whether a file that is made can be run."""
    flags: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything is different afterwards."""
        return self.op is not FileOp.MODIFY or self.lines != self.before.lines


def outcome(
    path: str,
    intents: Sequence[Intent],
    before: Snapshot | None,
    *,
    is_there: IsThere,
    in_order: bool = False,
    fuzzy: bool = False,
    elsewhere: Elsewhere = nowhere,
) -> Outcome:
    """Apply all intents of one file, `before` being None for a file that does not exist.

    Nothing is applied in part silently: what is not placed is among the refusals.
    """
    files = [i for i in intents if i.op in _OF_FILES]
    edits = [i for i in intents if i.op not in _OF_FILES]
    old = before or empty_snapshot(path)
    known, refusals = _file_level(files, before, is_there)
    made = next((i for i in known if i.op in (Op.CREATE, Op.WHOLE)), None)
    if any(i.op is Op.DELETE for i in known):
        refusals += [refusing.conflict(i, known[0], 0) for i in edits]
        gone = Located(known[0], Tier.WHOLE, (), 0, len(old.lines))
        return Outcome(path, FileOp.DELETE, old, (), (gone,), tuple(refusals))
    start, located = old, []
    flags: tuple[str, ...] = ()
    if made is not None:
        splices = whole_splices(made.new, old)
        final = bool(ending(old.lines[-1])) if old.lines else made.new.endswith("\n")
        located.append(Located(made, Tier.WHOLE, (), 0, len(old.lines)))
        start = replace(old, lines=applied(old, splices, final))
        flags = _flags(splices, old)
    if edits and before is None and made is None:
        refusals += [_missing(i) for i in edits]
    elif edits and before is not None and made is not None:
        refusals += [refusing.conflict(i, made, 0) for i in edits]
    elif edits:
        placed = place(edits, start, in_order=in_order, fuzzy=fuzzy, elsewhere=elsewhere)
        start = replace(start, lines=placed.lines)
        located += placed.located
        refusals += placed.refusals
    moved = next((i for i in known if i.op is Op.RENAME), None)
    result = Outcome(
        moved.target if moved else path,
        FileOp.CREATE if before is None else FileOp.RENAME if moved else FileOp.MODIFY,
        old,
        start.lines,
        tuple(located),
        tuple(refusals),
        source=path if moved else "",
        executable=any(i.executable for i in known),
        flags=flags,
    )
    if before is None and made is None:
        return replace(result, op=FileOp.MODIFY)
    return _sound(result)


def whole_splices(text: str, before: Snapshot) -> list[Splice]:
    """What a file given whole changes; lines that stay keep their own ends."""
    fresh = [bare(line) for line in split_lines(text)]
    return [
        Splice(i, j, with_ends(fresh[k:m], i, j, before))
        for i, j, k, m in differing(before.bare, fresh)
    ]


def _file_level(
    files: Sequence[Intent], before: Snapshot | None, is_there: IsThere
) -> tuple[list[Intent], list[Refusal]]:
    """The whole-file intents that hold, one of a kind, and why the others do not."""
    known: list[Intent] = []
    refusals: list[Refusal] = []
    for intent in files:
        problem = _problem(intent, before, is_there)
        if problem:
            refusals.append(problem)
        elif any((k.op, k.new, k.target) == (intent.op, intent.new, intent.target) for k in known):
            continue
        elif clash := next((k for k in known if _contradict(k, intent)), None):
            refusals.append(refusing.conflict(intent, clash, 0))
        else:
            known.append(intent)
    return known, refusals


def _contradict(a: Intent, b: Intent) -> bool:
    return Op.DELETE in (a.op, b.op) or (a.op is Op.RENAME) == (b.op is Op.RENAME)


def _problem(intent: Intent, before: Snapshot | None, is_there: IsThere) -> Refusal | None:
    if intent.op is Op.CREATE and before is not None and before.lines:
        same = [bare(x) for x in split_lines(intent.new)] == list(before.bare)
        if same:
            return refusing.already_applied(intent, 0)
        reason = "it creates a file that exists; use an edit, or the whole file"
        return refusing.refusal(intent, RefusalKind.EXISTS, reason)
    if intent.op in (Op.DELETE, Op.RENAME) and before is None:
        return _missing(intent)
    if intent.op is Op.DELETE and intent.old and before and not _is_text(intent.old, before):
        reason = "it deletes the file with other text than the file holds"
        return refusing.refusal(intent, RefusalKind.NOT_FOUND, reason)
    if intent.op is Op.WHOLE and before and _is_fragment(intent.new, before):
        reason = "its text begins in the middle of a definition; give the whole file, or an edit"
        return refusing.refusal(intent, RefusalKind.LEFT_OUT, reason)
    if intent.op is Op.RENAME and intent.target != intent.path and is_there(intent.target):
        reason = f"it moves the file to {intent.target}, which exists"
        return refusing.refusal(intent, RefusalKind.EXISTS, reason)
    if intent.op is Op.WHOLE and before and sum(map(len, before.lines)) > MAX_WHOLE:
        reason = "the file is too large to be given whole; change its parts"
        return refusing.refusal(intent, RefusalKind.NOT_TEXT, reason)
    if intent.op in (Op.WHOLE, Op.CREATE):
        return refusing.left_out(intent, before or empty_snapshot(intent.path))
    return None


def _is_text(text: str, before: Snapshot) -> bool:
    return [bare(line).rstrip() for line in split_lines(text)] == [
        line.rstrip() for line in before.bare
    ]


def _is_fragment(text: str, before: Snapshot) -> bool:
    """Whether a file given whole begins indented, which the file does not."""
    fresh = next((line for line in text.split("\n") if line.strip()), "")
    first = next((line for line in before.bare if line.strip()), "")
    return bool(fresh[:1].isspace() and first) and not first[:1].isspace()


def _missing(intent: Intent) -> Refusal:
    return refusing.refusal(intent, RefusalKind.MISSING, "the file does not exist")


def _flags(splices: Sequence[Splice], before: Snapshot) -> tuple[str, ...]:
    share = sum(s.end - s.start for s in splices) / max(1, len(before.lines))
    return (f"rewrites {share:.0%} of the file",) if share > MUCH else ()


def _sound(result: Outcome) -> Outcome:
    """The outcome, unless the file would not be what it has to be: then nothing of it holds."""
    problem = _broken(result)
    if not problem:
        return result
    first = result.located[0].intent if result.located else None
    refusal = Refusal(
        result.before.path,
        problem,
        kind=RefusalKind.BROKEN,
        number=first.number if first else 0,
        block=first.old if first else "",
    )
    return replace(
        result,
        op=FileOp.MODIFY,
        path=result.before.path,
        source="",
        lines=result.before.lines,
        located=(),
        refusals=(*result.refusals, refusal),
    )


def _broken(result: Outcome) -> str:
    if any("\0" in line for line in result.lines):
        return "the file would hold a NUL character, as only binary files do"
    try:
        result.before.encode(result.lines)
    except UnicodeEncodeError as error:
        sign = error.object[error.start]
        return f"the file is {result.before.encoding}, which has no `{sign}`; use plain characters"
    if (
        result.path.endswith(".ipynb")
        and _is_json(result.before.lines)
        and not _is_json(result.lines)
    ):
        return "the notebook would no longer be JSON; give it whole, or edit whole JSON strings"
    return ""


def _is_json(lines: Sequence[str]) -> bool:
    try:
        json.loads("".join(lines))
    except (ValueError, RecursionError):
        return not "".join(lines).strip()
    return True

"""Intents of all tasks, placed against one snapshot of each file, as hunks or refusals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.domain.edit import FileVersion
from core.domain.hunk import (
    FileEdit,
    FileOp,
    Hunk,
    Need,
    NeedKind,
    Refusal,
    RefusalKind,
    Run,
)
from core.domain.path import one_spelling
from core.domain.risk import RiskTier
from core.edits.annotate import Annotate
from core.edits.compose import compose
from core.edits.differing import PlainDiffer
from core.edits.elsewhere import OtherFiles, Reader
from core.edits.hunks import derive_hunks
from core.edits.intent import Intent, Op
from core.edits.kinds import kind_flags
from core.edits.locate import Tier
from core.edits.needs import link
from core.edits.outcome import Outcome, outcome
from core.edits.placing import Located
from core.edits.snapshot import Snapshot, Unreadable, empty_snapshot, read_snapshot
from core.ports import Differ


@dataclass(frozen=True, slots=True)
class Wish:
    """The intents of one task and who wrote them."""

    task: str
    model: str
    intents: tuple[Intent, ...]
    in_order: bool = False
    """Whether the format of the reply promises file order."""
    repaired: Mapping[int, str] = field(default_factory=dict)
    """Numbers of the intents that another model put right, and which."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What was placed and what was not."""

    files: tuple[FileEdit, ...]
    refusals: tuple[Refusal, ...]


_LITERAL = frozenset({Tier.EXACT, Tier.PART, Tier.SITE, Tier.WHOLE})
_PLAIN = PlainDiffer()


def stage(
    wishes: Sequence[Wish],
    read: Reader,
    annotate: Annotate,
    differ: Differ = _PLAIN,
    *,
    fuzzy: bool = False,
    others: Iterable[str] = (),
) -> Staged:
    """Place every intent against the files as they are; refuse what has no single place.

    Within one file, edits of different tasks, and certain and doubtful edits, become separate
    hunks; where two tasks want the same lines, the later one is refused. With `fuzzy`, text that is
    nowhere may be proposed where it is very much alike, as a doubtful hunk. `others` are files in
    which a misplaced text may be.
    """
    rows = _by_path(wishes)
    look = OtherFiles(dict.fromkeys((*rows, *others)), read)
    files = [_resolved(path, wanted, read, look, fuzzy) for path, wanted in sorted(rows.items())]
    changed = [g for f in files for g in f.groups if g.outcome.is_change]
    answers = differ.runs([(g.outcome.before.lines, g.outcome.lines) for g in changed])
    for group, runs in zip(changed, answers, strict=True):
        group.runs = runs
    edits = [(f, edit) for f in files if (edit := _file_edit(f, annotate))]
    for file in files:
        if not file.refusals and not any(f is file for f, _ in edits):
            nothing = Refusal(file.path, "the edits change nothing", kind=RefusalKind.NO_CHANGE)
            file.refusals.append(replace(nothing, task=file.groups[0].wish.task))
    return Staged(_linked(edits), tuple(r for f in files for r in f.refusals))


@dataclass(slots=True)
class _Group:
    """The intents of one file that one task gives, of one doubt."""

    wish: Wish
    doubt: str
    outcome: Outcome
    runs: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class _File:
    """One file on its way to hunks."""

    path: str
    version: FileVersion | None
    before: Snapshot
    groups: list[_Group] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


_Rows = list[tuple[Wish, Intent]]


def _by_path(wishes: Sequence[Wish]) -> dict[str, _Rows]:
    """The intents by file. What is edited under the name that a move gives it is the moved file."""
    rows: dict[str, _Rows] = {}
    for wish in wishes:
        moved = {
            one_spelling(i.target): one_spelling(i.path) for i in wish.intents if i.op is Op.RENAME
        }
        for intent in wish.intents:
            path = one_spelling(intent.path)
            path = moved.get(path, path)
            if path != intent.path:
                intent = replace(intent, path=path)
            rows.setdefault(path, []).append((wish, intent))
    return rows


def _resolved(path: str, rows: _Rows, read: Reader, look: OtherFiles, fuzzy: bool) -> _File:
    version = read(path)
    file = _File(path, version, empty_snapshot(path))
    try:
        if version:
            file.before = read_snapshot(version)
    except Unreadable as error:
        reason = f"the file {error}"
        file.refusals = [
            Refusal(path, reason, task=wish.task, kind=RefusalKind.NOT_TEXT)
            for wish in {wish.task: wish for wish, _ in rows}.values()
        ]
        return file
    if version and version.is_link and any(i.op in (Op.DELETE, Op.RENAME) for _, i in rows):
        reason = "the path is a symbolic link, and only what it leads to could be changed"
        file.refusals = [Refusal(path, reason, task=rows[0][0].task)]
        return file
    for (task, doubt), group in _grouped(rows).items():
        wish = group[0][0]
        result = outcome(
            path,
            [intent for _, intent in group],
            file.before if version else None,
            is_there=lambda target: read(target) is not None,
            in_order=wish.in_order,
            fuzzy=fuzzy,
            elsewhere=look,
        )
        refused = (replace(r, path=path, task=task, doubt=doubt) for r in result.refusals)
        file.refusals += [replace(r, task=task) for r in refused]
        file.groups.append(_Group(wish, doubt, result))
    return file


def _grouped(rows: _Rows) -> dict[tuple[str, str], _Rows]:
    groups: dict[tuple[str, str], _Rows] = {}
    for wish, intent in sorted(rows, key=lambda pair: bool(pair[1].doubt)):
        groups.setdefault((wish.task, intent.doubt), []).append((wish, intent))
    return groups


def _file_edit(file: _File, annotate: Annotate) -> FileEdit | None:
    """The hunks of all groups that do not contradict one another."""
    rows: list[tuple[Hunk, _Group]] = []
    active = [g for g in file.groups if g.outcome.is_change]
    for group in active:
        earlier = [h for h, _ in rows]
        for hunk in _hunks(group, merge=len(active) == 1):
            clash = next((h for h in earlier if _overlap(h, hunk)), None)
            if clash is None:
                rows.append((hunk, group))
            else:
                file.refusals.append(_clash(hunk, clash))
    if not rows:
        return None
    rows.sort(key=lambda row: (row[0].start, row[0].seq))
    groups = [group for _, group in rows]
    path = next((h.path for h, _ in rows if h.op is FileOp.RENAME), file.path)
    judged = [_judged(hunk, path, annotate) for hunk in distinct([h for h, _ in rows])]
    hunks = _bound(judged, groups)
    base = file.version.hash if file.version else ""
    op = next((h.op for h in hunks if h.op is not FileOp.MODIFY), FileOp.MODIFY)
    executable = file.version.executable if file.version else active[0].outcome.executable
    return FileEdit(path, op, base, base, executable, tuple(hunks))


def _judged(hunk: Hunk, path: str, annotate: Annotate) -> Hunk:
    """The hunk at the path that its file gets, judged at both where the file is moved."""
    before = hunk.source or (hunk.path if hunk.path != path else "")
    found = _cautious(annotate(replace(hunk, path=path, source=before)))
    return replace(found, source=hunk.source)


def _hunks(group: _Group, *, merge: bool) -> list[Hunk]:
    """The hunks of one outcome, each with how it was placed."""
    result = group.outcome
    before = replace(result.before, path=result.path)
    if result.op is FileOp.RENAME:
        moved = derive_hunks(before, before.lines, FileOp.RENAME, [])
        made = [replace(h, source=result.source) for h in moved]
        made += derive_hunks(before, result.lines, FileOp.MODIFY, group.runs, merge=merge)
    else:
        made = [*derive_hunks(before, result.lines, result.op, group.runs, merge=merge)]
    kinds = kind_flags(result.before)
    return [_placed(hunk, group, kinds) for hunk in made]


def _placed(hunk: Hunk, group: _Group, kinds: tuple[str, ...]) -> Hunk:
    found = _sources(hunk, group.outcome.located)
    tiers = sorted({x.tier for x in found} or {Tier.EXACT})
    model = next((m for x in found if (m := group.wish.repaired.get(x.intent.number))), "")
    return replace(
        hunk,
        task=group.wish.task,
        model=group.wish.model,
        doubt=group.doubt or next((x.doubt for x in found if x.doubt), ""),
        matched_by=", ".join(tiers),
        repaired_by=model,
        flags=(*hunk.flags, *kinds, *group.outcome.flags),
    )


def _sources(hunk: Hunk, located: Sequence[Located]) -> list[Located]:
    """The edits that a hunk came from."""
    if hunk.op is not FileOp.MODIFY:
        return list(located)
    end = hunk.start + len(hunk.old)
    return [x for x in located if x.start <= end and hunk.start <= x.end]


def _bound(hunks: list[Hunk], groups: Sequence[_Group]) -> list[Hunk]:
    """Hunks of one block of a reply need one another, in a ring. A diff's hunks are no such blocks:
    they hold whatever stands close together.
    """
    for group in {id(g): g for g in groups if not g.wish.in_order}.values():
        own = [i for i, g in enumerate(groups) if g is group and hunks[i].op is FileOp.MODIFY]
        for located in group.outcome.located:
            if located.tier in (Tier.SITE, Tier.WHOLE) or located.intent.everywhere:
                continue
            ring = [i for i in own if _sources(hunks[i], (located,))]
            for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
                if one != other:
                    need = Need(hunks[other].id, NeedKind.HARD, "one edit of the reply holds both")
                    hunks[one] = replace(hunks[one], needs=(*hunks[one].needs, need))
    return hunks


def _cautious(hunk: Hunk) -> Hunk:
    """In a file of high risk only text that was found as it is written needs no second look."""
    loosely = [t for t in hunk.matched_by.split(", ") if Tier(t) not in _LITERAL]
    if hunk.doubt or hunk.risk < RiskTier.HIGH or not loosely:
        return hunk
    doubt = f"placed by {loosely[0]} only, in a file of high risk"
    return replace(hunk, doubt=doubt)


def _overlap(a: Hunk, b: Hunk) -> bool:
    if FileOp.RENAME in (a.op, b.op) and FileOp.MODIFY in (a.op, b.op):
        return False
    if a.op is not FileOp.MODIFY or b.op is not FileOp.MODIFY:
        return True
    ends = a.start + len(a.old), b.start + len(b.old)
    if a.start == b.start and (not a.old or not b.old):
        return True
    return a.start < ends[1] and b.start < ends[0]


def _clash(hunk: Hunk, other: Hunk) -> Refusal:
    rows = f"lines {hunk.start + 1} to {hunk.start + max(1, len(hunk.old))}"
    whose = "a certain edit" if hunk.doubt and not other.doubt else other.task
    doubt = f", and is doubtful: {hunk.doubt}" if hunk.doubt else ""
    return Refusal(
        hunk.path,
        f"{hunk.task} changes the same {rows} as {whose}{doubt}",
        (hunk.start + 1,),
        task=hunk.task,
        doubt=hunk.doubt,
        kind=RefusalKind.CONFLICT,
    )


def _linked(edits: Sequence[tuple[_File, FileEdit]]) -> tuple[FileEdit, ...]:
    """The files with the needs that names make between their hunks."""
    before = {edit.path: "".join(file.before.lines) for file, edit in edits}
    after = {}
    for file, edit in edits:
        data = compose(file.before, edit.hunks)
        after[edit.path] = data.decode(file.before.encoding) if data is not None else ""
    return link([edit for _, edit in edits], before, after)


def distinct(hunks: Sequence[Hunk]) -> list[Hunk]:
    """Each hunk with an id of its own: equal changes of one file are counted in file order."""
    seen: Counter[str] = Counter()
    out = []
    for hunk in hunks:
        name = hunk.id.partition(".")[0]
        seen[name] += 1
        out.append(replace(hunk, id=name if seen[name] == 1 else f"{name}.{seen[name]}"))
    return out


Change = tuple[FileVersion | None, FileVersion | None]
"""A path before and after; None for no file."""


def composed(file: FileEdit, base: bytes | None, hunks: Sequence[Hunk]) -> dict[str, Change]:
    """What every path of a file edit is, and with exactly these hunks would be.

    A move that is not among the hunks leaves the file where it was, with the other hunks in it.
    """
    if base is None:
        made = [h for h in hunks if h.op is FileOp.CREATE]
        data = compose(empty_snapshot(file.path), made) if made else None
        return {file.path: (None, _version(file, file.path, data))}
    here = file.source or file.path
    before = FileVersion(here, base, file.executable)
    inner = [h for h in hunks if h.op is not FileOp.RENAME]
    data = compose(read_snapshot(before), inner)
    if len(inner) == len(hunks):
        return {here: (before, _version(file, here, data))}
    return {here: (before, None), file.path: (None, _version(file, file.path, data))}


def _version(file: FileEdit, path: str, data: bytes | None) -> FileVersion | None:
    return None if data is None else FileVersion(path, data, file.executable)

"""Intents of all tasks, located against one snapshot of each file and turned into hunks, or
refused.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.domain.edit import FileVersion
from core.domain.hunk import FileEdit, FileOp, Hunk, Refusal
from core.domain.path import one_spelling
from core.edits.annotate import Annotate
from core.edits.compose import compose, ordered
from core.edits.hunks import derive_hunks
from core.edits.intent import Intent, Op
from core.edits.locate import Located, locate, with_ends
from core.edits.snapshot import Snapshot, Unreadable, empty_snapshot, read_snapshot


@dataclass(frozen=True, slots=True)
class Wish:
    """The intents of one task and who wrote them."""

    task: str
    model: str
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """What was placed and what was not."""

    files: tuple[FileEdit, ...]
    refusals: tuple[Refusal, ...]


Reader = Callable[[str], FileVersion | None]


def stage(wishes: Sequence[Wish], read: Reader, annotate: Annotate) -> Staged:
    """Place every intent against the files as they are; refuse what has no single place.

    Within one file, edits of different tasks, and certain and doubtful edits, become separate
    hunks; where two tasks want the same lines, the later one is refused.
    """
    by_path: dict[str, list[tuple[Wish, Intent]]] = {}
    for wish in wishes:
        for intent in wish.intents:
            by_path.setdefault(one_spelling(intent.path), []).append((wish, intent))
    files: list[FileEdit] = []
    refusals: list[Refusal] = []
    for path in sorted(by_path):
        edit, refused = _stage_file(path, by_path[path], read(path), annotate)
        refusals += refused
        if edit:
            files.append(edit)
    return Staged(tuple(files), tuple(refusals))


def _stage_file(
    path: str, wanted: list[tuple[Wish, Intent]], version: FileVersion | None, annotate: Annotate
) -> tuple[FileEdit | None, list[Refusal]]:
    try:
        snapshot = read_snapshot(version) if version else empty_snapshot(path)
    except Unreadable as error:
        return None, [Refusal(path, f"the file {error}", task=w.task) for w, _ in wanted[:1]]
    if version and version.is_link and any(i.op is Op.DELETE for _, i in wanted):
        reason = "the path is a symbolic link, and only what it leads to could be deleted"
        return None, [Refusal(path, reason, task=wanted[0][0].task)]
    hunks: list[Hunk] = []
    refusals: list[Refusal] = []
    for (task, doubt), group in _grouped(wanted).items():
        wish = group[0][0]
        located, refused = _locate_all([i for _, i in group], snapshot, exists=version is not None)
        refusals += [replace(r, path=path, task=task, doubt=doubt) for r in refused]
        if not located:
            continue
        op = _operation(located, exists=version is not None)
        tiers = ", ".join(sorted({x.tier for x in located}))
        earlier = list(hunks)
        for hunk in derive_hunks(snapshot, _applied(snapshot, located), op):
            made = replace(hunk, task=task, model=wish.model, doubt=doubt, matched_by=tiers)
            clash = next((h for h in earlier if _overlap(h, made)), None)
            if clash is None:
                hunks.append(annotate(made))
            else:
                refusals.append(_clash(made, clash))
    if not hunks:
        if not refusals:
            refusals.append(Refusal(path, "the edits change nothing", task=wanted[0][0].task))
        return None, refusals
    return _file_edit(path, version, hunks), refusals


def _grouped(wanted: list[tuple[Wish, Intent]]) -> dict[tuple[str, str], list[tuple[Wish, Intent]]]:
    groups: dict[tuple[str, str], list[tuple[Wish, Intent]]] = {}
    for wish, intent in sorted(wanted, key=lambda pair: bool(pair[1].doubt)):
        groups.setdefault((wish.task, intent.doubt), []).append((wish, intent))
    return groups


def _locate_all(
    intents: Sequence[Intent], snapshot: Snapshot, *, exists: bool
) -> tuple[list[Located], list[Refusal]]:
    located: list[Located] = []
    refusals: list[Refusal] = []
    for intent in intents:
        problem = _existence(intent, exists, is_empty=not snapshot.lines)
        found = (
            Refusal(intent.path, f"edit {intent.number}: {problem}")
            if problem
            else locate(intent, snapshot)
        )
        if isinstance(found, Refusal):
            refusals.append(found)
        elif clash := next((x for x in located if _collide(x, found)), None):
            refusals.append(
                Refusal(
                    intent.path,
                    f"edit {intent.number} changes the same lines as edit {clash.intent.number} "
                    f"(lines {found.start + 1} to {found.end})",
                    (found.start + 1,),
                )
            )
        else:
            located.append(found)
    return _joined_sites(located, snapshot), refusals


def _existence(intent: Intent, exists: bool, *, is_empty: bool) -> str:
    if intent.op is Op.CREATE and exists and not is_empty:
        return "creates a file that exists; use an edit, or the whole file"
    if intent.op in (Op.EDIT, Op.SITE, Op.DELETE) and not exists:
        return "the file does not exist"
    return ""


def _collide(a: Located, b: Located) -> bool:
    one_line = a.end - a.start == b.end - b.start == 1 and a.start == b.start
    if one_line and a.tier == b.tier == "site":
        ours, theirs = a.intent.column or 0, b.intent.column or 0
        return ours < theirs + len(b.intent.old) and theirs < ours + len(a.intent.old)
    return (a.start, a.end) == (b.start, b.end) or (a.start < b.end and b.start < a.end)


def _joined_sites(located: list[Located], snapshot: Snapshot) -> list[Located]:
    """Several sites of one line become one change of that line, applied from right to left."""
    rows: dict[int, list[Located]] = {}
    for item in located:
        if item.tier == "site" and item.end == item.start + 1:
            rows.setdefault(item.start, []).append(item)
    out = [x for x in located if len(rows.get(x.start, ())) < 2 or x.tier != "site"]
    for row, items in rows.items():
        if len(items) > 1:
            line = snapshot.bare[row]
            for item in sorted(items, key=lambda x: x.intent.column or 0, reverse=True):
                column = item.intent.column or 0
                line = line[:column] + item.intent.new + line[column + len(item.intent.old) :]
            lines = with_ends(line, snapshot.lines[row : row + 1], snapshot)
            out.append(Located(row, row + 1, lines, "site", items[0].intent))
    return out


def _applied(snapshot: Snapshot, located: Sequence[Located]) -> list[str]:
    lines: list[str] = []
    position = 0
    for item in sorted(located, key=lambda x: x.start):
        lines += snapshot.lines[position : item.start]
        lines += item.lines
        position = item.end
    return lines + list(snapshot.lines[position:])


def _operation(located: Sequence[Located], *, exists: bool) -> FileOp:
    if not exists:
        return FileOp.CREATE
    return FileOp.DELETE if any(x.intent.op is Op.DELETE for x in located) else FileOp.MODIFY


def _overlap(a: Hunk, b: Hunk) -> bool:
    if a.op is not FileOp.MODIFY or b.op is not FileOp.MODIFY:
        return True
    ends = a.start + len(a.old), b.start + len(b.old)
    if a.start == b.start and (not a.old or not b.old):
        return True
    return a.start < ends[1] and b.start < ends[0]


def _clash(hunk: Hunk, other: Hunk) -> Refusal:
    rows = f"lines {hunk.start + 1} to {hunk.start + max(1, len(hunk.old))}"
    whose = "a certain edit" if hunk.doubt and not other.doubt else other.task
    return Refusal(
        hunk.path,
        f"{hunk.task} changes the same {rows} as {whose}"
        + (f", and is doubtful: {hunk.doubt}" if hunk.doubt else ""),
        (hunk.start + 1,),
        task=hunk.task,
        doubt=hunk.doubt,
    )


def _file_edit(path: str, version: FileVersion | None, hunks: list[Hunk]) -> FileEdit:
    base = version.hash if version else ""
    hunks = distinct(ordered(hunks))
    op = next((h.op for h in hunks if h.op is not FileOp.MODIFY), FileOp.MODIFY)
    return FileEdit(path, op, base, base, bool(version and version.executable), tuple(hunks))


def distinct(hunks: Sequence[Hunk]) -> list[Hunk]:
    """Each hunk with an id of its own: equal changes of one file are counted in file order."""
    seen: Counter[str] = Counter()
    out = []
    for hunk in hunks:
        name = hunk.id.partition(".")[0]
        seen[name] += 1
        out.append(replace(hunk, id=name if seen[name] == 1 else f"{name}.{seen[name]}"))
    return out


def composed(file: FileEdit, base: FileVersion | None, hunks: Sequence[Hunk]) -> bytes | None:
    """The bytes of a file with exactly these hunks; None for no file."""
    if base is None:
        made = [h for h in hunks if h.op is FileOp.CREATE]
        return compose(empty_snapshot(file.path), made) if made else None
    return compose(read_snapshot(base), hunks)

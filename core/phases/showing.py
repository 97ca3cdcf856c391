"""What the writer of one task is shown: the task's own files first, then what it asks for, once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.context import ContextItem, ItemState
from core.domain.goal import matches
from core.domain.path import one_spelling
from core.domain.task import TaskSpec
from core.phases.counting import names_in
from core.phases.inputs import PhasePorts
from core.retrieval.chunks import Definition, cut
from core.retrieval.corpus import read_document
from core.retrieval.snippets import estimate, read_span

MAX_NEEDS = 8
"""Places that a reply may ask to see."""
HEAD = 32
"""Lines of a large file of the task that retrieval did not quote."""
WHOLE = 600
"""Tokens up to which such a file is shown whole."""
UNSEEN_TOKENS = 2_500
"""Of files of the task that retrieval did not quote."""
OTHER_TOKENS = 1_200
"""Of context from files that the task may not write, but which hold a name that it speaks of."""
NEED_TOKENS = 5_000
"""Of what a reply asks to see, some 400 lines."""
OUTLINE_TOKENS = 400
"""Of the definitions of the task's files with their lines."""
LONGEST = 160
"""Lines of a definition that is asked for by its name."""
LEAST = 8
"""Lines below which a part of what was asked for says too little."""
AROUND = 60
"""Lines after the first mention of a name that nothing defines."""

_NEED = re.compile(
    r"^[ \t]*+NEED[ \t]++([^\s:]++)(?::([0-9]{1,9})-([0-9]{1,9})|[ \t]++([\w.]++))?[ \t]*+$",
    re.MULTILINE,
)
_CHANGE_LOG = re.compile(r"(?i)(?:^|/)(?:change|history|news|release)[^/]*$")
"""Files that grow at their beginning."""
_WORD = re.compile(r"\w+")
_QUIET = frozenset({"variable", "field", "key", "rule"})


@dataclass(frozen=True, slots=True)
class Need:
    """A place that a reply asks to see."""

    path: str
    start: int
    """1-based; 0 where only a name or the whole file was asked for."""
    end: int
    symbol: str

    def __str__(self) -> str:
        if self.symbol:
            return f"{self.path} {self.symbol}"
        return f"{self.path}:{self.start}-{self.end}" if self.start else self.path


def needs(reply: str) -> list[Need]:
    """The places that a reply asks for; none if it holds edits."""
    rest = _NEED.sub("", reply)
    if "<<<<<<<" in rest or "```" in rest:
        return []
    return [_need(*found.groups("")) for found in _NEED.finditer(reply)]


def _need(path: str, first: str, last: str, symbol: str) -> Need:
    start, end = sorted((int(first or 0), int(last or 0)))
    return Need(one_spelling(path.strip("`")), start, end, symbol)


def need_of(place: str) -> Need:
    """A place that was asked for before, by its `path:first-last`."""
    path, _, lines = place.rpartition(":")
    first, _, last = lines.partition("-")
    return Need(path, int(first), int(last), "")


def for_task(task: TaskSpec, goal: str, items: Sequence[ContextItem]) -> tuple[ContextItem, ...]:
    """The task's own files and the pins; then, of what it may read, pieces that hold a name which
    the task or the goal speaks of, any where they speak of none.
    """
    own = [
        i
        for i in items
        if i.state is ItemState.PINNED or any(matches(i.path, f) for f in task.writes)
    ]
    shown, left = list(own), OTHER_TOKENS
    said = names_in(_spoken(task, goal))
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, said))})(?!\w)" if said else "")
    for item in items:
        if item in own or item.tokens > left or not _may_read(item.path, task):
            continue
        if named.search(item.text):
            shown.append(item)
            left -= item.tokens
    return tuple(shown)


def unseen(
    task: TaskSpec, shown: Sequence[ContextItem], ports: PhasePorts
) -> tuple[ContextItem, ...]:
    """Windows of the task's files that retrieval did not quote, small files whole, and the
    beginning of a change log whatever of it was quoted.
    """
    extra, left = [], UNSEEN_TOKENS
    for path in _listed(_named(task), ports):
        of_it = [i for i in shown if i.path == path]
        is_log = _CHANGE_LOG.search(path) is not None
        if of_it and not (is_log and all(i.start > 1 for i in of_it)):
            continue
        item = read_span(ports.repo, path, 0, 0, "a file of the task")
        if item and item.tokens > WHOLE:
            item = read_span(ports.repo, path, 1, HEAD, "the start of a file of the task")
        if item and item.tokens <= left:
            extra.append(item)
            left -= item.tokens
    return tuple(extra)


def outlines(task: TaskSpec, goal: str, shown: Sequence[ContextItem], ports: PhasePorts) -> str:
    """What the task's files define and where, for those that are not shown whole: first what the
    task or the goal speaks of, then the rest from the top, as far as there is room.
    """
    said = frozenset(_WORD.findall(_spoken(task, goal)))
    rows, left = [], OUTLINE_TOKENS
    for path in _listed(_named(task), ports):
        text = _text(path, ports)
        lines = text.split("\n")
        seen = {row for i in shown if i.path == path for row in range(i.start, i.end + 1)}
        if all(row in seen for row, line in enumerate(lines, 1) if line.strip()):
            continue
        head = f"{path}: {len(lines)} lines"
        defined = [one for one in cut(path, text).definitions if one.kind not in _QUIET]
        told: list[tuple[int, str]] = []
        room = left - estimate(head)
        for one in sorted(defined, key=lambda one: one.name not in said):
            name = f"{one.parent}.{one.name}" if one.parent else one.name
            entry = f", {name} {one.start}-{one.end}"
            if estimate(entry) <= room:
                told.append((one.start, entry))
                room -= estimate(entry)
        if room >= 0:
            rows.append(head + "".join(entry for _, entry in sorted(told)))
            left = room
    return "\n".join(rows)


def _spoken(task: TaskSpec, goal: str) -> str:
    return "\n".join((goal, task.title, task.intent, *task.acceptance))


def asked_for(
    asked: Sequence[Need], task: TaskSpec, ports: PhasePorts
) -> tuple[tuple[ContextItem, ...], tuple[str, ...]]:
    """What a reply asked to see, and a sentence for each place that is not shown, or not whole."""
    items: list[ContextItem] = []
    said = [f"{need}: more than {MAX_NEEDS} places were asked for" for need in asked[MAX_NEEDS:]]
    left = NEED_TOKENS
    listed = _listed([need.path for need in asked], ports)
    places: list[Need] = []
    for need in asked[:MAX_NEEDS]:
        if need.path not in listed:
            said.append(f"{need}: there is no such file, or none that a model is shown")
        elif not _may_read(need.path, task):
            said.append(f"{need}: this task does not read that file")
        else:
            places.append(need)
    for place in _apart([_found(need, ports) for need in places]):
        item = read_span(ports.repo, place.path, place.start, place.end, "asked for by the model")
        count = _text(place.path, ports).count("\n") + 1
        if item and place.start > count:
            item = None
            said.append(f"{place}: the file has {count} lines")
        if item and item.tokens > left:
            item, why = _cut_short(item, left, ports)
            said.append(f"{place}: {why}")
        if item:
            items.append(item)
            left -= item.tokens
    return tuple(items), tuple(said)


def _apart(places: Sequence[Need]) -> list[Need]:
    """The same lines with none of them twice: places of a file that touch become one."""
    apart: list[Need] = []
    for place in places:
        for other in [o for o in apart if o.path == place.path and _touch(o, place)]:
            apart.remove(other)
            whole = not (other.start and place.start)
            start = 0 if whole else min(other.start, place.start)
            place = replace(place, start=start, end=0 if whole else max(other.end, place.end))
        apart.append(place)
    return apart


def _touch(one: Need, other: Need) -> bool:
    if not (one.start and other.start):
        return True
    return one.start <= other.end + 1 and other.start <= one.end + 1


def once(items: Sequence[ContextItem]) -> tuple[ContextItem, ...]:
    """Those whose lines no other item shows too; of two that show the same, the first."""
    kept: list[ContextItem] = []
    for item in items:
        if not any(_holds(other, item) for other in kept):
            kept = [other for other in kept if not _holds(item, other)]
            kept.append(item)
    return tuple(kept)


def _holds(outer: ContextItem, inner: ContextItem) -> bool:
    if outer == inner:
        return True
    is_same = outer.path == inner.path and outer.file_hash == inner.file_hash
    return is_same and 0 < outer.start <= inner.start and inner.end <= outer.end


def _cut_short(item: ContextItem, left: int, ports: PhasePorts) -> tuple[ContextItem | None, str]:
    """As many of its first lines as there is room for."""
    lines = (item.end - item.start + 1) * left // item.tokens
    while lines >= LEAST:
        end = item.start + lines - 1
        part = read_span(ports.repo, item.path, item.start, end, item.why)
        if part and part.tokens <= left:
            return part, f"there was room up to line {end}"
        lines = lines * 3 // 4
    return None, "there was no room left"


def _found(need: Need, ports: PhasePorts) -> Need:
    """With lines: of the definition of its name, or else around the first mention."""
    if not need.symbol:
        return need
    text = _text(need.path, ports)
    holder, _, last = need.symbol.rpartition(".")
    defined = [d for d in cut(need.path, text).definitions if d.name == last]
    if defined:
        one = max(defined, key=lambda d: _fits(d, holder))
        return replace(need, start=one.start, end=min(one.end, one.start + LONGEST - 1))
    name = re.compile(rf"\b{re.escape(last)}\b")
    rows = (n for n, line in enumerate(text.split("\n"), 1) if name.search(line))
    row = next(rows, 1)
    return replace(need, start=max(1, row - 2), end=row + AROUND)


def _fits(one: Definition, holder: str) -> tuple[bool, bool]:
    is_meant = f".{one.parent}".endswith(f".{holder}") if holder else not one.parent
    return is_meant, one.kind not in _QUIET


def _named(task: TaskSpec) -> list[str]:
    return [path for path in task.writes if not any(c in path for c in "*?")]


def _may_read(path: str, task: TaskSpec) -> bool:
    return any(matches(path, glob) for glob in (*task.writes, *task.reads))


def _listed(paths: Sequence[str], ports: PhasePorts) -> list[str]:
    """Those that the repository lists: a model is never shown ignored files or another
    repository's.
    """
    known = frozenset(ports.repo.files()) if paths else frozenset()
    return [path for path in paths if path in known]


def _text(path: str, ports: PhasePorts) -> str:
    """A file's text; nothing of a key file or a binary."""
    document = read_document(ports.repo, path)
    return document.text if document else ""

"""Who changed a line, on whose instruction: from a line of a file as it is now to the landed hunk.

A line is looked for in what each landing left, newest first, by the lines that both texts have in
common; so the answer holds after the file was edited, moved by a commit, or landed upon again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain.events import EditsLanded, HunkDecided, HunkEdited, Recorded
from core.domain.hunk import Hunk, LandedFile, Landing
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.domain.state import RunState
from core.domain.task import TaskSpec
from core.edits.snapshot import split_lines
from core.engine.reduce import reduce
from core.ports import Blobs, Differ


@dataclass(frozen=True, slots=True)
class Landed:
    """One landing with the state of its run at that moment."""

    landing: Landing
    at: float
    """Seconds since the epoch."""
    state: RunState
    decided: Mapping[str, str]
    """Who decided each hunk last."""
    edited: frozenset[str]
    """Hunks whose lines the user edited."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line comes from."""

    landed: Landed
    hunk: Hunk
    path: str
    """Where it landed; files move."""
    line: int
    """1-based, in what the landing left."""

    @property
    def task(self) -> TaskSpec | None:
        """The task that asked for it."""
        return next((t for t in self.landed.state.tasks if t.id == self.hunk.task), None)

    @property
    def rationale(self) -> str:
        """What its author said about it, from generate's receipt."""
        receipt = self.landed.state.phases[Phase.GENERATE].receipt
        outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
        return next((o.rationale for o in outputs if o.task == self.hunk.task), "")


def landings(recorded: Iterable[Recorded]) -> Iterator[Landed]:
    """The landings of one run that stand, oldest first."""
    state, decided, edited = RunState(), dict[str, str](), set[str]()
    found: list[Landed] = []
    for one in recorded:
        event = one.event
        if isinstance(event, HunkDecided):
            decided |= dict.fromkeys(event.ids, event.by)
        elif isinstance(event, HunkEdited):
            edited.add(event.hunk.id)
        elif isinstance(event, EditsLanded):
            made = Landed(event.landing, one.at, state, dict(decided), frozenset(edited))
            found.append(made)
        state = reduce(state, one)
    return (landed for landed in found if landed.landing.id not in state.undone)


def origin(
    text: str,
    line: int,
    names: Sequence[str],
    landed: Iterable[Landed],
    blobs: Blobs,
    differ: Differ,
) -> Origin | None:
    """The landed hunk that wrote line `line` (1-based) of a text, or None.

    `names` are the paths that the file has had, today's first; `landed` comes newest first.
    """
    now = split_lines(text)
    known = set(names)
    for one in landed:
        for file in one.landing.files:
            if file.path in known and (found := _found(now, line - 1, one, file, blobs, differ)):
                return found
        known |= {f.source for f in one.state.files if f.path in known and f.source}
    return None


def _found(
    now: Sequence[str], row: int, landed: Landed, file: LandedFile, blobs: Blobs, differ: Differ
) -> Origin | None:
    """The hunk of one landed file that wrote a line of today's text."""
    try:
        after, before = (_kept(blobs, name) for name in (file.post, file.pre))
    except KeyError:
        return None
    [since, own] = differ.runs([(after, now), (before, after)])
    there = _before(row, since)
    run = next(((k, m) for _, _, k, m in own if there is not None and k <= there < m), None)
    if there is None or run is None:
        return None
    added = after[run[0] : run[1]]
    hunks = [
        h
        for h in landed.state.hunks
        if h.id in landed.landing.hunk_ids and h.path == file.path and after[there] in h.new
    ]
    best = max(hunks, key=lambda h: len(set(h.new) & set(added)), default=None)
    return Origin(landed, best, file.path, there + 1) if best else None


def _before(row: int, runs: Iterable[tuple[int, int, int, int]]) -> int | None:
    """The place in the first text of a line of the second that both have."""
    shift = 0
    for i, j, k, m in runs:
        if row < k:
            break
        if row < m:
            return None
        shift = (m - k) - (j - i) + shift
    return row - shift


def _kept(blobs: Blobs, name: str) -> Sequence[str]:
    """The lines of a kept file. Raises KeyError."""
    return split_lines(blobs.get(name).decode("utf-8", "replace")) if name else ()

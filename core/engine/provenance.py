"""Who changed a line, on whose instruction: from the lines of a file as it is now to landed hunks.

Every line that a hunk wrote is looked for in today's text, newest landing first, by the lines that
what landed and today's text have in common; so the answer holds after the file was edited, moved,
or landed upon again. Where a hunk stands in what landed is known exactly: it is how that was made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain.events import EditsLanded, HunkDecided, HunkEdited, HunkSplit, Recorded
from core.domain.hunk import Hunk, LandedFile, Landing, Run
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt, KeptEdits, TaskOutput
from core.domain.state import RunState
from core.domain.task import TaskSpec
from core.edits.compose import ordered
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
    edited: Mapping[str, str]
    """Hunks whose lines the user edited, to the model that had written them."""


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
    def model(self) -> str:
        """What wrote the hunk, before any edit of the user's; empty where that is not known."""
        return self.landed.edited.get(self.hunk.id, self.hunk.model)

    @property
    def is_edited(self) -> bool:
        """Whether the user edited the hunk, or the reply that it is of."""
        is_of_it = self._said is not None and self._said.is_edited
        return is_of_it or self.hunk.id in self.landed.edited

    @property
    def rationale(self) -> str:
        """What its author said about it, from generate's receipt."""
        return self._said.rationale if self._said else ""

    @property
    def _said(self) -> TaskOutput | KeptEdits | None:
        """The reply that it is of."""
        receipt = self.landed.state.phases[Phase.GENERATE].receipt
        outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
        output = next((o for o in outputs if o.task == self.hunk.task), None)
        kept = output.kept if output else ()
        return next((one for one in kept if self.path in one.paths), output)


def landings(recorded: Iterable[Recorded]) -> Iterator[Landed]:
    """The landings of one run that stand, oldest first."""
    state, decided, edited = RunState(), dict[str, str](), dict[str, str]()
    found: list[Landed] = []
    for one in recorded:
        event = one.event
        if isinstance(event, HunkDecided):
            decided |= dict.fromkeys(event.ids, event.by)
        elif isinstance(event, HunkEdited):
            model = next((h.model for h in state.hunks if h.id == event.id), "")
            edited[event.hunk.id] = edited.get(event.id, model)
        elif isinstance(event, HunkSplit) and event.id in edited:
            edited |= dict.fromkeys((part.id for part in event.parts), edited[event.id])
        elif isinstance(event, EditsLanded):
            found.append(Landed(event.landing, one.at, state, dict(decided), dict(edited)))
        state = reduce(state, one)
    return (landed for landed in found if landed.landing.id not in state.undone)


def origins(
    text: str, names: Sequence[str], landed: Iterable[Landed], blobs: Blobs, differ: Differ
) -> dict[int, Origin]:
    """The landed hunk that wrote each line (1-based) of a text; lines that none wrote are left out.

    `names` are the paths that the file has had, today's first; `landed` comes newest first.
    """
    now = split_lines(text)
    left = list(_left(names, landed, blobs))
    found: dict[int, Origin] = {}
    told = differ.runs([(lines, now) for _, _, lines in left])
    for (one, file, _), runs in zip(left, told, strict=True):
        for row, hunk in _written(one, file).items():
            here = _moved(row, runs)
            if here is not None:
                found.setdefault(here + 1, Origin(one, hunk, file.path, row + 1))
    return found


def origin(
    text: str,
    line: int,
    names: Sequence[str],
    landed: Iterable[Landed],
    blobs: Blobs,
    differ: Differ,
) -> Origin | None:
    """The landed hunk that wrote one line (1-based) of a text, or None; as `origins` has it."""
    return origins(text, names, landed, blobs, differ).get(line)


def _left(
    names: Sequence[str], landed: Iterable[Landed], blobs: Blobs
) -> Iterator[tuple[Landed, LandedFile, Sequence[str]]]:
    """What landings left of a file, under all its names, as far as it is kept."""
    known = set(names)
    for one in landed:
        for file in one.landing.files:
            if file.path in known and file.post:
                try:
                    data = blobs.get(file.post)
                except KeyError:
                    continue
                yield one, file, split_lines(data.decode("utf-8", "replace"))
        known |= {f.source for f in one.state.files if f.path in known and f.source}


def _written(landed: Landed, file: LandedFile) -> dict[int, Hunk]:
    """The hunk of a landing that wrote each row of what it left in a file.

    Unchanged lines inside a hunk are not its own, and landing wrote nothing that was on disk
    already when it was reviewed.
    """
    state = landed.state
    edit = ({f.source: f for f in state.files} | {f.path: f for f in state.files}).get(file.path)
    if edit is None or edit.present:
        return {}
    rows: dict[int, Hunk] = {}
    shift = 0
    for hunk in ordered(edit.kept(state.decisions)):
        if hunk.id in landed.landing.hunk_ids:
            start = hunk.start + shift
            rows |= {start + n: hunk for _, _, k, m in hunk.runs for n in range(k, m)}
        shift += len(hunk.new) - len(hunk.old)
    return rows


def _moved(row: int, runs: Iterable[Run]) -> int | None:
    """The place in the second text of a row of the first that both have."""
    shift = 0
    for i, j, _, m in runs:
        if row < i:
            break
        if row < j:
            return None
        shift = m - j
    return row + shift

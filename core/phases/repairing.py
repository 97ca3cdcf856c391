"""The one repair: edits without a place are put right by a model, and nothing else is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.edit import FileVersion
from core.domain.hunk import Refusal, RefusalKind
from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.placing import place
from core.edits.snapshot import Snapshot, Unreadable, read_snapshot
from core.edits.staging import Wish
from core.phases.asking import RULES, fence, goal_part, join, retry_part
from core.phases.inputs import Inputs, PhasePorts
from core.phases.ledger import ledger

SYSTEM = (
    RULES
    + " Your phase is apply: put edits right that could not be placed, and change nothing else."
)

PROMPT = """\
These edits of a larger change could not be placed; all others are placed and held, and nothing is
written. For each edit below reply with one SEARCH/REPLACE block for the same file: its SEARCH lines
copied exactly from the file text shown under it, enough of them to be found only once, its REPLACE
lines making the same change and no other. Lines outside the text shown must not change. Leave an
edit out if its text is truly not there."""

REACH = 12
"""Lines of the file shown before and after each place in question, and open to the repair."""
MOST_PLACES = 6
"""Places of one ambiguous edit that are shown."""
MOST_EDITS = 8
"""Edits that one repair is asked about."""


def is_repairable(refusal: Refusal, inputs: Inputs) -> bool:
    """Whether a model may be asked about it: it has a text to find and a place in question, and the
    same text was not sent back in vain before.
    """
    in_question = refusal.kind in (RefusalKind.AMBIGUOUS, RefusalKind.NOT_FOUND)
    known = bool(refusal.block) and refusal.block in inputs.answered
    return in_question and bool(refusal.block and refusal.lines) and not refusal.doubt and not known


async def repair(
    wishes: Sequence[Wish], refusals: Sequence[Refusal], inputs: Inputs, ports: PhasePorts
) -> tuple[list[Wish], int]:
    """Ask once about the refused edits; the wishes with what was put right, and how many were.

    An answer that is not placed either, or changes a line outside the text it was shown, is
    dropped, and its edit stays as it was.
    """
    cases = [c for r in refusals[:MOST_EDITS] if (c := _case(r, wishes, ports))]
    if not cases:
        return list(wishes), 0
    parts = [part for case in cases for part in case.parts()]
    reply = await ports.model.ask(
        SYSTEM,
        join(
            goal_part(inputs),
            ledger(inputs),
            _tasks(cases, inputs),
            PROMPT,
            *parts,
            retry_part(inputs),
        ),
        max_output=4_000,
    )
    try:
        offered = [i for i in parse_reply(reply.text).intents if i.op in (Op.EDIT, Op.REPLACE)]
    except ParseFault:
        return list(wishes), 0
    fixed: dict[tuple[str, int], Intent] = {}
    for intent in offered:
        case = next((c for c in cases if c.accepts(intent) and c.key not in fixed), None)
        if case:
            fixed[case.key] = replace(intent, number=case.intent.number, path=case.intent.path)
    return [_mended(w, fixed, ports.model.model) for w in wishes], len(fixed)


def _tasks(cases: "Sequence[_Case]", inputs: Inputs) -> str:
    """What the tasks of the edits are to do: it tells which of several places is meant."""
    wanted = {case.task for case in cases}
    tasks = inputs.plan.tasks if inputs.plan else ()
    return "\n".join(f"Task {t.id}: {t.intent}" for t in tasks if t.id in wanted)


def _mended(wish: Wish, fixed: dict[tuple[str, int], Intent], model: str) -> Wish:
    numbers = {number: model for task, number in fixed if task == wish.task}
    intents = tuple(
        i if i.op is Op.SITE else fixed.get((wish.task, i.number), i) for i in wish.intents
    )
    return replace(wish, intents=intents, repaired={**wish.repaired, **numbers})


@dataclass(frozen=True, slots=True)
class _Case:
    """One edit without a place, and the lines that may be its place."""

    task: str
    intent: Intent
    reason: str
    snapshot: Snapshot
    regions: tuple[tuple[int, int], ...]
    """0-based, half open: what is shown, and all that may change."""

    @property
    def key(self) -> tuple[str, int]:
        """Which edit of which task."""
        return self.task, self.intent.number

    def parts(self) -> list[str]:
        """The edit, why it was refused, and the file's lines in question."""
        title = f"{self.intent.path}: {self.reason}"
        block = f"{self.intent.old.rstrip()}\n=======\n{self.intent.new.rstrip()}"
        shown = [
            fence(
                f"{self.intent.path} lines {first + 1} to {last}",
                "\n".join(self.snapshot.bare[first:last]),
            )
            for first, last in self.regions
        ]
        return [fence(title, block), *shown]

    def accepts(self, intent: Intent) -> bool:
        """Whether an answer has one place here and stays inside the lines that were shown."""
        if intent.path not in ("", self.intent.path):
            return False
        found = place([replace(intent, scopes=(), line=None)], self.snapshot)
        spliced = [s for x in found.located for s in x.splices]
        return (
            bool(spliced)
            and not found.refusals
            and all(
                any(first <= s.start and s.end <= last for first, last in self.regions)
                for s in spliced
            )
        )


def _case(refusal: Refusal, wishes: Sequence[Wish], ports: PhasePorts) -> _Case | None:
    wished = ((w, i) for w in wishes if w.task == refusal.task for i in w.intents)
    same = (r for r in wished if (r[1].number, r[1].old) == (refusal.number, refusal.block))
    wish, intent = next(same, (None, None))
    version = ports.repo.read(refusal.path)
    if intent is None or wish is None or version is None:
        return None
    snapshot = _snapshot(version)
    if snapshot is None:
        return None
    size = refusal.block.count("\n")
    regions = _joined(
        [
            (max(0, row - 1 - REACH), min(len(snapshot.lines), row + size + REACH))
            for row in refusal.lines[:MOST_PLACES]
        ]
    )
    return _Case(wish.task, intent, refusal.reason, snapshot, regions)


def _snapshot(version: FileVersion) -> Snapshot | None:
    try:
        return read_snapshot(version)
    except Unreadable:
        return None


def _joined(regions: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    for first, last in sorted(regions):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return tuple(out)

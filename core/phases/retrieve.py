"""Retrieve: from the goal to the pieces of the repository that matter, each with its reason."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.domain.context import (
    CONTEXT_TOKENS,
    Candidate,
    Found,
    Reach,
    Trust,
)
from core.domain.errors import NoSource, NotPassed, RelaypairError
from core.domain.invisible import shown
from core.domain.project import Part, ProjectSummary
from core.domain.receipt import ContextReceipt
from core.domain.task import TaskSpec
from core.domain.words import counted, shortened
from core.phases.asking import RULES, fence, goal_part, join, json_object, retry_part
from core.phases.inputs import Inputs, PhasePorts
from core.retrieval.slices import to_quote

SYSTEM = (
    RULES
    + " Your phase is retrieve: order candidates by how much a programmer needs them for the goal."
)

PROMPT = """\
Candidates, one a line: number, path, what it defines, why it was found.
{candidates}

Which of these files have to be changed for the goal? Reply with a JSON object
{{"order": [numbers]}} that holds every number exactly once: first the files to be changed, the
likeliest first, then those to be read. Tests and documents are dealt with elsewhere."""

PARTS = """\
The parts of the repository, and what the rest of it uses most of each.
{parts}

Say besides, in the same object, what each part is for, in twelve words at most, if you can tell:
{{"order": [numbers], "parts": {{"folder": "what it is for"}}}}."""

LONGEST = 120
"""Characters of what a part is for."""
RERANKED = 25
"""Source files that a model is shown: one call over many is cheaper than many calls."""
_COMMIT = re.compile(r"commit [0-9a-f]{8} said ")
"""What a person can look up and a model cannot."""
LEAST = 600
"""Tokens that are quoted however much the user pinned."""
FURTHER = 12
"""Ranked files that are named without being quoted."""


async def retrieve(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> ContextReceipt:
    """Rank locally; a model reorders when one is set. Pass when something found can be trusted, or
    the user added something or said that what is there is enough.
    """
    goal = join(inputs.goal.text, inputs.note)
    found = await ports.finder.rank(goal)
    own = [i for i in inputs.context if i.is_users_own]
    lacking = found.missing_widely if inputs.reach is Reach.WIDE else found.missing
    candidates, project = found.candidates, found.project
    did: list[str] = []
    assumed: list[str] = []
    if found.missing:
        assumed.append(f"{_enough(lacking, is_added=bool(own))}, although {found.missing}")
    if not lacking and not ports.model.is_local:
        order, project = await _order(_sources(candidates), project, inputs, ports)
        candidates = _reordered(candidates, order)
        if not order:
            assumed.append("the files stay as the index ranks them: the model gave no order")
            did.append(f"{ports.model.model} gave no order twice: the index's is kept")
    quoted = to_quote(goal, candidates, is_wide=inputs.reach is Reach.WIDE)
    room = CONTEXT_TOKENS - sum(i.tokens for i in (*found.facts, *own))
    items = (*await ports.finder.quote(goal, quoted, max(LEAST, room)), *found.facts)
    if lacking and not own and inputs.reach is not Reach.ANYTHING:
        may_widen = inputs.reach is Reach.SOURCE and not found.missing_widely
        raise NoSource(_pause(found), items=items, may_widen=may_widen)
    known = {i.path for i in items}
    added = f", and {counted(len(own), 'piece')} of your own" if own else ""
    tokens = sum(i.tokens for i in items)
    files = len(known - {""})
    did.append(f"pieces: {len(items)}, files: {files}, about {tokens} tokens{added}")
    return ContextReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=tuple(did),
        assumptions=tuple(assumed),
        items=items,
        further=tuple(c for c in candidates if c.path not in known)[:FURTHER],
        sources=found.sources,
        project=project,
        doubt="" if own else lacking,
    )


def _enough(lacking: str, *, is_added: bool) -> str:
    """What the relay builds upon where source does not speak of the goal."""
    if is_added:
        return "what the user added is enough"
    return f"{'what is listed is' if lacking else 'tests and documents are'} enough by your word"


def _pause(found: Found) -> str:
    if not found.sources:
        return f"{found.missing}; start in the folder of a project"
    return (
        f"{found.missing}; say in the goal which file or name you mean, or add a file to the "
        "context (o), and rerun (r)"
    )


def _sources(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that a model is shown."""
    return [c for c in candidates if c.trust is Trust.CODE][:RERANKED]


async def _order(
    asked: Sequence[Candidate], project: ProjectSummary, inputs: Inputs, ports: PhasePorts
) -> tuple[list[int], ProjectSummary]:
    """A model's order of the places of `asked`, empty where its second reply was none either; and
    the project with what it says of parts that nobody has told of.
    """
    if len(asked) < 2:
        return list(range(len(asked))), project
    rows = [f"{n}. {c.outline}{_telling(c.why)}" for n, c in enumerate(asked)]
    unknown = "\n".join(shown(part.line)[:300] for part in project.made_of if not part.purpose)
    prompt = join(
        goal_part(inputs),
        PROMPT.format(candidates=fence("candidates", "\n".join(rows))),
        PARTS.format(parts=fence("parts", unknown)) if unknown else "",
        retry_part(inputs),
    )
    reply = await ports.model.ask(SYSTEM, prompt, max_output=800)
    try:
        said = json_object(reply.text)
        order, purposes = said.get("order"), said.get("parts")
        if isinstance(order, list) and sorted(map(str, order)) == sorted(
            map(str, range(len(asked)))
        ):
            told = purposes if isinstance(purposes, dict) else {}
            return [int(n) for n in order], await _described(project, told, ports)
        raise NotPassed(_no_order(order, len(asked)))
    except NotPassed:
        if inputs.feedback:
            return [], project
        raise


async def _described(
    project: ProjectSummary, purposes: Mapping[str, object], ports: PhasePorts
) -> ProjectSummary:
    """The project with what a model says its parts are for; that is kept, so it is asked once."""
    told = tuple(
        _told(part, purposes.get(part.folder), ports.model.model) for part in project.made_of
    )
    if told != project.made_of:
        with contextlib.suppress(RelaypairError):  # what is not kept is asked again
            await ports.finder.describe(told)
    return replace(project, made_of=told)


def _told(part: Part, purpose: object, by: str) -> Part:
    if part.purpose or not isinstance(purpose, str) or not purpose.strip():
        return part
    plain = "".join(letter for letter in purpose if letter.isprintable() or letter.isspace())
    return replace(part, purpose=shortened(plain, LONGEST).rstrip("."), by=by)


def _telling(why: str) -> str:
    """Reasons that tell files apart: nearly every candidate shares words with the goal."""
    told = [part for part in why.split("; ") if part not in ("path", "names", "text")]
    told = [_COMMIT.sub("changed for: ", part) for part in told]
    return f" ({'; '.join(told)})" if told else ""


def _no_order(order: object, count: int) -> str:
    """What is wrong with an order, so that it can be mended."""
    said = [str(one) for one in order] if isinstance(order, list) else []
    missing = [str(n) for n in range(count) if str(n) not in said]
    twice = sorted({one for one in said if said.count(one) > 1})
    beyond = [one for one in dict.fromkeys(said) if one not in map(str, range(count))]
    return (
        f"the order must hold each number from 0 to {count - 1} exactly once; missing: "
        f"{', '.join(missing) or 'none'}; repeated: {', '.join(twice) or 'none'}; "
        f"no number of these: {', '.join(beyond)[:80] or 'none'}"
    )


def _reordered(candidates: tuple[Candidate, ...], order: Sequence[int]) -> tuple[Candidate, ...]:
    """The files that were asked about in this order, best score first; the rest as it was."""
    asked = _sources(candidates)[: len(order)]
    scores = sorted((c.score for c in asked), reverse=True)
    first = [replace(asked[n], score=s) for n, s in zip(order, scores, strict=True)]
    return (*first, *(c for c in candidates if c not in asked))

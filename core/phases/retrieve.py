"""Retrieve: from the goal to the pieces of the repository that matter, each with its reason."""

import asyncio
from dataclasses import replace

from core.domain.context import ContextItem
from core.domain.errors import NotPassed
from core.domain.project import ProjectSummary
from core.domain.receipt import ContextReceipt
from core.domain.task import TaskSpec
from core.phases.asking import RULES, goal_part, join, json_object, retry_part
from core.phases.inputs import Inputs, PhasePorts
from core.ports import Repo
from core.retrieval.corpus import read_document
from core.retrieval.project import summarise
from core.retrieval.search import Found, search

SYSTEM = (
    RULES
    + " Your phase is retrieve: order candidates by how much a programmer needs them for the goal."
)

PROMPT = """\
Candidates, one a line: number, place, why it was found, enclosing definition.
{candidates}

Reply with a JSON object {{"order": [numbers, most needed first]}} holding every number exactly
once."""


async def retrieve(task: TaskSpec, inputs: Inputs, ports: PhasePorts) -> ContextReceipt:
    """Rank locally; a model reorders when one is set. Pass when a trusted source was found."""
    goal = join(inputs.goal.text, inputs.note)
    found = await asyncio.to_thread(search, ports.repo, goal)
    if not found.items or not found.is_trusted:
        raise NotPassed(_missing(found))
    items = found.items if ports.model.is_local else await _reordered(found.items, inputs, ports)
    tokens = sum(i.tokens for i in items)
    return ContextReceipt(
        model=ports.model.model,
        why_model=ports.model.why,
        did=(
            f"pieces: {len(items)}, files: {len({i.path for i in items})}, about {tokens} tokens",
        ),
        items=items,
        outlines=found.outlines,
        sources=found.sources,
        project=await asyncio.to_thread(_project, ports.repo),
    )


def _project(repo: Repo) -> ProjectSummary:
    def read(path: str) -> str | None:
        document = read_document(repo, path)
        return document.text if document else None

    return summarise(repo.files(), read)


def _missing(found: Found) -> str:
    searched = ", ".join(found.sources)
    if not searched:
        return "there is no file here that can be searched; start in the folder of a project"
    return (
        f"nothing in {searched} clearly belongs to this goal; name a file or a symbol in it, "
        "add a file to the context (o), "
        "or skip retrieve (S) to go on without"
    )


async def _reordered(
    items: tuple[ContextItem, ...], inputs: Inputs, ports: PhasePorts
) -> tuple[ContextItem, ...]:
    rows = [f"{n}. {i.id} ({i.why}) {i.symbol}".rstrip() for n, i in enumerate(items)]
    prompt = join(goal_part(inputs), PROMPT.format(candidates="\n".join(rows)), retry_part(inputs))
    reply = await ports.model.ask(SYSTEM, prompt, max_output=600)
    order = json_object(reply.text).get("order")
    if not isinstance(order, list) or sorted(map(str, order)) != sorted(
        map(str, range(len(items)))
    ):
        raise NotPassed(
            f"the order must hold each of the numbers 0 to {len(items) - 1} exactly once"
        )
    scores = sorted((i.score for i in items), reverse=True)
    wanted = zip(order, scores, strict=True)
    return tuple(replace(items[int(n)], score=score) for n, score in wanted)

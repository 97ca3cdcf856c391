"""What adding to the context by name adds: named lines, a small file whole, the best of a large
one.
"""

import asyncio
from dataclasses import replace

from core.domain.commands import AddContext
from core.domain.context import Candidate, ContextItem, ItemState
from core.domain.errors import Refused
from core.ports import Finder, Repo
from core.retrieval.snippets import read_span

WHOLE = 900
"""Tokens of a file that is added whole; of a larger one its best lines are, in as many."""

WHY = "added by the user"


async def pieces(
    repo: Repo, finder: Finder, goal: str, wanted: AddContext
) -> tuple[ContextItem, ...]:
    """The pinned items that a command adds; nothing is published.

    Pinned, so that they outlast a new ranking and reach every task. Raises `Refused` for what may
    not be shown, and `RelaypairError` of the finder.
    """
    path, start, end = wanted.path, wanted.start, wanted.end
    item = await asyncio.to_thread(read_span, repo, path, start, end, WHY)
    if item is None:
        raise Refused(f"{path} is not a text file that may be shown to a model.")
    if not item.text.strip():
        lines = f"in lines {start} to {end}" if start else "in it"
        raise Refused(f"{path} has no text {lines}; name other lines.")
    if start or item.tokens <= WHOLE:
        return (_pinned(item),)
    why = f"{WHY}: its best lines for the goal, of about {item.tokens:,} tokens"
    whole = Candidate(path, item.score, why, item.trust, item.tokens)
    found = await finder.quote(goal, (whole,), WHOLE)
    if not found:
        raise Refused(f"Nothing in {path} fits the goal; name lines of it, as in {path}:1-40.")
    return tuple(_pinned(one) for one in found)


def _pinned(item: ContextItem) -> ContextItem:
    return replace(item, state=ItemState.PINNED)

"""What the parts of a repository are for, as a model once said, kept in its index."""

import json
from collections.abc import Iterable
from dataclasses import replace

from core.adapters.index_store import IndexDamaged, IndexStore, state
from core.domain.project import Part

NAME = "purposes"
MOST = 200
"""Purposes that are kept; those told last stay."""


def describe(store: IndexStore, parts: Iterable[Part]) -> None:
    """Keep what parts are for. Raises `IndexUnusable`."""
    fresh = {part.key: (part.purpose, part.by) for part in parts if part.purpose}
    with store.faults_told(), store.writing() as batch:
        kept = {key: told for key, told in _kept(store).items() if key not in fresh}
        newest = list((kept | fresh).items())[-MOST:]
        batch.keep(NAME, json.dumps(dict(newest)))


def described(store: IndexStore, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with what they are for, where that was told of the same names."""
    with store.faults_told():
        kept = _kept(store)
    told = ((part, *kept.get(part.key, ("", ""))) for part in parts)
    return tuple(replace(part, purpose=purpose, by=by) for part, purpose, by in told)


def _kept(store: IndexStore) -> dict[str, tuple[str, str]]:
    try:
        found = json.loads(str(state(store.database, NAME, "{}")))
        return {str(key): (str(purpose), str(by)) for key, (purpose, by) in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise IndexDamaged(str(error)) from error

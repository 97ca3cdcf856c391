"""Pieces of the repository, chosen for a goal."""

from dataclasses import dataclass
from enum import StrEnum


class Trust(StrEnum):
    """Where a piece comes from. None of them gives orders."""

    CODE = "repo:code"
    TEST = "repo:test"
    DOCS = "repo:docs"
    HISTORY = "git:history"
    VERSION = "lock:version"
    DEPENDENCY = "dep:source"
    USER = "user"


class ItemState(StrEnum):
    """What the user made of a context item."""

    ACTIVE = "active"
    PINNED = "pinned"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ContextItem:
    """A line range of a file (or a fact of another source) with the reason it was chosen."""

    id: str
    """`path:start-end` for files."""
    path: str
    start: int
    """1-based first line; 0 for items that are not a line range."""
    end: int
    text: str
    """As sent to a model: secrets masked, invisible characters shown."""
    tokens: int
    """Estimated."""
    score: float
    why: str
    """For example ``defines `locate_app` `` or `mentions retry, backoff`."""
    trust: Trust
    file_hash: str = ""
    state: ItemState = ItemState.ACTIVE
    flags: tuple[str, ...] = ()
    """`generated`, `secret-like`, `instruction-like`, `invisible characters`."""
    symbol: str = ""

"""Pieces of the repository, chosen for a goal."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.project import ProjectSummary

MOST_NAMES = 8
"""Names that a candidate is told with."""
CONTEXT_TOKENS = 3_600
"""Budget of what retrieve quotes: small models lose the thread in more."""


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
    """Dotted name of the definition it belongs to, where there is one."""
    heads: tuple[str, ...] = ()
    """First lines of the definitions around it, outermost first, that it does not hold itself."""

    @property
    def is_users_own(self) -> bool:
        """Whether the user said that it matters: that is a source to be trusted."""
        return self.state is ItemState.PINNED or self.trust is Trust.USER or "added" in self.flags


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranked file."""

    path: str
    score: float
    """Comparable within one ranking only."""
    why: str
    trust: Trust
    tokens: int = 0
    """Of the whole file, estimated."""
    names: tuple[str, ...] = ()
    """What it defines, first what the goal speaks of; at most `MOST_NAMES`."""

    @property
    def outline(self) -> str:
        """One line for a prompt: the path and what the file defines, members by their class."""
        members: dict[str, list[str]] = {}
        for name in self.names:
            parent, _, last = name.rpartition(".")
            known = members.setdefault(parent or last, [])
            known += [last] if parent else []
        told = [f"{one} ({', '.join(inner)})" if inner else one for one, inner in members.items()]
        return f"{self.path}: {', '.join(told)}" if told else self.path


class Reach(StrEnum):
    """What the user lets the relay build upon."""

    SOURCE = "source"
    """Source that speaks of the goal, or what the user added."""
    WIDE = "wide"
    """Tests, documents and configuration as well."""
    ANYTHING = "anything"
    """Whatever is listed, though nothing of it can be trusted."""


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval finds for a goal, before anything is quoted."""

    candidates: tuple[Candidate, ...] = ()
    """Files, those to be read first first; source before tests before documents."""
    facts: tuple[ContextItem, ...] = ()
    """Past commits, locked versions and source of dependencies that the goal speaks of."""
    sources: tuple[str, ...] = ()
    """What was searched, with counts."""
    missing: str = ""
    """Why nothing found deserves to be built upon; empty where something does."""
    missing_widely: str = ""
    """The same when tests, documents and configuration count as much as source."""
    is_whole: bool = True
    """False while the history is not read: the ranking may still change."""
    project: ProjectSummary = ProjectSummary()


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name is defined."""

    name: str
    path: str
    start: int
    """1-based."""
    end: int
    """1-based, inclusive."""
    kind: str

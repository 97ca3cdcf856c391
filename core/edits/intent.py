"""What a model asked for, before anyone looked where it belongs."""

from dataclasses import dataclass
from enum import StrEnum


class Op(StrEnum):
    """What an intent does to its path."""

    EDIT = "edit"
    """Replace `old` by `new`, wherever `old` is found exactly once."""
    SITE = "site"
    """Replace `old` by `new` at exactly `line` and `column`."""
    CREATE = "create"
    DELETE = "delete"
    WHOLE = "whole"
    """Replace the whole file by `new`."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One wish of one reply. Texts use `\\n` line ends whatever the file uses."""

    path: str
    op: Op
    old: str = ""
    new: str = ""
    line: int | None = None
    """1-based line of a site."""
    column: int | None = None
    """0-based column of a site, in characters."""
    doubt: str = ""
    """Why a person should decide: its hunks start rejected. Empty for ordinary intents."""
    number: int = 1
    """Position among the reply's blocks, from 1, for messages."""


class ParseFault(ValueError):
    """A reply that cannot be read as edits; the sentence goes back to the model once."""

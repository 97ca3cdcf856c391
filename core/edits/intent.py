"""What a model asked for, before anyone looked where it belongs."""

from dataclasses import dataclass
from enum import StrEnum


class Op(StrEnum):
    """What an intent does to its path."""

    EDIT = "edit"
    """Replace `old` by `new`, wherever `old` is found exactly once."""
    REPLACE = "replace"
    """Replace the characters `old` by `new`, as a string: inside a line or across lines."""
    SITE = "site"
    """Replace `old` by `new` at exactly `line` and `column`."""
    CREATE = "create"
    DELETE = "delete"
    WHOLE = "whole"
    """Replace the whole file by `new`."""
    RENAME = "rename"
    """Move the file to `target`; edits of the same reply name it by either path."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One wish of one reply. Texts use `\\n` line ends whatever the file uses."""

    path: str
    """Empty where the reply names none: it means the one file at hand, if there is one."""
    op: Op
    old: str = ""
    new: str = ""
    line: int | None = None
    """1-based line of a site, or a hint where the first line of `old` should be."""
    column: int | None = None
    """0-based column of a site, in characters."""
    doubt: str = ""
    """Why a person should decide: its hunks start rejected. Empty for ordinary intents."""
    number: int = 1
    """Position among the reply's blocks, from 1, for messages."""
    scopes: tuple[str, ...] = ()
    """Lines that stand above the place, outermost first, as after `@@`: `class A`, `def f(self):`.
    """
    at_end: bool = False
    """Whether `old` must be the last lines of the file; with no `old`, `new` is added at the end.
    """
    everywhere: bool = False
    """Whether every place is meant, not one."""
    target: str = ""
    """Where a rename moves the file."""
    executable: bool = False
    """Whether a created file can be run."""


class ParseFault(ValueError):
    """A reply that cannot be read as edits; the sentence goes back to the model once."""

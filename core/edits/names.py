"""What a text binds and uses, by name: the common form in which every language's reader answers."""

from dataclasses import dataclass, field

Key = tuple[str, ...]
"""A name with what tells it from others of the same spelling; the first part says what kind:

- `("scope", path, definition, name)`: bound in one scope of one file;
- `("member", name)`: an attribute of something unknown;
- `("keyword", function, name)`: an argument passed by name, or accepted;
- `("from", path, dots, module, name)`: imported by a file from a module;
- `("word", language, name)`: a name of a language that is read without scopes.
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """Where and how a name is bound."""

    row: int
    """0-based."""
    verb: str
    """`defines`, `imports`, `accepts` or `sets`."""


@dataclass(slots=True)
class Names:
    """What one version of one file says."""

    bound: dict[Key, Bound] = field(default_factory=dict)
    """The first place of every binding."""
    used: list[tuple[int, Key]] = field(default_factory=list)
    """Row and name, for the rows that were asked about at least."""
    signatures: dict[str, tuple[range, str, tuple[str, ...]]] = field(default_factory=dict)
    """Per function: its rows, its parameters as text, and the parameters it cannot do without."""
    calls: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, function and the shape of the arguments."""
    classes: set[str] = field(default_factory=set)
    """Dotted names of the classes."""
    members: frozenset[str] = frozenset()
    """Every name that stands after a dot."""

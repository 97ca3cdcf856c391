"""One Python file seen for one name: its scopes, imports, classes and the places that matter."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

Position = tuple[int, int]
"""Line from 1, column from 0 in characters."""
Region = tuple[Position, Position]
MODULE = 0
"""The number of the module scope."""


@dataclass(slots=True)
class Scope:
    """One block of names, asked about a single name."""

    kind: str
    """`module`, `class`, `function` or `comprehension`."""
    parent: int | None
    regions: list[Region]
    label: str = ""
    """Dotted name of the definition."""
    binds: set[str] = field(default_factory=set)
    """How the name is bound here: `def`, `class`, `assign`, `import`, `parameter`."""
    is_global: bool = False
    is_nonlocal: bool = False
    first_bound: Region | None = None
    """Of a class: the statement that first binds the name; before it the outer name is meant."""
    bound_at: set[Position] = field(default_factory=set)
    """Where a name stands that is being bound."""
    owner_class: "ClassFacts | None" = None
    """Of a method: its class."""
    self_name: str = ""
    """Of a method: its first parameter."""


@dataclass(slots=True)
class ClassFacts:
    """One class statement."""

    path: str
    label: str
    bases: tuple[str, ...]
    scope: int
    line: int
    defines: set[str] = field(default_factory=set)
    """How it defines the name: `def`, `assign`, `annotated`, `self`."""

    @property
    def name(self) -> str:
        """The last part of its dotted name."""
        return self.label.rsplit(".", 1)[-1]


@dataclass(frozen=True, slots=True)
class Imported:
    """One bound name of an import statement."""

    scope: int
    bound: str
    module: str
    level: int
    name: str | None
    """What is taken from the module; None for `import module`."""
    at: Position
    renamed_at: Position | None
    """Where `as bound` says its name."""


class PythonFile:
    """Facts of one file for one name, as `read_python` gathers them."""

    def __init__(self, path: str, text: str, name: str) -> None:
        self.path = path
        self.name = name
        self.lines = text.split("\n")
        self.scopes = [Scope("module", None, [((0, 0), (len(self.lines) + 1, 0))])]
        self.classes: list[ClassFacts] = []
        self.imports: list[Imported] = []
        self.stars: list[tuple[str, int]] = []
        self.import_lines: list[Region] = []
        self.annotations: list[Region] = []
        self.listings: list[Region] = []
        """Regions of `__all__`, `__slots__` and `__match_args__`."""
        self.docstrings: list[Region] = []
        self.opaque: list[Region] = []
        """f-strings with a scope inside that binds the name."""
        self.parameters: dict[Position, int] = {}
        self.types: dict[tuple[int, str], str] = {}
        """Class names of variables, by scope and variable."""
        self.attribute_types: dict[tuple[str, str], str] = {}
        """Class names of attributes, by class label and attribute."""

    def position(self, line: int, byte_column: int) -> Position:
        """A place of the syntax tree, whose columns are bytes, in characters."""
        row = self.lines[line - 1] if line <= len(self.lines) else ""
        if row.isascii():
            return line, byte_column
        return line, len(row.encode()[:byte_column].decode(errors="ignore"))

    def region(self, node: ast.expr | ast.stmt) -> Region:
        """Where a node begins and ends."""
        end = self.position(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.position(node.lineno, node.col_offset), end

    def scope_at(self, at: Position) -> int:
        """The innermost scope around a place."""
        if at in self.parameters:
            return self.parameters[at]
        best = MODULE
        for number, scope in enumerate(self.scopes):
            if any(start <= at < end for start, end in scope.regions):
                best = number
        return best

    def owner(self, at: Position) -> int | None:
        """The scope whose name is meant at a place; None for a builtin or a star import."""
        number: int | None = self.scope_at(at)
        is_first = True
        while number is not None:
            scope = self.scopes[number]
            if scope.is_global:
                return MODULE
            visible = scope.kind != "class" or (is_first and self._is_bound_by(scope, at))
            if visible and scope.binds and not scope.is_nonlocal:
                return number
            is_first = False
            number = scope.parent
        return None

    def _is_bound_by(self, scope: Scope, at: Position) -> bool:
        """Whether a class body already has the name at a place of it."""
        if scope.first_bound is None:
            return True
        start, end = scope.first_bound
        if not start <= at < end:
            return at >= end
        before = self.lines[at[0] - 1][: at[1]].rstrip()
        return at in scope.bound_at or before.endswith((" def", " class")) or before == "def"

    def class_at(self, at: Position) -> tuple[ClassFacts | None, str]:
        """The class whose method is around a place, and that method's name for itself."""
        number: int | None = self.scope_at(at)
        while number is not None:
            scope = self.scopes[number]
            if scope.owner_class is not None:
                return scope.owner_class, scope.self_name
            if scope.kind == "class":
                return next((c for c in self.classes if c.scope == number), None), ""
            number = scope.parent
        return None, ""

    def type_at(self, at: Position, variable: str) -> str:
        """The class name a variable is annotated or built with, or an empty string."""
        number: int | None = self.scope_at(at)
        while number is not None:
            if (number, variable) in self.types:
                return self.types[number, variable]
            number = self.scopes[number].parent
        return ""

    def imported(self, bound: str) -> list[Imported]:
        """Every import that binds a name, in any scope."""
        return [entry for entry in self.imports if entry.bound == bound]


def inside(at: Position, regions: Iterable[Region]) -> bool:
    """Whether a place is in any of some regions."""
    return any(start <= at < end for start, end in regions)

"""Names of a Python text, scope by scope."""

import ast
import re
import warnings
from collections.abc import Container, Iterator

from core.edits.names import Bound, Key, Names
from core.syntax.languages import unix

_MEMBER = re.compile(r"\.\s*([^\W\d]\w*)")

_Placed = ast.stmt | ast.expr | ast.alias | ast.arg | ast.excepthandler | ast.pattern
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse_python(text: str) -> ast.Module | None:
    """The tree, or None for a text that Python does not read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(unix(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def touched(tree: ast.Module, rows: Container[int]) -> set[str]:
    """Dotted names of the functions in which one of these rows stands."""
    return {
        name
        for name, node in _functions(tree, "")
        if any(row in rows for row in range(_first(node), node.end_lineno or node.lineno))
    }


def _functions(node: ast.AST, scope: str) -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function | ast.ClassDef):
            name = _inside(scope, child.name)
            if not isinstance(child, ast.ClassDef):
                yield name, child
            yield from _functions(child, name)
        elif not isinstance(child, ast.expr):
            yield from _functions(child, scope)


def _first(node: _Function) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1


def _inside(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def python_names(path: str, text: str, tree: ast.Module, bodies: Container[str]) -> Names:
    """What a text binds and uses; functions not named in `bodies` stay closed."""
    reader = _Reader(path, bodies)
    try:
        reader.block(tree, "", "")
    except RecursionError:
        return Names()
    reader.resolve()
    reader.names.members = frozenset(_MEMBER.findall(text))
    return reader.names


class _Reader:
    def __init__(self, path: str, bodies: Container[str]) -> None:
        self.path = path
        self.bodies = bodies
        self.names = Names()
        self.loads: list[tuple[int, str, str]] = []
        self.selves: list[tuple[int, str, str]] = []
        self.classes = self.names.classes

    def block(self, node: ast.AST, scope: str, owner: str) -> None:
        """Everything inside a node; `owner` is the class whose method this is."""
        for child in ast.iter_child_nodes(node):
            self.visit(child, scope, owner)

    def visit(self, node: ast.AST, scope: str, owner: str) -> None:
        """One node and what is in it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.function(node, scope, owner)
            case ast.ClassDef():
                self.klass(node, scope, owner)
            case ast.Import():
                for alias in node.names:
                    self.bind(
                        scope, (alias.asname or alias.name).partition(".")[0], alias, "imports"
                    )
                    self.use(alias, ("from", self.path, "", alias.name, ""))
            case ast.ImportFrom():
                for alias in node.names:
                    self.bind(scope, alias.asname or alias.name, alias, "imports")
                    dots = "." * node.level
                    self.use(alias, ("from", self.path, dots, node.module or "", alias.name))
            case ast.Name(ctx=ast.Load()):
                self.loads.append((node.lineno - 1, scope, node.id))
            case ast.Name():
                self.bind(scope, node.id, node, "sets")
            case ast.Attribute():
                self.attribute(node, owner)
                self.visit(node.value, scope, owner)
            case ast.Call():
                self.call(node)
                self.block(node, scope, owner)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                self.bind(scope, name, node, "sets")
                self.block(node, scope, owner)
            case ast.arg():
                self.bind(scope, node.arg, node, "accepts")
                self.block(node, scope, owner)
            case _:
                self.block(node, scope, owner)

    def function(self, node: _Function, scope: str, owner: str) -> None:
        """A function: its name outside, its parameters and body inside."""
        self.bind(scope, node.name, node, "defines")
        inner = _inside(scope, node.name)
        called = node.name
        if scope in self.classes:
            owner = scope
            called = scope.rpartition(".")[2] if node.name == "__init__" else node.name
        arguments = node.args
        for item in ast.walk(arguments):
            if isinstance(item, ast.arg):
                self.bind(inner, item.arg, item, "accepts")
                self.names.bound.setdefault(
                    ("keyword", called, item.arg), Bound(item.lineno - 1, "accepts")
                )
                if item.annotation:
                    self.visit(item.annotation, scope, owner)
        positional = [*arguments.posonlyargs, *arguments.args]
        needed = positional[: len(positional) - len(arguments.defaults)]
        needed += [
            a for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is None
        ]
        self.names.signatures.setdefault(
            called,
            (
                range(node.lineno - 1, node.body[0].lineno),
                ast.unparse(arguments),
                tuple(a.arg for a in needed),
            ),
        )
        outside = [*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
        for part in (*outside, *([node.returns] if node.returns else [])):
            self.visit(part, scope, owner)
        if inner in self.bodies:
            for statement in node.body:
                self.visit(statement, inner, owner)

    def klass(self, node: ast.ClassDef, scope: str, owner: str) -> None:
        """A class: its fields can be passed by name when it is a dataclass."""
        self.bind(scope, node.name, node, "defines")
        inner = _inside(scope, node.name)
        self.classes.add(inner)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part, scope, owner)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self.names.bound.setdefault(
                    ("keyword", node.name, statement.target.id),
                    Bound(statement.lineno - 1, "accepts"),
                )
            self.visit(statement, inner, "")

    def attribute(self, node: ast.Attribute, owner: str) -> None:
        """`self.x` belongs to the class; any other `.x` to something unknown."""
        row = (node.end_lineno or node.lineno) - 1
        own = owner and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        if own and isinstance(node.ctx, ast.Load):
            self.selves.append((row, owner, node.attr))
        elif own:
            self.bind(owner, node.attr, node, "sets")
        else:
            self.names.used.append((row, ("member", node.attr)))

    def call(self, node: ast.Call) -> None:
        """What a call passes by name, and the shape of it."""
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if not called:
            return
        for keyword in node.keywords:
            if keyword.arg:
                self.use(keyword, ("keyword", called, keyword.arg))
        names = ",".join(sorted(k.arg or "**" for k in node.keywords))
        self.names.calls.append((node.lineno - 1, called, f"{len(node.args)} {names}"))

    def bind(self, scope: str, name: str, node: _Placed, verb: str) -> None:
        """Note a binding; the first one of a scope counts."""
        key = ("scope", self.path, scope, name)
        self.names.bound.setdefault(key, Bound(node.lineno - 1, verb))

    def use(self, node: ast.alias | ast.keyword, key: Key) -> None:
        """Note a use."""
        self.names.used.append((node.lineno - 1, key))

    def resolve(self) -> None:
        """Find out which binding each name means, once all are known."""
        for row, scope, name in self.loads:
            if key := self.meaning(scope, name):
                self.names.used.append((row, key))
        for row, owner, name in self.selves:
            key = ("scope", self.path, owner, name)
            self.names.used.append((row, key if key in self.names.bound else ("member", name)))

    def meaning(self, scope: str, name: str) -> Key | None:
        """The binding a name means in a scope: outwards, past classes; None for a builtin."""
        here = scope
        while True:
            key = ("scope", self.path, here, name)
            if key in self.names.bound and (here == scope or here not in self.classes):
                return key
            if not here:
                return None
            here = here.rpartition(".")[0]

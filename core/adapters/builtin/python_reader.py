"""Reads a Python syntax tree into a `PythonFile`: who binds what, and where."""

import ast
import warnings
from collections.abc import Iterable

from core.adapters.builtin.python_file import (
    MODULE,
    ClassFacts,
    Imported,
    PythonFile,
    Region,
    Scope,
)


def read_python(path: str, text: str, name: str) -> PythonFile:
    """The facts of one file for one name.

    Raises SyntaxError, ValueError, RecursionError or MemoryError when it does not parse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    file = PythonFile(path, text, name)
    _Reader(file).read(tree)
    return file


class _Reader:
    """Walks the tree once, filling in a `PythonFile`."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.name = file.name
        self.scope = MODULE
        self.statement: ast.stmt | None = None

    def read(self, tree: ast.Module) -> None:
        self._docstring(tree)
        self.all(tree.body)

    def all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.one(node)

    def one(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            self.statement = node
        method = getattr(self, f"on_{type(node).__name__.lower()}", None)
        if method is not None:
            method(node)
        else:
            self.all(ast.iter_child_nodes(node))

    def bind(self, how: str, scope: int | None = None) -> None:
        number = self.scope if scope is None else scope
        bound = self.file.scopes[MODULE if self.file.scopes[number].is_global else number]
        bound.binds.add(how)
        if bound.kind == "class" and bound.first_bound is None and self.statement is not None:
            bound.first_bound = self.file.region(self.statement)

    def bind_at(self, node: ast.expr) -> None:
        self.file.scopes[self.scope].bound_at.add(self.file.region(node)[0])

    # definitions

    def on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name == self.name:
            self.bind("def")
        self.all(node.decorator_list)
        self.annotation(node.returns)
        holder = self.file.scopes[self.scope]
        inner = self.enter("function", self._body(node), node.name)
        scope = self.file.scopes[inner]
        if holder.kind == "class":
            scope.owner_class = next(c for c in self.file.classes if c.scope == self.scope)
            first = [*node.args.posonlyargs, *node.args.args]
            scope.self_name = first[0].arg if first else ""
        self.arguments(node.args, inner)
        self._docstring(node)
        self.within(inner, node.body)

    on_asyncfunctiondef = on_functiondef

    def on_lambda(self, node: ast.Lambda) -> None:
        inner = self.enter("function", [self.file.region(node.body)], "<lambda>")
        self.arguments(node.args, inner)
        self.within(inner, [node.body])

    def on_classdef(self, node: ast.ClassDef) -> None:
        if node.name == self.name:
            self.bind("class")
        self.all([*node.decorator_list, *node.bases, *node.keywords])
        inner = self.enter("class", self._body(node), node.name)
        bases = tuple(dotted(_unsubscripted(base)) for base in node.bases)
        label = self.file.scopes[inner].label
        facts = ClassFacts(self.file.path, label, bases, inner, node.lineno)
        self.file.classes.append(facts)
        self._docstring(node)
        self.within(inner, node.body)
        facts.defines |= {"def" if "def" in h else h for h in self.file.scopes[inner].binds}

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[Region]:
        first, last = node.body[0], node.body[-1]
        marks = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(mark.lineno for mark in marks)])
        column = 0 if line > self._header_end(node) else first.col_offset
        return [(self.file.position(line, column), self.file.region(last)[1])]

    @staticmethod
    def _header_end(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
        parts: list[ast.expr | ast.arg] = []
        if isinstance(node, ast.ClassDef):
            parts += node.bases
        else:
            args = node.args
            parts += [*args.posonlyargs, *args.args, *args.kwonlyargs, *args.defaults]
            parts += [part for part in (args.vararg, args.kwarg, node.returns) if part]
        return max([node.lineno, *(part.end_lineno or 0 for part in parts)])

    def enter(self, kind: str, regions: list[Region], name: str) -> int:
        around = self.file.scopes[self.scope].label
        label = f"{around}.{name}" if around else name
        self.file.scopes.append(Scope(kind, self.scope, regions, label))
        return len(self.file.scopes) - 1

    def within(self, scope: int, nodes: Iterable[ast.AST]) -> None:
        outer, self.scope = self.scope, scope
        self.all(nodes)
        self.scope = outer

    def arguments(self, args: ast.arguments, inner: int) -> None:
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        for arg in every:
            if arg is None:
                continue
            if arg.arg == self.name:
                self.bind("parameter", inner)
                self.file.parameters[self.file.position(arg.lineno, arg.col_offset)] = inner
            self.file.types[inner, arg.arg] = _class_of(arg.annotation)
            self.annotation(arg.annotation)
        self.all([*args.defaults, *args.kw_defaults])

    # names

    def on_name(self, node: ast.Name) -> None:
        if node.id == self.name and not isinstance(node.ctx, ast.Load):
            self.bind_at(node)
            self.bind("assign")

    def on_attribute(self, node: ast.Attribute) -> None:
        if node.attr == self.name and isinstance(node.ctx, ast.Store):
            owner, self_name = self._method()
            if owner and isinstance(node.value, ast.Name) and node.value.id == self_name:
                owner.defines.add("self")
        self.one(node.value)

    def _method(self) -> tuple[ClassFacts | None, str]:
        number: int | None = self.scope
        while number is not None:
            scope = self.file.scopes[number]
            if scope.owner_class is not None:
                return scope.owner_class, scope.self_name
            number = scope.parent
        return None, ""

    def on_assign(self, node: ast.Assign) -> None:
        self._listing(node.targets, node)
        for target in node.targets:
            self._typed(target, _built(node.value))
        self.all([*node.targets, node.value])

    def on_annassign(self, node: ast.AnnAssign) -> None:
        self._listing([node.target], node)
        self._typed(node.target, _class_of(node.annotation))
        if isinstance(node.target, ast.Name) and node.target.id == self.name:
            self.bind_at(node.target)
            self.bind("annotated")
        else:
            self.one(node.target)
        self.annotation(node.annotation)
        self.all([node.value])

    def on_augassign(self, node: ast.AugAssign) -> None:
        self._listing([node.target], node)
        self.all([node.target, node.value])

    def on_expr(self, node: ast.Expr) -> None:
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            self._listing([call.func.value], node)
        self.one(node.value)

    def _typed(self, target: ast.expr, class_name: str) -> None:
        if not class_name:
            return
        if isinstance(target, ast.Name):
            self.file.types[self.scope, target.id] = class_name
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            owner, self_name = self._method()
            if owner and target.value.id == self_name:
                self.file.attribute_types[owner.label, target.attr] = class_name

    def _listing(self, targets: Iterable[ast.expr], node: ast.stmt) -> None:
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if names & {"__all__", "__slots__", "__match_args__"}:
            self.file.listings.append(self.file.region(node))

    def on_namedexpr(self, node: ast.NamedExpr) -> None:
        number = self.scope
        while self.file.scopes[number].kind == "comprehension":
            number = self.file.scopes[number].parent or MODULE
        if node.target.id == self.name:
            self.bind("assign", number)
        self.one(node.value)

    def on_global(self, node: ast.Global) -> None:
        if self.name in node.names:
            self.file.scopes[self.scope].is_global = True
            self.file.scopes[MODULE].binds.add("assign")

    def on_nonlocal(self, node: ast.Nonlocal) -> None:
        if self.name in node.names:
            self.file.scopes[self.scope].is_nonlocal = True

    def on_excepthandler(self, node: ast.ExceptHandler) -> None:
        self._bound_text(node.name)
        self.all([node.type, *node.body])

    def on_matchas(self, node: ast.MatchAs) -> None:
        self._bound_text(node.name)
        self.all([node.pattern])

    def on_matchstar(self, node: ast.MatchStar) -> None:
        self._bound_text(node.name)

    def on_matchmapping(self, node: ast.MatchMapping) -> None:
        self._bound_text(node.rest)
        self.all([*node.keys, *node.patterns])

    def _bound_text(self, name: str | None) -> None:
        if name == self.name:
            self.bind("assign")

    # blocks with names of their own

    def on_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._comprehension(node, [node.elt])

    on_setcomp = on_listcomp
    on_generatorexp = on_listcomp

    def on_dictcomp(self, node: ast.DictComp) -> None:
        self._comprehension(node, [node.key, node.value])

    def _comprehension(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        elements: list[ast.expr],
    ) -> None:
        first = node.generators[0]
        start, end = self.file.region(node)
        iter_start, iter_end = self.file.region(first.iter)
        self.one(first.iter)
        inner = self.enter("comprehension", [(start, iter_start), (iter_end, end)], "<comp>")
        self.within(inner, [first.target, *first.ifs, *node.generators[1:], *elements])

    def on_joinedstr(self, node: ast.JoinedStr) -> None:
        """Before Python 3.12 places inside an f-string are wrong, so no scope is made there."""
        for part in ast.walk(node):
            names = [part.id] if isinstance(part, ast.Name) else []
            names += [part.arg] if isinstance(part, ast.arg) else []
            is_bound = isinstance(part, ast.arg) or isinstance(
                getattr(part, "ctx", None), ast.Store
            )
            if is_bound and self.name in names:
                self.file.opaque.append(self.file.region(node))

    def annotation(self, node: ast.expr | None) -> None:
        if node is None:
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                self.file.annotations.append(self.file.region(part))
        self.one(node)

    def _docstring(self, node: ast.Module | ast.stmt) -> None:
        body = getattr(node, "body", [])
        first = body[0] if body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            self.file.docstrings.append(self.file.region(first))

    # names from other files

    def on_import(self, node: ast.Import) -> None:
        self.file.import_lines.append(self.file.region(node))
        for alias in node.names:
            self._imported(alias, alias.asname or alias.name.split(".")[0], alias.name, 0, None)

    def on_importfrom(self, node: ast.ImportFrom) -> None:
        self.file.import_lines.append(self.file.region(node))
        for alias in node.names:
            if alias.name == "*":
                self.file.stars.append((node.module or "", node.level))
            else:
                bound = alias.asname or alias.name
                self._imported(alias, bound, node.module or "", node.level, alias.name)

    def _imported(
        self, alias: ast.alias, bound: str, module: str, level: int, name: str | None
    ) -> None:
        if bound == self.name:
            self.bind("import")
        at = self.file.position(alias.lineno, alias.col_offset)
        end = self.file.position(alias.end_lineno or alias.lineno, alias.end_col_offset or 0)
        renamed = (end[0], end[1] - len(alias.asname)) if alias.asname else None
        self.file.imports.append(Imported(self.scope, bound, module, level, name, at, renamed))


def dotted(node: ast.expr) -> str:
    """`a.b` as text; an empty string for anything but names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _unsubscripted(node: ast.expr) -> ast.expr:
    return _unsubscripted(node.value) if isinstance(node, ast.Subscript) else node


def _class_of(annotation: ast.expr | None) -> str:
    """The class an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return _class_of(ast.parse(annotation.value, mode="eval").body)
        except (SyntaxError, ValueError):
            return ""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [_class_of(annotation.left), _class_of(annotation.right)]
        return next(iter([side for side in sides if side]), "") if "" in sides else ""
    if isinstance(annotation, ast.Subscript):
        outer = dotted(annotation.value)
        return _class_of(annotation.slice) if outer.endswith("Optional") else outer
    return dotted(annotation) if annotation is not None else ""


def _built(value: ast.expr) -> str:
    """The class a value is an instance of, when it is called by a capitalised name."""
    if isinstance(value, ast.Call):
        name = dotted(value.func)
        if name.rsplit(".", 1)[-1].lstrip("_")[:1].isupper():
            return name
    return ""

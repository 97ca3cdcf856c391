"""Definitions of a file: what is defined where, for every bundled language."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.syntax.kinds import (
    ASSIGNMENT,
    BODIED,
    CALLABLE_VALUES,
    DEFINITIONS,
    DOTTED,
    EXPORTED,
    MACRO_WORDS,
    NAME_KINDS,
    OPENERS,
)
from core.syntax.languages import language_of, unix
from core.syntax.tree import of_kinds, parse

if TYPE_CHECKING:
    from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True)
class Symbol:
    """One definition."""

    name: str
    kind: str
    """`function`, `method`, `class`, `variable`, `type`, `module`, `section`, `key`, …"""
    start_line: int
    """1-based; decorators are part of a definition."""
    end_line: int
    """1-based, inclusive."""
    signature: str
    """The line that names it, stripped."""
    parent: str = ""
    """Dotted names of the enclosing definitions, or an empty string."""

    @property
    def path(self) -> str:
        """The dotted name inside its file."""
        return f"{self.parent}.{self.name}" if self.parent else self.name


def outline(path: str, text: str) -> tuple[Symbol, ...]:
    """The definitions of a file in order of their lines; empty for a language not bundled."""
    language = language_of(path)
    if language is None:
        return ()
    return outline_of(parse(text, language), language, unix(text).split("\n"))


def outline_of(root: "SgNode", language: str, lines: list[str]) -> tuple[Symbol, ...]:
    """The definitions of a parsed file; `lines` are the lines of the same text."""
    table = DEFINITIONS[language]
    if not table:
        return ()
    found: list[tuple[int, int, Symbol]] = []
    for node in of_kinds(root, tuple(table)):
        symbol = _symbol(node, language, table[node.kind()], lines)
        if symbol is not None:
            span = node.range()
            found.append((span.start.index, span.end.index, symbol))
    return tuple(_nested(found))


def _nested(found: list[tuple[int, int, Symbol]]) -> Iterator[Symbol]:
    open_spans: list[tuple[int, Symbol]] = []
    variables: set[str] = set()
    for start, end, symbol in sorted(found, key=lambda row: (row[0], -row[1])):
        while open_spans and open_spans[-1][0] <= start:
            open_spans.pop()
        around = open_spans[-1][1] if open_spans else None
        if around is not None:
            if symbol.kind == "variable" and around.kind in ("function", "method"):
                continue
            is_member = symbol.kind == "function" and around.kind in ("class", "impl")
            symbol = replace(
                symbol,
                parent=".".join(filter(None, (around.path, symbol.parent))),
                kind="method" if is_member else symbol.kind,
            )
        open_spans.append((end, symbol))
        if symbol.kind == "variable" and symbol.path in variables:
            continue
        variables.add(symbol.path)
        yield symbol


def _symbol(node: "SgNode", language: str, kind: str, lines: list[str]) -> Symbol | None:
    if kind == "variable" and not _is_open(node):
        return None
    if language == "elixir" and node.kind() == "call":
        named = _macro(node)
    elif node.kind() == ASSIGNMENT:
        named = _assigned(node)
    elif kind == "key":
        named = _shallow_key(node)
    else:
        named = name_node(node)
    if named is None or named.kind() in ("object_pattern", "array_pattern", "pattern_list"):
        return None
    name = " ".join(named.text().split()).strip("\"'")
    if not name or len(name) > 200:
        return None
    if node.kind() in BODIED and node.field("body") is None:
        return None
    if language == "haskell" and node.field("name") is None:
        return None
    value = node.field("value")
    if kind == "variable" and value is not None and value.kind() in CALLABLE_VALUES:
        kind = "function"
    span, first = node.range(), _outermost(node).range().start.line
    last = span.end.line - (span.end.column == 0 and span.end.line > span.start.line)
    signature = lines[named.range().start.line].strip()[:200]
    owner = _owner(node, named)
    if owner and kind == "function":
        kind = "method"
    if language == "elixir" and node.text().startswith(("defmodule", "defprotocol")):
        kind = "module"
    return Symbol(_label(node, name), kind, first + 1, last + 1, signature, owner)


def _owner(node: "SgNode", named: "SgNode") -> str:
    """The type a definition outside the type belongs to: `T` of Go's `(t *T)`, `A` of `A::m`."""
    receiver = node.field("receiver")
    if receiver is not None:
        return receiver.text().strip("()").split("[")[0].split()[-1].lstrip("*")
    scope = named.parent()
    is_member = node.kind() == ASSIGNMENT and scope is not None and scope == node.field("left")
    if scope is not None and (scope.kind() in DOTTED or is_member):
        owner = scope.text()[: -len(named.text())].rstrip(":.").removesuffix(".prototype")
        return "" if owner in EXPORTED else owner
    return ""


def name_node(node: "SgNode") -> "SgNode | None":
    """The node that holds a definition's own name."""
    for field in ("name", "declarator", "pattern", "left", "selectors"):
        inner = node.field(field)
        if inner is None:
            continue
        if field == "name" or inner.kind() in NAME_KINDS:
            return _innermost_name(inner)
        return name_node(inner) if field == "declarator" else (inner if field != "left" else None)
    for child in node.named_children():
        if child.kind() in NAME_KINDS:
            return child
        if child.kind() in OPENERS:
            return name_node(child)
    return None


def _innermost_name(node: "SgNode") -> "SgNode":
    """`f` of `M.f`: the last name of a dotted one (Lua tables, C++ scopes)."""
    if node.kind() in DOTTED:
        return _innermost_name(node.named_children()[-1])
    return node


def _macro(node: "SgNode") -> "SgNode | None":
    """The name an Elixir `def`-like call defines; None for any other call."""
    children = node.named_children()
    if len(children) < 2 or children[0].text() not in MACRO_WORDS:
        return None
    target = next(iter(children[1].named_children()), None)
    while target is not None and target.kind() in ("call", "binary_operator"):
        target = next(iter(target.named_children()), None)
    return target


def _assigned(node: "SgNode") -> "SgNode | None":
    """The member that a function is assigned to, or the function's own name where that says more;
    None for any other assignment.
    """
    left, right = node.field("left"), node.field("right")
    if left is None or right is None or right.kind() not in CALLABLE_VALUES:
        return None
    member = left.field("property") if left.kind() == "member_expression" else None
    return right.field("name") if member is None or member.text() == "exports" else member


def _shallow_key(node: "SgNode") -> "SgNode | None":
    """The key of a pair at most two levels deep: deeper ones are data, not structure."""
    around = sum(above.kind() == node.kind() for above in node.ancestors())
    return (node.field("key") or next(iter(node.named_children()), None)) if around < 2 else None


def _label(node: "SgNode", name: str) -> str:
    """HCL blocks are named by type and labels: `resource.aws.x`."""
    if node.kind() != "block":
        return name
    labels = [c.text().strip('"') for c in node.named_children() if c.kind() == "string_lit"]
    return ".".join([name, *labels])


def _is_open(node: "SgNode") -> bool:
    """Whether a variable stands at module or class level."""
    closed = ("function", "lambda", "closure", "method", "argument", "comprehension")
    return not any(word in above.kind() for above in node.ancestors() for word in closed)


def _outermost(node: "SgNode") -> "SgNode":
    """The node with its decorators or its `export` and `const` words."""
    parent = node.parent()
    if parent is None or parent.kind() not in OPENERS | {"decorated_definition"}:
        return node
    return _outermost(parent)

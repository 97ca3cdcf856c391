"""Every place where a name stands in a file, and as what."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.syntax.kinds import (
    CALLS,
    INTERPOLATIONS,
    KEYWORDS,
    MEMBERS,
    NAMES,
    NOT_STRINGS,
    PAIRS,
    SIGILS,
    STRING_PARTS,
    SUFFIXES,
)
from core.syntax.languages import language_of, unix
from core.syntax.outline import Symbol, outline_of
from core.syntax.tree import find_all, key, parse

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class SiteKind(StrEnum):
    """What a name is at one place."""

    IDENTIFIER = "identifier"
    ATTRIBUTE = "attribute"
    """The name after a dot or arrow."""
    KEYWORD = "keyword"
    """The name of an argument at a call."""
    KEY = "key"
    """The name of a property in a literal, or of a key in a data file."""
    SHORTHAND = "shorthand"
    """JavaScript's `{ name }`: a variable and a property at once."""
    STRING = "string"
    COMMENT = "comment"
    TEXT = "text"
    """Prose, or a language without a grammar here."""


@dataclass(frozen=True, slots=True)
class Site:
    """One place where a name stands as a whole word."""

    line: int
    """1-based."""
    column: int
    """0-based, in characters."""
    kind: SiteKind
    enclosing: str = ""
    """Dotted name of the definition around it, or an empty string."""
    owner: str = ""
    """Of an attribute: the text before the dot. Of a keyword: what is called."""
    around: str = ""
    """Node kind of the parent, for the few callers that need to know more."""


def identifier_sites(path: str, text: str, name: str) -> tuple[Site, ...]:
    """Every place where `name` is a whole word, in order; lines and columns of `unix(text)`."""
    if name not in text:
        return ()
    text = unix(text)
    language = language_of(path)
    hits = [match.start() for match in word(name, language).finditer(text)]
    if not hits:
        return ()
    place = _Places(text)
    if language is None:
        return tuple(Site(*place(hit), SiteKind.TEXT) for hit in hits)
    root = parse(text, language)
    symbols = outline_of(root, language, text.split("\n"))
    leaves = _leaves(root, name)
    return tuple(_site(hit, place(hit), leaves, symbols, language) for hit in hits)


def word(name: str, language: str | None = None) -> re.Pattern[str]:
    """What finds a name as a whole word; `$` belongs to the words of some languages."""
    letters = r"[\w$]" if language in _DOLLAR_WORDS else r"\w"
    return re.compile(rf"(?<!{letters}){re.escape(name)}(?!{letters})")


_DOLLAR_WORDS = frozenset({"javascript", "typescript", "tsx", "php"})


class _Leaves:
    """Innermost nodes that hold the name, found by offset."""

    def __init__(self, nodes: "list[SgNode]") -> None:
        self.nodes = sorted(nodes, key=key)
        self.starts = [key(node)[0] for node in self.nodes]

    def at(self, hit: int) -> "SgNode | None":
        for number in range(bisect_right(self.starts, hit) - 1, -1, -1):
            if key(self.nodes[number])[1] > hit:
                return self.nodes[number]
        return None


def _leaves(root: "SgNode", name: str) -> _Leaves:
    holds = re.escape(name)
    return _Leaves(find_all(root, {"rule": {"regex": holds, "not": {"has": {"regex": holds}}}}))


class _Places:
    """Offsets as lines and columns."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def __call__(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self.starts, offset) - 1
        return row + 1, offset - self.starts[row]


def _site(
    hit: int,
    place: tuple[int, int],
    leaves: _Leaves,
    symbols: tuple[Symbol, ...],
    language: str,
) -> Site:
    node = leaves.at(hit)
    if node is None:
        return Site(*place, SiteKind.TEXT, _enclosing(symbols, place[0]))
    kind, owner = _classify(node, language)
    parent = node.parent()
    around = parent.kind() if parent else ""
    return Site(*place, kind, _enclosing(symbols, place[0]), owner, around)


def _enclosing(symbols: tuple[Symbol, ...], line: int) -> str:
    inside = [s for s in symbols if s.start_line <= line <= s.end_line]
    return inside[-1].path if inside else ""


def _classify(node: "SgNode", language: str) -> tuple[SiteKind, str]:
    if language in ("markdown", "html"):
        return SiteKind.TEXT, ""
    chain = list(_chain(node))
    for kind in chain:
        if "comment" in kind:
            return SiteKind.COMMENT, ""
        if kind in INTERPOLATIONS:
            break
        if _is_string(kind):
            return (SiteKind.KEY if _is_data_key(node, language) else SiteKind.STRING), ""
    if language in ("json", "yaml"):
        return (SiteKind.KEY if _is_data_key(node, language) else SiteKind.STRING), ""
    if not _is_name(chain[0]):
        return SiteKind.TEXT, ""
    if chain[0] in SIGILS:
        return SiteKind.ATTRIBUTE, "self"
    if chain[0] == "simple_symbol":
        return SiteKind.KEY, ""
    if chain[0].startswith("shorthand_property"):
        return SiteKind.SHORTHAND, _statement(node)
    return _role(node, language)


def _chain(node: "SgNode") -> Iterator[str]:
    """Kinds from the node outwards, as far as a string or comment can reach."""
    yield node.kind()
    for depth, above in enumerate(node.ancestors()):
        if depth > 4:
            return
        yield above.kind()


def _is_string(kind: str) -> bool:
    return any(part in kind for part in STRING_PARTS) and kind not in NOT_STRINGS


def _is_name(kind: str) -> bool:
    return "identifier" in kind or kind in NAMES


def _role(node: "SgNode", language: str) -> tuple[SiteKind, str]:
    """Attribute, keyword, key or plain identifier, by the parent and the place in it."""
    parent = node.parent()
    if parent is None:
        return SiteKind.IDENTIFIER, ""
    kind = parent.kind()
    if kind in SUFFIXES:
        whole = parent.parent()
        return SiteKind.ATTRIBUTE, _before(whole, parent) if whole else ""
    if kind == "literal_element":
        pair = parent.parent()
        is_key = pair is not None and pair.kind() in PAIRS and _is_first(pair, parent)
        return (SiteKind.KEY if is_key else SiteKind.IDENTIFIER), ""
    if kind == "member_binding_expression":
        return SiteKind.ATTRIBUTE, "?"
    if kind == "value_argument_label":
        return SiteKind.KEYWORD, _callee(parent)
    if kind == "assignment_expression" and _is_argument(parent) and _is_first(parent, node):
        return SiteKind.KEYWORD, _callee(parent)
    if kind in MEMBERS and _is_last(parent, node):
        return SiteKind.ATTRIBUTE, _before(parent, node)
    if kind in KEYWORDS and _is_first(parent, node):
        return SiteKind.KEYWORD, _callee(parent)
    if kind in PAIRS and _is_first(parent, node):
        return SiteKind.KEY, ""
    if kind in CALLS and (owner := _receiver(parent, node)):
        return SiteKind.ATTRIBUTE, owner
    return SiteKind.IDENTIFIER, ""


def _receiver(call: "SgNode", node: "SgNode") -> str:
    """What a method is called on, where the grammar has no member node of its own."""
    for method, owner in (("name", "object"), ("method", "receiver"), ("name", "scope")):
        named, before = call.field(method), call.field(owner)
        if named is not None and before is not None and key(named) == key(node):
            return before.text()
    return ""


def _is_last(parent: "SgNode", node: "SgNode") -> bool:
    named = parent.named_children()
    return (len(named) > 1 and key(named[-1]) == key(node)) or _is_after_self(parent, node)


def _is_after_self(parent: "SgNode", node: "SgNode") -> bool:
    """`this.name` where `this` is an anonymous node."""
    children = parent.children()
    return len(children) > 2 and key(children[-1]) == key(node)


def _is_first(parent: "SgNode", node: "SgNode") -> bool:
    children = parent.children()
    return len(children) > 1 and key(children[0]) == key(node)


def _before(whole: "SgNode", last: "SgNode") -> str:
    """The text of a member access up to its dot."""
    text, start = whole.text(), key(whole)[0]
    return text[: key(last)[0] - start].rstrip(".?!:->& \n\t")


def _is_argument(node: "SgNode") -> bool:
    parent = node.parent()
    return parent is not None and parent.kind() == "arguments"


def _callee(keyword: "SgNode") -> str:
    for above in keyword.ancestors():
        if above.kind().endswith("suffix"):
            continue
        if "call" in above.kind() or "invocation" in above.kind() or "creation" in above.kind():
            first = above.field("function") or next(iter(above.named_children()), None)
            return first.text() if first else ""
    return ""


def _statement(node: "SgNode") -> str:
    """The start of the statement or declarator around a shorthand, as one line."""
    for above in node.ancestors():
        if above.kind() in ("variable_declarator", "expression_statement", "return_statement"):
            return " ".join(above.text().split())[:200]
    return ""


def _is_data_key(node: "SgNode", language: str) -> bool:
    """Whether a string or scalar is the key of a pair."""
    inner = node
    for above in node.ancestors():
        if above.kind() in ("pair", "block_mapping_pair", "flow_pair"):
            return language in ("json", "yaml") and key(inner)[0] == key(above)[0]
        if language == "json" and above.kind() not in ("string", "string_content"):
            return False
        inner = above
    return False

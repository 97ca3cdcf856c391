"""One structural rule over one file: where it matches, and the exact text that replaces it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.syntax.languages import LANGUAGES, language_of, unix
from core.syntax.tree import RuleFault, find_all, key, parse

if TYPE_CHECKING:
    from ast_grep_py import SgNode

METAVARIABLE = re.compile(r"(\$\$\$|\$)([A-Z_][A-Z0-9_]*)")
"""`$A` stands for one node, `$$$A` for any number, as in ast-grep; `$_` names nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One ast-grep rule with its fix."""

    id: str
    language: str
    """A name of `LANGUAGES`."""
    rule: Mapping[str, Any] = field(hash=False)
    fix: str
    constraints: Mapping[str, Any] = field(default_factory=dict, hash=False)
    utils: Mapping[str, Any] = field(default_factory=dict, hash=False)
    transform: Mapping[str, Any] = field(default_factory=dict, hash=False)
    files: tuple[str, ...] = ()
    """Globs it is limited to; empty for every file of its language."""
    ignores: tuple[str, ...] = ()
    """Globs it leaves alone."""
    expect: int | None = None
    """How many matches its author counts on."""
    why: str = ""
    """The rule's message, in its author's words."""

    def applies_to(self, path: str) -> bool:
        """Whether a path is of this rule's language; TypeScript rules read `.tsx` as well."""
        language = language_of(path)
        return language == self.language or (language, self.language) in _READABLE


_READABLE = {("tsx", "typescript"), ("javascript", "tsx")}


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """One place a rule matches, with nested matches already replaced inside it."""

    line: int
    """1-based."""
    column: int
    """0-based, in characters."""
    old: str
    new: str
    count: int = 1
    """Matches in it: itself and those nested in what it keeps."""


def rule_matches(rule: Rule, path: str, text: str) -> tuple[RuleMatch, ...]:
    """Where the rule matches in a file and what it puts there; places never overlap.

    Raises RuleFault when ast-grep refuses the rule.
    """
    if rule.language not in LANGUAGES:
        raise RuleFault(f"the language {rule.language} is not one of those bundled")
    language = language_of(path) or rule.language
    text = unix(text)
    config = {"rule": dict(rule.rule)}
    extras = {
        "constraints": rule.constraints,
        "utils": rule.utils,
        "transform": rule.transform,
    }
    config |= {name: dict(value) for name, value in extras.items() if value}
    found = find_all(parse(text, language), config)
    return _Expansion(rule, text, language, found).matches()


class _Expansion:
    """The matches of one file, expanded from the inside out."""

    def __init__(self, rule: Rule, text: str, language: str, found: "list[SgNode]") -> None:
        self.rule = rule
        self.text = text
        self.language = language
        unique = {key(node): node for node in reversed(found)}
        self.nodes = sorted(unique.items(), key=lambda row: (row[0][0], -row[0][1]))

    def matches(self) -> tuple[RuleMatch, ...]:
        places = []
        for (start, end), node in self._outermost(0, len(self.text)):
            new, count = self._expand(node)
            at = node.range().start
            places.append(RuleMatch(at.line + 1, at.column, self.text[start:end], new, count))
        return tuple(places)

    def _outermost(self, start: int, end: int) -> "list[tuple[tuple[int, int], SgNode]]":
        """The matches inside a span that are in no other match of that span."""
        taken: list[tuple[tuple[int, int], SgNode]] = []
        reach = start
        for span, node in self.nodes:
            if span[0] >= reach and span[1] <= end:
                taken.append((span, node))
                reach = span[1]
        return taken

    def _expand(self, node: "SgNode") -> tuple[str, int]:
        """The fix of one match, and how many matches it accounts for."""
        count = 1
        lines = []
        base = _indent(self.text, key(node)[0])
        for number, line in enumerate(self.rule.fix.split("\n")):
            lead = base + line[: len(line) - len(line.lstrip(" \t"))]
            expanded, nested = self._expand_line(node, line, lead)
            count += nested
            lines.append(base + expanded if number and expanded.strip() else expanded)
        return "\n".join(lines), count

    def _expand_line(self, node: "SgNode", line: str, lead: str) -> tuple[str, int]:
        pieces, done, count = [], 0, 0
        for found in METAVARIABLE.finditer(line):
            if found.start() < done:
                continue
            before = line[done : found.start()]
            done = found.end()
            value, nested = self._value(node, found[1], found[2], lead)
            if not value and found[1] == "$$$":
                before, done = _drop_comma(before, line, done)
            pieces += [before, value]
            count += nested
        return "".join([*pieces, line[done:]]), count

    def _value(self, node: "SgNode", sigil: str, name: str, lead: str) -> tuple[str, int]:
        if sigil == "$" and name in self.rule.transform:
            return node.get_transformed(name) or "", 0
        if sigil == "$$$":
            several = node.get_multiple_matches(name)
        else:
            one = node.get_match(name)
            several = [one] if one is not None else []
        if not several:
            return "", 0
        return self._captured(key(several[0])[0], key(several[-1])[1], several, lead)

    def _captured(self, start: int, end: int, nodes: "list[SgNode]", lead: str) -> tuple[str, int]:
        """The text of a capture with nested matches replaced, moved to the indent `lead`."""
        pieces, done, count = [], start, 0
        for (first, last), node in self._outermost(start, end):
            new, nested = self._expand(node)
            pieces += [self.text[done:first], new]
            done, count = last, count + nested
        pieces.append(self.text[done:end])
        text, was = "".join(pieces), _indent(self.text, start)
        if was == lead or "\n" not in text or self._holds_long_string(nodes):
            return text, count
        first_line, *rest = text.split("\n")
        return "\n".join([first_line, *(_moved(line, was, lead) for line in rest)]), count

    def _holds_long_string(self, nodes: "list[SgNode]") -> bool:
        """Whether moving the lines could change the text of a string."""
        kinds = _LONG_STRINGS.get(self.language, ())
        rule = {"rule": {"any": [{"kind": kind, "regex": "\n"} for kind in kinds]}}
        return bool(kinds) and any(find_all(node, rule) for node in nodes)


_LONG_STRINGS = {
    "python": ("string",),
    "javascript": ("template_string",),
    "typescript": ("template_string",),
    "tsx": ("template_string",),
    "go": ("raw_string_literal",),
    "rust": ("string_literal", "raw_string_literal"),
}


def _indent(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _moved(line: str, was: str, lead: str) -> str:
    return lead + line[len(was) :] if line.startswith(was) and line.strip() else line


def _drop_comma(before: str, line: str, done: int) -> tuple[str, int]:
    """Leave no stray comma where `$$$A` stands for nothing."""
    if after := re.match(r",\s*", line[done:]):
        return before, done + after.end()
    return re.sub(r",\s*$", "", before), done

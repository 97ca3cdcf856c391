"""Rules as edits: one structural rule becomes an exact edit at every place it matches."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

from core.domain.goal import matches
from core.edits.intent import Intent, Op, ParseFault
from core.syntax.languages import LANGUAGES
from core.syntax.match import METAVARIABLE, Rule, rule_matches
from core.syntax.tree import RuleFault

__all__ = ["Rule", "RuleReport", "known_language", "parse_rules", "rule_intents"]

MAX_BYTES = 65_536
"""Largest rule text that is read."""
MAX_RULES = 50
MAX_DEPTH = 24
"""Deepest nesting of a rule; ast-grep's own examples stay under ten."""
MAX_SITES = 20_000
"""Most places one run may change: more is a rule that matches everything."""

_ALIASES = {
    "py": "python",
    "ts": "typescript",
    "js": "javascript",
    "jsx": "javascript",
    "rs": "rust",
    "golang": "go",
    "c++": "cpp",
    "cxx": "cpp",
    "cs": "csharp",
    "c#": "csharp",
    "sh": "bash",
    "shell": "bash",
    "kt": "kotlin",
    "rb": "ruby",
    "yml": "yaml",
    "ex": "elixir",
    "hs": "haskell",
    "md": "markdown",
    "sol": "solidity",
    "tf": "hcl",
    "terraform": "hcl",
}
_TOP = frozenset(
    {
        "id",
        "language",
        "rule",
        "fix",
        "constraints",
        "utils",
        "transform",
        "files",
        "ignores",
        "expect",
        "message",
        "note",
        "severity",
        "url",
        "metadata",
        "labels",
    }
)
_NESTED = frozenset({"inside", "has", "precedes", "follows", "not"})
_LISTS = frozenset({"all", "any"})
_TEXTS = frozenset({"kind", "regex", "matches", "field"})
_STRICTNESS = frozenset({"cst", "smart", "ast", "relaxed", "signature"})


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What the rules found, by rule id and by file."""

    counts: tuple[tuple[str, int], ...]
    files: tuple[str, ...]
    """Files with at least one match, sorted."""
    without_files: tuple[str, ...] = ()
    """Rules that found no file of their language in the scope, by id."""


def known_language(name: str) -> str | None:
    """The bundled language of a name or alias such as `py` or `TypeScript`."""
    low = name.strip().lower()
    low = _ALIASES.get(low, low)
    return low if low in LANGUAGES else None


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Read one or more ast-grep rules from YAML documents. Raises ParseFault, one sentence."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ParseFault(f"The rules are larger than {MAX_BYTES} bytes; split them up.")
    rules = tuple(_rule(*row) for row in _documents(text))
    if not rules:
        raise ParseFault("There is no rule in the text; write id, language, rule and fix.")
    if len(rules) > MAX_RULES:
        raise ParseFault(f"There are {len(rules)} rules, {MAX_RULES} at most; split them up.")
    return rules


def rule_intents(
    rules: tuple[Rule, ...],
    files: Mapping[str, str],
    allows: Callable[[str], bool] = lambda _path: True,
) -> tuple[tuple[Intent, ...], RuleReport]:
    """Exact-site intents for every match in the files that `allows` accepts.

    Rules run on the same unchanged files; a place that two rules claim, and a count that differs
    from the rule's `expect`, are ParseFaults.
    """
    intents: list[Intent] = []
    counts: list[tuple[str, int]] = []
    unread = []
    for rule in rules:
        paths = [p for p in sorted(files) if _is_for(rule, p) and allows(p)]
        if not paths:
            unread.append(rule.id)
        found, count = _run(rule, {path: files[path] for path in paths})
        if rule.expect is not None and count != rule.expect:
            raise ParseFault(
                f"Rule {rule.id} expects {rule.expect} matches but finds {count} in the scope; "
                "correct the rule or its expect."
            )
        intents += found
        counts.append((rule.id, count))
        if len(intents) > MAX_SITES:
            raise ParseFault(f"The rules match over {MAX_SITES} places; narrow their files.")
    ordered = sorted(intents, key=lambda i: (i.path, i.line or 0, i.column or 0))
    _refuse_overlap(ordered)
    touched = tuple(sorted({intent.path for intent in ordered}))
    return tuple(ordered), RuleReport(tuple(counts), touched, tuple(unread))


def _is_for(rule: Rule, path: str) -> bool:
    if not rule.applies_to(path) or any(matches(path, glob) for glob in rule.ignores):
        return False
    return not rule.files or any(matches(path, glob) for glob in rule.files)


def _run(rule: Rule, files: Mapping[str, str]) -> tuple[list[Intent], int]:
    intents, count = [], 0
    for path, text in files.items():
        try:
            found = rule_matches(rule, path, text)
        except RuleFault as error:
            raise ParseFault(f"Rule {rule.id} cannot be used: {error}; correct it.") from None
        count += sum(match.count for match in found)
        intents += [
            Intent(path, Op.SITE, m.old, m.new, m.line, m.column) for m in found if m.old != m.new
        ]
    return intents, count


def _refuse_overlap(ordered: list[Intent]) -> None:
    for one, other in pairwise(ordered):
        if one.path != other.path:
            continue
        rows = one.old.split("\n")
        line = (one.line or 0) + len(rows) - 1
        column = len(rows[-1]) + ((one.column or 0) if len(rows) == 1 else 0)
        if (other.line or 0, other.column or 0) < (line, column):
            raise ParseFault(
                f"Two rules change the same place, {one.path}:{other.line}; "
                "run them one after the other."
            )


_OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def _documents(text: str) -> Iterator[tuple[int, Any]]:
    try:
        depth = 0
        for token in yaml.scan(text):
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > 2 * MAX_DEPTH:
                line = token.start_mark.line + 1
                raise ParseFault(f"The rules are nested too deeply at line {line}; flatten them.")
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                line = token.start_mark.line + 1
                raise ParseFault(f"Line {line} of the rules uses a YAML anchor; write it out.")
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "unreadable text"
        raise ParseFault(f"The rules are not YAML{place}: {problem}; correct it.") from None
    except RecursionError:
        raise ParseFault("The rules are nested too deeply; flatten them.") from None
    for number, document in enumerate(documents, 1):
        for item in document if isinstance(document, list) else [document]:
            if item is not None:
                yield number, item


def _rule(number: int, raw: Any) -> Rule:  # noqa: ANN401 - it is YAML
    if not isinstance(raw, dict):
        raise ParseFault(f"Rule {number} is not a mapping; write id, language, rule and fix.")
    name = _short(raw.get("id") or f"rule-{number}")
    if unknown := sorted(str(k) for k in raw if k not in _TOP):
        raise ParseFault(f"Rule {name} has an unknown field `{_short(unknown[0])}`; remove it.")
    language = known_language(str(raw.get("language", "")))
    if language is None:
        told = _short(raw.get("language") or "nothing")
        raise ParseFault(f"Rule {name} names the language {told}; use one of {_SOME}.")
    for part in ("rule", "constraints", "utils", "transform"):
        if not isinstance(raw.get(part, {}), dict):
            raise ParseFault(f"Rule {name}: `{part}` is not a mapping; correct it.")
    body = raw.get("rule") or {}
    _check(name, "rule", body, 0)
    for group in ("constraints", "utils"):
        for inner, value in raw.get(group, {}).items():
            _check(name, f"{group}.{inner}", value, 0)
    rule = Rule(
        id=name,
        language=language,
        rule=body,
        fix=_fix(name, raw),
        constraints=raw.get("constraints", {}),
        utils=raw.get("utils", {}),
        transform=_transform(name, raw.get("transform", {})),
        files=_globs(name, raw, "files"),
        ignores=_globs(name, raw, "ignores"),
        expect=_expect(name, raw.get("expect")),
        why=str(raw.get("message", "")),
    )
    _refuse_unbound(rule, raw)
    return rule


def _short(value: object) -> str:
    """What a rule says, as part of a sentence."""
    return " ".join(str(value).split())[:60]


_SOME = "python, typescript, javascript, go, rust, java, c or another bundled one"


def _fix(name: str, raw: dict[str, Any]) -> str:
    fix = raw.get("fix")
    if not isinstance(fix, str):
        raise ParseFault(f"Rule {name} has no `fix` text; write what replaces a match.")
    return fix[:-1] if fix.endswith("\n") and fix.count("\n") else fix


def _expect(name: str, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise ParseFault(f"Rule {name}: `expect` is not a count; write a whole number.")


def _globs(name: str, raw: dict[str, Any], part: str) -> tuple[str, ...]:
    value = raw.get(part, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(glob, str) for glob in value):
        raise ParseFault(f"Rule {name}: `{part}` is not a list of globs; correct it.")
    return tuple(value)


def _transform(name: str, value: dict[str, Any]) -> dict[str, Any]:
    for variable, how in value.items():
        whole = isinstance(how, dict) and all(isinstance(inner, dict) for inner in how.values())
        if not isinstance(how, str) and not whole:
            raise ParseFault(f"Rule {name}: `transform.{variable}` is not a mapping; correct it.")
    return value


def _refuse_unbound(rule: Rule, raw: dict[str, Any]) -> None:
    """A fix may use only what its rule captures or transforms."""
    source = yaml.safe_dump({k: raw.get(k) for k in ("rule", "constraints", "utils")})
    bound = {found[2] for found in METAVARIABLE.finditer(source)} | set(rule.transform)
    for found in METAVARIABLE.finditer(rule.fix):
        if found[2] not in bound or found[2].startswith("_"):
            raise ParseFault(
                f"Rule {rule.id}: the fix uses {found[0]}, which the rule never binds."
            )


def _check(name: str, place: str, rule: Any, depth: int) -> None:  # noqa: ANN401 - it is YAML
    """Refuse what ast-grep would answer with an untyped error or a panic."""
    if depth > MAX_DEPTH:
        raise ParseFault(f"Rule {name} is nested deeper than {MAX_DEPTH}; flatten it.")
    if not isinstance(rule, dict) or not rule:
        raise ParseFault(f"Rule {name}: `{place}` is not a mapping with a matcher; correct it.")
    for part, value in rule.items():
        where = f"{place}.{_short(part)}"
        if part in _NESTED:
            _check(name, where, value, depth + 1)
        elif part in _LISTS:
            if not isinstance(value, list) or not value:
                raise ParseFault(f"Rule {name}: `{where}` is not a list of rules; correct it.")
            for number, inner in enumerate(value):
                _check(name, f"{where}[{number}]", inner, depth + 1)
        elif part == "stopBy":
            if value not in ("end", "neighbor"):
                _check(name, where, value, depth + 1)
        elif not _is_valid(part, value):
            raise ParseFault(f"Rule {name}: `{where}` is not something ast-grep knows; correct it.")


def _is_valid(part: object, value: object) -> bool:
    if part in _TEXTS:
        return isinstance(value, str) and bool(value)
    if part == "pattern":
        return _is_pattern(value)
    if part == "nthChild":
        return _is_position(value)
    return False


def _is_pattern(value: object) -> bool:
    if isinstance(value, dict):
        return (
            isinstance(value.get("context"), str)
            and isinstance(value.get("selector", ""), str)
            and value.get("strictness", "smart") in _STRICTNESS
            and set(value) <= {"context", "selector", "strictness"}
        )
    return isinstance(value, str) and bool(value.strip())


def _is_position(value: object) -> bool:
    if isinstance(value, dict):
        return set(value) <= {"position", "reverse"} and _is_position(value.get("position"))
    if isinstance(value, str):
        return bool(re.fullmatch(r"even|odd|[-+]?\d*n?(\s*[-+]\s*\d+)?", value)) and bool(value)
    return isinstance(value, int) and not isinstance(value, bool) and value > 0

"""The goals the builtin engine understands, read from plain English."""

import re
from dataclasses import dataclass

from core.edits.rules import known_language


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a definition another name, everywhere it is used."""

    old: str
    new: str
    owner: str = ""
    """The class, function or module in front of the dot."""
    kind: str = ""
    """`function`, `class`, `method`, … where the goal says it."""
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replace:
    """Rewrite every match of one pattern."""

    pattern: str
    fix: str
    language: str = ""
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRules:
    """Run the rules of a file."""

    path: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Add a parameter to a function, or remove one."""

    adds: bool
    name: str
    default: str
    annotation: str
    function: str
    owner: str = ""
    where: tuple[str, ...] = ()


Wanted = Rename | Replace | RunRules | Parameter

_QUOTES = "`'\"\u2018\u2019\u201c\u201d"
_Q = f"[{_QUOTES}]?"
_NAME = rf"{_Q}(?P<{{0}}>[A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*[?!]?){_Q}(?:\(\))?{_Q}"
_KINDS = (
    "function|class|method|variable|attribute|parameter|argument|field|constant|property|type|"
    "interface|struct|enum|module-level function|helper|symbol|identifier|name|macro|trait"
)
_KIND = (
    r"(?:(?:the|all|every|each|any)\s+)*(?:(?:uses?|occurrences?|instances?)\s+of\s+(?:the\s+)?)?"
    rf"(?:(?P<kind>{_KINDS})s?\s+)?"
)
_TAIL = r"(?P<tail>.*)"
_FLAGS = re.IGNORECASE | re.DOTALL

_RENAME = re.compile(
    rf"^(?:please\s+)?renam(?:e|ing)\s+{_KIND}{_NAME.format('old')}\s*(?:(?P<kind2>{_KINDS})\s*)?"
    rf"(?P<early>\s(?:in|from|of)\s+\S+)?\s*(?:to|into|as|->|=>|\u2192)\s*{_NAME.format('new')}{_TAIL}$",
    _FLAGS,
)
_QUOTED = (
    r"(?:`(?P<{0}_tick>[^`]+)`|\"(?P<{0}_double>[^\"]+)\"|"
    r"'(?P<{0}_single>[^']+)'|(?P<{0}_bare>{1}))"
)
_CODE = r"\S(?:.*?\S)?"
_REPLACE = re.compile(
    r"^(?:please\s+)?(?:replac(?:e|ing)|rewrite|change|convert)\s+(?:(?:all|every|each)\s+)?"
    r"(?:(?:calls?|uses?|occurrences?)\s+(?:of|to)\s+)?"
    + _QUOTED.format("pattern", _CODE)
    + r"\s+(?:with|by|to|into|->|=>|\u2192)\s+"
    + _QUOTED.format("fix", _CODE)
    + r"(?P<tail>(?:\s+(?:in|under|within|for|everywhere)\b.*)?)$",
    _FLAGS,
)
_RULES = re.compile(
    rf"^(?:please\s+)?(?:run|apply|use)\s+(?:the\s+)?(?:ast-grep\s+)?(?:rules?\s+)?(?:file\s+)?"
    rf"(?:(?:in|from|of)\s+)?{_Q}(?P<path>[\w./-]+\.ya?ml){_Q}{_TAIL}$",
    _FLAGS,
)
_PARAMETER = re.compile(
    rf"^(?:please\s+)?(?P<verb>add|remove|drop|delete)\s+(?:the\s+|an?\s+)?(?:optional\s+|keyword\s+|unused\s+)*"
    rf"(?:parameter|argument|param|arg|keyword)\s+{_Q}(?P<name>[A-Za-z_]\w*)\s*"
    rf"(?::\s*(?P<annotation>[^=`]+?))?\s*(?:=\s*(?P<default>[^`]+?))?{_Q}\s+"
    rf"(?:to|from|of|in)\s+(?:the\s+)?(?:(?:function|method)\s+)?{_NAME.format('function')}{_TAIL}$",
    _FLAGS,
)
_WHERE = re.compile(
    rf"(?:^|\s)(?:in|under|within|inside|from|of|for)\s+(?:the\s+)?(?:files?\s+|folder\s+|module\s+)?"
    rf"{_Q}(?P<path>[\w./*?{{}}\[\]-]*[./*][\w./*?{{}}\[\]-]*){_Q}",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"(?:^|\s)(?:for|in)\s+([A-Za-z+#]+)\b", re.IGNORECASE)
_DOT = re.compile(r"::|#|\.")


def parse_goal(text: str) -> Wanted | None:
    """What a goal asks for, or None when it is not a mechanical change."""
    goal = " ".join(text.split()).rstrip(".!;, ")
    for read in (_rename, _rules, _parameter, _replace):
        if (wanted := read(goal)) is not None:
            return wanted
    return None


def _rename(goal: str) -> Rename | None:
    found = _RENAME.match(goal)
    if found is None:
        return None
    owner, old = _split(found["old"])
    new_owner, new = _split(found["new"])
    if new_owner and owner and new_owner != owner:
        return None
    early = found["early"] or ""
    named = _owner_in(early)
    owner = owner or named
    kind = (found["kind"] or found["kind2"] or _kind_in(found["tail"])).lower()
    return Rename(old, new, owner, kind, _where(found["tail"] if named else early + found["tail"]))


def _owner_in(early: str) -> str:
    """`run` of `parameter x of run`; a path is no owner."""
    word = early.strip().split(" ")[-1].strip(_QUOTES + "()") if early else ""
    is_path = re.search(r"[/*]|\.(?:pyi?|[jt]sx?|go|rs|rb|java|c|h|cpp|md)$", word)
    return word if re.fullmatch(r"[A-Za-z_][\w.]*", word) and not is_path else ""


def _kind_in(tail: str) -> str:
    found = re.match(rf"\s*\(?({_KINDS})\b", tail, re.IGNORECASE)
    return found[1] if found else ""


def _replace(goal: str) -> Replace | Rename | None:
    found = _REPLACE.match(goal)
    if found is None:
        return None
    pattern, fix = _either(found, "pattern"), _either(found, "fix")
    is_code = any(mark in pattern for mark in "$(.[=") or found["pattern_tick"]
    if not is_code:
        return None
    tail = found["tail"] or ""
    if goal.lower().startswith(("change", "convert")) and _is_name(pattern) and _is_name(fix):
        return _rename(f"rename {pattern} to {fix}{tail}")
    named = (known_language(found[1]) for found in _LANGUAGE.finditer(tail))
    return Replace(pattern, fix, next(filter(None, named), ""), _where(tail))


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", text) is not None


def _either(found: re.Match[str], name: str) -> str:
    parts = (found[f"{name}_{how}"] for how in ("tick", "double", "single", "bare"))
    return next((part for part in parts if part), "").strip()


def _rules(goal: str) -> RunRules | None:
    found = _RULES.match(goal)
    return RunRules(found["path"].removeprefix("./"), _where(found["tail"])) if found else None


def _parameter(goal: str) -> Parameter | None:
    found = _PARAMETER.match(goal)
    if found is None:
        return None
    owner, function = _split(found["function"])
    return Parameter(
        found["verb"].lower() == "add",
        found["name"],
        (found["default"] or "").strip(_QUOTES + " ")
        if not _is_text(found["default"])
        else found["default"],
        (found["annotation"] or "").strip(),
        function,
        owner,
        _where(found["tail"]),
    )


def _is_text(default: str | None) -> bool:
    return bool(default) and str(default).strip()[:1] in "'\""


def _split(dotted: str) -> tuple[str, str]:
    parts = _DOT.split(dotted)
    return ".".join(parts[:-1]), parts[-1]


def _where(tail: str) -> tuple[str, ...]:
    paths = [found["path"].removeprefix("./").rstrip(".,") for found in _WHERE.finditer(tail)]
    return tuple(path for path in paths if path not in (".", "*", "**"))

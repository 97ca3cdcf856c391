"""A goal or an issue as something to search for: weighted terms, names and places."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.retrieval.tokenise import STOP, WORD, parts

PASTED = 0.25
"""What a word of pasted code, logs or tracebacks weighs beside a word of prose."""
NAMED = 1.5
"""What a word in backticks or quotes, or written like an identifier, weighs."""
DETAIL = 0.5
"""What a word below the first line weighs beside one in it."""
KIND_OF_CHANGE = 0.4
"""What a word weighs that says what kind of change is wanted, not of what."""
MOST_TERMS = 64
"""Of a long issue the rarest terms are searched."""
MOST_CHARACTERS = 20_000

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.M | re.S)
_PASTED_LINE = re.compile(
    r"^(?: {4}|\t| {0,3}>>> | {0,3}\$ |[ \t]*File \"|[ \t]*at \S+\(|Traceback "
    r"|\d{4}-\d\d-\d\d[T ]\d\d:).*$"
    r"|^ {0,3}\w+(?:\.\w+)*(?:Error|Exception|Warning): .*$",
    re.M,
)
_QUOTED = re.compile(r"`([^`\n]{1,120})`|\"([\w.:/-]{2,80})\"|'([\w.:/-]{2,80})'")
_PATH = re.compile(
    r"(?<![\w/.@+-])/?((?:[\w.@+-]+[/\\])*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,9})(?![\w/])"
)
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)+")
_IDENTIFIER = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]|[A-Za-z0-9]_[A-Za-z0-9]")
"""Inner capitals or underscores: English words have none."""
LONGEST_NAME = 100
_TICK = re.compile(r"^\s*[-*] \[[ xX]\] ")
_HEADING = re.compile(r"^ {0,3}(?:#{1,6}[ \t]+(.+)|\*\*([^*]+)\*\*:?[ \t]*)$")
_MACHINE = re.compile(
    r"\b(?:environment|versions?|operating system|os|platform|prerequisites|search before"
    r"|checklist|system info(?:rmation)?|link to|browser|desktop|smartphone|screenshots?"
    r"|additional context)\b",
    re.IGNORECASE,
)
"""Headings of what an issue's form asks of the author's machine, and not of what is wrong."""
FORM = 3
"""Headings of a form, at least; of fewer, each was chosen by who wrote the goal."""
_KINDS = (
    "allow avoid better bug chore close correct correctly disable drop enable ensure feat feature"
    " fix fixed fixes fixup handle handling implement implementation improve introduce issue let"
    " move now only perf prevent properly refactor remove removed resolve support update updated"
)
_SCOPE = re.compile(
    r"\W*(?:\w+\(([\w ,./*+-]+)\)!?|([\w./+-]+(?:[, ]+[\w./+-]+){0,2}))\s*:(?=\s)", re.ASCII
)
"""`feat(parser): ...` as Conventional Commits has it, or `parser: ...` as Go and Linux do."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for."""

    terms: dict[str, float]
    """Weight of each term."""
    prose: dict[str, float]
    """The terms that are not only pasted: short fields such as paths are asked for these."""
    names: dict[str, float]
    """Identifiers as they are written, and what each weighs: 1.0, or less where pasted."""
    paths: dict[str, float]
    """What looks like a path or a file name, with `/`."""
    dotted: dict[str, float]
    """What looks like a dotted module or member."""
    words: tuple[str, ...]
    """Plain words of the prose, lower-cased, in order: for near misses."""
    scope: tuple[str, ...] = ()
    """Terms of the part that the first line begins with: `parser: ...`."""


def parse_query(text: str) -> Query:
    """Read a goal, an issue or a commit message."""
    prose, pasted = _split(_without_machine(text[:MOST_CHARACTERS]))
    names: dict[str, float] = {}
    for source, weight in ((pasted, PASTED), (prose, 1.0)):
        names |= {name: weight for name in _names(source)}
    said = _weighed(prose, names)
    terms = {term: PASTED * n for term, n in _counted(pasted).items()}
    terms |= {term: max(weight, terms.get(term, 0.0)) for term, weight in said.items()}
    paths = {p: 1.0 for t in (prose, pasted) for p in _paths(t)}
    dotted = {d: PASTED for d in _dotted(pasted)} | {d: 1.0 for d in _dotted(prose)}
    words = tuple(dict.fromkeys(w for w in WORD.findall(prose) if w.lower() not in STOP))
    return Query(terms, said or terms, names, paths, dotted, words, _scope(prose))


def _without_machine(text: str) -> str:
    """An issue without the parts of its form that describe a machine, and without ticked boxes."""
    kept: list[str] = []
    headings = 0
    is_machine = is_fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        elif not is_fenced and kept and (heading := _HEADING.match(line)):
            headings += 1
            is_machine = _MACHINE.search(heading[1] or heading[2]) is not None
        if not is_machine and (is_fenced or not _TICK.match(line)):
            kept.append(line)
    return "\n".join(kept) if headings >= FORM else text


def _weighed(prose: str, names: Mapping[str, float]) -> dict[str, float]:
    """The terms of prose by place, by whether they are written like names, and by what they say."""
    found = _counted(prose)
    for name, weight in names.items():
        if weight == 1.0:
            for part in parts(name):
                found[part] = max(NAMED, found.get(part, 0.0))
    title, _, rest = prose.strip().partition("\n")
    if rest:
        first = {part for word in WORD.findall(title) for part in parts(word)}
        found = {t: weight if t in first else weight * DETAIL for t, weight in found.items()}
    return {
        t: weight * KIND_OF_CHANGE if t in _KIND_TERMS else weight for t, weight in found.items()
    }


_KIND_TERMS = frozenset(part for word in _KINDS.split() for part in parts(word))


def _scope(prose: str) -> tuple[str, ...]:
    match = _SCOPE.match(prose.strip().partition("\n")[0])
    if match is None:
        return ()
    found = [part for word in WORD.findall(match[1] or match[2]) for part in parts(word)]
    return tuple(dict.fromkeys(term for term in found if term not in _KIND_TERMS))


def _split(text: str) -> tuple[str, str]:
    """Prose and what was pasted into it."""
    pasted: list[str] = []

    def take(match: re.Match[str]) -> str:
        pasted.append(match[0])
        return "\n"

    prose = _FENCE.sub(take, text)
    if "\n" in prose.strip():
        prose = _PASTED_LINE.sub(take, prose)
    if not prose.strip():
        return text, ""
    return prose, "\n".join(pasted)


def _counted(text: str) -> dict[str, float]:
    """The terms of a text but for stop words; a little more for those that come again."""
    found: dict[str, float] = {}
    for word, n in Counter(WORD.findall(text)).items():
        for part in parts(word):
            if len(part) > 1 and part not in STOP and word.lower() not in STOP:
                found[part] = max(found.get(part, 0.0), 1.0 + 0.2 * min(n - 1, 3))
    return found


def _names(text: str) -> list[str]:
    quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
    found = [word for q in quoted for word in WORD.findall(q) if len(word) > 1]
    return [*found, *(word for word in WORD.findall(text) if is_identifier(word))]


def is_identifier(word: str) -> bool:
    """Whether a word has a program's form: snake_case, camelCase or PascalCase."""
    return len(word) <= LONGEST_NAME and _IDENTIFIER.search(word) is not None


def _dotted(text: str) -> list[str]:
    return [found.replace("::", ".") for found in _DOTTED.findall(text)]


def _paths(text: str) -> list[str]:
    return [found.replace("\\", "/") for found in _PATH.findall(text)]

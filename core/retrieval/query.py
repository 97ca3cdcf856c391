"""A goal or an issue as something to search for: weighted terms, names and places."""

import re
from collections import Counter
from dataclasses import dataclass

from core.retrieval.tokenise import STOP, WORD, parts

PASTED = 0.25
"""What a word of pasted code, logs or tracebacks weighs beside a word of prose."""
NAMED = 1.5
"""What a word in backticks or quotes, or written like an identifier, weighs."""
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


def parse_query(text: str) -> Query:
    """Read a goal, an issue or a commit message."""
    prose, pasted = _split(text[:MOST_CHARACTERS])
    terms: dict[str, float] = {}
    _weigh(terms, pasted, PASTED)
    plain: dict[str, float] = {}
    _weigh(plain, prose, 1.0)
    terms |= {term: max(weight, terms.get(term, 0.0)) for term, weight in plain.items()}
    names: dict[str, float] = {}
    for source, weight in ((pasted, PASTED), (prose, 1.0)):
        names |= {name: weight for name in _names(source)}
    for name, weight in names.items():
        if weight == 1.0:
            for part in parts(name):
                terms[part] = max(NAMED, terms.get(part, 0.0))
    strong = {term: weight for term, weight in terms.items() if weight >= 1.0} or terms
    paths = {p: 1.0 for t in (prose, pasted) for p in _paths(t)}
    dotted = {d: PASTED for d in _dotted(pasted)} | {d: 1.0 for d in _dotted(prose)}
    words = tuple(dict.fromkeys(w for w in WORD.findall(prose) if w.lower() not in STOP))
    return Query(terms, strong, names, paths, dotted, words)


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


def _weigh(into: dict[str, float], text: str, weight: float) -> None:
    for word, n in Counter(WORD.findall(text)).items():
        for part in parts(word):
            if len(part) > 1 and part not in STOP and word.lower() not in STOP:
                into[part] = max(into.get(part, 0.0), weight * (1.0 + 0.2 * min(n - 1, 3)))


def _names(text: str) -> list[str]:
    quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
    found = [word for q in quoted for word in WORD.findall(q) if len(word) > 1]
    return [*found, *(word for word in WORD.findall(text) if _is_identifier(word))]


def _is_identifier(word: str) -> bool:
    return len(word) <= LONGEST_NAME and _IDENTIFIER.search(word) is not None


def _dotted(text: str) -> list[str]:
    return [found.replace("::", ".") for found in _DOTTED.findall(text)]


def _paths(text: str) -> list[str]:
    return [found.replace("\\", "/") for found in _PATH.findall(text)]

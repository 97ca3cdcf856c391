"""Hit counts of words before and after a change: the honest answer to "every"."""

import re
from collections.abc import Iterator, Mapping

from core.domain.receipt import HitCount

PLACES = 10

_RENAME = re.compile(
    r"\brename\s+(?:the\s+)?(?:\w+\s+)?[`'\"]?([\w.]+)[`'\"]?\s+to\b", re.IGNORECASE
)
_REPLACE = re.compile(
    r"\breplace\s+(?:the\s+)?(?:\w+\s+)?[`'\"]([\w.]+)[`'\"]\s+(?:by|with)\b", re.IGNORECASE
)
_EVERY = re.compile(
    r"\b(?:remove|rename|replace|drop|delete|convert|migrate|switch|get rid of|stop using)\b"
    r"[^.\n]*?\b(?:every|all|each)\b[^`'\"\n]*[`'\"]([^`'\"\n]+)[`'\"]",
    re.IGNORECASE,
)
"""Something that is to be gone: "every response raises `E`" leaves more of it, not less."""


def goal_searches(goal: str) -> tuple[str, ...]:
    """What a goal that renames or does away with something should leave none of."""
    renamed = [*_RENAME.findall(goal), *_REPLACE.findall(goal)]
    found = [name.rpartition(".")[2] for name in renamed] + _EVERY.findall(goal)
    return tuple(dict.fromkeys(word for word in found if len(word) > 1))


LONGEST = 120
"""Characters of a listed line."""


def hit_lines(word: str, held: Mapping[str, str]) -> Iterator[str]:
    """`path:line: text` of each line that holds the word, by path."""
    pattern = _whole(word)
    for path in sorted(held):
        if word in held[path]:
            for row, line in enumerate(held[path].split("\n"), 1):
                if pattern.search(line):
                    yield f"{path}:{row}: {line.strip()[:LONGEST]}"


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def count_by_file(word: str, held: Mapping[str, str]) -> dict[str, int]:
    """Whole-word hits of each text that has any, by path."""
    pattern = _whole(word)
    counts = ((path, len(pattern.findall(held[path]))) for path in sorted(held))
    return {path: count for path, count in counts if count}


def count_hits(word: str, before: Mapping[str, str], after: Mapping[str, str]) -> HitCount:
    """Whole-word hits in all texts before and after, and where those that are left stand."""
    pattern = _whole(word)
    places = [
        f"{path}:{row}"
        for path in sorted(after)
        if word in after[path]
        for row, line in enumerate(after[path].split("\n"), 1)
        for _ in pattern.findall(line)
    ]
    old = sum(len(pattern.findall(text)) for text in before.values() if word in text)
    return HitCount(word, old, len(places), tuple(dict.fromkeys(places))[:PLACES])

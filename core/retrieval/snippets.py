"""Line windows around hits and their definitions, inside a token budget.

Never whole files by default.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from core.domain.context import ContextItem
from core.domain.invisible import shown
from core.retrieval.corpus import Document
from core.retrieval.definitions import defined_name, extent, is_import
from core.retrieval.rank import Ranked
from core.retrieval.secrets import LEFT_OUT, masked
from core.retrieval.tokenise import mentioned, query_terms, terms

BUDGET = 3_600
"""Tokens of all snippets together."""
PER_FILE = 900
FILES = 10
REACH = 8
"""Lines kept on each side of a hit."""
IMPORT_SHARE = 0.3
"""What a hit in an import line is worth: it says where a name is used, not how."""
OUTLINES = 10
CHARACTERS_PER_TOKEN = 3.3
"""Measured low for code, so that estimates err on the high side."""

_ORDERS = re.compile(
    r"(?i)\b(?:ignore|disregard|forget) (?:all |any )?(?:previous|prior|above|earlier) "
    r"(?:instructions|prompts?)|you are now|system prompt"
)


def estimate(text: str) -> int:
    """Tokens of a text, estimated from its length."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


def choose(goal: str, ranked: Sequence[Ranked], budget: int = BUDGET) -> tuple[ContextItem, ...]:
    """The best windows of the best files until the budget is used."""
    query, names = query_terms(goal), mentioned(goal)
    items: list[ContextItem] = []
    left = budget
    for entry in ranked[:FILES]:
        spent = 0
        for start, end in windows(entry.document.text.split("\n"), query, names):
            item = make_item(entry.document, start, end, entry.score, entry.why)
            if item.tokens <= left and spent + item.tokens <= PER_FILE:
                items.append(item)
                left -= item.tokens
                spent += item.tokens
    return tuple(items)


def windows(
    lines: Sequence[str], query: dict[str, float], names: Iterable[str]
) -> list[tuple[int, int]]:
    """0-based half-open line ranges around the best hits, best first; the start of the file if
    nothing hits.
    """
    wanted = tuple(names)
    scored = []
    for row, line in enumerate(lines):
        held = terms(line)
        score = sum(weight for term, weight in query.items() if term in held)
        score += 4.0 * sum(name in line for name in wanted)
        if score and is_import(line):
            score *= IMPORT_SHARE
        elif score and (name := defined_name(line)):
            score *= 2.0 if any(t in query for t in terms(name)) else 1.2
        if score:
            scored.append((score, row))
    chosen: list[tuple[int, int]] = []
    for _score, row in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:6]:
        start, end = _window(lines, row, wanted)
        near = next((i for i, (a, b) in enumerate(chosen) if start <= b and a <= end), None)
        if near is None:
            chosen.append((start, end))
        else:
            chosen[near] = (min(start, chosen[near][0]), max(end, chosen[near][1]))
    return _disjoint(chosen) or [(0, min(len(lines), 2 * REACH))]


def _window(lines: Sequence[str], row: int, names: Sequence[str]) -> tuple[int, int]:
    """Lines around a hit; a definition that the goal names is quoted to its end."""
    if defined_name(lines[row]) in {name.rpartition(".")[2] for name in names} - {""}:
        return max(0, row - 2), extent(lines, row)
    return max(0, row - REACH), min(len(lines), row + REACH + 1)


def _disjoint(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in ranges:
        clash = next((i for i, (a, b) in enumerate(out) if start <= b and a <= end), None)
        if clash is None:
            out.append((start, end))
        else:
            out[clash] = (min(start, out[clash][0]), max(end, out[clash][1]))
    return out


def make_item(document: Document, start: int, end: int, score: float, why: str) -> ContextItem:
    """Lines `start … end` (0-based, half open) of a document as an item, masked and flagged.

    Masking looks at the whole file: a window may hold only the middle of a key.
    """
    raw = "\n".join(_masked_lines(document.text)[start:end])
    text = shown(raw)
    flags = ["invisible characters"] if text != raw else []
    flags += ["secret-like"] if LEFT_OUT in text else []
    flags += ["instruction-like"] if _ORDERS.search(text) else []
    return ContextItem(
        id=f"{document.path}:{start + 1}-{end}",
        path=document.path,
        start=start + 1,
        end=end,
        text=text,
        tokens=estimate(text),
        score=round(score, 4),
        why=why,
        trust=document.trust,
        file_hash=document.hash,
        flags=tuple(flags),
        symbol=_symbol(_masked_lines(document.text), start),
    )


@lru_cache(maxsize=4)
def _masked_lines(text: str) -> tuple[str, ...]:
    return tuple(masked(text).split("\n"))


def _symbol(lines: Sequence[str], start: int) -> str:
    for row in range(min(start, len(lines) - 1), -1, -1):
        if name := defined_name(lines[row]):
            return name
    return ""


def outline(document: Document, names: int = 8) -> str:
    """One line for a file: its path and what it defines."""
    defined = [name for line in document.text.split("\n") if (name := defined_name(line))]
    more = " …" if len(defined) > names else ""
    return f"{document.path}: {', '.join(defined[:names])}{more}" if defined else document.path


def span_item(document: Document, start: int, end: int, why: str) -> ContextItem:
    """Lines asked for by name; `start` and `end` are 1-based, 0 for the whole file."""
    count = len(document.text.split("\n"))
    first = max(0, start - 1) if start else 0
    last = min(count, end) if end else count
    return make_item(document, first, max(first + 1, last), 1.0, why)

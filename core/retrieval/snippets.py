"""Pieces of files as context items: masked, made visible and flagged."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from core.domain.context import ContextItem, Trust
from core.domain.invisible import shown
from core.retrieval.chunks import cut
from core.retrieval.corpus import Document, read_document
from core.retrieval.secrets import LEFT_OUT, masked

if TYPE_CHECKING:
    from core.ports import Repo

CHARACTERS_PER_TOKEN = 3.3
"""Measured low for code, so that estimates err on the high side."""

_ORDERS = re.compile(
    r"(?i)\b(?:ignore|disregard|forget) (?:all |any )?(?:the )?(?:previous|prior|above|earlier) "
    r"(?:instructions|prompts?|rules)|you are now|system prompt"
    r"|\b(?:assistant|agents?|ai|llms?|models?)\b[^.\n]{0,40}\b(?:must|should|have to) "
    r"(?:run|execute|delete|send|fetch|disable)\b"
)
_GENERATED = re.compile(r"(?i)\b(?:auto-?)?generated (?:by|from|code|file)\b|\bdo not edit\b")
_HEAD_LINES = 12
"""Where a file says that it is generated."""


def estimate(text: str) -> int:
    """Tokens of a text, estimated from its length."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


def make_item(
    document: Document,
    start: int,
    end: int,
    score: float,
    why: str,
    *,
    symbol: str = "",
    heads: tuple[str, ...] = (),
) -> ContextItem:
    """Lines `start … end` (0-based, half open) of a document as an item, masked and flagged.

    Masking looks at the whole file: a window may hold only the middle of a key.
    """
    raw = "\n".join(_masked_lines(document.text)[start:end])
    text = shown(raw)
    above = tuple(shown(masked(head)) for head in heads)
    return ContextItem(
        id=f"{document.path}:{start + 1}-{end}",
        path=document.path,
        start=start + 1,
        end=end,
        text=text,
        tokens=estimate("\n".join((*above, text))),
        score=round(score, 4),
        why=why,
        trust=document.trust,
        file_hash=document.hash,
        flags=(*(["generated"] if is_generated(document.text) else []), *_flags(raw, text)),
        symbol=symbol,
        heads=above,
    )


def fact_item(id_: str, text: str, why: str, trust: Trust, score: float) -> ContextItem:
    """A fact that is no run of lines: a past commit, a version."""
    raw = masked(text)
    said = shown(raw)
    flags = tuple(_flags(raw, said))
    return ContextItem(id_, "", 0, 0, said, estimate(said), score, why, trust, flags=flags)


def is_generated(text: str) -> bool:
    """Whether a file says of itself that a program wrote it."""
    head = "\n".join(text[:4_000].split("\n")[:_HEAD_LINES])
    return _GENERATED.search(head) is not None


def _flags(raw: str, text: str) -> list[str]:
    flags = ["invisible characters"] if text != raw else []
    flags += ["secret-like"] if LEFT_OUT in text else []
    flags += ["instruction-like"] if _ORDERS.search(text) else []
    return flags


@lru_cache(maxsize=16)
def _masked_lines(text: str) -> tuple[str, ...]:
    return tuple(masked(text).split("\n"))


def span_item(document: Document, start: int, end: int, why: str) -> ContextItem:
    """Lines asked for by name; `start` and `end` are 1-based, 0 for the whole file."""
    count = len(document.text.split("\n"))
    first = max(0, start - 1) if start else 0
    last = max(first + 1, min(count, end) if end else count)
    return make_item(document, first, last, 1.0, why, symbol=_symbol(document, first, last))


def _symbol(document: Document, first: int, last: int) -> str:
    """Dotted name of the innermost definition around these lines, or that they begin with."""
    name = ""
    for one in cut(document.path, document.text).definitions:
        if one.start - 1 <= first < one.end and (one.end >= last or one.start - 1 == first):
            name = f"{one.parent}.{one.name}" if one.parent else one.name
    return name


def read_span(repo: "Repo", path: str, start: int, end: int, why: str) -> ContextItem | None:
    """Named lines of a file as a context item; None for key files, binaries and no file."""
    document = read_document(repo, path)
    return span_item(document, start, end, why) if document else None

"""Words of code and of English, alike: identifiers whole and in parts, lower-cased, lightly
stemmed.
"""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W\d]\w*|\d{3,}")
"""An identifier, a word of any language, or a number that may be meant."""
_ASCII_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d{3,}")
"""The same of ASCII text, in less time."""
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "should",
        "so",
        "some",
        "such",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "us",
        "use",
        "used",
        "uses",
        "using",
        "want",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "add",
        "make",
        "change",
        "please",
        "every",
        "all",
        "new",
        "also",
        "instead",
    ]
)
"""Left out of queries only."""


def words_of(text: str) -> list[str]:
    """Every word of a text, in order."""
    return (_ASCII_WORD if text.isascii() else WORD).findall(text)


@lru_cache(maxsize=200_000)
def parts(word: str) -> tuple[str, ...]:
    """The terms of one identifier: itself, lower-cased, and its stemmed snake and camel parts.

    Of scripts that put no space between words, every two characters that stand together.
    """
    if not word.isascii():
        return _foreign(word.casefold().strip("_"))
    if word.islower() and word.isalpha():
        return (_stem(word),)
    whole = word.lower().strip("_")
    pieces = [_stem(p.lower()) for p in _PART.findall(word) if len(p) > 1]
    if len(pieces) > 1:
        return tuple(dict.fromkeys([whole, *pieces]))
    if pieces and pieces[0].isalpha() and pieces[0] != _stem(whole):
        return whole, pieces[0]  # `Lanczos3` and `getX` are spoken of without their last letter
    return (_stem(whole),) if whole else ()


_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Kana, Han and Hangul."""


def _foreign(word: str) -> tuple[str, ...]:
    if len(word) < 3 or not _UNSPACED.search(word):
        return (word,) if word else ()
    return tuple(dict.fromkeys(word[n : n + 2] for n in range(len(word) - 1)))


_TAILS = (
    ("ingly", 5),
    ("ing", 5),
    ("edly", 5),
    ("ies", 4),
    ("ed", 4),
    ("es", 4),
    ("ly", 5),
    ("s", 3),
)
"""What is cut off, and the fewest letters of a word, but for one, that it is cut off from."""
_LAST = frozenset(tail[-1] for tail, _ in _TAILS)


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if word[-1:] not in _LAST:
        return word
    for tail, least in _TAILS:
        if word.endswith(tail) and len(word) - len(tail) >= least - 1 and not word.endswith("ss"):
            return word[: -len(tail)] + ("y" if tail == "ies" else "")
    return word

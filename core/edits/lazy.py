"""Marks of text that a reply leaves out: `... existing code ...`. Never written to a file."""

import re
from collections.abc import Iterator

_SIGN = r"(?:#+|//+|/\*+|\{/\*|<!--+|--+|;+|%+|\*|\"|')"
_DOTS = r"(?:\.{3,}|…)"
_LEFT = (
    r"(?:existing|unchanged|remaining|rest of|remainder of|same as (?:before|above)|other|"
    r"previous|original|omitted|unmodified|keep|your|more)"
)
_WHAT = (
    r"(?:code|file|lines?|contents?|methods?|functions?|imports?|class(?:es)?|logic|implementation|"
    r"body|tests?|unchanged|omitted|same|here|setup|handlers?|routes?|fields?|properties|config\w*|"
    r"definitions?|section|parts?|stuff|variables?|declarations?|elements?|styles?|rules?|markup)"
)
_TEXT = (
    r"code|file|class|method|function|implementation|unchanged|same|omitted|page|component|"
    r"document|template|module|script|program|section|config|html|body"
)
_LAZY = re.compile(
    # A comment that begins with dots and speaks of text, or holds nothing else.
    rf"^[ \t]*{_SIGN}[ \t]*{_DOTS}[ \t]*(?:\(?[ \t]*(?:the[ \t]+)?{_LEFT}\b.*|[^\n]*\b{_WHAT}\b.*|"
    rf"[ \t]*(?:\*/\}}?|-->)?[ \t]*)$"
    # A comment that speaks of the rest of the text, dots or not.
    rf"|^[ \t]*{_SIGN}[ \t]*\(?(?:the[ \t]+|all[ \t]+)?{_LEFT}\b[^\n]*\b{_WHAT}\b[^\n]*"
    rf"(?:{_DOTS}|unchanged|omitted|the same|goes here|remains?|stays?|here|as is|as before)"
    r"[^\n]*$"
    rf"|^[ \t]*{_SIGN}[ \t]*\(?(?:the[ \t]+)?(?:rest|remainder|remaining)\b[^\n]*"
    rf"\b(?:{_TEXT})\b[^\n]*$"
    rf"|^[ \t]*{_SIGN}[ \t]*(?:existing|unchanged|omitted)(?:[ \t]+{_WHAT})?(?:[ \t]+here)?[ \t]*"
    r"(?:\*/\}?|-->)?[ \t]*$"
    # The same without a comment sign.
    rf"|^[ \t]*{_DOTS}[ \t]*\(?(?:the[ \t]+)?{_LEFT}\b[^\n]*$"
    rf"|^[ \t]*[(\[]?(?:the[ \t]+)?(?:rest of|existing|remaining|unchanged)[ \t]+(?:the[ \t]+)?"
    rf"{_WHAT}\b[^\n]*(?:{_DOTS}|unchanged|omitted|same)[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORDS = (
    *("...", "…", "existing", "unchanged", "omitted", "rest", "remain", "same", "here", "stays"),
    *("as is", "as before"),
)
ELISION = re.compile(rf"^[ \t]*(?:{_SIGN}[ \t]*)?{_DOTS}[^\n]*$")
"""A line that stands for lines left out, where it stands in both halves of a block."""


def lazy_marker(new: str, *known: str) -> str:
    """The first mark of left-out text that no known text holds; empty for none."""
    for line in _suspects(new):
        found = _LAZY.search(line)
        marker = found[0].strip() if found else ""
        if marker and not any(marker in text for text in known):
            return marker
    return ""


def _suspects(text: str) -> Iterator[str]:
    """The lines that hold one of the words without which no mark is one: most files have few."""
    low = text.lower()
    low = low if len(low) == len(text) else text
    starts: set[int] = set()
    for word in _WORDS:
        at = low.find(word)
        while at >= 0:
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            if start not in starts:
                starts.add(start)
                yield text[start : end if end >= 0 else len(text)]
            at = low.find(word, end) if end >= 0 else -1

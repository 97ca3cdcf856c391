"""Files that a person rarely means to edit by hand: said on every hunk of them."""

import re

from core.edits.snapshot import MAX_WHOLE, Snapshot

_GENERATED = re.compile(
    r"@generated\b|\bDO NOT EDIT\b|\bcode generated (?:by|from)\b"
    r"|\b(?:auto(?:matically)?[- ]?generated|generated automatically)\b",
    re.IGNORECASE,
)
HEAD = 10
"""Lines in which a generated file says so, as Go's convention and most generators do."""

_VENDORED = re.compile(
    r"(?:^|/)(?:vendor|vendored|_vendor|third[_-]party|node_modules|bower_components|"
    r"site-packages)/"
)
LONG_LINE = 5_000
"""Characters of a line that no person wrote: a minified file."""


def kind_flags(before: Snapshot) -> tuple[str, ...]:
    """`generated file`, `vendored file`, `minified file`, `large file`, those that apply."""
    found = []
    if _GENERATED.search("".join(before.lines[:HEAD])[:5_000]):
        found.append("generated file")
    if _VENDORED.search(before.path):
        found.append("vendored file")
    if any(len(line) > LONG_LINE for line in before.lines):
        found.append("minified file")
    if sum(map(len, before.lines)) > MAX_WHOLE:
        found.append("large file")
    return tuple(found)

"""Which formats a reply holds, told from the outermost structure of its text.

What stands inside a block, an envelope, a diff or a file given whole is that one's text, whatever
it looks like.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from core.edits.parse.blocks import BLANKS, closes_fence, fence_end, opens_fence
from core.edits.parse.envelope import envelope_end, opens_envelope
from core.edits.parse.hunk_body import is_header
from core.edits.parse.paths import path_before, path_in
from core.edits.parse.search_replace import block_end, opens_block, orders
from core.edits.parse.whole_file import opens_tagged

_NUMBERED_HUNK = re.compile(r"^@@ *-[0-9]+(?:,[0-9]+)? +\+[0-9]+")
_ENVELOPE_FILE = re.compile(r"^\*\*\*[ \t]*(?:Add|Update) File:", re.IGNORECASE)
_DIFFS = ("diff", "patch", "udiff")
_PAIR = re.compile(
    r"^[\s{\[]{0,200}\"(?:old|old_?(?:string|text|str)|search|find)\"\s{0,9}:", re.IGNORECASE
)
"""A line of JSON that begins a pair of old and new text."""
_FIRST = frozenset("`~<-*@d")
"""What the lines that matter begin with."""


class Format(StrEnum):
    """What a reply can be written in."""

    SITES = "sites"
    RULE = "rule"
    ENVELOPE = "envelope"
    SEARCH_REPLACE = "search_replace"
    UNIFIED_DIFF = "unified_diff"
    REPLACE = "replace"
    WHOLE_FILE = "whole_file"


def formats_of(lines: list[str], known: frozenset[str] = frozenset()) -> set[Format]:
    """The formats of the outermost structures; `replace` only where a fence says that it is JSON:
    elsewhere reading tells.
    """
    outline = _Outline(lines, known)
    row = 0
    while row < len(lines):
        row = outline.step(row) if lines[row] else row + 1
    return outline.found


class _Outline:
    def __init__(self, lines: list[str], known: frozenset[str]) -> None:
        self.lines = lines
        self.known = known
        self.found: set[Format] = set()
        self.fence: tuple[str, int] | None = None
        self.shows_diff = False
        """Whether the fence around says that it holds a diff."""
        self.in_diff = False

    def step(self, row: int) -> int:
        """Look at one line; the row to go on with."""
        line = self.lines[row]
        if self.in_diff:
            if not line or (line[0] in " +-\\" and not is_header(self.lines, row)):
                return row + 1
            self.in_diff = False
        first = line.lstrip(BLANKS)[:1]
        if first not in _FIRST or not first:
            return row + 1
        if first in "`~":
            return self._fence(row)
        if first in "<-" and opens_block(line):
            self.found.add(Format.SEARCH_REPLACE)
            return max(block_end(self.lines, row), row + 1)
        if first == "<":
            return self._tag(row)
        if first == "*":
            return self._stars(row)
        if self._begins_diff(row):
            self.found.add(Format.UNIFIED_DIFF)
            self.in_diff = True
            return row + (2 if line.startswith("--- ") else 1)
        return row + 1

    def _begins_diff(self, row: int) -> bool:
        line = self.lines[row]
        if line.startswith("@@"):
            return self.shows_diff or bool(_NUMBERED_HUNK.match(line))
        return line.startswith(("diff --git ", "diff --cc ")) or is_header(self.lines, row)

    def _fence(self, row: int) -> int:
        line = self.lines[row]
        opening = opens_fence(line)
        if self.fence and closes_fence(line, *self.fence):
            self.fence, self.shows_diff = None, False
            return row + 1
        if not opening:
            return row + 1
        info = opening[3].strip().lower()
        if info in ("rule", "rules", "sites"):
            self.found.add(Format.SITES if info == "sites" else Format.RULE)
            return (fence_end(self.lines, row) or len(self.lines)) + 1
        self.shows_diff = info.split(" ")[0] in _DIFFS
        path = "" if self.shows_diff else path_before(self.lines, row + 1, known=self.known)
        if path and not self._holds_edits(row):
            self.found.add(Format.WHOLE_FILE)
            return (fence_end(self.lines, row) or len(self.lines)) + 1
        if info in ("json", "jsonc", "json5"):
            end = fence_end(self.lines, row) or len(self.lines)
            if any(_PAIR.search(line) for line in self.lines[row + 1 : end]):
                self.found.add(Format.REPLACE)
                return end + 1
        self.fence = opening[2], len(opening[1])
        return row + 1

    def _holds_edits(self, row: int) -> bool:
        """Whether the first line of what is opened on `row`, a path aside, begins an edit."""
        seen = 0
        for i in range(row + 1, min(row + 8, len(self.lines))):
            line = self.lines[i]
            if opens_block(line) or opens_envelope(line) or self._begins_diff(i):
                return True
            if line.strip() and line.strip().lower() not in ("<diff>", "<content>"):
                seen += 1
                if seen > 1 or not path_in(line, self.known):
                    return False
        return False

    def _tag(self, row: int) -> int:
        tag = opens_tagged(self.lines[row])
        if not tag or self._holds_edits(row):
            return row + 1
        self.found.add(Format.WHOLE_FILE)
        return _closing_tag(self.lines, row, f"</{tag[1].lower()}>") + 1

    def _stars(self, row: int) -> int:
        line = self.lines[row]
        if opens_envelope(line):
            self.found.add(Format.ENVELOPE)
            end = envelope_end(self.lines, row)
            return (len(self.lines) if end == row else end) + 1
        if _ENVELOPE_FILE.match(line):
            self.found.add(Format.ENVELOPE)
        elif orders(line):
            self.found.add(Format.SEARCH_REPLACE)
        return row + 1


def _closing_tag(lines: Sequence[str], row: int, close: str) -> int:
    return next(
        (i for i in range(row, len(lines)) if lines[i].rstrip().lower().endswith(close)),
        len(lines),
    )

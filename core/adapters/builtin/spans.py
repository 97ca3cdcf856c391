"""Offsets, lines and exact edits in one Python text."""

import ast
import re
from bisect import bisect_right

from core.edits.intent import Intent, Op


class Spans:
    """A text whose syntax tree places become offsets, and whose offsets become exact edits."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, line: int, byte_column: int) -> tuple[int, int]:
        """A line from 1 and a column in bytes, as a line and a column in characters."""
        return self.at(self.offset(line, byte_column))

    def offset(self, line: int, byte_column: int) -> int:
        """The offset of a place of the syntax tree."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        row = self.text[start:end].encode()
        return start + len(row[:byte_column].decode(errors="ignore"))

    def end(self, node: ast.expr | ast.arg) -> int:
        """The offset just after a node."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def at(self, offset: int) -> tuple[int, int]:
        """Line from 1 and column from 0 of an offset."""
        row = bisect_right(self._starts, offset) - 1
        return row + 1, offset - self._starts[row]

    def intent(self, path: str, start: int, end: int, new: str) -> Intent:
        """The edit that puts `new` in place of a span."""
        line, column = self.at(start)
        return Intent(path, Op.SITE, self.text[start:end], new, line, column)

    def after(self, path: str, start: int, end: int, item: str) -> Intent:
        """Add an item to a list after the one at a span, on its own line where that one is."""
        line, column = self.at(start)
        lead = self.text[start - column : start]
        gap = f",\n{lead}" if not lead.strip() and line > 1 and column else ", "
        return self.intent(path, start, end, self.text[start:end] + gap + item)

    def dropped(self, path: str, start: int, end: int) -> Intent:
        """Remove an item of a list together with one comma."""
        if comma := re.match(r"\s*,[ \t]*(\n[ \t]*(?=[^\s)\]#]))?", self.text[end:]):
            if re.match(r"\s*\)", self.text[end + comma.end() :]):
                before = re.search(r"\s*$", self.text[:start])
                keeps = before[0] if before and "\n" in before[0] else ""
                return self.intent(path, start - len(keeps), end + comma.end(), "")
            return self.intent(path, start, end + comma.end(), "")
        before = re.search(r",\s*$", self.text[:start])
        return self.intent(path, start - len(before[0]) if before else start, end, "")

"""Unified diffs, from git or from a model: counts and line numbers are hints, never trusted."""

import re
from collections.abc import Iterator
from itertools import pairwise

from core.edits.intent import Intent, Op, ParseFault

_HUNK = re.compile(r"^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? )?.*$")
_OLD = re.compile(r"^--- (?:\"?a/)?(.+?)\"?(?:\t.*)?$")
_NEW = re.compile(r"^\+\+\+ (?:\"?b/)?(.+?)\"?(?:\t.*)?$")
_GIT = re.compile(r"^diff --git \"?a/(.+?)\"? \"?b/(.+?)\"?$")
NOTHING = "/dev/null"


def has_diff(text: str) -> bool:
    """Whether a text holds file headers or hunks of a unified diff."""
    lines = text.split("\n")
    return any(_OLD.match(a) and _NEW.match(b) for a, b in pairwise(lines)) or any(
        line.startswith(("diff --git ", "@@ -")) for line in lines
    )


def parse_unified_diff(text: str) -> tuple[Intent, ...]:
    """One intent a hunk. Raises `ParseFault` for binary patches and hunks without a file."""
    intents: list[Intent] = []
    for old, new, hunks in _files(text.replace("\r\n", "\n").split("\n")):
        intents += _file_intents(old, new, hunks, len(intents))
    return tuple(intents)


def _file_intents(
    old: str, new: str, hunks: list[tuple[int | None, list[str]]], count: int
) -> Iterator[Intent]:
    path = old if new == NOTHING else new
    if not path:
        raise ParseFault(
            "a hunk of the diff names no file; put `--- a/PATH` and `+++ b/PATH` above it"
        )
    if new == NOTHING:
        yield Intent(path, Op.DELETE, number=count + 1)
        return
    if old == NOTHING:
        body = "".join(text for _, lines in hunks for text in _side(lines, "+"))
        yield Intent(path, Op.CREATE, new=body, number=count + 1)
        return
    if old and old != new:
        raise ParseFault(f"the diff renames {old} to {new}; give a delete and a create instead")
    for number, (line, lines) in enumerate(hunks, count + 1):
        before, after = "".join(_side(lines, "-")), "".join(_side(lines, "+"))
        yield Intent(path, Op.EDIT, before, after, line=line, number=number)


def _files(lines: list[str]) -> Iterator[tuple[str, str, list[tuple[int | None, list[str]]]]]:
    old = new = ""
    hunks: list[tuple[int | None, list[str]]] = []
    row = 0
    while row < len(lines):
        line = lines[row]
        following = lines[row + 1] if row + 1 < len(lines) else ""
        if line.startswith(("GIT binary patch", "Binary files ")):
            raise ParseFault("the diff holds a binary patch, which is not reviewed as text")
        if git := _GIT.match(line):
            if hunks or NOTHING in (old, new):
                yield old, new, hunks
            old, new, hunks = git[1], git[2], []
        elif (o := _OLD.match(line)) and (n := _NEW.match(following)):
            if hunks:
                yield old, new, hunks
                hunks = []
            old, new = o[1], n[1]
            row += 1
        elif line.startswith("deleted file mode"):
            new = NOTHING
        elif line.startswith("new file mode"):
            old = NOTHING
        elif hunk := _HUNK.match(line):
            body, row = _body(lines, row + 1)
            hunks.append((int(hunk[1]) if hunk[1] else None, body))
            continue
        row += 1
    if hunks or NOTHING in (old, new):
        yield old, new, hunks


def _body(lines: list[str], row: int) -> tuple[list[str], int]:
    body: list[str] = []
    while row < len(lines):
        line = lines[row]
        following = lines[row + 1] if row + 1 < len(lines) else ""
        if line.startswith(("@@", "diff --git ", "```")) or (
            _OLD.match(line) and _NEW.match(following)
        ):
            break
        if line[:1] in (" ", "+", "-", "\\"):
            body.append(line)
            row += 1
            continue
        after = _after_blanks(lines, row)
        if line or not _is_body(lines[after] if after < len(lines) else ""):
            break
        body += [" "] * (after - row)
        row = after
    return body, row


def _after_blanks(lines: list[str], row: int) -> int:
    while row < len(lines) and not lines[row]:
        row += 1
    return row


def _is_body(line: str) -> bool:
    return line[:1] in (" ", "+", "-") and not _OLD.match(line)


def _side(lines: list[str], sign: str) -> Iterator[str]:
    for i, line in enumerate(lines):
        if line[:1] in (" ", sign):
            unterminated = i + 1 < len(lines) and lines[i + 1].startswith("\\")
            yield line[1:] + ("" if unterminated else "\n")

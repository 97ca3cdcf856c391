"""Whole files: a path, then a fenced block; or `<file path="x">` around the text."""

import re

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import BLANKS, fence_end, opens_fence, rows_of, text_of
from core.edits.parse.paths import mentioned, path_before, path_in
from core.edits.parse.tidy import tidy

_TAG = re.compile(
    r"^[ \t]*<(file|write_file|write_to_file|create_file)\b[^<>]*"
    r"\b(?:path|name|file_?path|filename)=[^<>]*>(.*)$",
    re.IGNORECASE,
)
_COMMANDS = ("bash", "sh", "shell", "zsh", "console", "shell-session", "powershell", "cmd", "text")
"""Info strings of blocks that show commands or what they print."""
_MARKUP = (".md", ".markdown", ".mdx", ".qmd", ".rmd")


def opens_tagged(line: str) -> re.Match[str] | None:
    """Whether a line opens a `<file path="x">`."""
    return _TAG.match(line) if line.lstrip(" \t")[:1] == "<" and len(line) < 10_000 else None


def parse_whole_files(
    reply: str, wanted: bool = False, known: frozenset[str] = frozenset()
) -> tuple[Intent, ...]:
    """Every block that has a path, in order; other blocks are prose.

    A single block without a path has the path "". With `wanted` a sentence may name the path, and
    a reply without any block is the file itself. Raises `ParseFault` for a block never closed (a
    truncated reply) or one whose end cannot be told.
    """
    lines = rows_of(reply)
    named: list[Intent] = []
    others: list[tuple[str, str]] = []
    row = floor = 0
    while row < len(lines):
        tag = opens_tagged(lines[row])
        if tag and (path := _tag_path(lines[row])):
            text, row = _tagged(lines, row, tag[1], tag[2], path)
            named.append(Intent(path, Op.WHOLE, new=text))
        elif lines[row].lstrip(BLANKS)[:3] in ("```", "~~~") and (found := opens_fence(lines[row])):
            path = path_before(lines, row + 1, floor, known) or (
                _said(lines, row, floor) if wanted else ""
            )
            text, row = _fenced(lines, row, path)
            if path:
                named.append(Intent(path, Op.WHOLE, new=text))
            else:
                others.append((found[3].strip().lower(), text))
        else:
            row += 1
            continue
        floor = row
    if not named and len(others) == 1 and (wanted or others[0][0] not in _COMMANDS):
        named = [Intent("", Op.WHOLE, new=others[0][1])]
    if not named and not others and wanted and reply.strip():
        named = [Intent("", Op.WHOLE, new=reply)]
    return tuple(tidy(intent, number) for number, intent in enumerate(named, 1))


def _tag_path(line: str) -> str:
    return path_in(line.partition(">")[0].lstrip() + ">")


def _said(lines: list[str], row: int, floor: int) -> str:
    """The one path that the sentence above a block names."""
    above = [line for line in lines[max(floor, row - 3) : row] if line.strip()]
    found = set(mentioned(above[-1])) if above else set()
    return found.pop() if len(found) == 1 else ""


def _fenced(lines: list[str], row: int, path: str) -> tuple[str, int]:
    end = fence_end(lines, row)
    if end is None:
        raise ParseFault(f"the block for {path or 'a file'} is never closed; the reply seems cut")
    if path.lower().endswith(_MARKUP) and _may_go_on(lines, row, end):
        raise ParseFault(
            f"the block for {path} could end at more than one fence; put it in a longer fence"
        )
    body = lines[row + 1 : end]
    indent = lines[row][: len(lines[row]) - len(lines[row].lstrip(" \t"))]
    if indent and all(line.startswith(indent) for line in body if line.strip()):
        body = [line.removeprefix(indent) for line in body]
    return text_of(body), end + 1


def _may_go_on(lines: list[str], row: int, end: int) -> bool:
    """Whether the fence that ends some markup could as well open a block inside it: a bare fence
    as long follows before any other path.
    """
    mark = lines[row].strip(" \t")
    mark = mark[: len(mark) - len(mark.lstrip(mark[0]))]
    for i in range(end + 1, len(lines)):
        if fence := opens_fence(lines[i]):
            return not fence[3].strip() and fence[2] == mark and not path_before(lines, i, end)
    return False


def _tagged(lines: list[str], row: int, tag: str, first: str, path: str) -> tuple[str, int]:
    close = f"</{tag.lower()}>"
    if first.rstrip().lower().endswith(close):
        return first.rstrip()[: -len(close)], row + 1
    for i in range(row + 1, len(lines)):
        if "</" in lines[i] and lines[i].rstrip().lower().endswith(close):
            last = lines[i].rstrip()[: -len(close)]
            body = ([first] if first.strip() else []) + lines[row + 1 : i]
            text = text_of(body) + (last if last.strip() else "")
            return _unwrapped(text), i + 1
    raise ParseFault(f"the block for {path} is never closed; the reply seems cut")


def _unwrapped(text: str) -> str:
    """The text inside a fence or CDATA that is all there is in a tag."""
    rows = rows_of(text)
    while rows and not rows[0].strip():
        rows.pop(0)
    if rows and opens_fence(rows[0]) and fence_end(rows, 0) == len(rows) - 1:
        return text_of(rows[1:-1])
    bare = text.strip()
    if bare.startswith("<![CDATA[") and bare.endswith("]]>"):
        return bare[9:-3].removeprefix("\n")
    return text

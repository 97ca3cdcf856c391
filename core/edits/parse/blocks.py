"""What every format shares: fences, paths before blocks, and the marks of text left out."""

import re

from core.edits.intent import ParseFault

FENCE = re.compile(r"^(\s*+)(`{3,}+|~{3,}+)([\w+#.-]*+)[^\n`]*+$")
_PATH = re.compile(
    r"^[#/*\s>-]*(?:file(?:name|path)?\s*[:=]\s*)?"
    r"[`\"'*]*([\w@.+()\[\] /\\-]*[\w)\]]\.?[\w.+-]*)[`\"'*]*:?\s*$",
    re.IGNORECASE,
)
LONGEST_PATH = 300
"""Characters. A longer line names no file."""

_LAZY = re.compile(
    r"(?:#|//|/\*|<!--|--|;|%)[ \t]*(?:\.{3}|…).*$"
    r"|^[ \t]*+(?:(?:\.{3}|…)[ \t]*+)?"
    r"(?:existing|unchanged|remaining|rest of(?: the)?|same as before|other)[ \t]+"
    r"(?:code|file|lines|content|methods?|functions?|imports?|unchanged).*$"
    r"|^[ \t]*(?:#|//|/\*|<!--|--)[ \t]*(?:rest of|remaining|existing|unchanged)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)


def fenced(reply: str, opening: re.Pattern[str]) -> list[str | None]:
    """The body of every fence whose first line matches `opening`; None for one never closed.

    Reads each line once, however many fences there are.
    """
    bodies: list[str | None] = []
    body: list[str] = []
    mark = ""
    for line in reply.replace("\r\n", "\n").split("\n"):
        if not mark:
            found = opening.match(line)
            mark, body = (found[1], []) if found else ("", [])
        elif line.rstrip(" \t") == mark:
            bodies.append("".join(row + "\n" for row in body))
            mark = ""
        else:
            body.append(line)
    return [*bodies, None] if mark else bodies


def path_in(line: str) -> str:
    """The path a line names on its own, as `src/a.py`, `**src/a.py**`, `### File: src/a.py`; empty
    if none.
    """
    found = _PATH.match(line.strip()) if len(line) <= LONGEST_PATH else None
    if not found:
        return ""
    text = found[1].strip().replace("\\", "/")
    looks = "/" in text or "." in text or text in ("Makefile", "Dockerfile", "LICENSE")
    return text if looks and " " not in text and not text.endswith("..") else ""


def path_before(lines: list[str], row: int) -> str:
    """The path named in the three lines above a block, fence lines passed over."""
    for line in reversed(lines[max(0, row - 3) : row]):
        fence = FENCE.match(line)
        if fence:
            if "." in fence[3] and path_in(fence[3]):
                return path_in(fence[3])
            continue
        if found := path_in(line):
            return found
        if line.strip():
            return ""
    return ""


def refuse_lazy(new: str, old: str, number: int) -> None:
    """Raise `ParseFault` when new text stands for text it leaves out; naming the marker."""
    for found in _LAZY.finditer(new):
        marker = found[0].strip()
        if marker not in old:
            raise ParseFault(
                f"edit {number} leaves text out (`{marker[:60]}`); give every line it should hold"
            )

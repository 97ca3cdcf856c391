"""Definitions by their first line and their indentation: cheap enough for every line searched."""

import re
from collections.abc import Sequence

LONGEST = 60
"""Lines of a definition that is quoted whole; a longer one is quoted around its hits."""

_DEFINITION = re.compile(
    r"^\s*(?:async\s+|export\s+|default\s+|pub\s+|public\s+|private\s+|static\s+|final\s+)*"
    r"(?:def|class|func|function|fn|interface|struct|enum|trait|type|const)\s+(\w+)"
)
_IMPORT = re.compile(r"^\s*(?:from\s+\S+\s+import|import|use|using|#\s*include|.*\brequire\()\b")


def defined_name(line: str) -> str:
    """What a line defines; empty if nothing."""
    found = _DEFINITION.match(line)
    return found[1] if found else ""


def is_import(line: str) -> bool:
    """Whether a line only fetches names from elsewhere."""
    return _IMPORT.match(line) is not None


def defines(text: str, name: str) -> bool:
    """Whether a text holds a definition of a name (its last part, for dotted ones)."""
    last = name.rpartition(".")[2]
    if not last.isidentifier() or last not in text:
        return False
    return any(last in line and defined_name(line) == last for line in text.split("\n"))


def extent(lines: Sequence[str], row: int) -> int:
    """The line after a definition's last one (0-based), by indentation; at most `LONGEST` on."""
    depth = _indent(lines[row])
    for i in range(row + 1, min(len(lines), row + LONGEST)):
        if lines[i].strip() and _indent(lines[i]) <= depth:
            closes = lines[i].strip()[0] in ")}]"
            if not closes:
                return i
            if lines[i].strip()[0] == "}":
                return i + 1
    return min(len(lines), row + LONGEST)


def _indent(line: str) -> int:
    plain = line.expandtabs(4)
    return len(plain) - len(plain.lstrip())

"""Definitions by their first line, for languages without a grammar."""

import re

_DEFINITION = re.compile(
    r"^\s*(?:async\s+|export\s+|default\s+|pub\s+|public\s+|private\s+|static\s+|final\s+)*"
    r"(?:def|class|func|function|fn|interface|struct|enum|trait|type|const)\s+(\w+)"
)


def defined_name(line: str) -> str:
    """What a line defines; empty if nothing."""
    found = _DEFINITION.match(line)
    return found[1] if found else ""

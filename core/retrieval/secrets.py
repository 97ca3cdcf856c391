"""Secrets are left out of everything that a model is sent."""

import re

LEFT_OUT = "<secret left out>"

_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[baprs]-[\w-]{10,}"
    r"|(?i:(?:api[_-]?key|secret|token|passwd|password)\s*[=:]\s*)[\"'][A-Za-z0-9+/_=-]{20,}[\"']"
)


def masked(text: str, allowed: str = "") -> str:
    """The text without what looks like a key, but for what stands in `allowed` as well; every line
    keeps its number.
    """

    def instead(found: re.Match[str]) -> str:
        return found[0] if found[0] in allowed else LEFT_OUT + "\n" * found[0].count("\n")

    return _SECRET.sub(instead, text)

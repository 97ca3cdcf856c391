"""Keeping secrets out of everything that is shown."""

import re
from collections.abc import Iterable, Mapping

SHORTEST = 8
"""Characters: shorter values would blank out ordinary words."""

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|AUTH|COOKIE", re.IGNORECASE)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


def secrets_in(env: Mapping[str, str]) -> tuple[str, ...]:
    """The values of secret-looking variables, longest first, so that none hides inside another."""
    values = {
        value for name, value in env.items() if len(value) >= SHORTEST and _SECRET_NAME.search(name)
    }
    return tuple(sorted(values, key=len, reverse=True))


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret, and the user part of every address, replaced by `[key]`."""
    for secret in secrets:
        text = text.replace(secret, "[key]")
    return _USERINFO.sub("[key]@", text)


def excerpt(text: str, secrets: Iterable[str], limit: int = 160) -> str:
    """The first printable characters of foreign text on one line, without secrets."""
    clean = "".join(c if c.isprintable() else " " for c in redact(text[: 20 * limit], secrets))
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"

"""What a coding CLI gets to know of the user's environment: its own settings and nothing else.

It runs as the user, with the user's home folder, because there it finds who is logged in. We read
none of that and pass on none of another program's keys.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from core.adapters.check_environment import SYSTEM_PATH, users_path

_NEVER = re.compile(r"^(GIT_|LD_|DYLD_|PYTHON|PWD$|OLDPWD$)")
"""Where the user is, and ways to change what a program loads."""

_COMMON = (
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_*",
    "TZ",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "*_PROXY",
    "*_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
)
"""Language, the way out of a company network, and the way to the user's keyring."""

_FIXED = {"TERM": "dumb", "NO_COLOR": "1", "CI": "1"}


def variables(
    user: Mapping[str, str], passed: tuple[str, ...], repository: Path, temporary: Path
) -> dict[str, str]:
    """The environment of a program, before its own settings; nothing in it names the repository.

    A repository that holds the home folder cannot be kept from a program that needs that folder.
    """
    patterns = (*_COMMON, *passed)
    kept = {
        name: value
        for name, value in user.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
        and not _NEVER.match(name)
        and not _names(value, repository, user)
    }
    return kept | _FIXED | {"PATH": search_path(user, repository), "TMPDIR": str(temporary)}


def search_path(user: Mapping[str, str], repository: Path) -> str:
    """The user's PATH without folders of the repository, relative ones and our own."""
    entries = users_path(user, repository).split(":")
    return ":".join(e for e in entries if not _names(e, repository, user)) or SYSTEM_PATH


def _names(value: str, repository: Path, user: Mapping[str, str]) -> bool:
    if Path(user.get("HOME", "")).is_relative_to(repository):
        return False
    return bool(re.search(rf"{re.escape(str(repository))}(?![\w.-])", value))

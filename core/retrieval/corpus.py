"""The repository as documents: what may be read, in which lane it belongs."""

import re
from dataclasses import dataclass

from core.domain.context import Trust
from core.ports import Repo

MAX_BYTES = 400_000
"""Larger files are listed, not searched."""

_TEST = re.compile(
    r"(^|/)(tests?|testing|spec|specs|__tests__)/|(^|/)(test_[^/]*|[^/]*_test|[^/]*\.(test|spec))\.\w+$|(^|/)conftest\.py$",
    re.IGNORECASE,
)
_DOCS = re.compile(
    r"\.(md|rst|txt|adoc)$|(^|/)docs?/|(^|/)(readme|changelog|changes|contributing|license|authors|news)[^/]*$",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"\.(png|jpe?g|gif|ico|svg|pdf|zip|gz|xz|bz2|whl|so|dll|exe|woff2?|ttf|eot|mp[34]|webp|pyc|min\.js|min\.css|map|lock|po|mo)$"
    r"|(^|/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|go\.sum|vendor|node_modules|third_party|_vendor)(/|$)",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"(^|/)(\.env($|\.)|[^/]*\.env$|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.npmrc"
    r"|\.htpasswd|(\.git-)?credentials|[^/]*\.(pem|key|p12|pfx|jks|keystore)$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """One file that may be searched."""

    path: str
    text: str
    hash: str
    trust: Trust


def is_secret_name(path: str) -> bool:
    """Whether a path is named like a key file: such files are never read for a model."""
    return _SECRET_NAME.search(path) is not None


def lane(path: str) -> Trust:
    """Code, test or docs, by path."""
    if _TEST.search(path):
        return Trust.TEST
    return Trust.DOCS if _DOCS.search(path) else Trust.CODE


def is_searched(path: str) -> bool:
    """Whether a path is worth ranking: no secrets, generated or binary files by name."""
    return not is_secret_name(path) and not _SKIP.search(path) and can_be_written_down(path)


def can_be_written_down(path: str) -> bool:
    """Whether a name is text: other names cannot be told to a model or kept in a journal."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read_document(repo: Repo, path: str) -> Document | None:
    """One file as a document; None for what is binary, too large, a link or not there.

    What a link leads to is a document under its own name, and may be a key file.
    """
    if not is_searched(path):
        return None
    version = repo.read(path)
    if version is None or version.is_link or len(version.data) > MAX_BYTES:
        return None
    if b"\0" in version.data[:8192]:
        return None
    return Document(path, version.data.decode("utf-8", "replace"), version.hash, lane(path))


def documents(repo: Repo) -> tuple[Document, ...]:
    """Every searchable file."""
    found = (read_document(repo, path) for path in repo.files())
    return tuple(d for d in found if d is not None)

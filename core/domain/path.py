"""Which paths may be named at all, before any scope is asked."""

import re
import unicodedata

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_SHORT_NAME = re.compile(r"^git~\d+$")


class UnsafePath(ValueError):
    """A path that is never written, whatever the scope says; the message is one clause."""


def safe_path(path: str) -> str:
    """The path in its one spelling, relative to the root with `/`.

    Raises `UnsafePath` for absolute paths, drives, `~`, `..`, control characters, and anything
    inside a `.git` in any spelling that some file system takes for it (case, Unicode form,
    ignorable characters, 8.3 names), as git's own protectHFS and protectNTFS do.
    """
    text = path.strip().replace("\\", "/") if "\\" in path and "/" not in path else path.strip()
    if not text or "\0" in text or any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise UnsafePath("is empty or holds control characters")
    if text.startswith(("/", "~", "\\")) or re.match(r"^[A-Za-z]:", text):
        raise UnsafePath("is absolute")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts:
        raise UnsafePath("names no file")
    for part in parts:
        if part == "..":
            raise UnsafePath("leads out of the repository")
        if is_git_name(part):
            raise UnsafePath("is inside .git")
    return "/".join(parts)


def one_spelling(path: str) -> str:
    """The path as files are listed, `./a//b` as `a/b`; an unsafe one as it is, to be refused."""
    try:
        return safe_path(path)
    except UnsafePath:
        return path


def is_git_name(part: str) -> bool:
    """Whether some file system takes this path component for `.git`."""
    plain = _IGNORABLE.sub("", unicodedata.normalize("NFC", part)).casefold().rstrip(". ")
    return plain == ".git" or bool(_SHORT_NAME.match(plain)) or plain.split(":")[0] == ".git"


def folded(path: str) -> str:
    """A key under which two spellings of one file on a case-folding file system meet."""
    return unicodedata.normalize("NFC", path).casefold()

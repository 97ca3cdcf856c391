"""CODEOWNERS: who must look at a path. Syntax of GitHub; the sections of GitLab are understood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.domain.goal import matches
from core.domain.path import folded

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file is looked for; the first that exists is used, as GitHub does."""
LONGEST = 200_000
"""Characters that are read."""
MOST_LINES = 3_000
"""Lines that are read."""
LONGEST_NAME = 200
"""Characters of an owner."""
MOST_STARS = 3
"""Wildcards of one pattern: with more of them, matching could take long, so it is not used."""

_SECTION = re.compile(r"\^?\[[^\]]{1,100}\](?:\[\d{1,4}\])?")
_STARS = re.compile(r"\*{1,3}")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns and whom they name, in the order of the file."""

    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Globs of one line, and its owners; none where the line takes ownership away."""

    def of(self, path: str) -> tuple[str, ...]:
        """Who owns a path: the last line that matches decides. Case is not told apart."""
        plain = folded(path)
        for globs, owners in reversed(self.rows):
            if any(matches(plain, glob) for glob in globs):
                return owners
        return ()


NO_OWNERS = Owners()


def parse_owners(text: str) -> Owners:
    """The owners that a CODEOWNERS file names. Lines that are not understood count for nothing."""
    rows = []
    by_default: tuple[str, ...] = ()
    for line in text[:LONGEST].splitlines()[:MOST_LINES]:
        if section := _SECTION.match(line.strip()):
            by_default = tuple(_owners(_words(line.strip()[section.end() :])))
            continue
        words = _words(line)
        if not words or words[0].startswith("!") or len(_STARS.findall(words[0])) > MOST_STARS:
            continue
        rows.append((_globs(words[0]), tuple(_owners(words[1:])) or by_default))
    return Owners(tuple(rows))


def _words(line: str) -> list[str]:
    words = []
    for word in _WORD.findall(line):
        if word.startswith("#"):
            break
        words.append(re.sub(r"\\(.)", r"\1", word))
    return words


def _owners(words: list[str]) -> Iterator[str]:
    return (word for word in words if len(word) <= LONGEST_NAME and _OWNER.fullmatch(word))


def _globs(pattern: str) -> tuple[str, ...]:
    """A pattern of gitignore's kind, as globs: without a slash inside it stands at any depth."""
    body = folded(re.sub(r"\*{3,}", "**", pattern)).strip("/")
    if body in ("", "*", "**"):
        return ("**",)
    anchored = pattern.startswith("/") or "/" in body
    glob = body if anchored else f"**/{body}"
    if pattern.endswith("/"):
        return (f"{glob}/**",)
    last = glob.rpartition("/")[2]
    return (glob,) if last in ("*", "**") else (glob, f"{glob}/**")

"""One rule of risk: the paths and the changed text it speaks of, with examples that must hold."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.domain.goal import matches
from core.domain.path import folded
from core.domain.risk import RiskTier
from core.domain.risk_pattern import bounded

RUNS = "runs on the next check"
JUDGES = "changes how it is judged"

LONGEST_LINE = 1_000
"""Characters of a line that are read."""
MOST_TEXT = 64_000
"""Characters of the added, and of the removed, lines of one hunk that are read."""
HEAD_LINES = 20
"""Lines in which a generated file says so. Go's convention asks for it before the package."""

_HASH = re.compile(r"\.(?:py|pyi|rb|sh|bash|ya?ml|toml|pl|r|ex|exs|cfg|ini|tf)$")
_SLASHES = re.compile(r"\.(?:go|[cm]?[jt]sx?|rs|java|kts?|c|cc|cpp|h|hpp|cs|swift|scala|dart|php)$")
_EDGE = re.compile(r"[^a-zA-Z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a file, as far as rules look at it."""

    added: tuple[str, ...] = ()
    """New lines, without the unchanged ones between them."""
    removed: tuple[str, ...] = ()
    head: str = ""
    """How the file begins before the change, or how a new one begins."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A path and a change, made ready once for all rules."""

    path: str
    """One spelling for all files that a case-folding file system takes for one."""
    words: str
    """The words of the path between blanks: `src/useAuth.ts` is ` src use auth ts `."""
    added: str
    removed: str
    added_code: str
    """As `added`, without lines that are only a comment."""
    removed_code: str
    head: str
    is_whole: bool
    """Whether every changed character is in it."""


def reading(path: str, change: Change) -> Reading:
    """What the rules look at. A line that is taken out and put in again, indented anew or moved,
    counts as neither.
    """
    added, removed = _without(change.added, change.removed), _without(change.removed, change.added)
    texts = [_cut(lines) for lines in (added, removed)]
    code = [_cut(_code(path, lines)) for lines in (added, removed)]
    return Reading(
        path=folded(path),
        words=f" {' '.join(word for word in _EDGE.split(path) if word)} ".casefold(),
        added=texts[0][0],
        removed=texts[1][0],
        added_code=code[0][0],
        removed_code=code[1][0],
        head="\n".join(change.head.splitlines()[:HEAD_LINES])[:MOST_TEXT],
        is_whole=all(whole for _, whole in texts),
    )


@dataclass(frozen=True, slots=True)
class RiskRule:
    """Changes that it covers have at least its tier.

    It covers a path that matches a glob or holds one of the words (any path, where it has neither)
    and no `unless`, whose change holds one of its patterns (any change, where it has none).
    """

    name: str
    tier: RiskTier
    why: str
    """What such a change touches, as a clause for the user."""
    globs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Whole words of a path, split at punctuation and at capitals, several parted by blanks."""
    unless: tuple[str, ...] = ()
    """Globs of paths that it does not speak of."""
    added: tuple[str, ...] = ()
    """Patterns of added code."""
    gained: tuple[str, ...] = ()
    """Patterns that added code holds more often than removed code."""
    removed: tuple[str, ...] = ()
    """Patterns that removed code holds more often than added code."""
    changed: tuple[str, ...] = ()
    """Patterns that both removed and added code hold."""
    head: tuple[str, ...] = ()
    """Patterns of the first lines of the file."""
    comments: bool = False
    """Whether lines that are only a comment count as code."""
    flags: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    """Examples that it must cover: a path, and on further lines `+added`, `-removed`, or, after a
    blank, the head of the file.
    """
    misses: tuple[str, ...] = ()
    """Examples that it must not cover."""

    def covers(self, read: Reading) -> bool:
        """Whether the rule speaks of this change."""
        return self._is_about(read) and self._finds(read)

    def check(self) -> None:
        """Raise ValueError, one clause, where a pattern or an example does not hold."""
        for pattern in (*self._inside, *self.head):
            try:
                bounded(pattern)
            except ValueError as error:
                raise ValueError(f"{self.name}: the pattern {pattern[:60]!r} {error}") from error
        for example in self.matches:
            if not self.covers(example_reading(example)):
                raise ValueError(f"{self.name}: the rule does not cover its example {example!r}")
        for example in self.misses:
            if self.covers(example_reading(example)):
                raise ValueError(f"{self.name}: the rule covers {example!r}, which it must miss")

    def reads(self, read: Reading) -> bool:
        """Whether the rule looks at what changes in this path."""
        return bool(self._inside) and self._is_about(read)

    @property
    def _inside(self) -> tuple[str, ...]:
        return (*self.added, *self.gained, *self.removed, *self.changed)

    def _is_about(self, read: Reading) -> bool:
        named = (
            not (self.globs or self.words)
            or any(f" {word} " in read.words for word in self.words)
            or _any_glob(read.path, self.globs)
        )
        return named and not _any_glob(read.path, self.unless)

    def _finds(self, read: Reading) -> bool:
        if not (self._inside or self.head):
            return True
        new = read.added if self.comments else read.added_code
        old = read.removed if self.comments else read.removed_code
        return (
            any(bounded(p).search(new) for p in self.added if new)
            or any(bounded(p).search(read.head) for p in self.head if read.head)
            or any(_count(p, new) > _count(p, old) for p in self.gained if new)
            or any(_count(p, old) > _count(p, new) for p in self.removed if old)
            or any(bounded(p).search(old) and bounded(p).search(new) for p in self.changed if old)
        )


def example_reading(text: str) -> Reading:
    """The change that an example stands for."""
    path, *lines = text.split("\n")
    by_mark = {mark: tuple(x[1:] for x in lines if x[:1] == mark) for mark in "+- "}
    head = "\n".join(by_mark[" "])
    return reading(path, Change(by_mark["+"], by_mark["-"], head))


@lru_cache(maxsize=8_192)
def _any_glob(path: str, globs: tuple[str, ...]) -> bool:
    return any(matches(path, folded(glob)) for glob in globs)


def _count(pattern: str, text: str) -> int:
    return sum(1 for _ in bounded(pattern).finditer(text)) if text else 0


def _without(lines: Iterable[str], others: Iterable[str]) -> list[str]:
    left = Counter(line.strip() for line in others)
    out = []
    for line in lines:
        plain = line.strip()
        if left[plain] > 0:
            left[plain] -= 1
        else:
            out.append(line.rstrip("\r\n"))
    return out


def _code(path: str, lines: list[str]) -> list[str]:
    name = path.casefold()
    mark = "#" if _HASH.search(name) else "//" if _SLASHES.search(name) else ""
    return [x for x in lines if not x.lstrip().startswith(mark)] if mark else lines


def _cut(lines: list[str]) -> tuple[str, bool]:
    whole = "\n".join(lines)
    text = "\n".join(line[:LONGEST_LINE] for line in lines)[:MOST_TEXT]
    return text, len(text) == len(whole)

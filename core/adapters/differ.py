"""Which lines of two texts differ, as git's histogram sees it: one git process for any number of
pairs.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.adapters.git import Git, GitFault
from core.domain.hunk import Run
from core.edits.differing import differing, is_exact

Pair = tuple[Sequence[str], Sequence[str]]

_NO_CONFIGURATION = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
}

_DIFF = (
    *("-c", "core.attributesFile=/dev/null", "-c", "core.autocrlf=false"),
    *("diff", "--no-index", "--histogram", "-U0", "--inter-hunk-context=0", "--indent-heuristic"),
    *("--text", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-prefix"),
    *("--", "old", "new"),
)
"""The command line wins over what a user's configuration says about diffs."""

_HEADER = re.compile(
    rb"^(?:diff --git old/(\d+) new/\d+$|@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@)", re.MULTILINE
)
"""Lines of the files themselves begin with `+`, `-` or a backslash, so they never match."""


class GitDiffer:
    """A `Differ` over `git diff --no-index`; a pair that git would cut into other lines than we do
    is compared without it, and so is everything where git fails or is missing.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is what git is found by."""
        self._environment = dict(environment)

    def runs(self, pairs: Sequence[Pair]) -> list[list[Run]]:
        """For each `(before, after)` the runs of lines that differ, in order."""
        texts = [(tuple(before), tuple(after)) for before, after in pairs]
        asked = {n: pair for n, pair in enumerate(texts) if _is_for_git(*pair)}
        told = self._told(asked) if asked else {}
        found = []
        for n, (before, after) in enumerate(texts):
            runs = told.get(n)
            exact = runs is not None and is_exact(runs, before, after)
            found.append(runs if runs is not None and exact else differing(before, after))
        return found

    def _told(
        self, pairs: Mapping[int, tuple[tuple[str, ...], tuple[str, ...]]]
    ) -> dict[int, list[Run]]:
        try:
            with tempfile.TemporaryDirectory(prefix="relaypair-diff-") as name:
                folder = Path(name)
                for side, which in (("old", 0), ("new", 1)):
                    (folder / side).mkdir()
                    for n, pair in pairs.items():
                        data = "".join(pair[which]).encode("utf-8", "surrogatepass")
                        (folder / side / str(n)).write_bytes(data)
                alone = {**_NO_CONFIGURATION, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
                git = Git(folder, self._environment, alone)
                return dict(_parsed(git.run(*_DIFF, fine=(0, 1))))
        except (GitFault, OSError):
            return {}


def _is_for_git(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Whether both texts have lines that differ, and git finds the same lines in them: it knows
    `\\n` only.
    """
    return bool(before and after) and before != after and all(map(_has_gits_lines, (before, after)))


def _has_gits_lines(lines: tuple[str, ...]) -> bool:
    text = "".join(lines)
    return text.count("\n") == len(lines) - (not text.endswith("\n")) and (
        text.count("\r") == text.count("\r\n")
    )


def _parsed(output: bytes) -> Iterator[tuple[int, list[Run]]]:
    runs: list[Run] = []
    for header in _HEADER.finditer(output):
        number, a, b, c, d = header.groups()
        if number is not None:
            runs = []
            yield int(number), runs
            continue
        old, new = int(b or 1), int(d or 1)
        start, low = int(a) - (old > 0), int(c) - (new > 0)
        runs.append((start, start + old, low, low + new))

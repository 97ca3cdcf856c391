"""Checks: the commands that judge a tree, and what they said."""

import shlex
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """One command line that may judge a tree, once the user has approved it."""

    argv: tuple[str, ...]
    source: str
    """What proposed it: `--check`, `user file`, or a repository file such as `pyproject.toml`."""
    source_hash: str = ""
    """Hash of the file that proposed it; approval ends when it changes."""
    timeout: float = 120.0
    """Wall seconds."""

    @property
    def id(self) -> str:
        """What an approval is bound to: the exact argv and the proposing file's content."""
        text = "\0".join((*self.argv, self.source, self.source_hash))
        return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @property
    def line(self) -> str:
        """The command as a person would type it."""
        return shlex.join(self.argv)


SYNTAX = CheckCommand(("syntax",), "built in")
"""The check that needs no approval: it only parses the changed files."""


class Outcome(StrEnum):
    """How a check ended. Only PASS is a pass."""

    PASS = "pass"
    FAIL = "fail"
    FLAKY = "flaky"
    TIMEOUT = "timeout"
    KILLED = "killed"
    NOT_FOUND = "not found"
    NO_TESTS = "no tests"
    INVALID = "invalid"
    ERROR = "error"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one run of one check on one exact tree said."""

    command: CheckCommand
    tree_hash: str
    outcome: Outcome
    seconds: float = 0.0
    exit_code: int | None = None
    containment: str = ""
    """The rung reached: `bwrap`, `unshare`, `plain`, or `in process`."""
    summary: str = ""
    """One line: counts, or why it is not a pass."""
    failures: tuple[str, ...] = ()
    """Names of failing tests, or `path:line: message` rows."""
    known_failures: tuple[str, ...] = ()
    """Failures that the base tree shows as well."""
    output: str = ""
    """Head and tail of what it printed, uncoloured."""
    output_bytes: int = 0
    excerpt: str = ""
    """Assertion, location and summary only: the most that a model is ever sent."""
    notes: tuple[str, ...] = ()
    """Honest remarks: leftovers ended, shared folders, files it wrote."""
    blames: bool = True
    """Whether a failure speaks against the change; not where the base fails as well and nothing
    tells the two apart."""

    @property
    def passed(self) -> bool:
        """Whether this counts as passed."""
        return self.outcome is Outcome.PASS

"""Goals whose answer is known: messages of commits, and texts of issues that a commit closed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.history import Change, Commit, commits
from benchmarks.retrieval_trees import git, is_source, name_of, sources
from core.retrieval.chunks import cut

MOST_FILES = 5
"""Source files of a commit that becomes a case."""
FEWEST_SOURCES = 15
"""Source files of a tree that is searched: among fewer, ten are found by any ranking."""
FEWEST_WORDS = 3
"""Words that say something, in a message that becomes a case."""
MOST_CHARACTERS = 6_000
"""Of a query."""
_KEYS = ("repo", "commit", "query", "files")
HALVES = ("tuning", "held-out")
_TAKEN_FOR_EACH_CASE = 10
"""Commits that are read for each case that is wanted: most commits are none."""

_NO_BEHAVIOUR = re.compile(
    r"^\W*(?:revert|merge|bump|release|prepare|version|v?\d+\.\d+|changelog|typos?|lint|formatt?|"
    r"black|prettier|gofmt|rustfmt|clippy|reformat|whitespace|style|docs?|documentation|readme|"
    r"chore|ci|tests?|build|deps|refactor(?:ed|ing)?|rename|clean\W?up|tidy|update copyright|"
    r"copyright|wip|squash|fixup)\b"
    r"|\b(?:typos?|spelling|whitespace|version bump|bump(?:ed|ing)? (?:the )?(?:\w+ )?versions?|"
    r"dependabot|pre-commit|copyright|"
    r"code style|formatting|linting|linter|unused (?:import|variable)s?|javadocs?|docstrings?)\b",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^(?:[A-Z][\w-]+-(?:by|id|on|to|from|revid)|git-svn-id|cc|refs?|see also|change-id|"
    r"bug|issue|pr|pull-request|piperorigin-revid)\s*:.*$",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSES = re.compile(
    r"\(?\b(?:(?:fix|close|resolve|address)(?:es|ed|s|d)?|refs?|see|ref|re|gh)\b[:\s]*"
    r"(?:\w[\w.-]*/[\w.-]+)?(?:#|gh-)\d+(?:\s*(?:,|and|&)\s*(?:#|gh-)\d+)*\)?\.?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\(?(?:[\w.-]+/[\w.-]+)?(?:#|\b(?:gh-|issue ))\d+\)?", re.IGNORECASE)
_IMPORTED = re.compile(r"^--HG--\n(?:.+ : .+\n?)*|^\[svn r\d+\]", re.MULTILINE)
"""What other systems of version control left."""
_ADDRESS = re.compile(r"\w+://\S+|<?[\w.+-]+@[\w-]+\.[\w.]+>?")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
_SAYS_NOTHING = (
    "the and for with from that this into when not are was were has have had will can should but "
    "its also all any now use used using add added adds fix fixed fixes make makes made update "
    "updated remove removed change changed changes allow support some more few minor improve "
    "improved improvements bug issue code commit pull request file files misc cleanup fixes "
    "various several stuff work works better trunk branch"
)
_EMPTY_WORDS = frozenset(_SAYS_NOTHING.split())
_REMARK = re.compile(r"^\s*(?:#(?!include|define|if|e)|//|/\*|\*|--|<!--|\"\"\"|'''|$)")
_MADE = re.compile(
    r"(?i)(?:code|file)? ?(?:auto-?)?generated (?:by|from|code|file)|do not edit|"
    r"made by gnu bison"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One query with the files that answered it."""

    repository: str
    name: str
    commit: str
    """The parent: what may be seen."""
    query: str
    files: tuple[str, ...]
    """Source files that the commit modified."""
    half: str
    lines: tuple[tuple[str, int, int], ...] = ()
    """Path and 1-based range of the lines before that the commit changed; empty if not known."""
    symbols: tuple[tuple[str, int, int], ...] = ()
    """The same for the innermost definition around them, or the lines where there is none."""


def history_goals(repository: Path, count: int, seed: int) -> tuple[list[Goal], str]:
    """At most `count` cases from the history of a repository, and its newest commit.

    The same repository, newest commit and seed give the same cases; more cases only add to them.
    """
    taken, head = commits(repository, count * _TAKEN_FOR_EACH_CASE, seed)
    messages = _messages(repository, [commit.sha for commit in taken])
    found: list[Goal] = []
    for commit in taken:
        parents, message = messages[commit.sha]
        truth = _truth(commit)
        if not truth or len(parents) != 1 or _NO_BEHAVIOUR.search(message.partition("\n")[0]):
            continue
        files = tuple(change.path for change in truth)
        query = stripped(message, files)
        if (
            len(content_words(query)) >= FEWEST_WORDS
            and len(sources(repository, parents[0])) >= FEWEST_SOURCES
        ):
            lines = tuple(row for change in truth for row in _lines(change))
            symbols = tuple(row for change in truth for row in _symbols(change))
            half = HALVES[len(found) % 2]
            name = f"{commit.repository} {commit.sha[:10]}"
            found.append(
                Goal(commit.repository, name, parents[0], query, files, half, lines, symbols)
            )
        if len(found) == count:
            break
    return found, head


def issue_goals(file: Path, repositories: Sequence[Path]) -> list[Goal]:
    """The cases of a JSON-lines file for the repositories given, by name or path.

    Raises ValueError when a line is no case.
    """
    names = {name_of(repository): repository for repository in repositories}
    found: list[Goal] = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            row = json.loads(line)
            repository, commit, query, files = (
                row[k] for k in ("repo", "commit", "query", "files")
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} of {file} is no case: {error!r}; mend it") from error
        name = name_of(Path(repository)) if "/" in repository else repository
        if name in names:
            title = f"{name} issue {row.get('issue', number)}"
            half = HALVES[number % 2]
            found.append(Goal(name, title, commit, query[:MOST_CHARACTERS], tuple(files), half))
    return found


def stripped(message: str, files: Sequence[str]) -> str:
    """A message without the paths and names of `files`, trailers, issue numbers and addresses."""
    text = message.partition("\n-- \n")[0]
    for pattern in (_IMPORTED, _TRAILER, _ADDRESS, _CLOSES, _NUMBER):
        text = pattern.sub(" ", text)
    for file in files:
        for spelling in _spellings(file):
            text = re.sub(rf"(?<![\w.]){re.escape(spelling)}(?!\w)", " ", text)
    rows = [re.sub(r"[ \t]+", " ", row).strip() for row in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()[:MOST_CHARACTERS]


def _spellings(file: str) -> list[str]:
    """A path and its ends, longest first; as a dotted module with one folder at least."""
    parts = PurePosixPath(file).parts
    bare = (*parts[:-1], PurePosixPath(file).stem)
    found = ["/".join(parts[at:]) for at in range(len(parts))]
    for joint in ("/", ".", "::"):
        found += [joint.join(bare[at:]) for at in range(len(bare) - 1)]
    return sorted(found, key=len, reverse=True)


def content_words(text: str) -> set[str]:
    """The words of a text that say something."""
    return {word.lower() for word in _WORD.findall(text)} - _EMPTY_WORDS


def _truth(commit: Commit) -> list[Change]:
    """The source files that a commit gives other behaviour, or none if it is no case."""
    code = [c for c in commit.changes if is_source(c.path) or is_source(c.target)]
    modified = [c for c in code if c.kind == "modified" and not _MADE.search(c.before[:1_000])]
    if any(change.kind in ("renamed", "deleted") for change in code):
        return []
    if len(modified) > MOST_FILES or not any(_behaves(change) for change in modified):
        return []
    return modified


def _behaves(change: Change) -> bool:
    """Whether more than blanks, line breaks, remarks and versions differ."""
    sides = [
        "".join(
            "".join(text.split())
            for hunk in change.hunks[1]
            for mark, text in hunk.rows
            if mark == sign and not _REMARK.match(text)
        )
        for sign in "-+"
    ]
    plain = [re.sub(r"\d+(?:\.\d+)+\w*", "", side) for side in sides]
    return plain[0] != plain[1]


def _lines(change: Change) -> list[tuple[str, int, int]]:
    """The lines that each hunk removes, or the one that it adds after."""
    found = []
    for hunk in change.hunks[1]:
        row = hunk.start
        touched: list[int] = []
        for mark, _ in hunk.rows:
            row += mark != "+"
            if mark != " ":
                touched.append(max(1, row))
        found.append((change.path, min(touched), max(touched)))
    return found


def _symbols(change: Change) -> list[tuple[str, int, int]]:
    """Where the definitions begin and end that hold what `_lines` gives."""
    definitions = [
        (d.start, d.end)
        for d in cut(change.path, change.before).definitions
        if d.kind not in ("variable", "field", "key", "rule")
    ]
    found = []
    for path, first, last in _lines(change):
        around = [(end - start, start, end) for start, end in definitions if start <= first <= end]
        found.append((path, *min(around)[1:]) if around else (path, first, last))
    return found


def _messages(repository: Path, shas: Sequence[str]) -> dict[str, tuple[list[str], str]]:
    """Parents and message of each commit."""
    form = "--format=%x00%H %P%n%B"
    said = git(repository, "log", "--no-walk=unsorted", "--stdin", form, text="\n".join(shas))
    found = {}
    for block in said.split("\0")[1:]:
        names, _, message = block.partition("\n")
        sha, *parents = names.split()
        found[sha] = (parents, message.strip())
    return found

"""Commits of a local git repository as changes of text files, with their texts before and after."""

import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_FILES = 12
"""Files of a commit that is taken."""
MOST_LINES = 800
"""Added and removed lines of a commit that is taken."""
MOST_BYTES = 1_500_000
"""Of a file that is taken."""
CONTEXTS = (1, 3)

_NOT_WRITTEN_BY_HAND = re.compile(
    r"(?:^|/)(?:vendor|vendored|node_modules|third_party|dist|build|_build|generated)/"
    r"|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum)$"
    r"|\.(?:lock|min\.js|min\.css|map|snap|svg|pb\.go|ipynb|csv|patch|diff)$"
)
_RAW = re.compile(r"^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) ([A-Z])\d*\t(.+)$")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$")
_REGULAR = ("100644", "100755")
_ABSENT = "000000"


@dataclass(frozen=True, slots=True)
class GitHunk:
    """One hunk as git gives it, its lines without ends."""

    start: int
    """0-based first line in the text before."""
    new_start: int
    rows: tuple[tuple[str, str], ...]
    """Sign (blank, minus, plus) and text of each line."""
    header: str
    """What git names after the numbers: the nearest line above that begins at the margin."""
    old_ends: bool = True
    """Whether the last old line has a line end."""
    new_ends: bool = True

    def side(self, sign: str) -> list[str]:
        """The lines before (`-`) or after (`+`)."""
        return [text for mark, text in self.rows if mark in (" ", sign)]


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit does to one file. Texts are the file's own, line ends and all."""

    kind: str
    """`modified`, `created`, `deleted` or `renamed`."""
    path: str
    target: str
    """The path afterwards."""
    before: str
    after: str
    hunks: dict[int, tuple[GitHunk, ...]]
    """By lines of context."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit whose files are all text that people write."""

    repository: str
    sha: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    path: str
    target: str
    old_blob: str
    new_blob: str


def commits(
    repository: Path, count: int, seed: int, *, newest: bool = False
) -> tuple[list[Commit], str]:
    """At most `count` commits without merges, and the name of the newest one.

    They are a sample of the whole history, the same for the same seed and the same newest commit;
    or the newest ones.
    """
    name = repository.resolve().name
    name = repository.name if name in ("repo", ".git") else name
    shas = _git(repository, "rev-list", "--no-merges", "HEAD").decode().split()
    head = shas[0]
    if not newest:
        random.Random(f"{seed} {name}").shuffle(shas)
    found: list[Commit] = []
    step = max(count, 20) * 2
    for at in range(0, len(shas), step):
        entries = dict(_taken(repository, shas[at : at + step]))
        found += _read(repository, name, entries)
        if len(found) >= count:
            break
    return found[:count], head


def _git(repository: Path, *arguments: str, text: str = "") -> bytes:
    argv = ["git", "-C", str(repository), "-c", "core.quotePath=false", *arguments]
    return subprocess.run(argv, input=text.encode(), capture_output=True, check=True).stdout


def _diff_tree(repository: Path, shas: Sequence[str], *arguments: str) -> bytes:
    """What git says of the commits, less those whose blobs a partial clone lacks."""
    plain = ("--root", "--no-ext-diff", "--no-textconv", "--no-color", "--no-abbrev")
    given = "".join(sha + "\n" for sha in shas)
    try:
        return _git(repository, "diff-tree", "--stdin", "-r", "-M", *plain, *arguments, text=given)
    except subprocess.CalledProcessError:
        if len(shas) < 2:
            return b""
        middle = len(shas) // 2
        halves = shas[:middle], shas[middle:]
        return b"".join(_diff_tree(repository, half, *arguments) for half in halves)


def _taken(repository: Path, shas: Sequence[str]) -> Iterator[tuple[str, list[_Entry]]]:
    """The commits of moderate size that touch only regular files that people write."""
    raw = _diff_tree(repository, shas, "--raw", "--numstat").decode("utf-8", "replace")
    for block in re.split(r"^(?=[0-9a-f]{40}$)", raw, flags=re.MULTILINE)[1:]:
        sha, *rows = block.rstrip("\n").split("\n")
        entries = [_entry(row) for row in rows if row.startswith(":")]
        size = sum(_size(row) for row in rows if row and not row.startswith(":"))
        if 0 < len(entries) <= MOST_FILES and size <= MOST_LINES:
            good = [entry for entry in entries if entry]
            if len(good) == len(entries):
                yield sha, good


def _entry(row: str) -> _Entry | None:
    found = _RAW.match(row)
    if not found or '"' in found[6] or "\ufffd" in found[6]:
        return None
    old_mode, new_mode, old_blob, new_blob, status = found.group(1, 2, 3, 4, 5)
    paths = found[6].split("\t")
    if any(m not in (*_REGULAR, _ABSENT) for m in (old_mode, new_mode)):
        return None
    if any(_NOT_WRITTEN_BY_HAND.search(path) for path in paths):
        return None
    kind = {"M": "modified", "A": "created", "D": "deleted", "R": "renamed"}.get(status)
    return _Entry(kind, paths[0], paths[-1], old_blob, new_blob) if kind else None


def _size(row: str) -> int:
    added, removed, *_ = row.split("\t")
    return int(added) + int(removed) if added != "-" else MOST_LINES + 1


def _read(repository: Path, name: str, entries: dict[str, list[_Entry]]) -> Iterator[Commit]:
    patches = {
        context: dict(
            _sections(_diff_tree(repository, list(entries), "-p", "--full-index", f"-U{context}"))
        )
        for context in CONTEXTS
    }
    with Blobs(repository) as blobs:
        for sha, rows in entries.items():
            if any(len(patches[context].get(sha, ())) != len(rows) for context in CONTEXTS):
                continue
            changes = [
                _change(entry, blobs, {c: patches[c][sha][i] for c in CONTEXTS})
                for i, entry in enumerate(rows)
            ]
            good = tuple(change for change in changes if change)
            if len(good) == len(changes):
                yield Commit(name, sha, good)


def _change(entry: _Entry, blobs: "Blobs", hunks: dict[int, tuple[GitHunk, ...]]) -> Change | None:
    try:
        before = blobs.text(entry.old_blob)
        after = blobs.text(entry.new_blob)
    except UnicodeDecodeError:
        return None
    if max(len(before), len(after)) > MOST_BYTES or "\0" in before + after:
        return None
    if before == after and entry.kind == "modified":
        return None
    return Change(entry.kind, entry.path, entry.target, before, after, hunks)


def _sections(patch: bytes) -> Iterator[tuple[str, list[tuple[GitHunk, ...]]]]:
    """Each commit with the hunks of its files, in the order of the files."""
    lines = patch.split(b"\n")
    row, sha = 0, ""
    files: list[list[GitHunk]] = []
    while row < len(lines):
        line = lines[row]
        if re.fullmatch(rb"[0-9a-f]{40}", line):
            if sha:
                yield sha, [tuple(hunks) for hunks in files]
            sha, files = line.decode(), []
        elif line.startswith(b"diff --git "):
            files.append([])
        elif _HUNK.match(line):
            hunk, row = _hunk(lines, row)
            files[-1].append(hunk)
            continue
        row += 1
    if sha:
        yield sha, [tuple(hunks) for hunks in files]


def _hunk(lines: Sequence[bytes], row: int) -> tuple[GitHunk, int]:
    found = _HUNK.match(lines[row])
    assert found, lines[row]
    old, new = (int(n) if n is not None else 1 for n in found.group(2, 4))
    start, new_start = (int(n) for n in found.group(1, 3))
    rows: list[tuple[str, str]] = []
    ends = {"-": True, "+": True}
    left, right = old, new
    row += 1
    while left or right or (lines[row : row + 1] and lines[row].startswith(b"\\")):
        sign, text = lines[row][:1].decode(), lines[row][1:].decode("utf-8", "replace")
        row += 1
        if sign == "\\":
            ends.update(dict.fromkeys("-+" if rows[-1][0] == " " else rows[-1][0], False))
            continue
        rows.append((sign, text))
        left -= sign in " -"
        right -= sign in " +"
    header = found[5].decode("utf-8", "ignore").removesuffix("\r")
    places = start - 1 if old else start, new_start - 1 if new else new_start
    return GitHunk(*places, tuple(rows), header, ends["-"], ends["+"]), row


class Blobs:
    """One `git cat-file --batch` process."""

    def __init__(self, repository: Path) -> None:
        argv = ["git", "-C", str(repository), "cat-file", "--batch"]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout

    def text(self, blob: str) -> str:
        """The text of a blob, empty for the null one. Raises UnicodeDecodeError."""
        if not blob.strip("0"):
            return ""
        self._in.write(blob.encode() + b"\n")
        self._in.flush()
        size = int(self._out.readline().split()[2])
        data = self._out.read(size + 1)[:-1]
        return data.decode("utf-8")

    def __enter__(self) -> "Blobs":
        return self

    def __exit__(self, *_error: object) -> None:
        self._in.close()
        self._out.close()
        self._process.wait()

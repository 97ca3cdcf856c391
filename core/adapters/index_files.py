"""What an index is to hold: every searchable path with the git id of its content."""

import contextlib
import hashlib
import itertools
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.adapters import git as git_door
from core.adapters.git import Git
from core.adapters.index_store import Source
from core.adapters.repo import MAX_FILES, WorkingRepo
from core.retrieval.corpus import MAX_BYTES, is_searched
from core.syntax.languages import language_of

RACY = 2.0
"""Seconds within which a file may change again without its times telling (git's racy files)."""


_is_searched = lru_cache(maxsize=MAX_FILES)(is_searched)
_language_of = lru_cache(maxsize=MAX_FILES)(language_of)


@dataclass(frozen=True, slots=True)
class Listed:
    """The searchable files of a root at one moment."""

    staged: Mapping[str, Source]
    """What git's index holds; not to be changed."""
    changed: frozenset[str]
    """Paths of those whose files are not as staged."""
    loose: Callable[[], Sequence[str]]
    """Paths whose content only the disk knows, untracked or without git; waits for git, which
    takes longer for these than for all else. Raises `GitFault`."""
    head: str = ""
    """The commit HEAD is at; empty without one."""


class Listing:
    """Lists a root again and again; what git's index holds is read when that file is another."""

    def __init__(self, repo: WorkingRepo) -> None:
        self._repo = repo
        self._staged: dict[str, Source] = {}
        self._stamp = ""
        self._index_file: Path | None = None

    @contextlib.contextmanager
    def looking(self) -> Iterator[Listed]:
        """The files worth ranking; git goes on looking for untracked ones. Raises `GitFault`."""
        git = self._repo.git
        if git is None:
            yield Listed({}, frozenset(), lambda: _searched(self._repo.files()))
            return
        with ThreadPoolExecutor(max_workers=2) as aside:
            untracked = aside.submit(git_door.untracked, git)
            staged = aside.submit(self._staged_now, git)
            head, changed = _status(git)
            yield Listed(staged.result(), changed, lambda: _searched(untracked.result()), head)

    def _staged_now(self, git: Git) -> Mapping[str, Source]:
        """Regular files in git's index."""
        stamp = self._index_stamp(git)
        if not stamp or stamp != self._stamp:
            rows = _rows(git.run("ls-files", "-s", "-z"))
            self._staged = dict(itertools.islice(_regular(rows), MAX_FILES))
            self._stamp = stamp
        return self._staged

    def _index_stamp(self, git: Git) -> str:
        """Size and times of git's index file, which git replaces and never writes into."""
        if self._index_file is None:
            path = git.try_text("rev-parse", "--git-path", "index")
            self._index_file = self._repo.root / path if path else None
        return "" if self._index_file is None else _stamp(self._index_file)


def _regular(rows: Iterable[str]) -> Iterator[tuple[str, Source]]:
    for row in rows:
        meta, _, path = row.partition("\t")
        mode, oid, _stage = meta.split(" ")
        if mode.startswith("100") and _is_searched(path):
            yield path, source(path, oid)


def _searched(paths: Iterable[str]) -> Sequence[str]:
    return sorted(path for path in paths if _is_searched(path))


def _status(git: Git) -> tuple[str, frozenset[str]]:
    """The commit HEAD is at, and the tracked paths whose files are not as in git's index."""
    raw = git.run(
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "-uno",
        "--no-renames",
        "--ignore-submodules=all",
    )
    head = ""
    changed: set[str] = set()
    for row in _rows(raw):
        kind, _, rest = row.partition(" ")
        if row.startswith("# branch.oid "):
            head = "" if row.endswith("(initial)") else row.removeprefix("# branch.oid ")
        elif kind in _FIELDS and (kind == "u" or rest[1] != "."):
            changed.add(rest.split(" ", _FIELDS[kind])[-1])
    return head, frozenset(changed)


_FIELDS = {"1": 7, "u": 9}
"""Fields before the path in a row of `status --porcelain=v2`, by its first letter."""


def _rows(raw: bytes) -> Iterator[str]:
    return (row for row in raw.decode("utf-8", "surrogateescape").split("\0") if row)


class Disk:
    """Reads regular files below a root. Links, pipes and what lies outside read as nothing."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._folders: dict[str, bool] = {}

    def stamp(self, path: str) -> str:
        """Size and times of a regular file; empty for what is none or may be changing."""
        return _stamp(Path(self._root) / path)

    def size(self, path: str) -> int:
        """Bytes that reading a file takes."""
        try:
            found = os.lstat(f"{self._root}/{path}").st_size
        except (OSError, ValueError):
            return 0
        return found if found <= MAX_BYTES else 0

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None for what cannot be read, nothing but `b""` for what is too large."""
        if not self._is_inside(path.rpartition("/")[0]):
            return None
        try:
            handle = os.open(
                f"{self._root}/{path}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
            )
        except (OSError, ValueError):
            return None
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                return None
            return b"" if found.st_size > MAX_BYTES else _all(handle)
        except OSError:
            return None
        finally:
            os.close(handle)

    def _is_inside(self, folder: str) -> bool:
        """Whether no link stands on the way to a folder."""
        known = self._folders.get(folder)
        if known is None:
            plain = f"{self._root}/{folder}" if folder else self._root
            known = self._folders[folder] = os.path.realpath(plain) == plain
        return known


def _stamp(path: Path) -> str:
    """Size and times of a regular file; empty for what is none or may be changing."""
    try:
        found = path.lstat()
    except OSError:
        return ""
    if not stat.S_ISREG(found.st_mode) or time.time() - found.st_mtime < RACY:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


def _all(handle: int) -> bytes:
    found = b""
    while part := os.read(handle, MAX_BYTES + 1 - len(found)):
        found += part
        if len(found) > MAX_BYTES:
            return b""
    return found


def blob_id(data: bytes) -> str:
    """The id that git gives to a content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def contents(wanted: Iterable[Source], disk: Disk, git: Git | None) -> dict[str, bytes]:
    """The bytes of blobs by their ids, from the files where these hold them, else from git.

    A file that changed since it was listed is left out: the next listing knows better. Large blobs
    are empty. Raises `GitFault`.
    """
    found: dict[str, bytes] = {}
    missing: list[str] = []
    for one in wanted:
        data = disk.read(one.path)
        if data is not None and _is_blob(data, one.oid):
            found[one.oid] = data
        elif not one.stat and git is not None:
            missing.append(one.oid)
    if missing and git is not None:
        found |= _from_git(git, missing)
    return found


def _is_blob(data: bytes, oid: str) -> bool:
    """Whether these are the bytes of a blob, but for line ends that git changed at check-out."""
    return blob_id(data) == oid or (
        b"\r\n" in data and blob_id(data.replace(b"\r\n", b"\n")) == oid
    )


def _from_git(git: Git, oids: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    small: list[str] = []
    for row in git.run("cat-file", "--batch-check", stdin=_lines(oids)).decode().splitlines():
        oid, kind, *size = row.split(" ")
        if kind == "blob" and int(size[0]) <= MAX_BYTES:
            small.append(oid)
        elif kind == "blob":
            found[oid] = b""
    raw = git.run("cat-file", "--batch", stdin=_lines(small)) if small else b""
    at = 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        oid, _kind, length = raw[at:end].decode().split(" ")
        found[oid] = raw[end + 1 : end + 1 + int(length)]
        at = end + int(length) + 2
    return found


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def text_of(data: bytes) -> str:
    """What of a content is indexed; nothing of a binary or a large one."""
    if len(data) > MAX_BYTES or b"\0" in data[:8192]:
        return ""
    return data.decode("utf-8", "replace")


def source(path: str, oid: str, stamp: str = "") -> Source:
    """A path as something to index."""
    return Source(path, oid, _language_of(path) or "", stamp)

"""The scratch tree: a persistent copy of the working files plus a change, for checks to run in.

It lies in our cache folder, never in the repository, and shares no inode with it. Only differing
files are written, what earlier checks left is deleted, and nothing in it is trusted: every file's
stamp is compared before each use.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from core.adapters.composition import CACHES, Composition, compose, parents
from core.adapters.manifest import (
    Entry,
    Manifest,
    Stamp,
    decode,
    encode,
    is_executable,
    settled,
    stamp,
)
from core.domain.edit import FileVersion, digest
from core.domain.errors import RelaypairError
from core.domain.path import UnsafePath, safe_path
from core.ports import Repo

MAX_TREES = 32
"""Relaypairs at work on one repository at the same time."""

MANIFEST = "manifest.json"


class ScratchUnusable(RelaypairError):
    """The scratch tree cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True)
class _Content:
    """What one file shall hold."""

    sha: str
    runs: bool
    source: Stamp | None
    source_sha: str
    data: bytes | None = None
    """None where the copy in the tree is believed to hold it already."""


@dataclass(slots=True)
class _Found:
    """What the tree holds once strays are gone."""

    stamps: dict[str, Stamp] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)


class ScratchTree:
    """One tree of one Relaypair. Blocking; call it through a thread."""

    def __init__(self, repo: Repo, folder: Path) -> None:
        """Nothing is made before the first use; `folder` is this repository's cache folder."""
        self._repo = repo
        self._folder = folder.resolve()
        self._root = str(repo.root)
        self._mutex = threading.Lock()
        self._place: Path | None = None
        self._lock = -1
        self._manifest: Manifest = {}
        self._dirty = False
        self.shared: tuple[str, ...] = ()
        """Dependency folders that the tree only links to."""

    @property
    def tree(self) -> Path:
        """Where checks run."""
        return self._claimed() / "tree"

    @property
    def home(self) -> Path:
        """A private home folder, empty at the start of each check."""
        return self._claimed() / "home"

    @property
    def temporary(self) -> Path:
        """A private folder for temporary files, empty at the start of each check."""
        return self._claimed() / "tmp"

    def prepare(self, changes: Iterable[FileVersion] = (), removed: Iterable[str] = ()) -> str:
        """Bring the tree to the working files as they are, plus `changes`, minus `removed`.

        The hash covers path, executable bit and content of every file, so equal trees have equal
        hashes. Raises `ScratchUnusable`.
        """
        with self._mutex, self._told():
            wish = compose(self._repo, {_checked(c.path): c for c in changes}, set(removed))
            found = _Found()
            if not self.tree.is_dir() or self.tree.is_symlink():
                _remove(str(self.tree))
                self.tree.mkdir(mode=0o755)
            self._sweep(str(self.tree), "", wish, found)
            self._link(wish, found)
            self.shared = wish.shared
            rows = [self._bring(path, wish, found) for path in sorted(wish.files)]
            rows += [_row(p, False, digest(os.fsencode(t))) for p, t in _inner_links(wish)]
            for path in self._manifest.keys() - wish.files:
                del self._manifest[path]
                self._dirty = True
            self._save()
            return sha256(b"".join(sorted(rows))).hexdigest()

    def written(self) -> tuple[str, ...]:
        """Files that were made or altered since `prepare`, sorted.

        Caches are left out, and shared folders are not looked at.
        """
        with self._mutex, self._told():
            return tuple(sorted(self._altered(str(self.tree), "")))

    def clear_private(self) -> None:
        """Empty the private home and temporary folders."""
        with self._mutex, self._told():
            for folder in (self.home, self.temporary):
                _remove(str(folder))
                folder.mkdir(mode=0o700)

    def close(self) -> None:
        """Let another Relaypair have this tree."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock, self._place = -1, None

    def _claimed(self) -> Path:
        if self._place is None:
            with self._told():
                self._place = self._claim()
                with contextlib.suppress(FileNotFoundError):
                    data = (self._place / MANIFEST).read_bytes()
                    self._manifest = decode(self._root, data)
        return self._place

    def _claim(self) -> Path:
        """The first folder whose lock is free. The kernel frees it when its holder dies."""
        for number in range(MAX_TREES):
            place = self._folder / f"scratch-{number}"
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
                self._lock = -1
            else:
                return place
        raise ScratchUnusable(
            f"{MAX_TREES} Relaypairs check in {self._folder} already; "
            "close one of them, then verify again."
        )

    def _sweep(self, folder: str, prefix: str, wish: Composition, found: _Found) -> None:
        """Delete what the wish does not hold, note what it does. Links are never followed."""
        for entry in _entries(folder):
            path = prefix + entry.name
            info = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(info.st_mode) and path in wish.folders:
                found.folders.add(path)
                self._sweep(entry.path, f"{path}/", wish, found)
            elif stat.S_ISREG(info.st_mode) and path in wish.files:
                found.stamps[path] = stamp(info)
            elif stat.S_ISLNK(info.st_mode) and wish.links.get(path) == _target(entry.path):
                found.links.add(path)
            else:
                _remove(entry.path)

    def _link(self, wish: Composition, found: _Found) -> None:
        for path, text in wish.links.items():
            if path not in found.links:
                self._make_folders(path, found)
                Path(self.tree, path).symlink_to(text)

    def _bring(self, path: str, wish: Composition, found: _Found) -> bytes:
        """Make one file what it shall be; its row of the tree hash, empty if it is gone."""
        entry, own = self._manifest.get(path), found.stamps.get(path)
        content = self._content(path, wish, entry)
        if content is None or not _holds(entry, own, content):
            if content is not None and content.data is None:
                content = self._content(path, wish, None)
            self._dirty = True
            self._manifest.pop(path, None)
            if own is not None:
                _remove(f"{self.tree}/{path}")
            if content is None:
                return b""
            self._make_folders(path, found)
            own = _write_new(f"{self.tree}/{path}", content.data or b"", runs=content.runs)
        assert own is not None
        if entry is None or entry.source != content.source or entry.own != own:
            self._dirty = True
            self._manifest[path] = Entry(content.source, content.source_sha, own, content.sha)
        return _row(path, content.runs, content.sha)

    def _content(self, path: str, wish: Composition, entry: Entry | None) -> _Content | None:
        """What a file shall hold: the change, what the manifest proves, or else what is read."""
        source, changed = wish.stamps.get(path), wish.changes.get(path)
        if changed is not None:
            origin = (entry.source, entry.source_sha) if entry else (None, "")
            return _Content(changed.hash, changed.executable, *origin, changed.data)
        if entry and source and entry.source == source:
            return _Content(entry.source_sha, is_executable(source), source, entry.source_sha)
        now = time.time_ns()
        version = self._repo.read(path)
        if version is None:
            return None
        proof = settled(source, now) if source else None
        return _Content(version.hash, version.executable, proof, version.hash, version.data)

    def _make_folders(self, path: str, found: _Found) -> None:
        for folder in reversed(parents(path)):
            if folder not in found.folders:
                Path(self.tree, folder).mkdir(mode=0o755)
                found.folders.add(folder)

    def _altered(self, folder: str, prefix: str) -> Iterator[str]:
        for entry in _entries(folder):
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in CACHES:
                    yield from self._altered(entry.path, f"{path}/")
            elif not entry.is_symlink():
                known = self._manifest.get(path)
                if known is None or known.own != stamp(entry.stat(follow_symlinks=False)):
                    yield path

    def _save(self) -> None:
        """Keep the manifest for the next process; a torn one is told by its hash and ignored."""
        if not self._dirty:
            return
        target = self._claimed() / MANIFEST
        fresh = target.with_suffix(".part")
        fresh.write_bytes(encode(self._root, self._manifest))
        fresh.replace(target)
        self._dirty = False

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ScratchUnusable(
                f"The scratch tree in {self._folder} cannot be made ({error.strerror or error}); "
                "free some space or check that folder, then verify again."
            ) from error


def _checked(path: str) -> str:
    """The path itself. Raises `ScratchUnusable` for one that leads out of the tree."""
    try:
        return safe_path(path)
    except UnsafePath as error:
        raise ScratchUnusable(
            f"{path} {error}, so no tree with it was made; reject that file."
        ) from error


def _inner_links(wish: Composition) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in wish.links.items() if not text.startswith("/"))


def _holds(entry: Entry | None, own: Stamp | None, content: _Content) -> bool:
    """Whether our copy is as we left it, and that is what it shall be."""
    if entry is None or own is None or own != entry.own:
        return False
    return entry.own_sha == content.sha and is_executable(own) == content.runs


def _row(path: str, runs: bool, sha: str) -> bytes:
    return f"{path}\0{int(runs)}\0{sha}\n".encode("utf-8", "surrogateescape")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What is in one of our folders, whatever rights a check left it with."""
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except PermissionError:
        Path(folder).chmod(0o755)
        with os.scandir(folder) as entries:
            return list(entries)
    if not os.access(folder, os.W_OK | os.X_OK):
        Path(folder).chmod(0o755)
    return found


def _target(link: str) -> str:
    return str(Path(link).readlink())


def _remove(path: str) -> None:
    """Delete whatever a check put here. Links are not followed."""
    if not Path(path).is_dir() or Path(path).is_symlink():
        Path(path).unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except OSError:
        _open_up(path)
        shutil.rmtree(path)


def _open_up(folder: str) -> None:
    """Give ourselves the rights to delete a folder that a check closed."""
    Path(folder).chmod(0o700)
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            _open_up(entry.path)


def _write_new(target: str, data: bytes, *, runs: bool) -> Stamp:
    """Write a file that is not there, never through what a check put in its place; its stamp."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o755 if runs else 0o644), "wb") as file:
        file.write(data)
        file.flush()
        return stamp(os.fstat(file.fileno()))

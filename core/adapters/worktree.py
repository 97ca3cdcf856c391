"""THE ONLY WRITER of the user's files: landing, undoing, and settling what a crash left.

Protocol: the caller journals the intent first. Then every target is checked (hash, links, space,
rights); all new
contents are written beside their targets and flushed; each target is hashed once more and
renamed; folders are flushed.
Several files are not atomic on any file system, but every state in between is told apart by hashes,
so it can be settled.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.adapters.disk import Disk
from core.domain.edit import digest
from core.domain.errors import NotWritten
from core.domain.hunk import LandedFile, Landing, Settled
from core.domain.path import UnsafePath, is_git_name, safe_path
from core.ports import Blobs


@dataclass
class _Target:
    file: LandedFile
    path: Path
    mode: int
    temporary: Path | None = None
    folders: list[Path] = field(default_factory=list)


class Worktree:
    """Writes whole batches into one root."""

    def __init__(self, root: Path, blobs: Blobs, lock_file: Path, disk: Disk | None = None) -> None:
        self.root = root.resolve()
        self._blobs = blobs
        self._lock_file = lock_file
        self._disk = disk or Disk()

    def hash_of(self, path: str) -> str:
        """sha256 of a file as it is now; empty where there is none."""
        try:
            real = self._resolve(path)
            return digest(real.read_bytes()) if real.is_file() else ""
        except (OSError, NotWritten):
            return ""

    def land(self, landing: Landing) -> None:
        """Write a batch, or nothing. Raises `NotWritten`."""
        self._write(landing.files)

    def undo(self, landing: Landing) -> None:
        """Restore a batch, or nothing. Raises `NotWritten` naming the files that changed since."""
        self._write(reversed_files(landing))
        with contextlib.suppress(OSError):
            for folder in reversed(landing.folders):
                self._disk.remove_folder(self.root / folder)

    def settle(self, landing: Landing, *, undo: bool) -> Settled:
        """After a crash: roll a half-written batch back.

        Files that are neither old nor new are left alone.
        """
        files = reversed_files(landing) if undo else landing.files
        with self._lock():
            self._remove_leftovers(files)
            now = {f.path: self.hash_of(f.path) for f in files}
            foreign = tuple(f.path for f in files if now[f.path] not in (f.pre, f.post))
            done = [f for f in files if now[f.path] == f.post]
            if len(done) == len(files) or not done:
                return Settled(applied=bool(done), foreign=foreign)
            for file in done:
                self._put_back(file)
        return Settled(applied=False, rolled_back=tuple(f.path for f in done), foreign=foreign)

    def folders_for(self, paths: list[str]) -> tuple[str, ...]:
        """The folders that landing these paths would have to make, outermost first."""
        made: list[str] = []
        for path in paths:
            for parent in reversed(Path(path).parents[:-1]):
                if not (self.root / parent).exists() and parent.as_posix() not in made:
                    made.append(parent.as_posix())
        return tuple(made)

    def _write(self, files: tuple[LandedFile, ...]) -> None:
        with self._lock():
            targets = [self._checked(f) for f in files]
            self._check_space(targets)
            done: list[_Target] = []
            try:
                for target in targets:
                    self._prepare(target)
                for target in targets:
                    self._check_unchanged(target)
                    self._swap(target)
                    done.append(target)
                for folder in {t.path.parent for t in targets}:
                    self._disk.sync_folder(folder)
            except (OSError, NotWritten) as error:
                self._back_out(targets, done)
                if isinstance(error, NotWritten):
                    raise
                raise NotWritten(
                    f"Nothing was landed: {error.strerror or error} at "
                    f"{self._relative(error.filename)}; "
                    "make room or fix its rights, then land again."
                ) from error

    def _relative(self, name: object) -> str:
        text = os.fsdecode(name) if isinstance(name, (str, bytes)) else "the disk"
        return text.removeprefix(f"{self.root}/")

    def _resolve(self, path: str) -> Path:
        """The real place of a path, with every link followed and still inside the root."""
        try:
            plain = safe_path(path)
        except UnsafePath as error:
            raise NotWritten(f"{path} {error}, so nothing was landed.", (path,)) from error
        real = (self.root / plain).resolve()
        if not real.is_relative_to(self.root) or any(
            is_git_name(p) for p in real.relative_to(self.root).parts
        ):
            raise NotWritten(f"{path} leads out of the repository, so nothing was landed.", (path,))
        return real

    def _checked(self, file: LandedFile) -> _Target:
        path = self._resolve(file.path)
        if not path.exists():
            if file.pre:
                raise _changed(file.path, "was deleted")
            return _Target(file, path, 0o755 if file.executable else 0o644)
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise NotWritten(
                f"{file.path} is not a regular file, so nothing was landed.", (file.path,)
            )
        if info.st_nlink > 1:
            raise NotWritten(
                f"{file.path} has {info.st_nlink} hard links and writing it would part them, so "
                "nothing was landed; "
                "copy the file first.",
                (file.path,),
            )
        if digest(path.read_bytes()) != file.pre:
            raise _changed(file.path, "appeared" if not file.pre else "changed")
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise NotWritten(
                f"{file.path} cannot be written, so nothing was landed; make it writable first.",
                (file.path,),
            )
        return _Target(file, path, stat.S_IMODE(info.st_mode))

    def _check_space(self, targets: list[_Target]) -> None:
        need = 2 * sum(len(self._blobs.get(t.file.post)) for t in targets if t.file.post)
        free = shutil.disk_usage(self.root).free
        if need > free:
            raise NotWritten(
                f"Nothing was landed: it needs {need:,} bytes and the disk has {free:,}; free "
                "some space."
            )

    def _prepare(self, target: _Target) -> None:
        if not target.file.post:
            return
        for parent in reversed(target.path.parents):
            if not parent.exists():
                self._disk.make_folder(parent)
                target.folders.append(parent)
        temporary = target.path.with_name(f"{_prefix(target.path)}{secrets.token_hex(4)}")
        target.temporary = temporary
        self._disk.write_new(temporary, self._blobs.get(target.file.post), target.mode)

    def _check_unchanged(self, target: _Target) -> None:
        current = digest(target.path.read_bytes()) if target.path.is_file() else ""
        if current != target.file.pre:
            raise _changed(target.file.path, "changed while landing")

    def _swap(self, target: _Target) -> None:
        if target.temporary is None:
            self._disk.remove(target.path)
        elif target.file.pre:
            self._disk.replace(target.temporary, target.path)
            target.temporary = None
        else:
            self._disk.place(target.temporary, target.path)
            target.temporary = None

    def _back_out(self, targets: list[_Target], done: list[_Target]) -> None:
        for target in done:
            self._put_back(target.file, target.mode)
        for target in targets:
            with contextlib.suppress(OSError):
                if target.temporary:
                    target.temporary.unlink(missing_ok=True)
                for folder in reversed(target.folders):
                    folder.rmdir()

    def _put_back(self, file: LandedFile, mode: int | None = None) -> None:
        path = self._resolve(file.path)
        if not file.pre:
            path.unlink(missing_ok=True)
            return
        kept = (
            stat.S_IMODE(path.stat().st_mode)
            if path.exists()
            else (0o755 if file.executable else 0o644)
        )
        temporary = path.with_name(f"{_prefix(path)}{secrets.token_hex(4)}")
        Disk().write_new(temporary, self._blobs.get(file.pre), mode or kept)
        temporary.replace(path)

    def _remove_leftovers(self, files: tuple[LandedFile, ...]) -> None:
        for file in files:
            path = self._resolve(file.path)
            for leftover in (
                path.parent.glob(f"{_prefix(path)}????????") if path.parent.is_dir() else ()
            ):
                leftover.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One writer per repository; the kernel lets go of the lock when its holder dies."""
        self._lock_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                holder = os.pread(handle, 100, 0).decode("ascii", "replace").strip()
                raise NotWritten(
                    f"Another Relaypair ({holder}) is landing in this repository; try again "
                    "when it is done."
                ) from error
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
            yield
        finally:
            os.close(handle)


def reversed_files(landing: Landing) -> tuple[LandedFile, ...]:
    """The same batch the other way round."""
    return tuple(LandedFile(f.path, f.post, f.pre, f.executable) for f in landing.files)


def _prefix(path: Path) -> str:
    return f".{path.name[:100]}.relaypair-"


def _changed(path: str, what: str) -> NotWritten:
    return NotWritten(
        f"{path} {what} on disk since it was reviewed, so nothing was landed; rerun apply (r) "
        "to place the edits again.",
        (path,),
    )

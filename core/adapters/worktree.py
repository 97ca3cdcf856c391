"""THE ONLY WRITER of the user's files: landing, undoing, and settling what a crash left.

Protocol: the caller journals the intent first. Then every target is checked (hash, links, space,
rights); all new contents are written beside their targets and flushed; each target is hashed once
more and renamed; folders are flushed. Several files are not atomic on any file system, but every
state in between is told apart by hashes, so it can be settled.

Between the last look at a target and its rename lies a moment in which another program's write
would be lost. No portable call closes it.
"""

import contextlib
import fcntl
import glob
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.adapters.disk import Disk
from core.domain.edit import digest
from core.domain.errors import NotWritten, RelaypairError
from core.domain.hunk import LandedFile, Landing, Settled
from core.domain.path import UnsafePath, is_git_name, safe_path
from core.ports import Blobs


class HalfWritten(RelaypairError):
    """A batch that failed and could not be put back either. Its intent stands, to be settled."""


@dataclass(frozen=True, slots=True)
class _Act:
    """The words for what is being done."""

    done: str
    since: str
    advice: str


_LANDING = _Act("landed", "since it was reviewed", "rerun apply (r) to place the edits again")
_UNDOING = _Act(
    "undone", "since it was landed", "put its landed text back first, or undo it by hand"
)


class _Blocked(Exception):
    """Why a file cannot be written, before it is known what is being done."""

    def __init__(self, path: str, why: str, advice: str = "", *, changed: bool = False) -> None:
        super().__init__(path, why)
        self.path, self.why, self.advice, self.changed = path, why, advice, changed

    def told(self, act: _Act) -> NotWritten:
        since = f" {act.since}" if self.changed else ""
        advice = act.advice if self.changed else self.advice
        end = f"; {advice}." if advice else "."
        sentence = f"{self.path} {self.why}{since}, so nothing was {act.done}{end}"
        return NotWritten(sentence, (self.path,))


@dataclass
class _Target:
    file: LandedFile
    path: Path
    temporary: Path | None = None
    """The content to be."""
    kept: Path | None = None
    """A second name of the file as it was, from which it can be put back without any room."""
    folders: list[Path] = field(default_factory=list)
    """Folders made for it."""


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
        except (OSError, _Blocked):
            return ""

    def land(self, landing: Landing) -> None:
        """Write a batch, or nothing.

        Raises `NotWritten`, or `HalfWritten` if the disk fails twice.
        """
        self._write(landing.files, _LANDING)

    def undo(self, landing: Landing) -> None:
        """Restore a batch, or nothing.

        Raises `NotWritten` naming the files that changed since, or `HalfWritten` if the disk fails
        twice.
        """
        self._write(reversed_files(landing), _UNDOING)
        self._remove_folders(landing)

    def settle(self, landing: Landing, *, undo: bool) -> Settled:
        """After a crash: roll a half-written batch back.

        Files that are neither old nor new are left alone. Raises `NotWritten` for a batch that may
        not be touched, `HalfWritten` if the disk fails.
        """
        files = reversed_files(landing) if undo else landing.files
        with self._lock(_UNDOING if undo else _LANDING) as act:
            try:
                settled = self._settled(files)
            except _Blocked as blocked:
                raise blocked.told(act) from blocked
            except OSError as error:
                raise HalfWritten(
                    f"A batch that a crash cut short could not be settled: {error.strerror} at "
                    f"{self._relative(error.filename)}; make room or fix its rights, then resume."
                ) from error
        if settled.applied is undo:
            self._remove_folders(landing)
        return settled

    def folders_for(self, paths: list[str]) -> tuple[str, ...]:
        """The folders that landing these paths would have to make, outermost first."""
        made: list[str] = []
        for path in paths:
            for parent in reversed(Path(path).parents[:-1]):
                if not (self.root / parent).exists() and parent.as_posix() not in made:
                    made.append(parent.as_posix())
        return tuple(made)

    def _write(self, files: tuple[LandedFile, ...], act: _Act) -> None:
        with self._lock(act):
            targets: list[_Target] = []
            try:
                targets += [self._checked(f) for f in files]
                self._check_space(targets)
                for target in targets:
                    self._prepare(target)
                for target in targets:
                    self._check_unchanged(target)
                    self._swap(target)
                self._sync_folders(targets)
            except Exception as error:
                self._back_out(targets, act)
                raise self._told(error, act) from error
            self._clear_away(targets)

    def _told(self, error: Exception, act: _Act) -> NotWritten:
        if isinstance(error, NotWritten):
            return error
        if isinstance(error, _Blocked):
            return error.told(act)
        if not isinstance(error, OSError):
            return NotWritten(f"Nothing was {act.done}: {error!r}; report this, with what you did.")
        return NotWritten(
            f"Nothing was {act.done}: {error.strerror or error} at "
            f"{self._relative(error.filename)}; make room or fix its rights, then try again."
        )

    def _relative(self, name: object) -> str:
        text = os.fsdecode(name) if isinstance(name, (str, bytes, Path)) else "the disk"
        return text.removeprefix(f"{self.root}/")

    def _resolve(self, path: str) -> Path:
        """The real place of a path, with every link followed and still inside the root."""
        try:
            plain = safe_path(path)
        except UnsafePath as error:
            raise _Blocked(path, str(error)) from error
        try:
            real = (self.root / plain).resolve()
        except RuntimeError as error:  # before Python 3.13
            raise _Blocked(path, "is a loop of links") from error
        if not real.is_relative_to(self.root) or any(
            is_git_name(p) for p in real.relative_to(self.root).parts
        ):
            raise _Blocked(path, "leads out of the repository")
        return real

    def _checked(self, file: LandedFile) -> _Target:
        path = self._resolve(file.path)
        if not path.exists():
            if file.pre:
                raise _Blocked(file.path, "was deleted on disk", changed=True)
            return _Target(file, path)
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise _Blocked(file.path, "is not a regular file")
        if info.st_nlink > 1:
            why = f"has {info.st_nlink} hard links and writing it would part them"
            raise _Blocked(file.path, why, "copy the file first")
        if not (self._disk.can_write(path) and self._disk.can_write(path.parent)):
            raise _Blocked(file.path, "cannot be written", "make it writable first")
        if digest(path.read_bytes()) != file.pre:
            word = "changed" if file.pre else "appeared"
            raise _Blocked(file.path, f"{word} on disk", changed=True)
        return _Target(file, path)

    def _check_space(self, targets: list[_Target]) -> None:
        need = 2 * sum(len(self._blobs.get(t.file.post)) for t in targets if t.file.post)
        free = shutil.disk_usage(self.root).free
        if need > free:
            raise NotWritten(
                f"Nothing was written: it needs {need:,} bytes and the disk has {free:,}; "
                "free some space."
            )

    def _prepare(self, target: _Target) -> None:
        """All that can be done beside a file: its new content, and a second name for the old."""
        self._check_place(target)
        for parent in reversed(target.path.parents):
            if not parent.exists():
                target.folders.append(parent)
                self._disk.make_folder(parent)
        if target.file.pre:
            kept = _beside(target.path)
            target.kept = kept
            if not self._disk.keep(target.path, kept):
                target.kept = None
        if target.file.post:
            target.temporary = _beside(target.path)
            self._disk.write_new(
                target.temporary,
                self._blobs.get(target.file.post),
                like=target.path if target.file.pre else None,
                executable=target.file.executable,
            )

    def _check_place(self, target: _Target) -> None:
        if self._resolve(target.file.path) != target.path:
            raise _Blocked(target.file.path, "was moved on disk", changed=True)

    def _check_unchanged(self, target: _Target) -> None:
        self._check_place(target)
        current = digest(target.path.read_bytes()) if target.path.is_file() else ""
        if current != target.file.pre:
            raise _Blocked(target.file.path, "changed on disk", changed=True)

    def _swap(self, target: _Target) -> None:
        if target.temporary is None:
            self._disk.remove(target.path)
        elif target.file.pre:
            self._disk.replace(target.temporary, target.path)
        else:
            self._disk.place(target.temporary, target.path)

    def _back_out(self, targets: list[_Target], act: _Act) -> None:
        """Put back every file that holds its new content. Raises `HalfWritten` if that fails."""
        stuck = []
        for target in targets:
            if self.hash_of(target.file.path) == target.file.post:
                try:
                    self._put_back(target)
                except OSError:
                    stuck.append(target.file.path)
        if stuck:
            names = ", ".join(stuck)
            raise HalfWritten(
                f"The disk failed half way and {names} could not be put back; make room, then land "
                "or undo again: the rest of this batch is settled first."
            )
        self._clear_away(targets)
        for target in reversed(targets):
            for folder in reversed(target.folders):
                with contextlib.suppress(OSError):
                    folder.rmdir()
        with contextlib.suppress(OSError):
            self._sync_folders(targets)

    def _put_back(self, target: _Target) -> None:
        file, path = target.file, target.path
        if not file.pre:
            self._disk.remove(path)
        elif target.kept:
            self._disk.replace(target.kept, path)
        else:
            target.temporary = _beside(path)
            like = path if path.exists() else None
            data = self._blobs.get(file.pre)
            self._disk.write_new(target.temporary, data, like=like, executable=file.executable)
            self._disk.replace(target.temporary, path)

    def _clear_away(self, targets: Iterable[_Target]) -> None:
        for target in targets:
            for name in (target.temporary, target.kept):
                with contextlib.suppress(OSError):
                    if name:
                        name.unlink(missing_ok=True)

    def _sync_folders(self, targets: list[_Target]) -> None:
        folders = {t.path.parent for t in targets} | {f.parent for t in targets for f in t.folders}
        for folder in sorted(folders):
            self._disk.sync_folder(folder)

    def _settled(self, files: tuple[LandedFile, ...]) -> Settled:
        for file in files:
            self._remove_leftovers(self._resolve(file.path))
        now = {f.path: self.hash_of(f.path) for f in files}
        foreign = tuple(f.path for f in files if now[f.path] not in (f.pre, f.post))
        done = [f for f in files if now[f.path] == f.post]
        if len(done) == len(files) or not done:
            return Settled(applied=bool(done), foreign=foreign)
        targets = [_Target(file, self._resolve(file.path)) for file in done]
        for target in targets:
            self._put_back(target)
        self._sync_folders(targets)
        return Settled(applied=False, rolled_back=tuple(f.path for f in done), foreign=foreign)

    def _remove_leftovers(self, path: Path) -> None:
        if path.parent.is_dir():
            for leftover in path.parent.glob(f"{glob.escape(_prefix(path))}????????"):
                leftover.unlink(missing_ok=True)

    def _remove_folders(self, landing: Landing) -> None:
        """Take away the folders that a landing made, as far as they are empty."""
        for folder in reversed(landing.folders):
            with contextlib.suppress(OSError, _Blocked):
                self._disk.remove_folder(self._resolve(folder))

    @contextlib.contextmanager
    def _lock(self, act: _Act) -> Iterator[_Act]:
        """One writer per repository; the kernel lets go of the lock when its holder dies."""
        handle = self._lock_handle()
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise NotWritten(
                    f"Another Relaypair{_holder(handle)} is writing in this repository, so nothing "
                    f"was {act.done}; try again when it is done."
                ) from error
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
            yield act
        finally:
            os.close(handle)

    def _lock_handle(self) -> int:
        """The lock file, or the root itself where no state folder can be written."""
        try:
            self._lock_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return os.open(self.root, os.O_RDONLY)


def reversed_files(landing: Landing) -> tuple[LandedFile, ...]:
    """The same batch the other way round."""
    return tuple(LandedFile(f.path, f.post, f.pre, f.executable) for f in landing.files)


def _prefix(path: Path) -> str:
    return f".{path.name[:40]}.relaypair-"


def _beside(path: Path) -> Path:
    return path.with_name(f"{_prefix(path)}{secrets.token_hex(4)}")


def _holder(handle: int) -> str:
    try:
        name = os.pread(handle, 100, 0).decode("ascii", "replace").strip()
    except OSError:
        return ""
    return f" ({name})" if name else ""

"""The file operations of a landing, one by one, so that each can be made to fail in a test."""

import contextlib
import errno
import os
import stat
from pathlib import Path

NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EACCES}
)
"""What file systems without hard links, or with rules about them, say."""


class Disk:
    """What `worktree.py` may do to a disk. Every method is complete or raises OSError."""

    def write_new(
        self, path: Path, data: bytes, *, like: Path | None = None, executable: bool = False
    ) -> None:
        """Create a file that must not exist, write all of it, flush it to the disk.

        It gets mode, owner and extended attributes of `like`; without that, the user's umask.
        """
        rights = 0o600 if like else 0o777 if executable else 0o666
        handle = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), rights
        )
        try:
            view = memoryview(data)
            while view:
                view = view[self.write(handle, view) :]
            if like:
                _take_after(like, handle)
            self.sync(handle)
        finally:
            os.close(handle)

    def write(self, handle: int, view: memoryview) -> int:
        """Write some of it; how many bytes were written."""
        return os.write(handle, view)

    def sync(self, handle: int) -> None:
        """Flush a file or folder to the disk."""
        os.fsync(handle)

    def can_write(self, path: Path) -> bool:
        """Whether a file or folder may be written."""
        return os.access(path, os.W_OK)

    def keep(self, source: Path, name: Path) -> bool:
        """Give a file a second name, which needs no room; whether the file system could."""
        try:
            name.hardlink_to(source)
        except OSError as error:
            if error.errno in NO_HARD_LINKS:
                return False
            raise
        return True

    def replace(self, source: Path, target: Path) -> None:
        """Move over the target, atomically."""
        source.replace(target)

    def place(self, source: Path, target: Path) -> None:
        """Move to a target that must not exist."""
        if self.keep(source, target):
            source.unlink()
        else:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            source.replace(target)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        path.unlink()

    def make_folder(self, path: Path) -> None:
        """Create one folder."""
        path.mkdir()

    def remove_folder(self, path: Path) -> None:
        """Delete one empty folder."""
        path.rmdir()

    def sync_folder(self, path: Path) -> None:
        """Flush a folder's entries to the disk."""
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            self.sync(handle)
        finally:
            os.close(handle)


def _take_after(source: Path, handle: int) -> None:
    """Give an open file the owner, mode and extended attributes of another, as far as allowed."""
    info, own = source.stat(), os.fstat(handle)
    if (info.st_uid, info.st_gid) != (own.st_uid, own.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(handle, info.st_uid, info.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                os.setxattr(handle, name, os.getxattr(source, name))
    os.fchmod(handle, stat.S_IMODE(info.st_mode))

"""The file operations of a landing, one by one, so that each can be made to fail in a test."""

import os
from pathlib import Path


class Disk:
    """What `worktree.py` may do to a disk. Every method is complete or raises OSError."""

    def write_new(self, path: Path, data: bytes, mode: int) -> None:
        """Create a file that must not exist, write all of it, flush it to the disk."""
        handle = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600
        )
        try:
            view = memoryview(data)
            while view:
                view = view[self.write(handle, view) :]
            os.fchmod(handle, mode)
            self.sync(handle)
        finally:
            os.close(handle)

    def write(self, handle: int, view: memoryview) -> int:
        """Write some of it; how many bytes were written."""
        return os.write(handle, view)

    def sync(self, handle: int) -> None:
        """Flush a file or folder to the disk."""
        os.fsync(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Move over the target, atomically."""
        source.replace(target)

    def place(self, source: Path, target: Path) -> None:
        """Move to a target that must not exist."""
        target.hardlink_to(source)
        source.unlink()

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

"""The temporary directories of one call, and the pipe its complaints come through."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_COMPLAINT = 16_384
"""Bytes of stderr that are kept: the last ones."""


class Workspace:
    """An empty directory to run in, one for temporary files, and one for what we hand over.

    Lies outside the repository. Raises OSError when it cannot be made.
    """

    def __init__(self, repository: Path) -> None:
        bases = [b for b in (tempfile.gettempdir(), "/tmp", "/var/tmp") if Path(b).is_dir()]
        outside = [b for b in bases if not Path(b).resolve().is_relative_to(repository)]
        base = (outside or bases)[0]
        self._root = Path(tempfile.mkdtemp(prefix="relaypair-cli-", dir=base)).resolve()
        self.work, self.own, self.temporary = (self._root / n for n in ("work", "own", "tmp"))
        for folder in (self.work, self.own, self.temporary):
            folder.mkdir(mode=0o700)

    def hand_over(self, files: Mapping[str, str]) -> None:
        """Write files, readable for the user alone, into `own`."""
        for name, text in files.items():
            handle = os.open(self.own / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", "replace"))

    def written(self) -> int:
        """How many files the program left in the directory it ran in."""
        return sum(len(files) for _, _, files in os.walk(self.work))

    async def remove(self) -> None:
        """Delete everything, whatever its rights; goes on to the end when cancelled."""
        await asyncio.shield(asyncio.to_thread(self._remove))

    def _remove(self) -> None:
        for folder, names, _ in os.walk(self._root):
            for path in (Path(folder, name) for name in names):
                if not path.is_symlink():
                    path.chmod(0o700)
        shutil.rmtree(self._root, ignore_errors=True)


class Complaints:
    """What a program writes to stderr, through a named pipe, so that it never mixes with stdout."""

    def __init__(self, path: Path, on_bytes: Callable[[int], None]) -> None:
        """`on_bytes` hears how much came. The pipe is open before the program is started."""
        os.mkfifo(path, 0o600)
        self._tail = b""
        self._on_bytes = on_bytes
        # We hold the writing end as well: a pipe without a writer would always be ready.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._pipe, self._read)

    @property
    def text(self) -> str:
        """The last of it."""
        return self._tail.decode("utf-8", "replace")

    def close(self) -> None:
        """Take in what is left and let go."""
        asyncio.get_running_loop().remove_reader(self._pipe)
        while self._read():
            pass
        os.close(self._pipe)

    def _read(self) -> bool:
        try:
            data = os.read(self._pipe, 65_536)
        except BlockingIOError:
            return False
        self._tail = (self._tail + data)[-_COMPLAINT:]
        self._on_bytes(len(data))
        return True

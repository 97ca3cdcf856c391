"""A program on a pty of a given size, timed by what it writes."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Terminal:
    """One program on a pseudo-terminal."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.handle = pty.fork()
        if not self.pid:
            os.execvpe(argv[0], list(argv), dict(env))
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.seen = b""

    def read_until(self, mark: bytes, seconds: float = 30.0) -> float:
        """Seconds since the start until the mark has been written. Raises TimeoutError."""
        end = time.perf_counter() + seconds
        while mark not in self.seen:
            if time.perf_counter() > end:
                raise TimeoutError(
                    f"{mark!r} did not appear; the end of what did: {self.seen[-400:]!r}"
                )
            self._read(0.5)
        return time.perf_counter() - self.started

    def quiet(self, gap: float = 0.25) -> None:
        """Read until nothing has been written for `gap` seconds."""
        while self._read(gap):
            pass

    def key(self, text: bytes, gap: float = 0.08) -> tuple[float, float, int]:
        """Seconds to the first and to the last byte after a key, and how many bytes came."""
        os.write(self.handle, text)
        began = time.perf_counter()
        first = last = 0.0
        size = 0
        while chunk := self._read(gap if size else 2.0):
            last = time.perf_counter() - began
            first = first or last
            size += chunk
        return first, last, size

    def _read(self, seconds: float) -> int:
        ready, _, _ = select.select([self.handle], [], [], seconds)
        if not ready:
            return 0
        try:
            data = os.read(self.handle, 65536)
        except OSError:
            return 0
        self.seen = (self.seen + data)[-200_000:]
        return len(data)

    def memory(self) -> int:
        """Resident bytes of the program itself."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def end(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.handle)

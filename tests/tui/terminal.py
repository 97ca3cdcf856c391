"""A real terminal for the app: a pty, an emulator that reads it, and keys."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]


class Terminal:
    """Runs Python code in a pty and keeps every byte it wrote."""

    def __init__(self, code: str, columns: int = 120, rows: int = 40, **env: str) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = bytearray()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            plain = {"PATH": os.defpath, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            plain |= {"COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
            os.execve(sys.executable, [sys.executable, "-c", code], {**plain, **env})
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def send(self, text: str) -> None:
        """Type."""
        os.write(self._fd, text.encode())

    def pump(self, seconds: float) -> int:
        """Read what comes within a time; how many bytes came."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return 0
        try:
            data = os.read(self._fd, 1 << 20)
        except OSError:
            return 0
        self.raw += data
        self._stream.feed(data)
        return len(data)

    def settled(self, quiet: float = 0.15) -> int:
        """Read until nothing comes for a while; how many bytes came."""
        total = 0
        while got := self.pump(quiet):
            total += got
        return total

    def wait_for(self, text: str, seconds: float = 15.0) -> None:
        """Read until the screen shows a text. Raises AssertionError with the screen."""
        end = time.monotonic() + seconds
        while text not in self.text:
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} did not appear:\n{self.text}")
            self.pump(0.05)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def ended(self, seconds: float = 15.0) -> int:
        """Wait for the end; the exit status. Raises AssertionError when it does not end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                while self.pump(0.05):
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"the program did not end:\n{self.text}")

    def close(self) -> None:
        """End the program if it still runs."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

"""Child processes that we speak to in JSON lines: starting one, hearing it to its end."""

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from core.adapters.lines import MAX_LINE, Message, decode, encode

_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys, importlib; root, name = sys.argv[1:3]; del sys.argv[1:3];"
    "sys.path.insert(0, root); served = importlib.import_module(name);"
    "served.__file__.startswith(root) or sys.exit('another package named core is in the way');"
    "sys.path.remove(root); sys.path.append(root);"
    "served.main()"
)
"""Finds our own `core` in a checkout and in an installed wheel alike, and no one else's."""

_STDERR_LINES = 50
_PATIENCE = 2.0
"""Seconds a child gets to leave by itself."""


class Child:
    """One running child: its pipes, and the last lines of its stderr."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._complaints: deque[str] = deque(maxlen=_STDERR_LINES)
        self._drain = asyncio.create_task(self._keep_complaints())

    @classmethod
    async def start(cls, python: str, module: str, env: Mapping[str, str]) -> "Child":
        """Run `main()` of one of our modules with exactly this environment, in a directory that
        is nobody's project.

        Raises OSError when the interpreter cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            python,
            "-E",
            "-P",
            "-c",
            _BOOT,
            str(_ROOT),
            module,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=dict(env),
            cwd=_ROOT.anchor,
            limit=MAX_LINE,
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def complaint(self) -> str:
        """The last line it wrote to stderr, or an empty string."""
        return self._complaints[-1] if self._complaints else ""

    def send(self, message: Message) -> None:
        """Queue one line; a child that is gone is noticed by `messages`, not here."""
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(encode(message))

    async def messages(self) -> AsyncIterator[Message]:
        """What it says, until it ends. A line that is no message ends it too."""
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):
            while line := await self._process.stdout.readline():
                yield decode(line)

    async def end(self) -> int:
        """Close its stdin, wait a little, kill it if need be; the exit code."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        code = await self._process.wait()
        await self._drain
        return code

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _keep_complaints(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(8192):
            lines = data.decode("utf-8", "replace").splitlines()
            self._complaints.extend(line[:500] for line in lines if line.strip())

"""Starting the model host's process, and hearing it to its end."""

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from core.adapters.model_host import wire

_ROOT = Path(__file__).resolve().parents[3]
_BOOT = (
    "import sys; root = sys.argv.pop(1); sys.path.insert(0, root);"
    "import core.adapters.model_host.server as server;"
    "server.__file__.startswith(root) or sys.exit('another package named core is in the way');"
    "sys.path.remove(root); sys.path.append(root);"
    "server.main()"
)
"""Finds our own `core` in a checkout and in an installed wheel alike, and no one else's."""

_FORCED = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "REPEATED_STREAMING_CHUNK_LIMIT": "1000000000",
}
"""No look-up of prices or headers, no `.env`, and our own loop rule instead of litellm's."""

_STDERR_LINES = 50
_PATIENCE = 2.0
"""Seconds a child gets to leave by itself."""


class Child:
    """One running model host: its pipes, and the last lines of its stderr."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._complaints: deque[str] = deque(maxlen=_STDERR_LINES)
        self._drain = asyncio.create_task(self._keep_complaints())

    @classmethod
    async def start(cls, python: str, env: Mapping[str, str]) -> "Child":
        """Start it with exactly this environment, in a directory that is nobody's project.

        Raises OSError when the interpreter cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            python,
            "-E",
            "-P",
            "-c",
            _BOOT,
            str(_ROOT),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=dict(env) | _FORCED,
            cwd=_ROOT.anchor,
            limit=wire.MAX_LINE,
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

    def send(self, message: wire.Message) -> None:
        """Queue one line; a child that is gone is noticed by `messages`, not here."""
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(wire.encode(message))

    async def messages(self) -> AsyncIterator[wire.Message]:
        """What it says, until it ends. A line that is no message ends it too."""
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):
            while line := await self._process.stdout.readline():
                yield wire.decode(line)

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

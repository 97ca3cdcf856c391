"""Servers that tests start on loopback. Usage:

async with running_fault_server() as server:
    env = server.env                          # base addresses and keys for every format
    await server.script({"planner": ["first reply", "every later reply"]})
    ...                                       # call `openai/planner` or `anthropic/planner`
    rows = await server.seen("planner")       # model, path, host, headers, body, disconnected

What a model name does without a script is listed in `fault_server.PLANS`, `STATUSES` and `ODD`.
"""

import asyncio
import contextlib
import http.client
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = Any

OPENAI_KEY = "sk-openai-loopback-0001"
ANTHROPIC_KEY = "sk-anthropic-loopback-0002"


@dataclass(frozen=True, slots=True)
class RunningFaultServer:
    """A fault server that runs in a process of its own."""

    port: int

    @property
    def openai_base(self) -> str:
        """For OPENAI_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def anthropic_base(self) -> str:
        """For ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """All that a model host needs to reach only this server, with every format."""
        return {
            "OPENAI_BASE_URL": self.openai_base,
            "OPENAI_API_KEY": OPENAI_KEY,
            "ANTHROPIC_BASE_URL": self.anthropic_base,
            "ANTHROPIC_API_KEY": ANTHROPIC_KEY,
            "OLLAMA_API_BASE": self.anthropic_base,
        }

    async def seen(self, model: str | None = None) -> list[dict[str, Any]]:
        """Every request so far in order, or those for one model name (without its provider)."""
        rows: list[dict[str, Any]] = await self._ask("GET", "/seen")
        return [row for row in rows if model is None or row["model"] == model]

    async def hung_up(self, model: str) -> None:
        """Wait until each request so far for this model name was broken off by its sender."""
        await self._ask("GET", f"/hung-up?model={model}")

    async def script(self, replies: Mapping[str, Sequence[str]]) -> None:
        """Replies per model name, given in order; the last one repeats."""
        await self._ask("POST", "/script", {model: list(texts) for model, texts in replies.items()})

    async def reset(self) -> None:
        """Forget requests and scripts."""
        await self._ask("POST", "/reset", {})

    async def _ask(self, method: str, path: str, body: object = None) -> Json:
        return await asyncio.to_thread(self._ask_now, method, path, body)

    def _ask_now(self, method: str, path: str, body: object) -> Json:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer


@contextlib.asynccontextmanager
async def running_fault_server() -> AsyncIterator[RunningFaultServer]:
    """Start the server, and end it with the block; it also ends when this process does."""
    script = Path(__file__).with_name("fault_server.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield RunningFaultServer(int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()

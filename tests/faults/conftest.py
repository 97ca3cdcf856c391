"""One fault server and one model host for all of these tests: litellm takes seconds to import."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import pytest_asyncio

from core.adapters.model_host.client import ModelHost
from core.adapters.scripted import ScriptedClient
from tests.faults.relay import Relay, SharedHost, open_relay
from tests.servers import RunningFaultServer, running_fault_server

CLOSED = "http://127.0.0.1:1/v1"
NO_NAME = f"http://{'n' * 64}.invalid:1/v1"
"""A name longer than names may be: no resolver is asked for it."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running() -> AsyncIterator[RunningFaultServer]:
    async with running_fault_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def server(running: RunningFaultServer) -> RunningFaultServer:
    """The fault server, with no request seen and nothing scripted."""
    await running.reset()
    return running


PRICED = ("openai/no-usage", "openai/dribble")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host(running: RunningFaultServer) -> AsyncIterator[SharedHost]:
    env = running.env | {"HOSTED_VLLM_API_BASE": CLOSED, "LM_STUDIO_API_BASE": NO_NAME}
    started = ModelHost(env, prices={name: (2.0, 10.0) for name in PRICED})
    yield SharedHost(started)
    await started.close()


class Opens(Protocol):
    """Opens a relay in the test's own folder; it is closed when the test ends."""

    def __call__(self, client: ScriptedClient | SharedHost, **how: Any) -> Relay: ...


@pytest_asyncio.fixture(loop_scope="session")
async def opens(tmp_path: Path) -> AsyncIterator[Opens]:
    opened: list[Relay] = []

    def open_(client: ScriptedClient | SharedHost, **how: Any) -> Relay:
        opened.append(open_relay(how.pop("folder", tmp_path), client, **how))
        return opened[-1]

    yield open_
    for relay in opened:
        await relay.close()

"""One fault server and one model host for all of these tests: litellm takes seconds to import."""

from collections.abc import AsyncIterator

import pytest_asyncio

from core.adapters.model_host.client import ModelHost
from tests.servers import RunningFaultServer, running_fault_server

CLOSED = "http://127.0.0.1:1/v1"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[RunningFaultServer]:
    async with running_fault_server() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host(server: RunningFaultServer) -> AsyncIterator[ModelHost]:
    env = server.env | {
        "HOSTED_VLLM_API_BASE": CLOSED,
        "DEEPSEEK_API_BASE": CLOSED,
        "DEEPSEEK_API_KEY": "sk-deepseek-loopback-0003",
    }
    prices = {"openai/own-price": (2.0, 10.0), "openai/no-usage": (2.0, 10.0)}
    running = ModelHost(env, prices=prices)
    yield running
    await running.close()

"""The lines that `models --find` prints lead a call to the server that it found."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from core.adapters.local_servers import USUAL, LocalServer
from core.adapters.model_host.client import ModelHost
from core.domain.errors import ModelFault
from core.domain.model import ModelRequest, Timeouts
from core.domain.phase import Phase
from core.domain.servers import PROXIES
from core.engine.routes import is_on_this_machine
from tests.servers import RunningFaultServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def asking(model: str) -> ModelRequest:
    return ModelRequest(Phase.PLAN, model, "be brief", "hi", timeouts=Timeouts(5, 5, 20))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(server: RunningFaultServer) -> AsyncIterator[ModelHost]:
    """A host that knows of the servers what the printed lines say, all of them being one."""
    env = {s.variable: replace(s, port=server.port).address for s in USUAL}
    running = ModelHost(env | {s.key: "any-word" for s in USUAL if s.key})
    yield running
    await running.close()


@pytest.mark.parametrize("local", USUAL, ids=lambda s: s.name)
async def test_a_call_reaches_the_server_at_the_printed_address(
    told: ModelHost, server: RunningFaultServer, local: LocalServer
) -> None:
    name = f"at-{local.provider}"
    await told.complete(asking(f"{local.provider}/{name}"))

    assert len(await server.seen(name)) == 1
    assert await told.contacted() == ("127.0.0.1",)
    env = {local.variable: local.address}
    is_here = is_on_this_machine(f"{local.provider}/{name}", env)
    assert is_here is (local.provider not in PROXIES)


async def test_a_local_provider_without_an_address_is_not_sought_at_another_s(
    server: RunningFaultServer,
) -> None:
    host = ModelHost(
        {"OPENAI_BASE_URL": server.openai_base, "OPENAI_API_KEY": "k"}
        | {local.key: "any-word" for local in USUAL if local.key}
    )
    for local in USUAL:
        is_here = is_on_this_machine(f"{local.provider}/nowhere-named", {})
        assert is_here is (local.provider not in PROXIES)
        with contextlib.suppress(ModelFault):
            await host.complete(asking(f"{local.provider}/nowhere-named"))
    contacted = await host.contacted()
    await host.close()

    assert contacted == ("127.0.0.1",)
    assert await server.seen("nowhere-named") == []

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.adapters.model_host.client import ModelHost
from core.domain.errors import FaultKind, ModelFault
from core.domain.model import ModelRequest
from core.domain.phase import Phase
from tests.servers import RunningFaultServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).resolve().parents[3]
HELLO = "Hello from the fault server."

NOISY_PYTHON = """\
#!{python} -E
import os, sys
noise = '''
import os, sys
def make_noise(event, arguments):
    if event == "import" and arguments[0] == "litellm":
        print("NOISE", flush=True)
        os.write(1, b"NOISE")
        sys.stdin.read()
sys.addaudithook(make_noise)
'''
words = sys.argv[1:]
at = words.index("-c") + 1
words[at] = noise + words[at]
os.execv({python!r}, [{python!r}, *words])
"""

PARENT = """\
import asyncio, json, os, sys
sys.path.insert(0, {root!r})
from core.adapters.model_host.client import ModelHost
from core.domain.errors import ModelFault
from core.domain.model import ModelRequest
from core.domain.phase import Phase

async def main():
    host = ModelHost({env!r}, python={python!r})
    reply = await host.complete(ModelRequest(Phase.PLAN, "anthropic/ok", "", "hi"))
    try:
        await host.complete(ModelRequest(Phase.PLAN, "openai/stolen", "", "hi"))
        fault = None
    except ModelFault as caught:
        fault = caught.kind.value
    report = json.dumps({{"pid": host.pid, "text": reply.text, "fault": fault}})
    request = ModelRequest(Phase.PLAN, "anthropic/slow", "", "hi")
    await host.complete(request, lambda text: print(report, flush=True))

asyncio.run(main())
"""


@dataclass(frozen=True)
class HostileParent:
    """A session that was started inside a hostile repository, and what it reported."""

    process: asyncio.subprocess.Process
    report: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile_parent(
    server: RunningFaultServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HostileParent]:
    repository = tmp_path_factory.mktemp("hostile")
    (repository / ".env").write_text("OPENAI_API_KEY=sk-of-the-attacker-0001\n")
    (repository / "core").mkdir()
    for name in ("core/__init__.py", "litellm.py", "sitecustomize.py"):
        (repository / name).write_text("raise SystemExit('hostile code ran')\n")
    python = repository / "noisy-python"
    python.write_text(NOISY_PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    env = server.env | {"PYTHONPATH": str(repository)}
    del env["OPENAI_API_KEY"]
    program = PARENT.format(root=str(ROOT), env=env, python=str(python))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-c", program, stdout=PIPE, cwd=repository
    )
    assert process.stdout is not None
    report = json.loads(await process.stdout.readline())
    yield HostileParent(process, report)
    if process.returncode is None:
        process.kill()
        await process.wait()


async def exit_of(pid: int) -> None:
    gone = asyncio.Event()
    handle = os.pidfd_open(pid)
    asyncio.get_running_loop().add_reader(handle, gone.set)
    await asyncio.wait_for(gone.wait(), 10)
    asyncio.get_running_loop().remove_reader(handle)
    os.close(handle)


def state_of(host: ModelHost) -> str:
    return host.state


def request(model: str) -> ModelRequest:
    return ModelRequest(Phase.PLAN, model, "", "hi")


async def began(host: ModelHost, model: str) -> asyncio.Task[Any]:
    """A call that has already brought some text."""
    first = asyncio.Event()
    task = asyncio.create_task(host.complete(request(model), lambda _text: first.set()))
    await asyncio.wait_for(first.wait(), 20)
    return task


async def test_printing_and_asking_libraries_reach_neither_stdout_nor_stdin(
    hostile_parent: HostileParent,
) -> None:
    assert hostile_parent.report["text"] == HELLO


async def test_a_repository_s_env_file_and_modules_are_not_loaded(
    hostile_parent: HostileParent, server: RunningFaultServer
) -> None:
    assert hostile_parent.report["fault"] == FaultKind.AUTH.value
    assert await server.seen("stolen") == []


async def test_the_host_and_its_request_end_when_the_parent_is_killed(
    hostile_parent: HostileParent, server: RunningFaultServer
) -> None:
    exit_of_host = asyncio.create_task(exit_of(hostile_parent.report["pid"]))
    hostile_parent.process.kill()

    await exit_of_host
    await server.hung_up("slow")


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_cancelling_a_call_ends_its_request(
    host: ModelHost, server: RunningFaultServer, provider: str
) -> None:
    await server.reset()
    task = await began(host, f"{provider}/slow")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await server.hung_up("slow")
    assert state_of(host) == "ready"


async def test_a_killed_host_fails_its_calls_and_the_next_call_starts_another(
    host: ModelHost,
) -> None:
    tasks = [await began(host, f"{provider}/slow") for provider in ("openai", "anthropic")]
    before = host.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    for task in tasks:
        with pytest.raises(ModelFault) as caught:
            await task
        assert caught.value.kind is FaultKind.HOST_DIED
        assert caught.value.partial.startswith("0 ")
    assert state_of(host) == "dead"

    reply = await host.complete(request("openai/ok"))

    assert reply.text == HELLO
    assert state_of(host) == "ready"
    assert host.pid != before


@pytest.mark.parametrize("python", ["/nonexistent/python", "/bin/false"])
async def test_a_host_that_cannot_start_is_a_fault_with_a_sentence(python: str) -> None:
    host = ModelHost({}, python=python)
    assert state_of(host) == "cold"
    with pytest.raises(ModelFault) as caught:
        await host.complete(request("openai/ok"))

    assert caught.value.kind is FaultKind.HOST_DIED
    assert caught.value.model == "openai/ok"
    assert state_of(host) == "dead"
    await host.close()


async def test_a_closed_host_takes_no_more_calls() -> None:
    host = ModelHost({})
    await host.close()
    with pytest.raises(ModelFault, match="is closed"):
        await host.complete(request("openai/ok"))

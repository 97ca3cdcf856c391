"""Each setting, on each layer, changes the model named in the request that reaches the server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from core.adapters.finding import Finding
from core.adapters.scripted import ScriptedChecker
from core.bootstrap import Workspace
from core.config import Flags
from core.domain import commands as c
from core.domain.context import Trust
from core.domain.phase import ORDER, Phase
from core.domain.state import RunState
from tests.playing import EDITS, GREETING, PLAN, make_repository
from tests.servers import RunningFaultServer, running_fault_server

GOAL = "let `greet` take a loud flag"
LAYERS = ("user file", "environment", "environment for all", "flag", "keystroke")
REPAIR = 'app/greet.py\n<<<<<<< SEARCH\n    return f"Bye, {name}."\n=======\n    return f"Farewell, {name}."\n>>>>>>> REPLACE\n'
OFF = '\napp/greet.py\n<<<<<<< SEARCH\n    return f"Bye bye, {name}."\n=======\n    return f"Farewell, {name}."\n>>>>>>> REPLACE\n'


@dataclass
class Outcome:
    layer: str
    state: RunState
    seen: list[str]
    """Model of every request that reached the server, in order."""


def name_for(layer: str, phase: Phase) -> str:
    return (
        "for-all" if layer == "environment for all" else f"{layer.replace(' ', '-')}-{phase.knob}"
    )


def replies(workspace: Workspace) -> dict[Phase, str]:
    found = Finding(workspace.repo, workspace.cache_folder).rank(GOAL)
    sources = [c for c in found.candidates if c.trust is Trust.CODE]
    order = list(reversed(range(len(sources))))
    return {
        Phase.RETRIEVE: f'{{"order": {order}}}',
        Phase.PLAN: PLAN,
        Phase.GENERATE: EDITS + OFF,
        Phase.APPLY: REPAIR,
        Phase.VERIFY: '{"decision": "approve"}',
        Phase.REVIEW: "Let greet shout",
    }


async def play_layer(layer: str, folder: Path, server: RunningFaultServer) -> Outcome:
    root = make_repository(
        folder / "r", {**GREETING, "app/loud.py": "def loud(name):\n    return name.upper()\n"}
    )
    env = {"HOME": str(folder / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin", **server.env}
    models = {p.knob: f"openai/{name_for(layer, p)}" for p in ORDER}
    flags = Flags(checks=(("true",),))
    if layer == "user file":
        config = folder / "home/.config/relaypair/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("[models]\n" + "".join(f'{k} = "{m}"\n' for k, m in models.items()))
    elif layer == "environment":
        env |= {f"RELAYPAIR_{k.upper()}_MODEL": m for k, m in models.items()}
    elif layer == "environment for all":
        env["RELAYPAIR_MODEL"] = "openai/for-all"
    elif layer == "flag":
        flags = Flags(models=models, checks=(("true",),))
    workspace = Workspace.open(root, env, flags)
    workspace.checker = ScriptedChecker()
    said = replies(workspace)
    if layer == "environment for all":
        await server.script({"for-all": [said[p] for p in ORDER]})
    else:
        await server.script({name_for(layer, p): [said[p]] for p in ORDER})
    before = len(await server.seen())
    session = workspace.session()
    await session.submit(c.StartRun(GOAL))
    for phase in ORDER:
        if layer == "keystroke":
            await session.submit(c.SwapModel(phase, models[phase.knob]))
        await session.submit(c.Step())
        await session.idle()
    await session.close()
    return Outcome(layer, session.state, [row["model"] for row in (await server.seen())[before:]])


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server() -> AsyncIterator[RunningFaultServer]:
    async with running_fault_server() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=LAYERS)
async def outcome(
    request: pytest.FixtureRequest,
    server: RunningFaultServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:
    return await play_layer(request.param, tmp_path_factory.mktemp("layer"), server)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("phase", ORDER)
async def test_the_setting_names_the_model_in_the_request(outcome: Outcome, phase: Phase) -> None:
    assert outcome.state.phases[phase].reason == ""
    assert outcome.seen[ORDER.index(phase)] == name_for(outcome.layer, phase)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("phase", ORDER)
async def test_screen_and_receipt_say_model_and_layer(outcome: Outcome, phase: Phase) -> None:
    run = outcome.state.phases[phase]
    model = f"openai/{name_for(outcome.layer, phase)}"
    assert (run.model, run.receipt.model if run.receipt else "") == (model, model)
    assert run.why.startswith(outcome.layer.removesuffix(" for all"))
    assert run.receipt is not None and run.receipt.why_model == run.why

"""What the user's file says of a phase reaches its calls, its key and its limits, and nothing
else's.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.adapters.scripted import ScriptedChecker
from core.bootstrap import Workspace
from core.config import Flags
from core.domain import commands as c
from core.domain import events as e
from core.domain.goal import Limits
from core.domain.phase import ORDER, Phase, PhaseState
from core.domain.route import Parameters, Route
from core.domain.state import RunState
from core.engine.asker import OWN_WORDS
from tests.engine.test_routes_reach_the_server import replies
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes
from tests.servers import RunningFaultServer, running_fault_server

GOAL = "let `greet` take a loud flag"


def wanted(phase: Phase) -> Parameters:
    at = ORDER.index(phase)
    return Parameters(0.1 + at / 10, 3_000 + at, f"Own words for {phase.value}.")


def table(phase: Phase, own: Parameters) -> str:
    return (
        f"[phases.{phase.knob}]\ntemperature = {own.temperature}\n"
        f"max_output = {own.max_output}\nsystem = {json.dumps(own.system)}\n"
    )


@dataclass
class Relay:
    state: RunState
    seen: list[dict[str, Any]]
    notices: list[str]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server() -> AsyncIterator[RunningFaultServer]:
    async with running_fault_server() as running:
        yield running


async def play(folder: Path, server: RunningFaultServer, model: str, config: str) -> Relay:
    """All six phases of one run by this model, which answers well."""
    files = {**GREETING, "app/loud.py": "def loud(name):\n    return name.upper()\n"}
    root = make_repository(folder / "r", files)
    home = folder / "home/.config/relaypair"
    home.mkdir(parents=True)
    (home / "config.toml").write_text(config)
    env = {"HOME": str(folder / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin", **server.env}
    workspace = Workspace.open(root, env, Flags(models={"model": model}, checks=(("true",),)))
    workspace.checker = ScriptedChecker()
    said = replies(workspace)
    name = model.partition("/")[2]
    await server.script({name: [said[phase] for phase in ORDER]})
    session = workspace.session()
    await session.submit(c.StartRun(GOAL))
    for _ in ORDER:
        await session.submit(c.Step())
        await session.idle()
    await session.close()
    told = [r.event.text for r in session.past() if isinstance(r.event, e.NoticeGiven)]
    return Relay(session.state, await server.seen(name), told)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def relay(server: RunningFaultServer, tmp_path_factory: pytest.TempPathFactory) -> Relay:
    config = "".join(table(phase, wanted(phase)) for phase in ORDER)
    return await play(tmp_path_factory.mktemp("set"), server, "openai/set", config)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("phase", ORDER)
async def test_the_request_on_the_wire_has_what_was_set(relay: Relay, phase: Phase) -> None:
    own, body = wanted(phase), relay.seen[ORDER.index(phase)]["body"]
    assert relay.state.phases[phase].state is PhaseState.PASSED
    assert body["temperature"] == pytest.approx(own.temperature)
    assert own.max_output in (body.get("max_tokens"), body.get("max_completion_tokens"))
    system = body["messages"][0]["content"]
    assert body["messages"][0]["role"] == "system"
    assert system.endswith(OWN_WORDS + own.system)
    assert "Your phase is" in system.removesuffix(OWN_WORDS + own.system)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_reached_the_model_is_not_complained_of(relay: Relay) -> None:
    assert not [text for text in relay.notices if "does not take" in text]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_model_does_not_take_is_said_once_a_phase(
    server: RunningFaultServer, tmp_path: Path
) -> None:
    config = table(Phase.PLAN, Parameters(0.2, 200_000, "x")) + table(
        Phase.GENERATE, Parameters(0.3, 2_000, "y")
    )
    found = await play(tmp_path, server, "openai/gpt-5", config)
    assert all("temperature" not in row["body"] for row in found.seen)
    assert [text for text in found.notices if "does not take" in text] == [
        f"openai/gpt-5 does not take {names} as set for {phase}: its own default or limit holds."
        for names, phase in (("temperature, max_output", "plan"), ("temperature", "generate"))
    ]


def with_own(**own: Parameters) -> dict[Phase, Route]:
    models = routes(plan="x/planner", generate="x/writer")
    return {p: replace(r, parameters=own.get(p.knob, Parameters())) for p, r in models.items()}


async def played(folder: Path, *lines: str, **own: Parameters) -> Played:
    root = folder / "r"
    if not root.exists():
        make_repository(root, GREETING)
    return open_played(root, folder / "s", *lines, models=with_own(**own))


async def taken_up(folder: Path, *lines: str, **own: Parameters) -> Played:
    """The run of the folder, resumed under these settings."""
    run = await played(folder, *lines, **own)
    run.session.resume()
    return run


async def test_a_phase_without_settings_is_asked_as_ever(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN)
    await run.do(c.StartRun(GOAL), c.Step(), c.Step())
    [request] = run.model.asked
    assert (request.temperature, request.max_output) == (None, 4_000)
    assert OWN_WORDS.strip() not in request.system


async def test_another_system_text_makes_its_phase_stale_and_no_other_setting_does(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, PLAN, plan=Parameters(0.1, 900, "Be brief."))
    await run.do(c.StartRun(GOAL), c.Step(), c.Step())
    await run.session.close()

    def stale(run: Played) -> list[Phase]:
        return [phase for phase in ORDER if run.state.is_stale(phase)]

    same = await taken_up(tmp_path, plan=Parameters(0.1, 900, "Be brief."))
    assert stale(same) == []
    warmer = await taken_up(tmp_path, plan=Parameters(0.9, 800, "Be brief."))
    assert stale(warmer) == []
    assert warmer.state.routes[Phase.PLAN].parameters.temperature == 0.9
    other = await taken_up(tmp_path, plan=Parameters(0.9, 800, "Be thorough."))
    assert stale(other) == [Phase.PLAN]


async def test_generate_asks_again_under_another_system_text(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS, generate=Parameters(system="Old."))
    await run.do(c.StartRun(GOAL), c.Step(), c.Step(), c.Step())
    await run.session.close()
    later = await taken_up(tmp_path, EDITS, generate=Parameters(system="New."))
    assert later.state.cursor is Phase.GENERATE
    await later.do(c.Step())
    [request] = later.model.asked
    assert request.system.endswith("New.")
    assert later.state.phases[Phase.GENERATE].state is PhaseState.PASSED


async def test_a_swapped_model_is_asked_under_the_same_settings(tmp_path: Path) -> None:
    own = Parameters(0.4, 700, "Be brief.")
    run = await played(tmp_path, PLAN, plan=own)
    await run.do(c.StartRun(GOAL), c.SwapModel(Phase.PLAN, "x/other"), c.Step(), c.Step())
    [request] = run.model.asked
    assert (request.model, request.temperature, request.max_output) == ("x/other", 0.4, 700)
    assert request.system.endswith("Be brief.")
    await run.session.close()
    later = await taken_up(tmp_path, plan=Parameters(system="Be thorough."))
    route = later.state.routes[Phase.PLAN]
    assert (route.model, route.parameters.system) == ("x/other", "Be thorough.")


async def test_a_second_goal_s_journal_tells_its_settings_too(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, PLAN, plan=Parameters(system="Be brief."))
    await run.do(c.StartRun(GOAL), c.Step(), c.Step())
    await run.do(c.StartRun("let `part` shout"), c.Step(), c.Step())
    told = [r.event for r in run.session.past() if isinstance(r.event, e.RouteChanged)]
    assert [t.route.parameters.system for t in told if t.route.phase is Phase.PLAN] == ["Be brief."]


async def test_what_looks_like_a_key_in_the_system_text_is_left_out_and_said(
    tmp_path: Path,
) -> None:
    key = "sk-ant-api03-" + "Ab1" * 30
    run = await played(tmp_path, PLAN, plan=Parameters(system=f"Use {key} for it."))
    await run.do(c.StartRun(GOAL), c.Step(), c.Step())
    assert key not in run.model.asked[0].system
    assert any("looks like a key was left out" in str(t) for t in run.told(e.NoticeGiven))


def opened(folder: Path, config: str, **env: str) -> Workspace:
    root = make_repository(folder / "r", GREETING)
    home = folder / "home/.config/relaypair"
    home.mkdir(parents=True)
    (home / "config.toml").write_text(config)
    return Workspace.open(root, {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", **env})


async def test_a_local_engine_says_once_that_it_takes_no_parameters(tmp_path: Path) -> None:
    config = table(Phase.GENERATE, Parameters(0.3, 2_000, "y"))
    session = opened(tmp_path, config).session()
    await session.submit(c.StartRun("rename `greet` to `hail`"))
    for command in (*[c.Step()] * 3, c.RerunPhase(Phase.GENERATE, "again")):
        await session.submit(command)
        await session.idle()
    told = [r.event.text for r in session.past() if isinstance(r.event, e.NoticeGiven)]
    await session.close()
    assert session.state.phases[Phase.GENERATE].attempt == 2
    [text] = [t for t in told if "does not take" in t]
    assert text.startswith("builtin/rewrite does not take temperature, max_output, system as set")


async def test_a_coding_cli_is_told_the_system_text_and_says_what_it_does_not_take(
    tmp_path: Path,
) -> None:
    program, heard = tmp_path / "mine", tmp_path / "heard"
    program.write_text(f"#!/bin/sh\ncat >> {heard}\ncat <<'END'\n{PLAN}\nEND\n")
    program.chmod(0o755)
    config = f"""
[models]
plan = "cli/mine"
[cli.mine]
command = ["{program}"]
{table(Phase.PLAN, Parameters(0.3, 2_000, "Say it in one task."))}"""
    session = opened(tmp_path, config).session()
    await session.submit(c.StartRun(GOAL))
    for command in (*[c.Step()] * 2, c.RerunPhase(Phase.PLAN, "again")):
        await session.submit(command)
        await session.idle()
    told = [r.event.text for r in session.past() if isinstance(r.event, e.NoticeGiven)]
    await session.close()
    assert session.state.phases[Phase.PLAN].state is PhaseState.PASSED
    assert heard.read_text().count(f"{OWN_WORDS}Say it in one task.") == 2
    assert [text for text in told if "does not take" in text] == [
        "cli/mine does not take temperature, max_output as set for plan: its own default or limit "
        "holds."
    ]


async def test_a_limit_of_a_phase_stops_it_before_the_call(tmp_path: Path) -> None:
    session = opened(tmp_path, "[phases.plan]\ntokens = 10\nseconds = 60\n").session()
    await session.submit(c.StartRun("rename `greet` to `hail`"))
    for _ in range(2):
        await session.submit(c.Step())
        await session.idle()
    await session.close()
    assert session.state.goal.budget.phases == {Phase.PLAN: Limits(tokens=10, seconds=60.0)}
    run = session.state.phases[Phase.PLAN]
    assert (run.state, run.fault) == (PhaseState.FAILED, "budget")
    assert "10 tokens for plan" in run.reason


async def test_local_only_of_the_file_holds_back_a_model_elsewhere(tmp_path: Path) -> None:
    config = '[models]\nplan = "openai/x"\n[phases.plan]\nlocal_only = true\n'
    workspace = opened(tmp_path, config, OPENAI_API_KEY="k")
    session = workspace.session()
    await session.submit(c.StartRun("rename `greet` to `hail`"))
    for _ in range(2):
        await session.submit(c.Step())
        await session.idle()
    await session.close()
    assert "local_only in your file" in session.state.phases[Phase.PLAN].reason
    assert workspace.host.state == "cold"

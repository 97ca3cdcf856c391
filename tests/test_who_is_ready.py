"""A model is ready when its program or its key is there; a server is asked when the user asks."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.adapters.model_host.client import ModelHost
from core.domain.model import ModelInfo
from tests.calling import User
from tests.playing import GREETING, make_repository, open_played

PLAIN = ModelInfo("x/y", None, None, None, "X_API_KEY", True)


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", {"a.py": ""}))


@pytest.fixture
def listener() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def install(user: User, name: str) -> dict[str, str]:
    """A program on the user's PATH."""
    program = user.write(f"../bin/{name}", "#!/bin/sh\n")
    program.chmod(0o755)
    return {"PATH": f"{program.parent.resolve()}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("model", "needs"),
    [
        (PLAIN, ""),
        (ModelInfo("x/y", None, None, None, "X_API_KEY", False), "X_API_KEY"),
        (ModelInfo("x/y", None, None, None, "", True), ""),
        (
            ModelInfo("x/y", None, None, None, "", True, lacks="a server at http://h"),
            "a server at http://h",
        ),
        (ModelInfo("x/y", None, None, None, "X_API_KEY", False, lacks="z"), "X_API_KEY"),
    ],
)
def test_what_a_model_needs(model: ModelInfo, needs: str) -> None:
    assert model.needs == needs


@pytest.mark.slow
def test_models_are_ready_only_with_their_program_key_or_server(user: User) -> None:
    env = install(user, "claude") | {"OLLAMA_API_BASE": "http://127.0.0.1:9/"}
    rows = {row.split()[0]: row for row in user.call("models", env=env).out.splitlines() if row}
    assert rows["cli/claude"].endswith("  ready")
    assert rows["cli/codex"].endswith("  needs codex on your PATH")
    assert not [name for name in rows if name.startswith("ollama/")]
    found = user.call("models", "ollama/", env=env).out.splitlines()
    assert found[-1].endswith("  needs a server at http://127.0.0.1:9/")


async def test_retired_models_are_offered_nowhere_and_keep_their_price(tmp_path: Path) -> None:
    old = ModelInfo("x/old", 1.0, 2.0, None, "", True, is_retired=True)
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", known=(PLAIN, old))
    assert [model.id for model in await run.session.models()] == ["x/y"]
    assert [model.id for model in await run.model.models()] == ["x/y", "x/old"]


def doctor(user: User, **env: str) -> dict[str, str]:
    """Lines of routes, by phase."""
    rows = user.call("doctor", env=env).out.splitlines()
    return {row[6:].partition(":")[0]: row for row in rows}


def test_the_doctor_looks_for_the_program_of_every_route(user: User) -> None:
    found = doctor(
        user,
        **install(user, "claude"),
        RELAYPAIR_PLAN_MODEL="cli/claude:opus",
        RELAYPAIR_GENERATE_MODEL="cli/claude > cli/codex",
        RELAYPAIR_VERIFY_MODEL="cli/nobody",
    )
    assert found["plan"].startswith("ok")
    assert found["generate"].startswith("warn")
    assert found["generate"].endswith(": codex is not on your PATH")
    assert found["verify"].endswith(": there is no coding CLI nobody")


def test_the_doctor_asks_whether_the_servers_of_routes_listen(user: User, listener: int) -> None:
    silent = f"http://localhost:{closed_port()}"
    found = doctor(
        user,
        RELAYPAIR_PLAN_MODEL="ollama/qwen",
        OLLAMA_API_BASE=f"http://127.0.0.1:{listener}",
        RELAYPAIR_GENERATE_MODEL="hosted_vllm/m",
        HOSTED_VLLM_API_BASE=f"{silent}/v1",
        RELAYPAIR_VERIFY_MODEL="lm_studio/m",
        LM_STUDIO_API_BASE="http://gpu.invalid:1234/v1",
    )
    assert found["plan"].startswith("ok")
    assert found["generate"].startswith("warn")
    assert found["generate"].endswith(f": no server listens at {silent}/v1")
    assert found["verify"].startswith("ok"), "only this machine is asked"


@pytest.mark.slow
async def test_a_hosted_address_of_the_users_is_no_server_to_start() -> None:
    host = ModelHost({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://gate.example.com/v1"})
    try:
        ids = {model.id: model for model in await host.models()}
    finally:
        await host.close()
    assert ids["openai/gpt-4o-mini"].needs == ""
    assert ids["ollama/llama3"].needs == "a server at http://localhost:11434"
    assert ids["anthropic/claude-opus-4-5"].needs == "ANTHROPIC_API_KEY"

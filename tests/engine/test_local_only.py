"""What has to stay on this machine is sent to no model elsewhere, whoever falls back to whom."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.config import load_settings
from core.domain import commands as c
from core.domain.errors import Refused
from core.domain.phase import Phase, PhaseState
from core.engine.routes import is_on_this_machine, resolve_route, stays_local
from tests.playing import GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"


@pytest.mark.parametrize(
    ("model", "env", "near"),
    [
        ("builtin/rewrite", {}, True),
        ("ollama/qwen3", {}, True),
        ("ollama/qwen3", {"OLLAMA_API_BASE": "http://10.0.0.7:11434"}, False),
        ("ollama_chat/qwen3", {"OLLAMA_API_BASE": "http://127.0.0.1:9"}, True),
        ("lm_studio/x", {}, True),
        ("hosted_vllm/x", {}, True),
        ("hosted_vllm/x", {"HOSTED_VLLM_API_BASE": "http://gpu.example.com/v1"}, False),
        ("hosted_vllm/x", {"HOSTED_VLLM_API_BASE": "http://[::1]:8000/v1"}, True),
        ("openai/gpt", {}, False),
        ("openai/gpt", {"OPENAI_BASE_URL": "http://localhost:8000/v1"}, True),
        ("openai/gpt", {"OPENAI_BASE_URL": "http://localhost.example.com/v1"}, False),
        ("openai/gpt", {"OPENAI_BASE_URL": "http://127.example.com/v1"}, False),
        ("openai/gpt", {"OPENAI_BASE_URL": "http://127.0.0.2:8000/v1"}, True),
        ("ollama/gpt-oss:120b-cloud", {}, False),
        ("ollama_chat/glm-4.6:cloud", {}, False),
        ("ollama/Qwen3-Coder:480B-Cloud", {}, False),
        ("ollama/cloudy:7b", {}, True),
        ("openai/gpt-oss:20b-cloud", {"OPENAI_BASE_URL": "http://localhost:11434/v1"}, False),
        ("lemonade/x", {}, True),
        ("lemonade/x", {"LEMONADE_API_BASE": "http://10.0.0.7:8000/api/v1"}, False),
        ("xinference/x", {}, False),
        ("hosted_vllm/x", {"HOSTED_VLLM_API_BASE": "http://[::1"}, False),
        ("litellm_proxy/x", {}, False),
        ("litellm_proxy/x", {"LITELLM_PROXY_API_BASE": "http://127.0.0.1:4000/v1"}, False),
        ("anthropic/claude", {"ANTHROPIC_BASE_URL": "http://localhost:1"}, False),
        ("unknown/x", {}, False),
    ],
)
def test_which_models_are_on_this_machine(model: str, env: dict[str, str], near: bool) -> None:
    assert is_on_this_machine(model, env) is near


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ("", ()),
        ("1", tuple(Phase)),
        ("all", tuple(Phase)),
        ("plan, summary", (Phase.PLAN, Phase.REVIEW)),
    ],
)
def test_the_variable_names_phases(said: str, local: tuple[Phase, ...], tmp_path: Path) -> None:
    env = {"RELAYPAIR_LOCAL_ONLY": said, "HOME": str(tmp_path)}
    assert tuple(p for p in Phase if stays_local(env, p)) == local
    settings = load_settings(tmp_path, env)
    assert resolve_route(settings, Phase.PLAN).is_local_only is (Phase.PLAN in local)


@pytest.mark.parametrize("said", ["plan,generat", "plan generate", "on"])
def test_a_word_that_keeps_nothing_here_is_refused(said: str, tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"RELAYPAIR_LOCAL_ONLY": said, "HOME": str(tmp_path)})
    with pytest.raises(Refused, match=r"RELAYPAIR_LOCAL_ONLY: .* is no phase"):
        resolve_route(settings, Phase.RETRIEVE)


async def played(folder: Path, plan: str, *lines: str) -> Played:
    chosen = routes(plan=plan, generate="builtin/none")
    models = {p: replace(r, is_local_only=True) for p, r in chosen.items()}
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        *lines,
        models=models,
        near=lambda model: model.startswith("near/"),
    )
    await run.do(c.StartRun(GOAL), c.Step(), c.Step())
    return run


async def test_a_model_elsewhere_is_never_asked(tmp_path: Path) -> None:
    run = await played(tmp_path, "far/p")
    assert run.model.asked == []
    phase = run.state.phases[Phase.PLAN]
    assert phase.state is PhaseState.FAILED
    assert "far/p is not on this machine, and what plan is sent stays here" in phase.reason


async def test_a_fallback_elsewhere_is_passed_over(tmp_path: Path) -> None:
    run = await played(tmp_path, "far/p, near/p > far/q", PLAN)
    assert [r.model for r in run.model.asked] == ["near/p"]
    assert run.state.phases[Phase.PLAN].state is PhaseState.PASSED


async def test_a_keystroke_does_not_lift_it(tmp_path: Path) -> None:
    run = await played(tmp_path, "near/p", PLAN)
    await run.do(c.SwapModel(Phase.PLAN, "far/p"), c.RerunPhase(Phase.PLAN))
    assert [r.model for r in run.model.asked] == ["near/p"]
    assert run.state.phases[Phase.PLAN].state is PhaseState.FAILED

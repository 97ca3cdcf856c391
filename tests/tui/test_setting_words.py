from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.goal import Budget, Goal, Limits
from core.domain.phase import Phase
from core.domain.route import Parameters, Route
from core.domain.state import RunState
from tests.calling import User
from tests.playing import make_repository, route
from tui.ink import plain
from tui.setting_words import settings_said
from tui.sources.relay import relay_source
from tui.state import ViewState

ROUTE = route(Phase.PLAN, "x/y")
OWN = replace(ROUTE, parameters=Parameters(0.2, 4_000, "Be brief."))


@pytest.mark.parametrize(
    ("found", "limits", "said"),
    [
        (ROUTE, None, ""),
        (ROUTE, Limits(), ""),
        (replace(ROUTE, parameters=Parameters(0.0)), None, "temperature 0"),
        (
            OWN,
            None,
            "temperature 0.2, at most 4,000 tokens a reply, 9 characters added to the system prompt",
        ),
        (ROUTE, Limits(0.2, 30_000, 90.0), "budget $0.20 or 30,000 tokens or 90 s"),
        (ROUTE, Limits(tokens=0), "budget 0 tokens"),
        (replace(ROUTE, is_local_only=True), None, "only models on this machine"),
    ],
)
def test_one_line_says_what_is_set(found: Route, limits: Limits | None, said: str) -> None:
    assert settings_said(found, limits) == said


def test_the_doctor_says_it_in_the_line_of_the_phase(tmp_path: Path) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", {"a.py": ""}))
    user.configure("[phases.generate]\ntemperature = 0.2\nseconds = 60\n")
    [line] = [x for x in user.call("doctor").out.splitlines() if "generate: builtin" in x]
    assert line.endswith("(default no key found); temperature 0.2, budget 60 s")


def test_the_phases_panel_says_what_is_set_for_the_focused_phase_only() -> None:
    goal = Goal("go", budget=Budget(phases={Phase.PLAN: Limits(dollars=0.5)}))
    run = RunState(goal=goal, routes={Phase.PLAN: OWN, Phase.APPLY: route(Phase.APPLY, "x/z")})

    def told(phase: Phase) -> str:
        source = relay_source(run, ViewState(phase=phase), 200, 0.0)
        return "\n".join(plain(source.line(i, 200)) for i in range(source.line_count))

    line = f"set: {settings_said(OWN, goal.budget.phases[Phase.PLAN])}"
    assert line in told(Phase.PLAN)
    assert "budget $0.50" in line
    assert "set:" not in told(Phase.APPLY)

"""What the command line said of a run is part of it: the bare line that takes it up is enough."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.codec import event_from_json
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.phase import Phase
from core.domain.route import Layer, Route
from tests.calling import CHECK, GOAL, RENAMED, Called, User
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes
from tui.exit_codes import ExitCode

BUILTIN = ("--plan-model", "builtin/rewrite", "--generate-model", "builtin/rewrite")
ELSEWHERE = {"RELAYPAIR_GENERATE_MODEL": "demo/coder", "RELAYPAIR_PLAN_MODEL": "demo/planner"}
LANDING = ("--accept", "all", "--land", "--json")


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))


def begin(user: User, *flags: str) -> None:
    assert user.call("run", GOAL, "--plan-only", *flags).code in (ExitCode.DONE, ExitCode.ASKED)


def served(done: Called, phase: str) -> list[str]:
    started = [row for row in done.events if row["type"] == "PhaseStarted"]
    return [row["model"] for row in started if row["phase"] == phase]


def checked(done: Called) -> set[str]:
    results = [row["result"] for row in done.events if row["type"] == "CheckFinished"]
    return {" ".join(result["command"]["argv"]) for result in results} - {"syntax"}


def notices(done: Called) -> list[str]:
    return [row["text"] for row in done.events if row["type"] == "NoticeGiven"]


def test_models_and_checks_of_a_run_hold_without_being_said_again(user: User) -> None:
    begin(user, *BUILTIN, "--check", CHECK)
    done = user.call("resume", *LANDING, env=ELSEWHERE)
    assert (done.code, done.err) == (ExitCode.DONE, "")
    assert served(done, "generate") == ["builtin/rewrite"]
    assert checked(done) == {CHECK}
    assert "new_name" in user.read("a.py")


def test_what_the_command_line_says_now_wins_and_is_said(user: User) -> None:
    begin(user, *BUILTIN, "--check", CHECK)
    other = ("--generate-model", "demo/coder", "--check", "grep -q new_name b.py")
    done = user.call("resume", *other, *LANDING)
    assert served(done, "generate") == ["demo/coder"]
    assert notices(done)[:2] == [
        "generate: demo/coder instead of builtin/rewrite, as this command line says.",
        "Checks: `grep -q new_name b.py` instead of `grep -q new_name a.py`, as this command line "
        "says.",
    ]
    again = user.call("resume", "--json")
    assert "RouteChanged" not in again.kinds
    assert notices(again) == []


def test_a_model_for_every_phase_replaces_those_that_were_named_one_by_one(user: User) -> None:
    begin(user, *BUILTIN)
    done = user.call("resume", "--model", "local", "--json")
    assert "generate: local instead of builtin/rewrite" in "\n".join(notices(done))


def test_what_may_not_leave_this_machine_now_stays_whatever_was_said_then(user: User) -> None:
    begin(user, "--plan-model", "builtin/rewrite", "--generate-model", "anthropic/far")
    env = {"RELAYPAIR_LOCAL_ONLY": "1", "ANTHROPIC_API_KEY": "k"}
    done = user.call("resume", *LANDING, env=env)
    assert done.code == ExitCode.FAILED
    [failed] = [row for row in done.events if row["type"] == "PhaseFailed"]
    assert failed["reason"].startswith(
        "anthropic/far is not on this machine, and what generate is sent stays here"
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("2.50", {"dollars": 2.5, "tokens": 900_000}),
        ("dollars none", {"dollars": None, "tokens": 900_000}),
        ("tokens none, 3", {"dollars": 3.0, "tokens": None}),
    ],
)
def test_one_limit_is_set_or_lifted_when_a_run_is_taken_up(
    user: User, said: str, left: dict[str, object]
) -> None:
    begin(user, *BUILTIN, "--budget", "1, 900k tokens")
    done = user.call("resume", "--budget", said, "--json")
    [changed] = [row for row in done.events if row["type"] == "BudgetChanged"]
    assert {name: changed["budget"][name] for name in left} == left


def test_a_budget_that_is_none_is_refused_with_one_that_is(user: User) -> None:
    done = user.call("run", GOAL, "--budget", "a lot")
    assert done.code == 2
    assert "'a lot' is no limit; say one such as 2.50" in done.err


LOUD = "let `greet` take a loud flag"
MINE = CheckCommand(("make", "check"), "--check")


def opened(folder: Path, *lines: str, layer: Layer = Layer.USER, **more: object) -> Played:
    root = folder / "r"
    if not root.exists():
        make_repository(root, GREETING)
    ways = routes(plan=f"{layer.name}/p", generate=f"{layer.name}/g")
    models = {p: replace(r, layer=layer) for p, r in ways.items()}
    return open_played(root, folder / "s", *lines, models=models, **more)  # type: ignore[arg-type]


def route(run: Played, phase: Phase) -> Route:
    return run.state.routes[phase]


async def test_a_key_pressed_in_the_run_holds_until_the_command_line_says_otherwise(
    tmp_path: Path,
) -> None:
    first = opened(tmp_path, PLAN, layer=Layer.FLAG)
    await first.do(
        c.StartRun(LOUD), c.SwapModel(Phase.GENERATE, "x/key"), c.RunOn(until=Phase.PLAN)
    )
    later = opened(tmp_path, layer=Layer.ENVIRONMENT)
    later.session.resume()
    assert (route(later, Phase.PLAN).model, route(later, Phase.PLAN).layer) == (
        "FLAG/p",
        Layer.FLAG,
    )
    assert route(later, Phase.GENERATE).model == "x/key"
    last = opened(tmp_path, layer=Layer.FLAG)
    last.session.resume()
    assert route(last, Phase.GENERATE).model == "FLAG/g"


async def test_the_next_goal_of_a_session_has_the_same_checks_and_its_journal_says_so(
    tmp_path: Path,
) -> None:
    first = opened(tmp_path, start_checks=(MINE,), approved=False, checks=())
    await first.do(c.StartRun(LOUD))
    assert first.state.approvals == {MINE.id: True}
    second = opened(tmp_path, PLAN, EDITS, approved=False, checks=())
    second.session.resume()
    await second.do(c.StartRun(LOUD), c.RunOn())
    assert [line for line, _ in second.checker.ran] == ["make check"]
    third = opened(tmp_path, approved=False, checks=(), run_id=second.state.run_id)
    third.session.resume()
    assert third.state.named_checks == (MINE,)
    assert third.state.approvals == {MINE.id: True}


async def test_a_check_that_was_refused_may_run_once_the_command_line_names_it(
    tmp_path: Path,
) -> None:
    first = opened(tmp_path, PLAN, EDITS, approved=False, checks=(MINE,))
    await first.play(LOUD)
    await first.do(c.ApproveCommand(MINE.id, granted=False))
    assert first.state.approvals == {MINE.id: False}
    later = opened(tmp_path, approved=False, start_checks=(MINE,), checks=(MINE,))
    later.session.resume()
    assert later.state.approvals == {MINE.id: True}


def test_a_journal_from_before_names_no_checks() -> None:
    began = event_from_json(
        '{"type": "RunStarted", "goal": {"text": "go"}, "repository": {"root": "r", "vcs": "git"}}'
    )
    resumed = event_from_json('{"type": "RunResumed", "note": "resumed at plan"}')
    assert isinstance(began, e.RunStarted)
    assert isinstance(resumed, e.RunResumed)
    assert (began.checks, resumed.checks) == ((), ())

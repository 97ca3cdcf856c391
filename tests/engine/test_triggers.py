"""Every trigger that takes work away from a model and to somebody stronger or to the user is code."""

import json
from pathlib import Path

import pytest

from core.adapters.scripted import Line, ScriptedChecker
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import Outcome
from core.domain.goal import Budget
from core.domain.hunk import HunkState
from core.domain.model import ModelInfo
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice, Question
from core.engine.questions import FLOOR, changed_lines
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"
FILES = {**GREETING, "app/auth.py": "def login(name):\n    return name\n"}
NOWHERE = "app/greet.py\n<<<<<<< SEARCH\nnowhere at all\n=======\nx\n>>>>>>> REPLACE\n"
ELSEWHERE = EDITS + "README.md\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n"
REJECTED = json.dumps(
    {
        "decision": "reject",
        "findings": [
            {"where": "app/greet.py:1", "claim": "it is not loud enough", "evidence": "greet('a')"}
        ],
    }
)


def planned(files: list[str], lines: int | None = None) -> str:
    task = {"title": "Do it", "intent": "as asked", "files": files, "lines": lines}
    return json.dumps({"summary": "One.", "tasks": [task]})


def made(path: str, lines: int) -> str:
    body = "".join(f"line_{n} = {n}\n" for n in range(lines))
    return f"{path}\n```python\n{body}```\n"


async def played(
    folder: Path, *lines: Line, outcomes: tuple[Outcome, ...] = (), **how: object
) -> Played:
    models = routes(plan="x/planner", generate="x/small > x/large", **how.pop("models", {}))  # type: ignore[arg-type]
    run = open_played(
        make_repository(folder / "r", FILES),
        folder / "s",
        *lines,
        models=models,
        checker=ScriptedChecker(*outcomes),
        **how,  # type: ignore[arg-type]
    )
    await run.play(GOAL)
    return run


def writers(run: Played) -> list[str]:
    return [r.model for r in run.model.asked if r.phase is Phase.GENERATE]


def asked(run: Played) -> Question:
    assert run.state.question is not None, run.names()
    return run.state.question


async def test_the_same_error_twice_is_not_asked_of_the_same_model_a_third_time(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, PLAN, "No.", "No.", EDITS)
    first, second = (x.reason for x in run.events if isinstance(x, e.PhaseRetried | e.PhaseEscalated))  # fmt: skip
    assert first == second
    assert writers(run) == ["x/small", "x/small", "x/large"]


async def test_the_same_failure_of_a_check_twice_goes_one_step_up(tmp_path: Path) -> None:
    other = EDITS.replace("I add the flag.", "Again.")
    third = EDITS.replace("I add the flag.", "A third time.")
    run = await played(tmp_path, PLAN, EDITS, other, third, outcomes=(Outcome.FAIL, Outcome.FAIL))
    await run.do(c.RunOn())
    sent = [x for x in run.events if isinstance(x, e.SentBack)]
    assert len({x.evidence for x in sent}) == 1 and len(sent) == 2
    assert writers(run) == ["x/small", "x/small", "x/large"]


async def test_a_scope_violation_twice_asks_the_user(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, ELSEWHERE, "Again.\n" + ELSEWHERE)
    assert writers(run) == ["x/small", "x/small"]
    assert Choice.WIDEN in asked(run).choices


async def test_a_rule_over_files_outside_twice_asks_the_user(tmp_path: Path) -> None:
    rule = "```rule\nid: r\nlanguage: python\nrule: {pattern: login($A)}\nfix: enter($A)\nfiles: ['app/auth.py']\n```\n"
    run = await played(tmp_path, PLAN, rule, "Again.\n" + rule)
    assert writers(run) == ["x/small", "x/small"]
    assert "names 1 files outside the task (app/auth.py)" in run.state.waiting


async def test_an_edit_without_a_place_twice_goes_one_step_up(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, NOWHERE, "Again.\n" + NOWHERE, EDITS)
    await run.do(c.RunOn())
    sent = [x for x in run.events if isinstance(x, e.SentBack)]
    assert [x.phase for x in sent] == [Phase.APPLY, Phase.APPLY]
    assert writers(run) == ["x/small", "x/small", "x/large"]


async def test_a_change_larger_than_twice_its_estimate_asks_before_any_check(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, planned(["app/a.py"], 30), made("app/a.py", 61))
    assert asked(run).text == "T1 changes 61 lines where its plan said 30"
    assert asked(run).choices == (Choice.GO_ON, Choice.AGAIN)
    assert run.state.waiting == asked(run).text
    assert run.checker.ran == []
    await run.do(c.RunOn())
    assert run.checker.ran == []


@pytest.mark.parametrize(
    ("estimate", "lines"), [(30, 60), (5, FLOOR), (1, FLOOR), (None, 900), (450, 900)]
)
async def test_a_change_of_the_planned_size_a_small_one_and_one_without_estimate_go_on(
    tmp_path: Path, estimate: int | None, lines: int
) -> None:
    run = await played(tmp_path, planned(["app/a.py"], estimate), made("app/a.py", lines))
    assert run.state.question is None
    assert len(run.checker.ran) == 1


async def test_a_large_change_that_is_taken_goes_on_without_a_call(tmp_path: Path) -> None:
    run = await played(tmp_path, planned(["app/a.py"], 5), made("app/a.py", 41))
    await run.do(c.AnswerQuestion(asked(run).id, Choice.GO_ON))
    assert len(run.checker.ran) == 1
    assert run.state.cursor is None
    assert writers(run) == ["x/small"]


async def test_a_large_change_is_asked_for_again_with_a_note(tmp_path: Path) -> None:
    run = await played(
        tmp_path, planned(["app/a.py"], 5), made("app/a.py", 99), made("app/a.py", 10)
    )
    await run.do(c.AnswerQuestion(asked(run).id, Choice.AGAIN, "ten lines do"))
    assert "ten lines do" in run.model.asked[-1].prompt
    assert [h.added for h in run.state.hunks] == [10]
    assert run.state.cursor is None


async def test_only_the_task_that_grew_is_asked_for_again(tmp_path: Path) -> None:
    tasks = [
        {"title": f"t{n}", "intent": "i", "files": [f"app/{n}.py"], "lines": 5} for n in range(2)
    ]
    plan = json.dumps({"summary": "s", "tasks": tasks})
    replies = made("app/0.py", 9), made("app/1.py", 99), made("app/1.py", 10)
    run = await played(tmp_path, plan, *replies)
    assert asked(run).task == "T2"
    await run.do(c.AnswerQuestion(asked(run).id, Choice.AGAIN, "ten lines do"))
    assert writers(run) == ["x/small"] * 3
    assert sorted((h.task, h.added) for h in run.state.hunks) == [("T1", 9), ("T2", 10)]
    assert run.state.cursor is None


async def test_asked_again_without_a_note_the_figures_are_the_note(tmp_path: Path) -> None:
    run = await played(
        tmp_path, planned(["app/a.py"], 5), made("app/a.py", 99), made("app/a.py", 10)
    )
    await run.do(c.AnswerQuestion(asked(run).id, Choice.AGAIN))
    assert "T1 changes 99 lines where its plan said 5" in run.model.asked[-1].prompt


async def test_rejecting_hunks_makes_a_change_small_enough(tmp_path: Path) -> None:
    both = made("app/a.py", 30) + made("app/b.py", 30)
    run = await played(tmp_path, planned(["app/a.py", "app/b.py"], 10), both)
    assert changed_lines(run.state, "T1") == 60
    [gone] = [h.id for h in run.state.hunks if h.path == "app/b.py"]
    await run.do(c.DecideHunk((gone,), HunkState.REJECTED), c.RunOn())
    assert (run.state.question, len(run.checker.ran)) == (None, 1)


async def test_another_large_change_asks_again(tmp_path: Path) -> None:
    run = await played(
        tmp_path, planned(["app/a.py"], 5), made("app/a.py", 99), made("app/a.py", 98)
    )
    await run.do(c.AnswerQuestion(asked(run).id, Choice.GO_ON))
    await run.do(c.RerunPhase(Phase.GENERATE, "shorter"), c.RunOn())
    assert "98 lines" in asked(run).text


async def test_new_test_failures_after_the_retry_go_one_step_up(tmp_path: Path) -> None:
    other = EDITS.replace("I add the flag.", "Again.")
    run = await played(tmp_path, PLAN, "No.", EDITS, other, outcomes=(Outcome.FAIL, Outcome.PASS))
    await run.do(c.RunOn())
    assert writers(run) == ["x/small", "x/small", "x/large"]
    assert run.state.phases[Phase.VERIFY].state is PhaseState.PASSED


async def test_a_critical_path_stops_before_any_check(tmp_path: Path) -> None:
    touched = "app/auth.py\n<<<<<<< SEARCH\n    return name\n=======\n    return name or None\n>>>>>>> REPLACE\n"
    run = await played(tmp_path, planned(["app/auth.py"]), touched)
    assert run.checker.ran == []
    assert "accept or reject 1 hunk of high risk first" in run.state.waiting


async def test_a_reviewer_who_rejects_stops_the_relay(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS, REJECTED, models={"verify": "x/reviewer"})
    assert run.state.cursor is Phase.REVIEW
    assert run.state.waiting == "the reviewer x/reviewer rejects the change: it is not loud enough"
    await run.do(c.RunOn())
    assert run.state.cursor is None


async def test_four_fifths_of_a_budget_stop_the_relay_once(tmp_path: Path) -> None:
    known = tuple(
        ModelInfo(f"x/{n}", 0.01, 0.01, None, "", True, "x", "") for n in ("planner", "small")
    )
    run = await played(tmp_path, PLAN, EDITS, budget=Budget(dollars=0.0012), known=known)
    assert run.told(e.BudgetNeared) == [e.BudgetNeared("$0.0012", "$0.0010")]
    assert run.state.cursor is Phase.GENERATE

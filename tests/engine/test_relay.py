import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.adapters.scripted import ScriptedChecker
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import Outcome
from core.domain.errors import FaultKind, ModelFault
from core.domain.goal import Budget, Scope
from core.domain.hunk import HunkState
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import PlanReceipt
from core.ports import ignore
from tests.playing import CHECK, EDITS, GREETING, PLAN, git, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"


async def test_six_phases_stage_hunks_and_write_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    assert [run.state.phases[p].state for p in Phase] == [PhaseState.PASSED] * 6
    assert [h.path for h in run.state.hunks] == [
        "app/greet.py",
        "app/greet.py",
        "tests/test_greet.py",
    ]
    assert {run.state.decision(h.id) for h in run.state.hunks} == {HunkState.PENDING}
    assert git(root, "status", "--porcelain") == ""


async def test_step_runs_exactly_one_phase(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.do(c.StartRun(GOAL))
    for done in range(1, 7):
        await run.do(c.Step())
        passed = [p for p in Phase if run.state.phases[p].state is PhaseState.PASSED]
        assert passed == list(Phase)[:done]


async def test_only_accepted_hunks_land_and_undo_restores_every_byte(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    first, second, third = run.state.hunks
    await run.do(
        c.DecideHunk((first.id, second.id), HunkState.ACCEPTED),
        c.DecideHunk((third.id,), HunkState.REJECTED),
    )
    await run.do(c.VerifyAccepted(), c.Land())
    changed = git(root, "diff")
    assert "+def greet(name, loud=False):" in changed
    assert "test_greet_loud" not in changed
    assert run.state.last_landing is not None and run.state.last_landing.verified
    await run.do(c.UndoLanding())
    assert git(root, "status", "--porcelain") == ""


async def test_landing_an_unchecked_subset_needs_the_word_unverified(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    await run.do(c.DecideHunk((run.state.hunks[0].id,), HunkState.ACCEPTED), c.Land())
    [refusal] = run.told(e.CommandRefused)
    assert "unverified" in refusal.reason  # type: ignore[attr-defined]
    assert git(root, "status", "--porcelain") == ""
    await run.do(c.Land(unverified=True))
    assert run.state.last_landing is not None and not run.state.last_landing.verified


async def test_a_decision_after_the_check_makes_it_unverified_again(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    a, b, _ = run.state.hunks
    await run.do(c.DecideHunk((a.id, b.id), HunkState.ACCEPTED), c.VerifyAccepted())
    assert run.state.is_verified
    await run.do(c.DecideHunk((b.id,), HunkState.REJECTED))
    assert not run.state.is_verified
    await run.do(c.DecideHunk((b.id,), HunkState.ACCEPTED))
    assert run.state.is_verified


async def test_syntax_alone_proves_nothing(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS, checks=()
    )
    await run.play(GOAL)
    await run.do(
        c.DecideHunk(tuple(h.id for h in run.state.hunks), HunkState.ACCEPTED),
        c.VerifyAccepted(),
        c.Land(),
    )
    assert run.state.last_landing is None
    assert "only syntax was checked" in (
        run.state.accepted_check.summary if run.state.accepted_check else ""
    )


async def test_a_file_that_changed_on_disk_stops_the_landing_and_keeps_decisions(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    await run.do(
        c.DecideHunk(tuple(h.id for h in run.state.hunks), HunkState.ACCEPTED), c.VerifyAccepted()
    )
    (root / "app/greet.py").write_text("def greet(name): return name\n")
    before = (root / "tests/test_greet.py").read_bytes()
    await run.do(c.Land())
    [refusal] = run.told(e.CommandRefused)
    assert refusal.reason.startswith("app/greet.py changed on disk")  # type: ignore[attr-defined]
    assert (root / "tests/test_greet.py").read_bytes() == before
    assert {run.state.decision(h.id) for h in run.state.hunks} == {HunkState.ACCEPTED}
    assert run.state.stale_paths == {"app/greet.py"}


async def test_a_phase_gets_one_retry_with_the_pass_rules_own_words(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", "I cannot", PLAN)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    assert "not the JSON object" in run.model.asked[1].prompt
    assert "I cannot" not in run.model.asked[1].prompt
    assert run.state.phases[Phase.PLAN].state is PhaseState.PASSED
    assert run.state.phases[Phase.PLAN].retries == 1


async def test_two_failures_ask_the_user_after_exactly_two_calls(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", "no", "no")
    await run.do(c.StartRun(GOAL), c.RunOn())
    assert run.state.phases[Phase.PLAN].state is PhaseState.FAILED
    assert len(run.model.asked) == 2


async def test_a_failed_check_sends_the_change_back_once_with_only_the_evidence(
    tmp_path: Path,
) -> None:
    checker = ScriptedChecker(Outcome.FAIL)
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        EDITS,
        checker=checker,
    )
    await run.play(GOAL)
    assert len(run.told(e.SentBack)) == 1
    third = run.model.asked[2].prompt
    assert "assert said fail" in third
    assert "I add the flag." not in third
    assert run.state.phases[Phase.VERIFY].state is PhaseState.PASSED
    assert run.state.phases[Phase.GENERATE].attempt == 2


async def test_a_failure_that_is_not_the_changes_asks_the_user_and_no_model(tmp_path: Path) -> None:
    checker = ScriptedChecker(Outcome.FAIL, blames=False)
    repository = make_repository(tmp_path / "r", GREETING)
    run = open_played(repository, tmp_path / "s", PLAN, EDITS, checker=checker)
    await run.play(GOAL)
    assert not run.told(e.SentBack)
    assert run.state.phases[Phase.VERIFY].state is PhaseState.FAILED
    assert len(run.model.asked) == 2


async def test_a_check_that_fails_twice_is_not_sent_back_again(tmp_path: Path) -> None:
    checker = ScriptedChecker(Outcome.FAIL, Outcome.FAIL)
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        EDITS,
        checker=checker,
    )
    await run.play(GOAL)
    assert run.state.phases[Phase.VERIFY].state is PhaseState.FAILED
    assert len(run.model.asked) == 3


async def test_a_check_runs_only_after_the_user_approved_it(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS, approved=False
    )
    await run.play(GOAL)
    assert run.checker.ran == []
    assert run.state.asked == (CHECK,)
    await run.do(c.ApproveCommand(CHECK.id), c.RunOn())
    assert [line for line, _ in run.checker.ran] == ["pytest -q"]
    assert CHECK.id in run.journal.approved()


async def test_a_refused_check_does_not_run_and_proves_nothing(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS, approved=False
    )
    await run.play(GOAL)
    await run.do(c.ApproveCommand(CHECK.id, granted=False), c.RunOn())
    assert run.checker.ran == []
    receipt = run.state.phases[Phase.VERIFY].receipt
    assert receipt is not None and "not allowed to run" in receipt.to_note()


async def test_edits_outside_the_tasks_files_are_refused(tmp_path: Path) -> None:
    stray = EDITS.replace("tests/test_greet.py\n<<<", "README.md\n<<<")
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, stray, stray)
    await run.play(GOAL)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.FAILED
    assert "README.md" in run.state.phases[Phase.GENERATE].reason
    assert run.state.files == ()


async def test_a_plan_outside_the_scope_is_not_passed(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, PLAN, scope=Scope(deny=("tests/**",)))
    await run.play(GOAL)
    assert "tests/test_greet.py, outside the scope" in run.state.phases[Phase.PLAN].reason


async def test_a_busy_provider_is_asked_again_twice_with_its_own_pause(tmp_path: Path) -> None:
    busy = ModelFault(FaultKind.RATE_LIMITED, "x/planner", "x/planner is busy.", retry_after=7.0)
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", busy, busy, PLAN)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    assert run.clock.slept == [7.0, 7.0]
    assert run.state.phases[Phase.PLAN].state is PhaseState.PASSED
    assert run.state.phases[Phase.PLAN].retries == 0


async def test_a_chain_falls_back_and_says_so(tmp_path: Path) -> None:
    down = ModelFault(FaultKind.AUTH, "x/planner", "The key of x/planner was refused.")
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        down,
        PLAN,
        models=routes(plan="x/planner,y/second"),
    )
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    assert [r.model for r in run.model.asked] == ["x/planner", "y/second"]
    assert run.state.phases[Phase.PLAN].model == "y/second"
    assert run.state.phases[Phase.PLAN].receipt.model == "y/second"  # type: ignore[union-attr]


async def test_a_pinned_model_is_never_replaced(tmp_path: Path) -> None:
    down = ModelFault(
        FaultKind.AUTH, "x/planner", "The key of x/planner was refused; set X_API_KEY."
    )
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", down)
    await run.do(c.StartRun(GOAL), c.RunOn())
    assert run.state.phases[Phase.PLAN].reason == "The key of x/planner was refused; set X_API_KEY."
    assert len(run.model.asked) == 1


async def test_a_run_goes_on_after_a_swap_of_model(tmp_path: Path) -> None:
    down = ModelFault(FaultKind.AUTH, "x/planner", "The key of x/planner was refused.")
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", down, PLAN, EDITS)
    await run.play(GOAL)
    await run.do(c.SwapModel(Phase.PLAN, "z/other"), c.RunOn())
    assert run.model.asked[1].model == "z/other"
    assert run.state.phases[Phase.PLAN].why == "keystroke"
    assert run.state.cursor is None


async def test_the_budget_stops_the_call_before_it_is_made(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        budget=Budget(dollars=0.001),
        known=tuple(
            ModelInfo(f"x/{n}", 0.01, 0.01, None, "", True, "x", "") for n in ("planner", "writer")
        ),
    )
    await run.play(GOAL)
    await run.do(c.RunOn())
    assert len(run.model.asked) == 1
    assert run.told(e.BudgetReached)
    assert run.state.phases[Phase.GENERATE].fault == "budget"


async def test_dropping_context_makes_the_plan_stale_and_restoring_it_revives_it(
    tmp_path: Path,
) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    item = run.state.items[0].id
    await run.do(c.DropContext(item))
    assert run.state.is_stale(Phase.PLAN) and run.state.cursor is Phase.PLAN
    await run.do(c.DropContext(item))
    assert run.state.cursor is None


async def test_dropped_context_is_sent_to_no_model(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN)
    await run.do(c.StartRun(GOAL), c.Step())
    docs = next(i for i in run.state.items if i.path == "README.md")
    await run.do(c.DropContext(docs.id), c.Step())
    assert "says hello" not in run.model.asked[0].prompt.replace("Say hello", "")


async def test_editing_the_plan_makes_generate_stale(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    receipt = run.state.phases[Phase.PLAN].receipt
    assert isinstance(receipt, PlanReceipt)
    await run.do(c.EditPlan((replace(receipt.tasks[0], intent="shout instead"),)))
    assert run.state.cursor is Phase.GENERATE
    assert not run.state.is_stale(Phase.PLAN)


async def test_decisions_are_carried_to_identical_hunks_of_a_rerun(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS, EDITS)
    await run.play(GOAL)
    chosen = run.state.hunks[0].id
    await run.do(
        c.DecideHunk((chosen,), HunkState.ACCEPTED),
        c.RerunPhase(Phase.GENERATE, "once more"),
        c.RunOn(),
    )
    assert run.state.decision(chosen) is HunkState.ACCEPTED
    assert "once more" in run.model.asked[2].prompt


async def test_every_command_gives_news(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s")
    for command in (
        c.Step(),
        c.Land(),
        c.UndoLanding(),
        c.Pause(),
        c.BackTo(),
        c.SplitHunk("x"),
        c.UndoDecision(),
    ):
        before = len(run.recorded)
        await run.do(command)
        assert len(run.recorded) > before, command
    assert all(isinstance(x, e.CommandRefused) and x.reason.endswith(".") for x in run.events)


async def test_no_prompt_holds_another_phases_raw_reply(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        '{"decision": "approve"}',
        "Let greet shout",
        models=routes(plan="x/p", generate="x/g", verify="x/v", summary="x/s"),
    )
    await run.play(GOAL)
    assert run.state.cursor is None
    for request in run.model.asked:
        assert '"tasks"' not in request.prompt or request.phase is Phase.PLAN
        assert "I add the flag." not in request.prompt or request.phase is Phase.REVIEW
        assert "<<<<<<< SEARCH\ndef greet" not in request.prompt


async def test_the_builtin_engine_is_not_asked_the_same_again(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        models=routes(plan="x/planner", generate="builtin/rewrite"),
        checker=ScriptedChecker(Outcome.FAIL),
    )
    await run.play(GOAL)
    assert run.state.phases[Phase.VERIFY].state is PhaseState.FAILED
    assert not run.told(e.SentBack)
    assert len(run.model.asked) == 2


async def test_a_swap_during_a_call_waits_for_the_next_one(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, PLAN)
    asked, answer = asyncio.Event(), asyncio.Event()
    plain = run.model.complete

    async def slow(request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        asked.set()
        await answer.wait()
        return await plain(request, on_text)

    run.model.complete = slow  # type: ignore[method-assign]
    await run.do(c.StartRun(GOAL), c.Step())
    await run.session.submit(c.Step())
    await asked.wait()
    await run.session.submit(c.SwapModel(Phase.PLAN, "z/other"))
    answer.set()
    await run.session.idle()
    assert [r.model for r in run.model.asked] == ["x/planner"]
    assert run.state.phases[Phase.PLAN].model == "x/planner"
    assert run.state.routes[Phase.PLAN].model == "z/other"
    await run.do(c.RerunPhase(Phase.PLAN, "again"))
    assert run.model.asked[1].model == "z/other"


@pytest.mark.parametrize(("wish", "then"), [(c.RunOn(), None), (c.Step(), Phase.REVIEW)])
async def test_the_answer_to_a_question_lets_the_run_go_on(
    tmp_path: Path, wish: c.Command, then: Phase | None
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, approved=False)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.APPLY), wish)
    assert run.state.asked == (CHECK,)
    await run.do(c.ApproveCommand(CHECK.id))
    assert [line for line, _ in run.checker.ran] == ["pytest -q"]
    assert run.state.cursor is then


async def test_a_plan_without_a_task_to_be_done_asks_no_model(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    out = tuple(replace(t, included=False) for t in run.state.tasks)
    await run.do(c.EditPlan(out), c.RunOn())
    assert [call.phase for call in run.model.asked] == [Phase.PLAN]
    assert "no task that is to be done" in run.state.phases[Phase.GENERATE].reason
    await run.do(c.EditPlan(()), c.RunOn())
    assert [call.phase for call in run.model.asked] == [Phase.PLAN]

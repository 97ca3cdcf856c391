"""What the relay does when steered against the grain: nothing stale lands, nothing is lost."""

from dataclasses import replace
from pathlib import Path

from core.adapters.journal import SqliteJournal
from core.adapters.scripted import ScriptedChecker
from core.domain import commands as c
from core.domain import events as e
from core.domain.check import Outcome
from core.domain.errors import FaultKind, ModelFault
from core.domain.hunk import HunkState
from core.domain.model import ModelInfo, ModelRequest
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import ContextReceipt, PlanReceipt
from core.engine.reduce import fold
from tests.playing import EDITS, GREETING, PLAN, Played, git, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"

TWO_TASKS = """{"tasks": [
 {"title": "one", "intent": "greet", "files": ["app/greet.py"]},
 {"title": "two", "intent": "test", "files": ["tests/test_greet.py"]}]}"""
FIRST, SECOND = (part for part in EDITS.split("tests/test_greet.py\n"))
SECOND = "tests/test_greet.py\n" + SECOND


def opened(tmp_path: Path, *lines: object, **more: object) -> Played:
    root = tmp_path / "r"
    if not root.exists():
        make_repository(root, GREETING)
    return open_played(root, tmp_path / "s", *lines, **more)  # type: ignore[arg-type]


def reasons(run: Played) -> str:
    return " ".join(x.reason for x in run.told(e.CommandRefused))  # type: ignore[attr-defined]


async def accept_all(run: Played) -> None:
    await run.do(c.DecideHunk(tuple(h.id for h in run.state.hunks), HunkState.ACCEPTED))


async def test_hunks_of_another_goal_do_not_land_until_it_is_restored(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    await accept_all(run)
    await run.do(c.VerifyAccepted(), c.SetGoal("something else"), c.Land(unverified=True))
    assert run.state.last_landing is None
    assert "made before the goal" in reasons(run)
    await run.do(c.SetGoal(GOAL), c.Land())
    assert run.state.last_landing is not None


async def test_skipping_the_phases_keeps_stale_hunks_on_the_users_word(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    await accept_all(run)
    await run.do(c.SetGoal("something else"))
    for phase in (Phase.RETRIEVE, Phase.PLAN, Phase.GENERATE, Phase.APPLY):
        await run.do(c.SkipPhase(phase))
    await run.do(c.Land(unverified=True))
    assert run.state.last_landing is not None


async def test_a_command_cannot_call_a_hunk_landed(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    a, b, _ = run.state.hunks
    await run.do(c.DecideHunk((b.id,), HunkState.LANDED))
    assert run.state.decision(b.id) is HunkState.PENDING
    await run.do(c.DecideHunk((a.id,), HunkState.ACCEPTED), c.Land(unverified=True))
    assert "loud else text" not in git(run.root, "diff")


async def test_after_undoing_what_hunks_were_placed_on_they_do_not_land(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, FIRST, FIRST.replace("def part", "def part"))
    await run.do(c.StartRun(GOAL), c.RunOn())
    first = run.state.hunks[0]
    await run.do(c.DecideHunk((first.id,), HunkState.ACCEPTED), c.Land(unverified=True))
    landed = (run.root / "app/greet.py").read_bytes()
    bye = 'app/greet.py\n<<<<<<< SEARCH\n    return f"Bye, {name}."\n=======\n    return "Bye"\n>>>>>>> REPLACE\n'
    run.model._lines[:] = [bye]
    await run.do(c.RerunPhase(Phase.GENERATE, "bye instead"), c.RunOn(), c.UndoLanding())
    assert (run.root / "app/greet.py").read_bytes() != landed
    await accept_all(run)
    await run.do(c.Land(unverified=True))
    assert git(run.root, "status", "--porcelain") == ""
    assert "changed on disk" in reasons(run)


async def test_a_skipped_plan_makes_one_task_of_the_goal(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN), c.BackTo(Phase.PLAN))
    await run.do(c.SkipPhase(Phase.PLAN), c.Step())
    assert "Add a loud flag" not in run.model.asked[1].prompt
    assert run.state.tasks == ()


async def test_an_edited_plan_is_not_planned_over_after_going_back(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN), c.BackTo(Phase.PLAN))
    task = replace(run.state.tasks[0], intent="shout")
    await run.do(c.EditPlan((task,)), c.Step())
    assert [r.phase for r in run.model.asked] == [Phase.PLAN, Phase.GENERATE]
    assert "shout" in run.model.asked[1].prompt


async def test_a_receipt_of_another_phase_replaces_nothing(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    await run.do(c.EditOutput(Phase.PLAN, ContextReceipt()), c.EditPlan(run.state.tasks))
    assert isinstance(run.state.phases[Phase.PLAN].receipt, PlanReceipt)
    assert "no receipt of plan" in reasons(run)


async def test_running_until_a_phase_that_has_passed_runs_nothing(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN), c.RunOn(Phase.PLAN))
    assert len(run.model.asked) == 1


async def test_a_task_edited_after_a_send_back_is_generated_again(tmp_path: Path) -> None:
    checker = ScriptedChecker(Outcome.FAIL)
    run = opened(tmp_path, TWO_TASKS, FIRST, SECOND, FIRST, SECOND, checker=checker)
    await run.do(c.StartRun(GOAL), c.RunOn())
    one, two = run.state.tasks
    before = len(run.model.asked)
    run.model._lines[:] = [SECOND]
    await run.do(c.EditPlan((one, replace(two, intent="another test"))), c.RunOn())
    assert [r.task.id for r in run.model.asked[before:] if r.task] == ["T2"]
    assert "another test" in run.model.asked[-1].prompt


async def test_a_task_that_failed_does_not_cost_the_finished_ones_again(tmp_path: Path) -> None:
    run = opened(tmp_path, TWO_TASKS, FIRST, "no", "no", SECOND)
    await run.play(GOAL)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.FAILED
    await run.do(c.RunOn())
    assert [r.task.id for r in run.model.asked if r.task] == ["T1", "T1", "T2", "T2", "T2"]
    assert len(run.state.hunks) == 3


async def test_a_swap_after_a_fault_does_not_buy_finished_tasks_again(tmp_path: Path) -> None:
    down = ModelFault(FaultKind.AUTH, "x/writer", "The key of x/writer was refused.")
    run = opened(tmp_path, TWO_TASKS, FIRST, down, SECOND)
    await run.play(GOAL)
    await run.do(c.SwapModel(Phase.GENERATE, "y/other"), c.RunOn())
    asked = [(r.task.id, r.model) for r in run.model.asked if r.task and r.phase is Phase.GENERATE]
    assert asked == [("T1", "x/writer"), ("T2", "x/writer"), ("T2", "y/other")]
    assert run.state.cursor is None


async def test_a_fallbacks_reply_is_not_bought_again_after_a_crash(tmp_path: Path) -> None:
    down = ModelFault(FaultKind.AUTH, "x/a", "The key of x/a was refused.")
    ways = routes(plan="x/a,y/b", generate="x/w")
    run = opened(tmp_path, down, PLAN, models=ways)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.RETRIEVE), c.Step())
    rows = [r for r in run.journal.read("run1") if not isinstance(r.event, e.PhasePassed)]
    state = [r.seq for r in rows if isinstance(r.event, e.ModelReplied)]
    run.journal._database.execute("DELETE FROM event WHERE seq > ?", (state[-1],))
    again = opened(tmp_path, models=ways, journal=run.journal)
    again.session.resume()
    await again.do(c.Step())
    assert again.model.asked == []
    assert again.state.phases[Phase.PLAN].state is PhaseState.PASSED


class FullDisk(SqliteJournal):
    """Refuses to write while `full`."""

    full = False

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        if self.full:
            self._database.execute("PRAGMA max_page_count=1")
        try:
            super()._write(statement, values)
        finally:
            self._database.execute("PRAGMA max_page_count=1073741823")


async def test_a_reply_that_could_not_be_journaled_is_not_bought_again(tmp_path: Path) -> None:
    journal = FullDisk(tmp_path / "j.sqlite")

    def fill(_request: ModelRequest) -> str:
        journal.full = True
        return PLAN.replace("Let greet shout", "Let greet shout " + "loudly " * 900)

    run = opened(tmp_path, fill, journal=journal)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.RETRIEVE), c.Step())
    assert run.state.phases[Phase.PLAN].state is not PhaseState.PASSED
    journal.full = False
    await run.do(c.Step())
    assert run.state.phases[Phase.PLAN].state is PhaseState.PASSED
    assert len(run.model.asked) == 1
    assert fold(journal.read("run1")).phases == run.state.phases


async def test_a_context_too_large_for_the_window_is_trimmed_once_and_told(tmp_path: Path) -> None:
    many = {f"app/g{n}.py": f"def greet_{n}(flag): return 'loud {n}'\n" * 30 for n in range(8)}
    root = make_repository(tmp_path / "r", GREETING | many)
    small = ModelInfo("x/planner", 1.0, 1.0, 5_200, "", True)
    run = open_played(root, tmp_path / "s", PLAN, known=(small,))
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.PLAN))
    told = [x.text for x in run.told(e.NoticeGiven)]  # type: ignore[attr-defined]
    [request] = run.model.asked
    assert any("were left out" in text for text in told)
    assert len(request.prompt) / 3.3 < 1_200
    assert run.state.context[0].id.partition(":")[0] in request.prompt


async def test_a_window_too_small_for_anything_is_told_without_a_call(tmp_path: Path) -> None:
    small = ModelInfo("x/planner", 1.0, 1.0, 4_100, "", True)
    run = opened(tmp_path, known=(small,))
    await run.play(GOAL)
    assert "do not fit the 4,100" in run.state.phases[Phase.PLAN].reason
    assert run.model.asked == []


async def test_cancelling_a_landing_lets_it_finish_and_tells(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    await accept_all(run)
    news = run.session.events()
    await run.session.submit(c.Land(unverified=True))
    async for told in news:
        if isinstance(told.event, e.LandingIntended):
            break
    await run.do(c.CancelCall())
    assert run.state.intent is None
    assert run.state.last_landing is not None
    await run.do(c.UndoLanding())
    assert git(run.root, "status", "--porcelain") == ""


async def test_a_cancelled_check_is_told(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    await accept_all(run)
    before = len(run.recorded)
    await run.session.submit(c.VerifyAccepted())
    await run.do(c.CancelCall())
    assert len(run.recorded) > before


async def test_taking_a_decision_back_survives_a_split(tmp_path: Path) -> None:
    run = opened(tmp_path, PLAN, EDITS)
    await run.play(GOAL)
    a, b, _ = run.state.hunks
    await run.do(c.DecideHunk((a.id,), HunkState.ACCEPTED), c.SplitHunk(b.id), c.UndoDecision())
    assert run.state.decision(a.id) is HunkState.PENDING


async def test_a_model_never_gets_a_key_file_by_failing_to_edit_it(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING | {".env": "API_KEY=swordfish-of-the-seas\n"})
    bad = EDITS + "\n.env\n<<<<<<< SEARCH\nAPI_KEY=swordfish\nb\n=======\nx\n>>>>>>> REPLACE\n"
    plan = PLAN.replace('"tests/test_greet.py"]', '"tests/test_greet.py", ".env"]')
    ways = routes(plan="x/p", generate="x/g", apply="x/a")
    run = open_played(root, tmp_path / "s", plan, bad, bad, models=ways)
    await run.play(GOAL)
    assert not any("of-the-seas" in r.prompt for r in run.model.asked)
    assert any("key file" in r.reason for r in run.state.refusals)
    assert run.state.phases[Phase.APPLY].state is PhaseState.PASSED


async def test_a_model_does_not_read_what_git_ignores(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING | {".gitignore": "local.py\n"})
    (root / "local.py").write_text("HIDDEN = 'harpsichord'\n")
    run = open_played(root, tmp_path / "s", PLAN, "NEED local.py", EDITS)
    await run.play(GOAL)
    assert len(run.model.asked) == 3
    assert not any("harpsichord" in r.prompt for r in run.model.asked)


async def test_a_file_that_was_never_shown_is_not_edited(tmp_path: Path) -> None:
    files = GREETING | {"other/zebra.py": "stripes = 1\nhooves = 4\n"}
    root = make_repository(tmp_path / "r", files)
    blind = (
        EDITS
        + "\nother/zebra.py\n<<<<<<< SEARCH\nstripes = 1\n=======\nstripes = 2\n>>>>>>> REPLACE\n"
    )
    plan = PLAN.replace('"tests/test_greet.py"]', '"tests/test_greet.py", "other/**"]')
    run = open_played(root, tmp_path / "s", plan, blind, blind)
    await run.play(GOAL)
    assert "other/zebra.py" not in {h.path for h in run.state.hunks}
    assert "never shown" in run.state.refusals[0].reason


async def test_no_prompt_holds_the_middle_of_a_private_key(tmp_path: Path) -> None:
    body = "\n".join(f"{n:02d}" + "Zm9vYmFy" * 7 for n in range(40))
    pem = f'"""greet"""\nKEY = """-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"""\ndef greet_loud(greet): return greet\n'
    root = make_repository(tmp_path / "r", GREETING | {"app/greet_key.py": pem})
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    assert not any("Zm9vYmFy" in r.prompt for r in run.model.asked)


async def test_two_writers_of_one_run_are_told_apart_from_a_full_disk(tmp_path: Path) -> None:
    first = opened(tmp_path, PLAN)
    await first.do(c.StartRun(GOAL))
    second = opened(tmp_path, PLAN, journal=SqliteJournal(first.journal.path))
    second.session.resume()
    await first.do(c.AddNote("mine"))
    await second.do(c.AddNote("theirs"))
    assert "open in another Relaypair" in reasons(first)
    assert second.state.notes == ("theirs",)

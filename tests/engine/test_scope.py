"""What a task may do to which path: held against its reply, when staged, and at every landing."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.adapters.scripted import Line
from core.codec import event_from_json
from core.domain import commands as c
from core.domain import events as e
from core.domain.goal import Scope
from core.domain.hunk import HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice, Question
from core.domain.receipt import PlanReceipt
from core.domain.task import TaskSpec, Touch, Touched
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"
FILES = {**GREETING, "vendor/lib/a.py": "one = 1\n", "app/.env": "KEY=1\n"}
README = "README.md\n<<<<<<< SEARCH\n`greet(name)` says hello.\n=======\n`greet(name, loud=False)` says hello.\n>>>>>>> REPLACE\n"
MADE = "app/loud.py\n<<<<<<< SEARCH\n=======\nLOUD = True\n>>>>>>> REPLACE\n"
GONE = "*** Delete File: README.md\n"
MOVED = "*** Rename File: README.md -> docs/index.md\n"
VENDORED = "vendor/lib/a.py\n<<<<<<< SEARCH\none = 1\n=======\none = 2\n>>>>>>> REPLACE\n"


def planned(*tasks: dict[str, object]) -> str:
    common = {"title": "Add a flag", "intent": "as asked", "acceptance": ["done"]}
    return json.dumps({"summary": "One.", "tasks": [{**common, **task} for task in tasks]})


def again(reply: str) -> str:
    return reply.replace("I add the flag.", "Another try.")


async def played(folder: Path, *lines: Line, scope: Scope | None = None, **models: str) -> Played:
    served = {"plan": "x/planner", "generate": "x/writer", **models}
    run = open_played(
        make_repository(folder / "r", FILES),
        folder / "s",
        *lines,
        models=routes(**served),
        scope=scope,
    )
    await run.play(GOAL)
    return run


def asked(run: Played) -> Question:
    assert run.state.question is not None, run.names()
    return run.state.question


def calls(run: Played) -> int:
    return sum(request.phase is Phase.GENERATE for request in run.model.asked)


async def answer(run: Played, choice: Choice, note: str = "") -> None:
    await run.do(c.AnswerQuestion(asked(run).id, choice, note))


def paths(run: Played) -> set[str]:
    return {hunk.path for hunk in run.state.hunks}


async def test_a_reply_outside_its_scope_is_asked_for_once_more_with_the_rule(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, PLAN, EDITS + README, EDITS)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED
    [told] = run.told(e.PhaseRetried)
    assert isinstance(told, e.PhaseRetried)
    assert told.reason == "edits outside the scope of T1: README.md is not among its files"
    assert told.reason in run.model.asked[-1].prompt
    assert run.told(e.QuestionAsked) == []


async def test_the_second_time_the_relay_stops_and_asks_and_climbs_nowhere(tmp_path: Path) -> None:
    run = await played(
        tmp_path, PLAN, EDITS + README, again(EDITS) + README, generate="x/small > x/large"
    )
    assert [r.model for r in run.model.asked[1:]] == ["x/small", "x/small"]
    assert asked(run).choices == (Choice.WIDEN, Choice.DROP, Choice.REFUSE)
    assert asked(run).text == "edits outside the scope of T1: README.md is not among its files"
    assert run.state.waiting == asked(run).text
    assert run.told(e.PhaseEscalated) == []
    await run.do(c.RunOn(), c.Step())
    assert calls(run) == 2
    assert run.state.waiting == asked(run).text


async def test_widening_uses_the_kept_reply_and_allows_exactly_its_paths(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS + README, again(EDITS) + README)
    await answer(run, Choice.WIDEN)
    assert calls(run) == 2
    assert paths(run) == {"app/greet.py", "tests/test_greet.py", "README.md"}
    assert run.state.tasks[0].widened == (Touched("README.md", Touch.CHANGE),)
    assert run.state.tasks[0].files == ("app/greet.py", "tests/test_greet.py")
    assert run.state.cursor is None
    assert {h.model for h in run.state.hunks} == {"x/writer"}


async def test_a_file_that_the_task_is_widened_by_need_not_have_been_shown(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", FILES), tmp_path / "s", PLAN, EDITS + README, EDITS + README
    )
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.RETRIEVE))
    for item in run.state.items:
        if item.path == "README.md":
            await run.do(c.DropContext(item.id))
    await run.do(c.RunOn())
    assert "says hello" not in run.model.asked[-1].prompt.partition("Write each edit")[0]
    await answer(run, Choice.WIDEN)
    assert calls(run) == 2
    assert "README.md" in paths(run)


async def test_dropping_goes_on_with_the_rest_of_the_kept_reply(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS + README, again(EDITS) + README)
    await answer(run, Choice.DROP)
    assert calls(run) == 2
    assert paths(run) == {"app/greet.py", "tests/test_greet.py"}
    [refusal] = run.state.refusals
    assert (refusal.path, refusal.is_harmless) == ("README.md", True)
    assert "left out by you" in refusal.reason
    assert run.state.tasks[0].widened == ()
    receipt = run.state.phases[Phase.APPLY].receipt
    assert receipt is not None
    assert receipt.did == ("placed 3 hunks in 2 files", "1 edit left out by you")


async def test_rejecting_leaves_the_usual_choices(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS + README, again(EDITS) + README, EDITS)
    await answer(run, Choice.REFUSE)
    assert (calls(run), run.state.question) == (2, None)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.FAILED
    await run.do(c.RunOn())
    assert calls(run) == 3
    assert run.state.cursor is None


async def test_a_note_instead_of_an_answer_asks_the_model_again(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS + README, again(EDITS) + README, EDITS)
    await run.do(c.RerunPhase(Phase.GENERATE, "only the code"))
    assert (calls(run), run.state.question) == (3, None)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.PASSED


async def test_a_question_survives_the_end_of_the_program(tmp_path: Path) -> None:
    run = await taken_up(tmp_path)
    assert asked(run).choices == (Choice.WIDEN, Choice.DROP, Choice.REFUSE)
    await answer(run, Choice.WIDEN)
    await run.do(c.RunOn())
    assert "README.md" in paths(run)


async def test_other_tasks_keep_what_they_have_and_what_is_left_is_asked_for(
    tmp_path: Path,
) -> None:
    greet, test = EDITS.split("\ntests/test_greet.py\n")
    plan = planned(
        {"files": ["app/greet.py"]}, {"files": ["tests/test_greet.py"]}, {"files": ["README.md"]}
    )
    second = "tests/test_greet.py\n" + test
    run = await played(tmp_path, plan, greet, second + README, "No.\n" + second + README, README)
    assert [r.task.id for r in run.model.asked[1:] if r.task] == ["T1", "T2", "T2"]
    await answer(run, Choice.DROP)
    assert [r.task.id for r in run.model.asked[1:] if r.task] == ["T1", "T2", "T2", "T3"]
    assert {h.task for h in run.state.hunks} == {"T1", "T2", "T3"}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (VENDORED, "vendor/lib/a.py is never edited"),
        ("app/.env\n```\nKEY=2\n```\n", "app/.env is named like a key file"),
        (README, "README.md is outside the scope of the goal"),
    ],
)
async def test_what_is_forbidden_is_not_to_be_widened(tmp_path: Path, reply: str, why: str) -> None:
    scope = Scope(deny=("README.md",))
    run = await played(tmp_path, PLAN, EDITS + reply, again(EDITS) + reply, scope=scope)
    assert why in asked(run).text
    assert asked(run).choices == (Choice.DROP, Choice.REFUSE)
    refused: list[e.CommandRefused] = []
    await answer(run, Choice.WIDEN)
    refused += [x for x in run.events if isinstance(x, e.CommandRefused)]
    assert refused[-1].reason == "widen is no answer to this question; it is drop, refuse."
    assert run.state.tasks[0].widened == ()


async def test_where_every_edit_is_outside_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, README, "Again.\n" + README)
    assert asked(run).choices == (Choice.WIDEN, Choice.REFUSE)


@pytest.mark.parametrize(
    ("task", "reply", "why"),
    [
        ({"files": ["app/*.py"]}, MADE, "it may not create app/loud.py"),
        ({"files": ["app"]}, MADE, "it may not create app/loud.py"),
        ({"files": ["app/*.py"], "may_create": ["app/l*.py"]}, MADE, ""),
        ({"files": ["app/greet.py", "app/loud.py"]}, MADE, ""),
        ({"files": ["README.md"], "may_delete": []}, GONE, "it may not delete or move README.md"),
        ({"files": ["README.md"]}, GONE, ""),
        ({"files": ["*.md"]}, GONE, "it may not delete or move README.md"),
        ({"files": ["*.md"], "may_delete": ["*.md"]}, GONE, ""),
        ({"files": ["README.md"], "may_delete": ["README.md"]}, MOVED, "not create docs/index.md"),
        ({"files": ["README.md", "docs/index.md"], "may_delete": ["README.md"]}, MOVED, ""),
    ],
)
async def test_creating_and_deleting_want_a_word_of_the_plan_or_the_name_in_full(
    tmp_path: Path, task: dict[str, object], reply: str, why: str
) -> None:
    run = await played(tmp_path, planned(task), reply, "Again.\n" + reply)
    question = run.state.question
    assert (why in question.text) if why and question else (question is None and not why)


async def test_a_widened_task_may_create_what_it_was_widened_by(tmp_path: Path) -> None:
    plan = planned({"files": ["app/g*.py"]})
    greet = EDITS.split("\ntests/test_greet.py\n")[0] + "\n"
    run = await played(tmp_path, plan, greet + MADE, again(greet) + MADE)
    await answer(run, Choice.WIDEN)
    assert run.state.tasks[0].widened == (Touched("app/loud.py", Touch.CREATE),)
    ids = tuple(h.id for h in run.state.hunks)
    await run.do(c.DecideHunk(ids, HunkState.ACCEPTED), c.Land(unverified=True))
    assert (run.root / "app/loud.py").read_text() == "LOUD = True\n"


async def test_what_a_task_does_not_read_its_worker_is_not_shown(tmp_path: Path) -> None:
    need = "NEED README.md:1-3\n"
    prompts: list[Sequence[str]] = []
    for number, reads in enumerate((["**"], ["app/**"])):
        plan = planned({"files": ["app/greet.py", "tests/test_greet.py"], "reads": reads})
        run = await played(tmp_path / str(number), plan, need, EDITS)
        prompts.append([r.prompt for r in run.model.asked if r.phase is Phase.GENERATE])
    assert "# Greetings" in prompts[0][1]
    assert all("# Greetings" not in prompt for prompt in prompts[1])
    assert "def greet" in prompts[1][0]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"may_create": ["../x.py"]}, "T1 names '../x.py', which leads out of the repository"),
        ({"may_delete": ["docs/a.md"]}, "T1 touches docs/a.md, outside the scope"),
        ({"reads": ["/etc/**"]}, "T1 names '/etc/**', which is absolute"),
        ({"lines": 0}, "T1 estimates 0 lines; 1 to 5,000 make a task"),
        ({"lines": 5_001}, "T1 estimates 5001 lines; 1 to 5,000 make a task"),
    ],
)
async def test_a_plan_with_a_scope_that_cannot_be_is_asked_for_again(
    tmp_path: Path, wrong: dict[str, object], why: str
) -> None:
    plan = planned({"files": ["app/greet.py", "tests/test_greet.py"], **wrong})
    run = await played(tmp_path, plan, PLAN, EDITS, scope=Scope(deny=("docs/**",)))
    [told] = run.told(e.PhaseRetried)
    assert isinstance(told, e.PhaseRetried)
    assert told.reason == why


async def test_staging_holds_edits_against_a_plan_that_was_narrowed_after_them(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path, PLAN, EDITS, EDITS.split("\ntests/test_greet.py\n")[0] + "\n")
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert receipt is not None
    tasks = tuple(replace(t, files=("app/greet.py",)) for t in run.state.tasks)
    await run.do(c.EditPlan(tasks), c.EditOutput(Phase.GENERATE, receipt), c.RunOn(Phase.APPLY))
    [back] = run.told(e.SentBack)
    assert isinstance(back, e.SentBack)
    assert "outside the scope of the task: tests/test_greet.py is not among its" in back.reason


def test_a_task_of_an_older_journal_has_the_defaults() -> None:
    old = (
        '{"type": "PhasePassed", "phase": "plan", "input_key": "k", "seconds": 1.0, "receipt": '
        '{"kind": "plan", "tasks": [{"id": "T1", "title": "a", "intent": "b", "files": ["c"]}]}}'
    )
    event = event_from_json(old)
    assert isinstance(event, e.PhasePassed)
    assert isinstance(event.receipt, PlanReceipt)
    [task] = event.receipt.tasks
    assert task == TaskSpec("T1", "a", "b", ("c",))
    assert (task.may_delete, task.reads, task.widened) == (None, ("**",), ())


async def test_a_plan_that_says_nothing_of_it_has_the_defaults(tmp_path: Path) -> None:
    [task] = (await played(tmp_path, PLAN, EDITS)).state.tasks
    assert (task.may_create, task.may_delete, task.reads, task.lines) == ((), None, ("**",), 0)


async def landed(run: Played, folder: Path, *by_hand: e.Event) -> tuple[str, Played]:
    """Land everything after events were written into the journal by hand; why it was refused."""
    ids = tuple(h.id for h in run.state.hunks)
    await run.do(c.DecideHunk(ids, HunkState.ACCEPTED))
    seq = run.state.last_seq
    for number, event in enumerate(by_hand, seq + 1):
        run.journal.append(e.Recorded(number, 0.0, run.state.run_id, event))
    await run.session.close()
    later = open_played(run.root, folder / "s", models=routes(plan="x/planner"))
    later.session.resume()
    await later.do(c.Land(unverified=True))
    refused = [x.reason for x in later.events if isinstance(x, e.CommandRefused)]
    return (refused[-1] if refused else ""), later


def narrower(run: Played, **changes: object) -> tuple[e.Event, ...]:
    """The plan with other tasks under hunks that are kept as they are."""
    plan = run.state.phases[Phase.PLAN].receipt
    assert isinstance(plan, PlanReceipt)
    tasks = tuple(replace(t, **changes) for t in plan.tasks)  # type: ignore[arg-type]
    skipped = (e.PhaseSkipped(p, "kept as it is") for p in (Phase.GENERATE, Phase.APPLY))
    return (e.OutputEdited(Phase.PLAN, replace(plan, tasks=tasks)), *skipped)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            ("app/greet.py",),
            "README.md is not among its files (T1), so nothing was landed: n rejects its hunks.",
        ),
        (("app/greet.py", "README.md"), ""),
    ],
)
async def test_landing_holds_every_hunk_against_its_task_again(
    tmp_path: Path, files: tuple[str, ...], why: str
) -> None:
    plan = planned({"files": ["app/greet.py", "README.md"]})
    greet = EDITS.split("\ntests/test_greet.py\n")[0] + "\n"
    run = await played(tmp_path, plan, greet + README)
    told, _ = await landed(run, tmp_path, *narrower(run, files=files))
    assert told == why
    assert ("loud" in (run.root / "app/greet.py").read_text()) is not bool(why)


async def test_landing_holds_every_hunk_against_the_goal_again(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS)
    goal = replace(run.state.goal, scope=Scope(deny=("tests/**",)))
    told, _ = await landed(run, tmp_path, e.GoalChanged(goal))
    assert told == (
        "tests/test_greet.py is outside the scope of the goal (T1), so nothing was landed: "
        "n rejects its hunks."
    )
    assert "loud" not in (run.root / "app/greet.py").read_text()


@pytest.mark.parametrize(
    ("reply", "changes", "why"),
    [
        (MADE, {"files": ("app/*",)}, "it may not create app/loud.py (T1)"),
        (GONE, {"may_delete": ()}, "it may not delete or move README.md (T1)"),
        (MOVED, {"files": ("README.md",)}, "it may not create docs/index.md (T1)"),
        (MOVED, {"may_delete": ()}, "it may not delete or move README.md (T1)"),
    ],
)
async def test_landing_creates_and_deletes_only_what_the_task_may(
    tmp_path: Path, reply: str, changes: dict[str, object], why: str
) -> None:
    plan = planned({"files": ["README.md", "docs/index.md", "app/loud.py"]})
    run = await played(tmp_path, plan, reply)
    told, _ = await landed(run, tmp_path, *narrower(run, **changes))
    assert told.startswith(why)
    assert (run.root / "README.md").exists()
    assert not (run.root / "app/loud.py").exists()


async def taken_up(folder: Path, *lines: Line) -> Played:
    """A run that was left at its question, taken up by another program."""
    first = await played(folder, PLAN, EDITS + README, again(EDITS) + README)
    await first.session.close()
    run = open_played(
        first.root, folder / "s", *lines, models=routes(plan="x/p", generate="x/writer")
    )
    run.session.resume()
    return run


async def test_the_kept_reply_is_not_used_for_a_task_that_has_changed(tmp_path: Path) -> None:
    run = await taken_up(tmp_path, EDITS)
    await answer(run, Choice.WIDEN)
    assert run.state.waiting == "apply is next"
    await run.do(c.EditPlan(tuple(replace(t, intent="otherwise") for t in run.state.tasks)))
    await run.do(c.RunOn())
    assert calls(run) == 1
    assert paths(run) == {"app/greet.py", "tests/test_greet.py"}


async def test_the_kept_reply_is_not_used_where_the_user_wants_another(tmp_path: Path) -> None:
    run = await taken_up(tmp_path, EDITS.replace("text.upper()", "text.upper().strip()"))
    await answer(run, Choice.WIDEN)
    await run.do(c.RerunPhase(Phase.GENERATE))
    assert calls(run) == 1

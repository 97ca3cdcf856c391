"""A reply that corrects one which was sent back: files it says nothing of keep their edits."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.adapters.scripted import Line, ScriptedChecker
from core.domain.check import Outcome
from core.domain.commands import (
    AnswerQuestion,
    DecideHunk,
    EditHunk,
    RunOn,
    StartRun,
    Step,
    SwapModel,
)
from core.domain.hunk import HunkState
from core.domain.model import ModelRequest
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from core.domain.receipt import ApplyReceipt, GenerateReceipt
from core.domain.route import BUILTIN
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GREET, TEST = (part + "\n" for part in EDITS.split("\ntests/test_greet.py\n"))
TEST = f"tests/test_greet.py\n{TEST}"
LOUDER = """\
The test was wrong.

tests/test_greet.py
<<<<<<< SEARCH
def test_greet():
    assert greet("Ada") == "Hello, Ada!"
=======
def test_greet():
    assert greet("Ada", loud=True) == "HELLO, ADA!"
>>>>>>> REPLACE
"""
GOAL = StartRun("greet(name) in app/greet.py can be loud")


async def sent_back(
    folder: Path,
    *lines: Line,
    failures: int = 1,
    plan: str = PLAN,
    files: Mapping[str, str] = GREETING,
) -> Played:
    """A run whose check fails so often; generate's replies are `lines`."""
    run = open_played(
        make_repository(folder / "r", files),
        folder / "s",
        plan,
        *lines,
        checker=ScriptedChecker(*[Outcome.FAIL] * failures, Outcome.PASS),
        models=routes(plan="x/planner", generate="x/writer > x/stronger"),
    )
    await run.do(GOAL, RunOn(Phase.VERIFY))
    return run


def result(run: Played) -> dict[str, str]:
    """The lines that each file would gain."""
    return {
        file.path: "\n".join(
            line for hunk in file.hunks for mark, line in hunk.rows() if mark == "+"
        )
        for file in run.state.files
    }


async def test_files_that_a_correction_says_nothing_of_keep_their_edits(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, LOUDER)
    assert run.state.phases[Phase.VERIFY].state is PhaseState.PASSED
    assert "loud=False" in result(run)["app/greet.py"]
    assert "test_greet_loud" not in result(run)["tests/test_greet.py"]
    prompt = run.model.asked[-1].prompt
    assert "Files that\nyou say nothing of keep their earlier edits" in prompt
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    assert "edits of the attempt before stay in app/greet.py" in receipt.did
    assert receipt.outputs[0].files == ("tests/test_greet.py", "app/greet.py")


async def test_a_correction_of_all_files_keeps_nothing(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, GREET + LOUDER)
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt) and receipt.outputs[0].kept == ()
    assert "HELLO" in result(run)["tests/test_greet.py"]


async def test_a_file_s_edits_can_be_taken_back(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, f"DROP tests/test_greet.py\n\n{GREET}")
    assert list(result(run)) == ["app/greet.py"]


async def test_each_file_keeps_the_edits_that_it_had_last(tmp_path: Path) -> None:
    quieter = GREET.replace("loud=False", "loud=None")
    run = await sent_back(tmp_path, EDITS, LOUDER, quieter, failures=2)
    assert [call.model for call in run.model.asked][-1] == "x/stronger"
    assert "loud=None" in result(run)["app/greet.py"]
    assert 'loud=True) == "HELLO, ADA!"' in result(run)["tests/test_greet.py"]


async def test_edits_that_found_their_place_stay_when_others_did_not(tmp_path: Path) -> None:
    wrong = LOUDER.replace("def test_greet", "def test_of_another_file")
    run = await sent_back(tmp_path, GREET + wrong, LOUDER, failures=0)
    prompt = run.model.asked[-1].prompt
    assert "Your earlier reply edited app/greet.py, tests/test_greet.py." in prompt
    assert "loud=False" in result(run)["app/greet.py"]
    assert "HELLO" in result(run)["tests/test_greet.py"]


async def test_words_of_a_file_s_text_take_nothing_back(tmp_path: Path) -> None:
    noted = LOUDER.replace(
        'def test_greet():\n    assert greet("Ada", l',
        'DROP = 1\n# DROP app/greet.py\n\n\ndef test_greet():\n    assert greet("Ada", l',
    )
    run = await sent_back(tmp_path, EDITS, noted.replace("# DROP", "DROP"))
    assert "loud=False" in result(run)["app/greet.py"]


def plan_of(*files: str) -> str:
    task = {"title": "t", "intent": "i", "files": files, "acceptance": ["x"]}
    return json.dumps({"summary": "s", "tasks": [task]})


def asked(run: Played) -> list[ModelRequest]:
    """What generate's models were asked."""
    return [request for request in run.model.asked if request.phase is Phase.GENERATE]


def did(run: Played) -> tuple[str, ...]:
    receipt = run.state.phases[Phase.GENERATE].receipt
    return receipt.did if receipt else ()


def refusals(run: Played) -> list[str]:
    receipt = run.state.phases[Phase.APPLY].receipt
    assert isinstance(receipt, ApplyReceipt)
    return [refusal.reason for refusal in receipt.refusals]


@pytest.mark.parametrize(
    "path", ["tests/test_greet.py", "./tests/test_greet.py", "`tests/test_greet.py`"]
)
async def test_a_correction_may_do_no_more_than_take_edits_back(tmp_path: Path, path: str) -> None:
    run = await sent_back(tmp_path, EDITS, f"The test is not needed.\n\nDROP {path}\n")
    assert list(result(run)) == ["app/greet.py"]
    assert len(asked(run)) == 2
    assert "edits of the attempt before are taken back in tests/test_greet.py" in did(run)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("DROP tests/test_greet.py\nDROP app/greet.py", "nothing is left of the edits"),
        ("DROP of the test\nDROP elsewhere.py", "no edit blocks in the reply"),
        ("<think>Perhaps\nDROP tests/test_greet.py", "the reply ends inside its thoughts"),
        ('DROP tests/test_greet.py\n\n[{"path": "app/greet.py", "old', "no edit blocks in the"),
    ],
)
async def test_a_correction_that_leaves_no_edit_or_all_of_them_does_not_pass(
    tmp_path: Path, said: str, why: str
) -> None:
    run = await sent_back(tmp_path, EDITS, said, LOUDER)
    assert f"Your last reply was not accepted: {why}" in asked(run)[-1].prompt
    assert "loud=False" in result(run)["app/greet.py"]


QUERY = "create x;\nDROP app/greet.py\nselect 1;\n"
PATCH = """\
--- a/query.sql
+++ b/query.sql
@@ -1,3 +1,4 @@
 create x;
 DROP app/greet.py
+select 2;
 select 1;
"""


@pytest.mark.parametrize(
    "reply", [f"<think>Perhaps\nDROP app/greet.py\nNo.</think>\n{LOUDER}", PATCH]
)
async def test_words_of_a_thought_or_a_diff_take_nothing_back(tmp_path: Path, reply: str) -> None:
    files, plan = {**GREETING, "query.sql": QUERY}, plan_of("app/*", "tests/*", "query.sql")
    run = await sent_back(tmp_path, EDITS, reply, plan=plan, files=files)
    assert "loud=False" in result(run)["app/greet.py"]
    assert ("query.sql" in result(run)) == (reply == PATCH)


MOVED = GREET.replace("app/greet.py", "app/hello.py")
MOVE = f"*** Rename File: app/greet.py -> app/hello.py\n\n{MOVED}"
BOTH = plan_of("app/greet.py", "app/hello.py", "tests/test_greet.py")


async def test_a_move_stays_with_the_edits_of_what_it_moves(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, MOVE + TEST, LOUDER, plan=BOTH)
    moved = {file.path: file.source for file in run.state.files}
    assert moved == {"app/hello.py": "app/greet.py", "tests/test_greet.py": ""}
    assert "loud=False" in result(run)["app/hello.py"]


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        (GREET, ["app/greet.py", "tests/test_greet.py"]),
        (f"DROP app/greet.py\n\n{LOUDER}", ["tests/test_greet.py"]),
        (f"DROP app/hello.py\n\n{LOUDER}", ["tests/test_greet.py"]),
    ],
)
async def test_a_move_goes_with_the_edits_of_what_it_moves(
    tmp_path: Path, reply: str, left: list[str]
) -> None:
    run = await sent_back(tmp_path, MOVE + TEST, reply, plan=BOTH)
    assert sorted(result(run)) == left
    assert not refusals(run)


async def test_edits_of_a_moved_file_without_its_move_are_asked_for_again(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, MOVE + TEST, MOVED, MOVE, plan=BOTH)
    assert (
        "app/hello.py is not there: your earlier edits move app/greet.py" in asked(run)[-1].prompt
    )
    assert {file.path for file in run.state.files} == {"app/hello.py", "tests/test_greet.py"}


RULE = """\
```rule
id: eve
language: python
rule:
  pattern: greet("Ada")
fix: greet("Eve")
```
"""
CALLS = {**GREETING, "app/a.py": 'greet("Ada")\n', "app/b.py": 'greet("Ada")\n'}


async def test_a_rule_takes_the_place_of_the_rule_before(tmp_path: Path) -> None:
    narrower = RULE.replace("fix:", "files: [app/a.py]\nfix:")
    run = await sent_back(tmp_path, RULE, narrower, plan=plan_of("app/*", "tests/*"), files=CALLS)
    assert list(result(run)) == ["app/a.py"]


async def test_a_rule_takes_no_edits_back(tmp_path: Path) -> None:
    elsewhere = RULE.replace('greet("Ada")', "part(name)").replace('greet("Eve")', "part(x)")
    files = {**CALLS, "app/greet.py": GREETING["app/greet.py"] + "\n\npart(name)\n"}
    plan = plan_of("app/*", "tests/*")
    run = await sent_back(tmp_path, EDITS, elsewhere, plan=plan, files=files)
    assert "loud=False" in result(run)["app/greet.py"]
    assert "part(x)" in result(run)["app/greet.py"]


async def test_what_the_user_left_out_is_not_kept(tmp_path: Path) -> None:
    readme = "README.md\n<<<<<<< SEARCH\n# Greetings\n=======\n# Loud greetings\n>>>>>>> REPLACE\n"
    run = await sent_back(tmp_path, f"{EDITS}\n{readme}", f"{EDITS}\n{readme}", LOUDER)
    assert run.state.question
    await run.do(AnswerQuestion(run.state.question.id, Choice.DROP), RunOn(Phase.VERIFY))
    assert run.state.phases[Phase.VERIFY].state is PhaseState.PASSED
    assert sorted(result(run)) == ["app/greet.py", "tests/test_greet.py"]


@pytest.mark.parametrize("is_rejected", [False, True])
async def test_edits_that_the_user_changed_are_not_silently_the_model_s_again(
    tmp_path: Path, is_rejected: bool
) -> None:
    again = GREET.replace("loud=False", "loud=None")
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        LOUDER,
        *([] if is_rejected else [LOUDER + again]),
        checker=ScriptedChecker(Outcome.FAIL, Outcome.PASS),
        models=routes(plan="x/planner", generate="x/writer > x/stronger"),
    )
    await run.do(GOAL, RunOn(Phase.APPLY))
    first = run.state.files[0].hunks[0]
    await run.do(EditHunk(first.id, "".join(first.new).replace("loud=False", "loud=None")))
    if is_rejected:
        edited = run.state.files[0].hunks[0]
        await run.do(DecideHunk((edited.id,), HunkState.REJECTED))
    await run.do(RunOn(Phase.VERIFY))
    told = "The user changed your edits of app/greet.py: give those again in any case"
    assert (told in asked(run)[1].prompt) != is_rejected
    assert len(asked(run)) == (2 if is_rejected else 3)
    assert ("loud=None" in result(run)["app/greet.py"]) != is_rejected


async def test_an_engine_that_reads_no_correction_keeps_nothing(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        GREET,
        checker=ScriptedChecker(Outcome.FAIL),
        models=routes(plan="x/planner", generate="x/writer"),
    )
    await run.do(GOAL, RunOn(Phase.APPLY), Step())
    await run.do(SwapModel(Phase.GENERATE, BUILTIN), RunOn(Phase.APPLY))
    assert asked(run)[-1].model == BUILTIN
    assert list(result(run)) == ["app/greet.py"]


async def test_what_a_correction_took_back_stays_so_in_the_next(tmp_path: Path) -> None:
    quieter = GREET.replace("loud=False", "loud=None")
    run = await sent_back(tmp_path, EDITS, "DROP tests/test_greet.py", quieter, failures=2)
    assert list(result(run)) == ["app/greet.py"]
    assert "loud=None" in result(run)["app/greet.py"]


async def test_each_hunk_is_by_the_model_that_wrote_its_edit(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, EDITS, LOUDER, failures=2)
    by = {file.path: {hunk.model for hunk in file.hunks} for file in run.state.files}
    assert by == {"app/greet.py": {"x/writer"}, "tests/test_greet.py": {"x/stronger"}}

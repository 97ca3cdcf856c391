"""`why`: from a line as it is now to the landed hunk, whatever happened to the file since."""

import json
from dataclasses import replace
from pathlib import Path

from core.adapters.differ import GitDiffer
from core.adapters.git import Git, former_paths
from core.adapters.scripted import ScriptedChecker
from core.domain import commands as c
from core.domain.check import Outcome
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.engine.provenance import Landed, Origin, landings, origin, origins
from tests.engine.test_corrections import LOUDER, sent_back
from tests.playing import EDITS, GREETING, PLAN, Played, git, make_repository, open_played

GOAL = "let `greet` take a loud flag"
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
TESTS = "tests/test_greet.py"
SHOUT = "    return text.upper() if loud else text\n"


async def landed(folder: Path, run: Played | None = None) -> Played:
    """Land all of the change, and commit it."""
    root = make_repository(folder / "r", GREETING)
    run = open_played(root, folder / "s", PLAN, EDITS, approved=False)
    await run.play(GOAL)
    await land(run)
    git(root, "commit", "-aqm", "Let greet shout")
    return run


async def land(run: Played) -> None:
    ids = tuple(h.id for h in run.state.hunks)
    await run.do(c.DecideHunk(ids, HunkState.ACCEPTED), c.Land(unverified=True))
    assert run.state.last_landing is not None


def why(run: Played, path: str, text: str) -> Origin | None:
    """The origin of the line of a file that holds a text."""
    lines = (run.root / path).read_text().splitlines()
    row = next(n for n, line in enumerate(lines, 1) if text in line)
    names = [path, *former_paths(Git(run.root, PATH), path)]
    whole = (run.root / path).read_text()
    return origin(whole, row, names, all_landed(run), run.journal, GitDiffer(PATH))


def all_landed(run: Played) -> list[Landed]:
    """The landings of all runs, newest first; the clock of a test may stand still."""
    runs = reversed(run.journal.runs_that_landed())
    return [x for one in runs for x in landings(run.journal.read(one))][::-1]


async def test_a_landed_line_knows_goal_task_model_and_who_accepted_it(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    found = why(run, "app/greet.py", "text.upper()")
    assert found is not None
    assert found.landed.state.goal.text == GOAL
    assert found.task is not None
    assert found.task.title == "Add a loud flag"
    assert (found.hunk.model, found.rationale) == ("x/writer", "I add the flag.")
    assert found.landed.decided[found.hunk.id] == "user"
    assert SHOUT in found.hunk.new


async def test_a_line_of_a_reply_that_the_user_edited_is_of_both(tmp_path: Path) -> None:
    run = open_played(make_repository(tmp_path / "r", GREETING), tmp_path / "s", PLAN, EDITS)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.GENERATE))
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    mine = EDITS.replace("text.upper()", "text.upper().strip()").encode()
    output = replace(receipt.outputs[0], reply=run.session.keep(mine), is_edited=True)
    await run.do(c.EditOutput(Phase.GENERATE, replace(receipt, outputs=(output,))), c.RunOn())
    await land(run)
    found = why(run, "app/greet.py", "text.upper().strip()")
    assert found is not None and (found.model, found.is_edited) == ("x/writer", True)


async def test_a_line_that_a_correction_kept_is_of_the_reply_before(tmp_path: Path) -> None:
    run = await sent_back(tmp_path, EDITS, LOUDER)
    await land(run)
    kept, corrected = why(run, "app/greet.py", "text.upper()"), why(run, TESTS, "HELLO, ADA!")
    assert kept is not None and kept.rationale == "I add the flag."
    assert corrected is not None and corrected.rationale == "The test was wrong."


async def test_what_the_user_edited_stays_so_when_a_correction_keeps_it(tmp_path: Path) -> None:
    checker = ScriptedChecker(Outcome.FAIL, Outcome.PASS)
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, LOUDER, checker=checker)
    await run.do(c.StartRun(GOAL), c.RunOn(Phase.GENERATE))
    receipt = run.state.phases[Phase.GENERATE].receipt
    assert isinstance(receipt, GenerateReceipt)
    output = replace(receipt.outputs[0], is_edited=True)
    await run.do(c.EditOutput(Phase.GENERATE, replace(receipt, outputs=(output,))), c.RunOn())
    await land(run)
    kept, corrected = why(run, "app/greet.py", "text.upper()"), why(run, TESTS, "HELLO, ADA!")
    assert kept is not None and kept.is_edited
    assert corrected is not None and not corrected.is_edited


async def test_a_line_that_was_there_before_has_no_origin(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    assert why(run, "app/greet.py", "def part(name)") is None
    assert why(run, "README.md", "Greetings") is None


async def test_the_answer_outlasts_edits_above_and_below(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    file = run.root / "app/greet.py"
    text = (
        file.read_text().replace("Bye", "Farewell").replace("    To one", "    Hello.\n    To one")
    )
    file.write_text("import sys\n\n\n" + text + "\nX = 1\n")
    git(run.root, "commit", "-aqm", "By hand")
    found = why(run, "app/greet.py", "text.upper()")
    assert found is not None
    assert SHOUT in found.hunk.new
    assert why(run, "app/greet.py", "Farewell") is None
    assert why(run, "app/greet.py", "import sys") is None


async def test_a_line_that_a_person_changed_afterwards_is_theirs(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    file = run.root / "app/greet.py"
    file.write_text(file.read_text().replace("text.upper() if loud", "text.upper() if bool(loud)"))
    assert why(run, "app/greet.py", "bool(loud)") is None


async def test_the_answer_outlasts_moves_by_commits_and_staged_ones(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    git(run.root, "mv", "app/greet.py", "app/hello.py")
    git(run.root, "commit", "-qm", "Move")
    assert why(run, "app/hello.py", "text.upper()") is not None
    git(run.root, "mv", "app/hello.py", "hello.py")
    found = why(run, "hello.py", "text.upper()")
    assert found is not None
    assert found.path == "app/greet.py"


async def test_a_line_that_was_landed_upon_again_belongs_to_the_newer_landing(
    tmp_path: Path,
) -> None:
    run = await landed(tmp_path)
    again = "I whisper.\n\napp/greet.py\n<<<<<<< SEARCH\n    return text.upper() if loud else text\n=======\n    return text.upper() if loud else text.lower()\n>>>>>>> REPLACE\n"
    plan = json.dumps(
        {
            "summary": "Whisper.",
            "tasks": [
                {"title": "Whisper", "intent": "x", "files": ["app/greet.py"], "acceptance": ["y"]}
            ],
        }
    )
    second = open_played(run.root, tmp_path / "s", plan, again, journal=run.journal, run_id="run2")
    second.clock._time = 2_000.0
    await second.play("let `greet` whisper unless it is loud")
    await land(second)
    newer = why(second, "app/greet.py", "text.lower()")
    older = why(second, "app/greet.py", "def greet(name, loud=False)")
    assert newer is not None
    assert older is not None
    assert (newer.landed.state.goal.text, newer.rationale) == (
        "let `greet` whisper unless it is loud",
        "I whisper.",
    )
    assert older.landed.state.goal.text == GOAL


MOVING = """I move it and add a farewell.

```diff
diff --git a/app/greet.py b/app/hello.py
rename from app/greet.py
rename to app/hello.py
--- a/app/greet.py
+++ b/app/hello.py
@@ -8,3 +8,7 @@

 def part(name):
     return f"Bye, {name}."
+
+
+def leave(name):
+    return f"Bye, {name}."
```
"""


async def test_of_a_file_that_a_landing_moved_only_the_lines_it_wrote_are_its_own(
    tmp_path: Path,
) -> None:
    run = await landed(tmp_path)
    text = (run.root / "app/greet.py").read_text()
    at = text.splitlines().index("def part(name):") - 1
    moving = MOVING.replace("@@ -8,3 +8,7 @@", f"@@ -{at},3 +{at},7 @@")
    task = {"title": "Move", "intent": "x", "files": ["app/greet.py"], "acceptance": ["y"]}
    plan = json.dumps({"summary": "Move.", "tasks": [{**task, "may_create": ["app/hello.py"]}]})
    second = open_played(run.root, tmp_path / "s", plan, moving, journal=run.journal, run_id="run2")
    second.clock._time = 2_000.0
    await second.play("move greet.py and add a farewell")
    await land(second)
    assert not (run.root / "app/greet.py").exists()
    lines = (run.root / "app/hello.py").read_text().splitlines()
    assert [n for n, line in enumerate(lines) if "Bye" in line] == [at + 2, at + 6]
    wrote = {n: found.landed.state.run_id for n, found in all_of(second, "app/hello.py").items()}
    assert {n for n, name in wrote.items() if name == "run2"} == {at + 4, at + 5, at + 6, at + 7}
    upper = why(second, "app/hello.py", "text.upper()")
    assert upper is not None
    assert upper.landed.state.goal.text == GOAL
    assert upper.path == "app/greet.py"


def all_of(run: Played, path: str) -> dict[int, Origin]:
    """The origin of every line of a file that has one."""
    text = (run.root / path).read_text()
    return origins(text, [path], all_landed(run), run.journal, GitDiffer(PATH))


async def test_a_hunk_that_the_user_edited_still_knows_which_model_drafted_it(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, approved=False)
    await run.play(GOAL)
    hunk = next(h for h in run.state.hunks if SHOUT in h.new)
    await run.do(c.EditHunk(hunk.id, "".join(hunk.new).replace("upper()", "swapcase()")))
    edited = next(h for h in run.state.hunks if h.edited)
    await run.do(c.SplitHunk(edited.id))
    await land(run)
    mine = why(run, "app/greet.py", "swapcase()")
    assert mine is not None
    assert (mine.hunk.model, mine.model, mine.is_edited) == ("user", "x/writer", True)
    theirs = why(run, "tests/test_greet.py", "def test_greet_loud")
    assert theirs is not None
    assert (theirs.model, theirs.is_edited) == ("x/writer", False)


FEW = """I lengthen both.

app/greet.py
<<<<<<< SEARCH
def greet(name):
=======
import os
import sys


def greet(name):
>>>>>>> REPLACE

app/greet.py
<<<<<<< SEARCH
def part(name):
    return f"Bye, {name}."
=======
def part(name, loudly=False):
    return f"Bye, {name}."


def leave(name):
    return f"{name} left."
>>>>>>> REPLACE
"""


async def test_of_several_hunks_each_has_the_lines_that_it_changed_and_no_others(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, FEW, approved=False)
    await run.play(GOAL)
    await land(run)
    lines = (root / "app/greet.py").read_text().splitlines()
    found = all_of(run, "app/greet.py")
    assert [lines[n - 1] for n in sorted(found) if lines[n - 1]] == [
        *("import os", "import sys", "def part(name, loudly=False):"),
        *("def leave(name):", '    return f"{name} left."'),
    ]
    assert max(found) == len(lines)
    for line, one in found.items():
        assert lines[line - 1] + "\n" in one.hunk.new
    assert len({one.hunk.id for one in found.values()}) == 2


async def test_parts_that_land_one_after_another_are_each_found_where_they_stand(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, approved=False)
    await run.play(GOAL)
    await run.do(c.SplitHunk(next(h.id for h in run.state.hunks if SHOUT in h.new)))
    parts = [h.id for h in run.state.hunks if h.split_from]
    for part in reversed(parts):
        await run.do(c.DecideHunk((part,), HunkState.ACCEPTED), c.Land(unverified=True))
    assert len(run.state.landings) == len(parts) == 2
    lines = (root / "app/greet.py").read_text().splitlines(keepends=True)
    was = GREETING["app/greet.py"].splitlines(keepends=True)
    found = all_of(run, "app/greet.py")
    assert [lines[n - 1] for n in sorted(found)] == [x for x in lines if x not in was]
    for line, one in found.items():
        assert one.landed.landing.hunk_ids == (one.hunk.id,)
        assert lines[line - 1] in one.hunk.new


async def test_what_landed_twice_belongs_to_the_newer_landing(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    git(run.root, "checkout", "-q", "HEAD~1", "--", ".")
    second = open_played(
        run.root, tmp_path / "s", PLAN, EDITS, approved=False, journal=run.journal, run_id="run2"
    )
    await second.play(GOAL)
    await land(second)
    found = why(second, "app/greet.py", "text.upper()")
    assert found is not None
    assert found.landed.state.run_id == "run2"


async def test_what_was_undone_wrote_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, approved=False)
    await run.play(GOAL)
    await land(run)
    text = (root / "app/greet.py").read_text()
    await run.do(c.UndoLanding())
    (root / "app/greet.py").write_text(text)
    assert why(run, "app/greet.py", "text.upper()") is None

"""`why`: from a line as it is now to the landed hunk, whatever happened to the file since."""

import json
from pathlib import Path

from core.adapters.differ import GitDiffer
from core.adapters.git import Git, former_paths
from core.domain import commands as c
from core.domain.hunk import HunkState
from core.engine.provenance import Origin, landings, origin
from tests.playing import EDITS, GREETING, PLAN, Played, git, make_repository, open_played

GOAL = "let `greet` take a loud flag"
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
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
    journal = run.journal
    found = [x for one in journal.runs_that_landed() for x in landings(journal.read(one))]
    found.sort(key=lambda one: -one.at)
    names = [path, *former_paths(Git(run.root, PATH), path)]
    whole = (run.root / path).read_text()
    return origin(whole, row, names, found, journal, GitDiffer(PATH))


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


async def test_a_line_that_was_there_before_has_no_origin(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    assert why(run, "app/greet.py", "def part(name)") is None
    assert why(run, "README.md", "Greetings") is None


async def test_the_answer_outlasts_edits_above_and_below(tmp_path: Path) -> None:
    run = await landed(tmp_path)
    file = run.root / "app/greet.py"
    file.write_text("import sys\n\n\n" + file.read_text().replace("Bye", "Farewell") + "\nX = 1\n")
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


async def test_what_was_undone_wrote_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS, approved=False)
    await run.play(GOAL)
    await land(run)
    text = (root / "app/greet.py").read_text()
    await run.do(c.UndoLanding())
    (root / "app/greet.py").write_text(text)
    assert why(run, "app/greet.py", "text.upper()") is None

"""The trailers of the offered commit message, as git reads them."""

import subprocess
from pathlib import Path

from core.domain import commands as c
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.domain.receipt import ReviewReceipt
from tests.calling import GOAL as RENAME
from tests.calling import RENAMED, User
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"


async def played(folder: Path, *more: str, trailers: bool = True) -> Played:
    summary = "x/small" if more else "local"
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        *(PLAN, EDITS, *more),
        models=routes(plan="x/planner", generate="x/writer", summary=summary),
        trailers=trailers,
    )
    await run.play(GOAL)
    return run


def message(run: Played) -> str:
    receipt = run.state.phases[Phase.REVIEW].receipt
    assert isinstance(receipt, ReviewReceipt)
    return receipt.commit_message


def parsed(text: str) -> list[str]:
    """What git takes for trailers."""
    asked = ["git", "interpret-trailers", "--parse"]
    done = subprocess.run(asked, input=text, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


async def test_git_reads_which_model_assisted_and_in_which_run(tmp_path: Path) -> None:
    run = await played(tmp_path)
    assert message(run).startswith("Let `greet` take a loud flag\n\n")
    assert parsed(message(run)) == ["Assisted-by: Relaypair:x/writer", "Relaypair-Run: run1"]


async def test_trailers_that_a_model_wrote_stay_trailers(tmp_path: Path) -> None:
    run = await played(tmp_path, "Add: a loud flag\n\nCallers stay as they are.\n\nFixes: #3")
    assert parsed(message(run)) == [
        *("Fixes: #3", "Assisted-by: Relaypair:x/writer", "Relaypair-Run: run1"),
    ]


async def test_a_subject_with_a_colon_is_no_trailer(tmp_path: Path) -> None:
    run = await played(tmp_path, "greet: take a loud flag")
    assert message(run).split("\n")[1] == ""
    assert parsed(message(run))[0] == "Assisted-by: Relaypair:x/writer"


async def test_the_model_of_rejected_hunks_is_not_named_and_that_of_edited_ones_is(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path)
    kept, *rest = run.state.hunks
    ids = tuple(h.id for h in rest)
    edit = c.EditHunk(kept.id, "".join(kept.new).replace("loud", "noisy"))
    again = (c.RerunPhase(Phase.REVIEW), c.RunOn())
    await run.do(c.DecideHunk(ids, HunkState.REJECTED), edit, *again)
    assert parsed(message(run)) == ["Assisted-by: Relaypair:x/writer", "Relaypair-Run: run1"]
    every = tuple(h.id for h in run.state.hunks)
    await run.do(c.DecideHunk(every, HunkState.REJECTED), *again)
    assert parsed(message(run)) == ["Relaypair-Run: run1"]


async def test_without_the_setting_there_are_none(tmp_path: Path) -> None:
    assert parsed(message(await played(tmp_path, trailers=False))) == []


def test_of_a_change_that_was_there_before_no_model_is_named(tmp_path: Path) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))
    user.configure("trailers = true\n")
    user.write("a.py", RENAMED["a.py"] + "LAST = 1\n")
    trailers = offered(user, "review", "--accept", "all").splitlines()
    assert [line.partition(": ")[0] for line in trailers] == ["Relaypair-Run"]


def test_only_the_users_own_file_asks_for_trailers(tmp_path: Path) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))
    user.write(".relaypair.toml", "trailers = true\n")
    assert offered(user, "run", RENAME) == ""
    user.configure("trailers = true\n")
    assert offered(user, "run", RENAME).startswith("Relaypair-Run: ")


def offered(user: User, *arguments: str) -> str:
    """The trailers of what a run without a model offers."""
    events = user.call(*arguments, "--json").events
    told = [e for e in events if e["type"] == "PhasePassed" and e["phase"] == "review"]
    return "\n".join(parsed(told[0]["receipt"]["commit_message"]))

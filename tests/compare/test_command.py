import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.calling import ROOT, User
from tests.playing import EDITS, GREETING, PLAN, git, make_repository
from tests.servers import running_fault_server
from tui.exit_codes import ExitCode

FILES = {
    "a.py": "".join(f"def old_{n}(x):\n    return x + {n}\n\n\n" for n in range(1, 5)),
    "b.py": "from a import old_1, old_2, old_3, old_4\n\nALL = old_1(1), old_2(2), old_3(3), old_4(4)\n",
}
SECRET = "assert_only_the_judge_knows"
JUDGE = f"import b  # {SECRET}\nfrom a import new_3\n\nassert new_3(1) == 4 and b.new_3\n"
GOALS = f"""
[[goal]]
id = "first"
text = "rename `old_1` to `new_1`"
checks = [["grep", "-q", "new_1", "a.py"]]
hidden = [["grep", "-q", "new_1(1)", "b.py"]]

[[goal]]
id = "second"
text = "rename `old_2` to `new_2`"
hidden = [["grep", "-q", "new_2(2)", "b.py"]]

[[goal]]
id = "third"
text = "rename `old_3` to `new_3`"
hidden = [["python3", "judge.py"]]
hidden_files = {{ "judge.py" = "hidden/judge.py" }}

[[goal]]
id = "fourth"
text = "rename `old_4` to `new_4`"
hidden = [["grep", "-q", "{SECRET}", "b.py"]]

[[goal]]
id = "fifth"
text = "make old_1 more friendly"
hidden = [["grep", "-q", "friendly", "a.py"]]

[arms.engine]
models = {{ plan = "builtin/rewrite", generate = "builtin/rewrite" }}

[arms.nobody]
model = "local"
"""


@pytest.fixture
def user(tmp_path: Path) -> User:
    (tmp_path / "goals/hidden").mkdir(parents=True)
    (tmp_path / "goals/hidden/judge.py").write_text(JUDGE)
    (tmp_path / "goals/goals.toml").write_text(GOALS)
    return User(tmp_path / "home", make_repository(tmp_path / "r", FILES))


GOALS_FILE = "../goals/goals.toml"


def everything(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


def written(user: User, suffix: str) -> Path:
    return next(p for p in user.state() if p.suffix == suffix and p.parent.name == "compare")


def rows(user: User) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written(user, ".jsonl").read_text().splitlines()]


def test_five_goals_through_two_arms(user: User) -> None:
    user.write("uncommitted.py", "mine = 1\n")
    before = everything(user.root)
    done = user.call("compare", GOALS_FILE)
    assert done.code == ExitCode.DONE, done.err
    assert everything(user.root) == before

    found = rows(user)
    assert [(row["goal"], row["arm"]) for row in found] == [
        *(("first", "engine"), ("first", "nobody")),
        *(("second", "nobody"), ("second", "engine")),
        *(("third", "engine"), ("third", "nobody")),
        *(("fourth", "nobody"), ("fourth", "engine")),
        *(("fifth", "engine"), ("fifth", "nobody")),
    ]
    engine = {row["goal"]: row for row in found if row["arm"] == "engine"}
    assert [goal for goal, row in engine.items() if row["success"]] == ["first", "second", "third"]
    assert [row["landed"] for row in engine.values()] == [True, True, True, True, False]
    assert [row["verified"] for row in engine.values()] == [True, False, False, False, False]
    assert engine["fourth"]["failure"].startswith(f"hidden check grep -q {SECRET} b.py: ")
    assert engine["fifth"]["failure"].startswith("plan: The builtin engine does mechanical")
    assert (engine["first"]["staged"], engine["first"]["landed_hunks"]) == (2, 2)
    assert {row["commit"] for row in found} == {git(user.root, "rev-parse", "HEAD").strip()}
    assert not any(row["success"] or row["landed"] for row in found if row["arm"] == "nobody")

    assert "| engine | 3 of 5 | 23-88 % | 4 | 1 |" in done.out
    assert "| nobody | 0 of 5 | 0-43 % | 0 | 0 |" in done.out
    assert (
        "| nobody | success | all | 5 | 0 | 3 | - | - | "
        "with 3 pairs (2 tied) p cannot be below 0.25: no detectable difference |" in done.out
    )
    assert done.out.strip() == written(user, ".md").read_text().strip()
    page = written(user, ".html").read_text()
    for word in ("http", "src=", "<script"):
        assert word not in page, word
    assert nothing_is_left(user)


def nothing_is_left(user: User) -> bool:
    return not [p for p in (user.home / ".cache").rglob("*") if p.is_file()]


def test_no_model_is_told_of_hidden_checks(user: User) -> None:
    done = user.call("compare", GOALS_FILE)
    assert done.code == ExitCode.DONE, done.err
    journals = [p.read_bytes() for p in user.state() if p.name.startswith("journal.sqlite")]
    assert len(journals) == 10
    assert any(b'"new_1","a.py"' in journal for journal in journals)  # an open check is told
    for word in (SECRET, "judge", "new_2(2)\\"):
        assert not any(word.encode() in journal for journal in journals), word


def test_a_killed_comparison_is_taken_up_where_it_was(user: User) -> None:
    called = subprocess.Popen(
        [sys.executable, str(ROOT / "relaypair.py"), "compare", GOALS_FILE],
        cwd=user.root,
        env=user.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert called.stderr is not None
    told = [line for line in iter(called.stderr.readline, "") if is_third(line, called)]
    called.wait()
    called.stderr.close()
    assert (len(told), called.returncode) == (1, -signal.SIGKILL)

    path = written(user, ".jsonl")
    kept = path.read_bytes()
    done_before = len(kept.splitlines())
    assert 3 <= done_before < 10
    with path.open("ab") as file:
        file.write(b'{"goal": "third", "arm": "nob')
    first = rows_of(kept)
    git(user.root, "commit", "-q", "--allow-empty", "-m", "Later")

    done = user.call("compare", GOALS_FILE)
    assert done.code == ExitCode.DONE, done.err
    assert sum(line.startswith("[") for line in done.err.splitlines()) == 10 - done_before
    assert path.read_bytes().startswith(kept)
    whole = rows_of(path.read_bytes())
    assert len({(row["goal"], row["arm"]) for row in whole}) == len(whole) == 10
    assert whole[:done_before] == first
    for goal in {row["goal"] for row in first}:
        assert len({row["commit"] for row in whole if row["goal"] == goal}) == 1
    assert "10 of 10 runs are done" in done.out
    assert nothing_is_left(user)


def is_third(line: str, called: "subprocess.Popen[str]") -> bool:
    """Whether a line tells of the third run; the program is killed then."""
    if not line.startswith("[3/"):
        return False
    os.kill(called.pid, signal.SIGKILL)
    return True


def rows_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines() if line.endswith(b"}")]


SHORT = """
[[goal]]
id = "only"
text = "rename `old_1` to `new_1`"
seconds = 0.001
hidden = [["grep", "-q", "new_1", "a.py"]]

[arms.one]
models = { plan = "builtin/rewrite", generate = "builtin/rewrite" }
[arms.two]
model = "local"
"""


def test_a_run_past_its_time_is_counted_as_a_failure(user: User) -> None:
    user.write("../short.toml", SHORT)
    assert user.call("compare", "../short.toml").code == ExitCode.DONE
    assert rows(user)[0]["failure"] == "it took more than 0.001 s"
    assert rows(user)[0]["success"] is False


def test_runs_that_are_there_are_not_made_again_unless_asked(user: User) -> None:
    user.write("../short.toml", SHORT.replace("seconds = 0.001", ""))
    assert user.call("compare", "../short.toml").code == ExitCode.DONE
    first = rows(user)
    assert user.call("compare", "../short.toml").code == ExitCode.DONE
    assert rows(user) == first
    done = user.call("compare", "../short.toml", "--again")
    assert done.code == ExitCode.DONE
    assert "2 of 2 runs are done" in done.out
    found = rows(user)
    assert found[:2] == first
    assert found[2] == {"again": True}
    assert len({row["run"] for row in found if "run" in row}) == 4


def test_a_goal_begins_from_its_commit_and_not_from_what_came_after(user: User) -> None:
    early = git(user.root, "rev-parse", "HEAD").strip()
    user.write("a.py", "def new_1(x):\n    return x\n")
    user.write("b.py", "")
    git(user.root, "commit", "-q", "-a", "-m", "The answer")
    user.write("../short.toml", SHORT.replace("seconds = 0.001", f'commit = "{early[:12]}"'))
    done = user.call("compare", "../short.toml")
    assert done.code == ExitCode.DONE, done.err
    assert [(row["commit"], row["success"]) for row in rows(user)] == [
        (early, True),
        (early, False),
    ]
    journals = [p.read_bytes() for p in user.state() if p.name == "journal.sqlite"]
    assert not any(b"The answer" in journal for journal in journals)


TALKING = """
[[goal]]
id = "loud"
text = "let `greet` take a loud flag"
hidden = [["python3", "-c", "from app.greet import greet; assert greet('A', loud=True) == 'HELLO, A!'"]]

[arms.solo]
models = { plan = "openai/strong", generate = "openai/strong" }
[arms.relay]
models = { plan = "openai/strong", generate = "openai/unpriced" }
"""


@pytest.mark.slow
async def test_models_over_a_network_are_counted_and_unknown_prices_stay_unknown(
    tmp_path: Path,
) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", GREETING))
    user.configure('[prices]\n"openai/strong" = [2.0, 10.0]\n')
    user.write("../talking.toml", TALKING)
    async with running_fault_server() as server:
        await server.script({"strong": [PLAN, EDITS, PLAN], "unpriced": [EDITS]})
        call = partial(user.call, "compare", "../talking.toml", env=server.env)
        done = await asyncio.to_thread(call)
    assert done.code == ExitCode.DONE, done.err
    solo, relay = rows(user)
    assert (solo["success"], relay["success"]) == (True, True), done.err
    assert solo["cost"] > 0
    assert solo["tokens_in"] > 0 < solo["tokens_out"]
    assert (relay["cost"], relay["basis"]) == (None, "unknown")
    assert relay["routes"]["generate"] == "openai/unpriced"
    assert "| relay | cost | all | 0 | 0 | 0 | - | - | no pair: no detectable difference; 1 left out, unknown |" in done.out  # fmt: skip


def test_goals_that_models_would_see_are_refused(user: User) -> None:
    user.write("goals.toml", SHORT)
    git(user.root, "add", "-A")
    git(user.root, "commit", "-q", "-m", "Give it away")
    done = user.call("compare", "goals.toml")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "goals.toml is part of the commit that goal only begins from" in done.err


def test_hidden_files_are_never_written_through_a_link(user: User) -> None:
    outside = user.write("../outside/here.txt", "mine")
    (user.root / "tests").symlink_to(outside.parent)
    git(user.root, "add", "-A")
    git(user.root, "commit", "-q", "-m", "Link")
    more = 'hidden_files = { "tests/here.txt" = "goals/hidden/judge.py" }\n'
    user.write("../short.toml", SHORT.replace("seconds = 0.001\n", more))
    done = user.call("compare", "../short.toml")
    assert done.code == ExitCode.USAGE
    assert "tests/here.txt is a folder or lies behind a link" in done.err
    assert outside.read_text() == "mine"
    assert rows(user) == []


@pytest.mark.parametrize(
    "name, said",
    [("../nowhere.toml", "cannot be read"), ("a.py", "is not valid TOML")],
)
def test_what_is_not_understood_is_said_on_stderr(user: User, name: str, said: str) -> None:
    done = user.call("compare", name)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_a_commit_that_is_not_there_is_refused_before_anything_runs(user: User) -> None:
    user.write("../short.toml", SHORT.replace("seconds = 0.001", 'commit = "no-such"'))
    done = user.call("compare", "../short.toml")
    assert done.code == ExitCode.USAGE
    assert "goal only: there is no commit no-such" in done.err
    assert rows(user) == []

"""`relaypair why` in a real repository, as a user calls it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.calling import User
from tests.playing import git, make_repository
from tui.exit_codes import ExitCode

FILES = {
    "a.py": "def old(x):\n    return x\n\n\ndef other(x):\n    return x\n\n\nprint(old(1))\nprint(other(2))\nprint(old(3), other(3))\n",
    "b.py": "from a import old\n\nprint(old(4))\n",
}
FIRST, SECOND = "rename `old` to `new`", "rename `other` to `another`"


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", FILES))


def land(user: User, goal: str) -> None:
    done = user.call("run", goal, "--accept", "all", "--land", "--unverified")
    assert done.code == ExitCode.UNVERIFIED, done.err


def goal_of(user: User, path: str, line: str) -> str:
    """The goal that `why` names for a line of a file; empty for none."""
    number = user.read(path).splitlines().index(line) + 1
    done = user.call("why", f"{path}:{number}", "--json")
    return json.loads(done.out)["goal"] if done.code == ExitCode.DONE else ""


def moved_edited_and_landed_again(user: User) -> None:
    land(user, FIRST)
    git(user.root, "commit", "-aqm", "Rename")
    user.write("a.py", "import os\nimport sys\n\n" + user.read("a.py"))
    (user.root / "pkg").mkdir()
    git(user.root, "mv", "a.py", "pkg/c.py")
    git(user.root, "commit", "-aqm", "Move and edit")
    user.write("pkg/c.py", "# mine\n" + user.read("pkg/c.py").replace("import os\n", ""))
    git(user.root, "commit", "-aqm", "Edit again")
    land(user, SECOND)
    user.write("pkg/c.py", user.read("pkg/c.py") + "print(new(5))\n")


def test_the_right_hunk_is_named_after_edits_a_move_and_another_landing(user: User) -> None:
    moved_edited_and_landed_again(user)
    for line, goal in (
        ("def new(x):", FIRST),
        ("print(new(1))", FIRST),
        ("print(new(3), another(3))", SECOND),
        ("import sys", ""),
        ("print(new(5))", ""),
    ):
        assert goal_of(user, "pkg/c.py", line) == goal, line


def test_a_line_is_told_in_words_and_a_place_that_is_none_is_refused(user: User) -> None:
    land(user, FIRST)
    told = user.call("why", "a.py:1").out
    assert f"goal           {FIRST}\n" in told
    assert "model          builtin/rewrite\n" in told
    assert "accepted by    --accept all\n" in told
    for place in ((), ("a.py",), ("a.py:99",), ("nowhere.py:1",)):
        done = user.call("why", *place)
        assert (done.code, done.out) == (ExitCode.USAGE, ""), place
    nobody = user.call("why", "a.py:2")
    assert (nobody.code, nobody.out) == (ExitCode.FAILED, "")


def exported(user: User) -> tuple[list[dict[str, Any]], str]:
    done = user.call("why", "--export")
    assert done.code == ExitCode.DONE, done.err
    return [json.loads(line) for line in done.out.splitlines()], done.err


def told(user: User, records: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Path to exported lines and their run."""
    found: dict[str, dict[str, str]] = {}
    for record in records:
        for file in record["files"]:
            lines = user.read(file["path"]).splitlines(keepends=True)
            for one in (r for c in file["conversations"] for r in c["ranges"]):
                text = "".join(lines[one["start_line"] - 1 : one["end_line"]])
                digest = hashlib.sha256(text.encode()).hexdigest()
                assert one["content_hash"] == f"sha256:{digest}"
                run = record["metadata"]["relaypair"]["run"]
                found.setdefault(file["path"], {})[text] = run
    return found


def test_the_export_has_the_lines_that_stand_under_todays_names(user: User) -> None:
    moved_edited_and_landed_again(user)
    records, said = exported(user)
    first, second = dict.fromkeys(r["metadata"]["relaypair"]["run"] for r in records)
    assert told(user, records) == {
        "b.py": {"from a import new\n": first, "print(new(4))\n": first},
        "pkg/c.py": {
            "def new(x):\n": first,
            "print(new(1))\n": first,
            "def another(x):\n": second,
            "print(another(2))\nprint(new(3), another(3))\n": second,
        },
    }
    assert said == "7 lines of 5 landed hunks; 0 hunks wrote no line that is still there.\n"
    assert str(user.root.parent) not in json.dumps(records)


def contributors(records: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [c["contributor"] for r in records for f in r["files"] for c in f["conversations"]]


def test_what_no_model_wrote_is_ascribed_to_none(user: User, tmp_path: Path) -> None:
    land(user, FIRST)
    assert contributors(exported(user)[0]) == [{"type": "unknown"}] * 2
    git(user.root, "commit", "-aqm", "Rename")
    user.write("b.py", user.read("b.py") + "print(new(5))\n")
    (tmp_path / "mine.patch").write_text(git(user.root, "diff"))
    git(user.root, "checkout", "-q", ".")
    patch = str(tmp_path / "mine.patch")
    done = user.call("review", patch, "--accept", "all", "--land", "--unverified")
    assert done.code == ExitCode.UNVERIFIED, done.err
    records, _ = exported(user)
    assert "print(new(5))\n" in told(user, records[2:])["b.py"]
    assert contributors(records) == [{"type": "unknown"}] * 3


def test_files_that_moved_since_are_exported_under_the_names_they_have_now(user: User) -> None:
    land(user, FIRST)
    git(user.root, "commit", "-aqm", "Rename")
    git(user.root, "mv", "a.py", "c.py")
    git(user.root, "commit", "-qm", "Move")
    git(user.root, "mv", "c.py", "d.py")
    git(user.root, "mv", "b.py", "e.py")
    assert set(told(user, exported(user)[0])) == {"d.py", "e.py"}


def test_the_export_names_a_commit_only_for_files_that_are_as_it_has_them(user: User) -> None:
    land(user, FIRST)
    assert ["vcs" in record for record in exported(user)[0]] == [False]
    git(user.root, "commit", "-aqm", "Rename")
    user.write("b.py", "# mine\n" + user.read("b.py"))
    records, _ = exported(user)
    head = git(user.root, "rev-parse", "HEAD").strip()
    found = {r["files"][0]["path"]: r.get("vcs") for r in records}
    assert found == {"a.py": {"type": "git", "revision": head}, "b.py": None}
    assert len({r["id"] for r in records}) == 2
    assert exported(user)[0] == records


def test_what_was_undone_or_written_over_is_not_exported(user: User) -> None:
    assert exported(user)[0] == []
    land(user, FIRST)
    user.write("b.py", "print(4)\n")
    (user.root / "a.py").unlink()
    records, said = exported(user)
    assert records == []
    assert said == "0 lines of 0 landed hunks; 3 hunks wrote no line that is still there.\n"
    git(user.root, "checkout", "-q", ".")
    land(user, SECOND)
    assert user.call("undo", "--yes").code == ExitCode.DONE
    assert [r["metadata"]["relaypair"]["run"] for r in exported(user)[0]] == []


def test_a_repository_without_commits_or_git_is_exported_too(tmp_path: Path) -> None:
    user = User(tmp_path / "home", tmp_path / "plain")
    for path, text in FILES.items():
        user.write(path, text)
    land(user, FIRST)
    records, _ = exported(user)
    assert "vcs" not in records[0]
    assert set(told(user, records)) == {"a.py", "b.py"}

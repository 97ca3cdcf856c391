import hashlib
import json
from pathlib import Path

import pytest

from core.adapters.journal import SqliteJournal
from core.codec import event_from_json
from core.domain.events import Recorded
from core.domain.hunk import HunkState
from core.engine.reduce import fold
from tests.calling import CHECK, GOAL, RENAMED, User
from tests.playing import git, make_repository
from tui.exit_codes import ExitCode

LANDED = ("run", GOAL, "--check", CHECK, "--accept", "all", "--land")


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.parts
    }


def test_an_accepted_and_checked_rename_lands_and_undo_brings_every_byte_back(user: User) -> None:
    before = bytes_of(user.root)
    landed = user.call(*LANDED)
    assert (landed.code, landed.err) == (ExitCode.DONE, "")
    assert "landed 4 hunks in 2 files, verified" in landed.out
    assert user.read("b.py") == "from a import new_name\n\nONE = 1\nNINE = 9\n\nTWO = new_name(2)\n"

    after, told = bytes_of(user.root), journaled(user)
    would = user.call("undo")
    assert (would.code, would.err) == (ExitCode.DONE, "")
    assert would.out == f"Would restore a.py, b.py as before `{GOAL}`; add --yes to do it.\n"
    assert (bytes_of(user.root), journaled(user)) == (after, told)
    assert user.call("sessions").out.split()[3] == "landed"

    assert user.call("undo", "--yes").code == ExitCode.DONE
    assert bytes_of(user.root) == before
    nothing = user.call("undo")
    assert (nothing.code, nothing.out) == (ExitCode.USAGE, "")
    assert "nothing to undo" in nothing.err


def journaled(user: User) -> list[Recorded]:
    path = next(p for p in user.state() if p.name == "journal.sqlite")
    journal = SqliteJournal(path)
    recorded = [r for row in journal.runs() for r in journal.read(row.id)]
    journal.close()
    return recorded


def test_json_mode_prints_events_and_nothing_else(user: User) -> None:
    done = user.call(*LANDED, "--json")
    assert done.code == ExitCode.DONE
    assert done.err == ""
    assert [event["seq"] for event in done.events] == list(range(1, len(done.events) + 1))
    assert done.kinds[0] == "RunStarted"
    assert done.kinds[-2:] == ["EditsLanded", "RunFinished"]
    state = fold(
        Recorded(row.pop("seq"), row.pop("at"), row.pop("run"), event_from_json(json.dumps(row)))
        for row in done.events
    )
    assert set(state.decisions.values()) == {HunkState.LANDED}


def test_diagnostics_go_to_stderr_in_json_mode_too(user: User) -> None:
    done = user.call("run", GOAL, "--accept", "all", "--land", "--json")
    assert done.code == ExitCode.UNVERIFIED
    assert done.events
    said = done.err.splitlines()
    assert said[0] == "Landing needs a check (--check CMD) or the word --unverified."
    assert f"resume {done.events[0]['run']}`" in said[1]


def test_a_failed_check_is_a_failure_and_nothing_lands(user: User) -> None:
    before = bytes_of(user.root)
    done = user.call("run", GOAL, "--check", "grep -q nowhere a.py", "--accept", "all", "--land")
    assert done.code == ExitCode.FAILED
    assert "verify: FAIL: `grep -q nowhere a.py` failed" in done.out
    assert bytes_of(user.root) == before


def test_a_goal_that_no_engine_can_do_fails_in_one_sentence(user: User) -> None:
    done = user.call("run", "make old_name in a.py more friendly")
    assert "was lost" not in done.out
    assert done.code == ExitCode.FAILED
    assert "plan: FAIL" in done.out
    assert "RELAYPAIR_MODEL" in done.out
    assert "Traceback" not in done.err


def test_unchecked_hunks_land_only_with_the_word_unverified(user: User) -> None:
    before = bytes_of(user.root)
    assert user.call("run", GOAL, "--accept", "all", "--land").code == ExitCode.UNVERIFIED
    assert bytes_of(user.root) == before
    done = user.call("run", GOAL, "--accept", "all", "--land", "--unverified")
    assert done.code == ExitCode.UNVERIFIED
    assert "new_name" in user.read("a.py")


def test_without_an_accepted_hunk_nothing_lands(user: User) -> None:
    done = user.call("run", GOAL, "--check", CHECK, "--land")
    assert done.code == ExitCode.REJECTED
    assert "old_name" in user.read("a.py")


def test_undoing_over_later_work_is_refused(user: User) -> None:
    assert user.call(*LANDED).code == ExitCode.DONE
    mine = user.write("a.py", "mine = 1\n")
    done = user.call("undo", "--yes")
    assert (done.code, done.out) == (ExitCode.REFUSED, "")
    assert "a.py" in done.err
    assert mine.read_text() == "mine = 1\n"
    assert "new_name" in user.read("b.py")


def test_code_that_would_run_unseen_is_asked_about(user: User) -> None:
    user.write("conftest.py", "from a import old_name\n\nold_name(3)\n")
    done = user.call("run", GOAL, "--check", CHECK)
    assert done.code == ExitCode.ASKED
    assert "conftest.py would run in the check" in done.out


def test_plan_only_stops_after_the_plan(user: User) -> None:
    done = user.call("run", GOAL, "--plan-only", "--json")
    assert done.code == ExitCode.DONE
    started = [event["phase"] for event in done.events if event["type"] == "PhaseStarted"]
    assert started == ["retrieve", "plan"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((), "There is no terminal to draw on"),
        (("nonsense",), "invalid choice"),
        (("run",), "the following arguments are required: goal"),
        (("run", GOAL, "--check", "'"), "mind its quotes"),
        (("run", GOAL, "--repo", "/nowhere"), "is not a folder"),
        (("resume",), "no run in this repository"),
        (("review", "no-such-revision"), "no-such-revision"),
        (("review",), "nothing to review"),
        (("why", "--export", "a.py:1"), "--export tells every line that landed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_not_understood_is_said_on_stderr(
    user: User, arguments: tuple[str, ...], said: str
) -> None:
    done = user.call(*arguments)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_an_unknown_run_is_not_taken_for_another(user: User) -> None:
    assert user.call("run", GOAL).code == ExitCode.DONE
    done = user.call("resume", "zz")
    assert done.code == ExitCode.USAGE
    assert "There is no run zz" in done.err


def test_a_resumed_run_lands_what_was_planned_before(user: User) -> None:
    assert user.call("run", GOAL, "--check", CHECK).code == ExitCode.DONE
    run = user.call("sessions").out.split()[0]
    done = user.call("resume", run[:4], "--check", CHECK, "--accept", "all", "--land", "--json")
    assert done.code == ExitCode.DONE
    assert "PhaseStarted" not in done.kinds
    assert "new_name" in user.read("a.py")


def test_sessions_exports_a_run_as_it_was_journaled(user: User) -> None:
    told = user.call("run", GOAL, "--json").events
    run = told[0]["run"]
    assert user.call("sessions", "--export", run).events == told


def change(user: User) -> str:
    """Two changes in one file, of which the first is wanted."""
    lines = [f"line {n}\n" for n in range(20)]
    user.write("c.txt", "".join(lines))
    git(user.root, "add", "-A")
    git(user.root, "commit", "-q", "-m", "Add c")
    lines[2], lines[15] = "wanted\n", "unwanted\n"
    user.write("c.txt", "".join(lines))
    return git(user.root, "diff")


def test_rejected_hunks_are_taken_out_of_the_working_tree_and_undo_brings_them_back(
    user: User,
) -> None:
    change(user)
    both = user.read("c.txt")
    words = "review\ny\nn\nland unverified\nland unverified\n"
    done = user.call("review", "--line", stdin=words)
    assert done.code == ExitCode.UNVERIFIED, done.out + done.err
    assert "take 1 rejected hunk out of 1 file" in done.out
    assert user.read("c.txt") == both.replace("unwanted\n", "line 15\n")
    assert user.call("undo", "--yes").code == ExitCode.DONE
    assert user.read("c.txt") == both


def test_a_range_is_reviewed_and_landed(user: User) -> None:
    change(user)
    git(user.root, "commit", "-q", "-am", "Change c")
    git(user.root, "reset", "-q", "--hard", "HEAD~1")
    done = user.call("review", "HEAD..ORIG_HEAD", "--check", "grep -q wanted c.txt", *LANDED[4:])
    assert done.code == ExitCode.DONE, done.err
    assert "unwanted\n" in user.read("c.txt")


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_a_patch_is_reviewed_and_landed(user: User, tmp_path: Path, source: str) -> None:
    patch = change(user)
    git(user.root, "checkout", "-q", ".")
    file = tmp_path / "c.patch"
    file.write_text(patch)
    word = str(file) if source == "file" else "-"
    check = ("--check", "grep -q wanted c.txt")
    done = user.call("review", word, *check, *LANDED[4:], stdin=patch if word == "-" else "")
    assert done.code == ExitCode.DONE, done.err
    assert "unwanted\n" in user.read("c.txt")
    assert user.call("undo", "--yes").code == ExitCode.DONE
    assert "wanted" not in user.read("c.txt")


def test_lines_and_a_patch_do_not_share_stdin(user: User) -> None:
    done = user.call("review", "-", "--line", stdin="x")
    assert done.code == ExitCode.USAGE
    assert "give the patch as a file" in done.err


FOREIGN = "raise SystemExit('a foreign package was loaded')\n"


def test_packages_on_the_users_path_never_shadow_ours(user: User, tmp_path: Path) -> None:
    for name in ("core", "tui", "textual", "git", "rich"):
        user.write(f"{name}/__init__.py", FOREIGN)
        (tmp_path / "evil" / name).mkdir(parents=True)
        (tmp_path / "evil" / name / "__init__.py").write_text(FOREIGN)
    done = user.call("keys", env={"PYTHONPATH": f"{tmp_path / 'evil'}::{user.root}"})
    assert done.code == ExitCode.DONE, done.err
    assert user.call(*LANDED, env={"PYTHONPATH": str(tmp_path / "evil")}).code == ExitCode.DONE


def test_a_repository_may_not_choose_models_endpoints_or_keys(user: User) -> None:
    user.write(
        ".relaypair.toml",
        "preset = 'strong'\n[models]\nplan = 'evil/model'\n[environment]\nOPENAI_API_KEY = 'x'\n"
        "[checks]\ncommands = [['touch', 'ran']]\n",
    )
    done = user.call("run", GOAL, "--json")
    notices = [event["text"] for event in done.events if event["type"] == "NoticeGiven"]
    for key in ("preset", "models", "environment"):
        assert any(f".relaypair.toml: {key} is ignored" in text for text in notices)
    routes = {
        e["route"]["phase"]: e["route"]["models"]
        for e in done.events
        if e["type"] == "RouteChanged"
    }
    assert routes["plan"] == ["builtin/rewrite"]
    assert "CheckFinished" in done.kinds
    ran = [e["result"]["command"]["argv"][0] for e in done.events if e["type"] == "CheckFinished"]
    assert set(ran) == {"syntax"}


@pytest.mark.parametrize(
    "text, said",
    [
        ("modls = 1\n", "config.toml: modls: unknown setting; did you mean models?"),
        ("[models]\nplam = 'x/y'\n", "config.toml: models.plam: no such phase; did you mean plan?"),
    ],
)
def test_a_typo_in_the_users_file_names_file_key_and_near_match(
    user: User, text: str, said: str
) -> None:
    user.configure(text)
    done = user.call("run", GOAL)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert said in done.err


def test_state_stays_outside_the_repository_and_is_the_users_alone(user: User) -> None:
    assert user.call("run", GOAL).code == ExitCode.DONE
    journal = next(p for p in user.state() if p.name == "journal.sqlite")
    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(bytes_of(user.root)) == ["a.py", "b.py"]


def test_xdg_folders_are_followed(user: User, tmp_path: Path) -> None:
    names = ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    env = {name: str(tmp_path / name) for name in names}
    config = tmp_path / "XDG_CONFIG_HOME/relaypair/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("modls = 1\n")
    assert str(config) in user.call("run", GOAL, env=env).err
    config.write_text("")
    assert user.call("run", GOAL, "--check", CHECK, env=env).code == ExitCode.DONE
    assert list((tmp_path / "XDG_STATE_HOME/relaypair").glob("*/journal.sqlite"))
    assert (tmp_path / "XDG_CACHE_HOME/relaypair").is_dir()
    assert not list(user.home.rglob("*"))


@pytest.mark.slow
def test_the_demo_plays_its_relay_without_a_screen(user: User, tmp_path: Path) -> None:
    done = user.call("demo", "--headless", env={"TMPDIR": str(tmp_path)})
    assert done.code == ExitCode.DONE, done.out + done.err
    landed = done.out.splitlines().index("landed 11 hunks in 5 files, verified")
    assert "commit message, for `git commit -F -`:" in done.out.splitlines()[landed:]


def test_keys_prints_every_key(user: User) -> None:
    done = user.call("keys", env={"COLUMNS": "60"})
    assert done.code == ExitCode.DONE
    assert "accept this hunk" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 60


@pytest.mark.slow
def test_models_tells_which_model_serves_each_phase_and_why(user: User) -> None:
    user.configure("[models]\nverify = ['x/judge', 'y/judge']\n")
    env = {"RELAYPAIR_PLAN_MODEL": "x/planner"}
    done = user.call("models", "builtin", "--generate-model", "x/writer", env=env)
    assert done.code == ExitCode.DONE
    rows = [" ".join(line.split()) for line in done.out.splitlines()]
    assert rows[:6] == [
        "retrieve local default no key found",
        "plan x/planner environment RELAYPAIR_PLAN_MODEL",
        "generate x/writer flag --generate-model",
        "apply local default no key found",
        "verify x/judge, y/judge user file models.verify",
        "review local default no key found",
    ]
    assert rows[7].startswith("builtin/rewrite")


def test_doctor_says_one_line_each_and_never_a_keys_value(user: User) -> None:
    user.write(".relaypair.toml", "preset = 'strong'\n")
    env = {"OPENAI_API_KEY": "sk-very-secret", "RELAYPAIR_PLAN_MODEL": "anthropic/claude"}
    done = user.call("doctor", env=env)
    assert (done.code, done.err) == (ExitCode.DONE, "")
    rows = done.out.splitlines()
    assert {row[:4].strip() for row in rows} <= {"ok", "warn", "bad"}
    assert "sk-very-secret" not in done.out
    assert "ok    keys: OPENAI_API_KEY" in rows
    assert any("ANTHROPIC_API_KEY is not set" in row and row.startswith("warn") for row in rows)
    assert any("preset is ignored" in row and row.startswith("warn") for row in rows)
    words = ("Python 3", "git version", "state folder", "repository", "The check runs")
    for word in (*words, "search index: none yet"):
        assert any(word in row for row in rows), word
    assert not user.state()


def test_doctor_fails_when_something_is_bad(user: User) -> None:
    user.configure("modls = 1\n")
    done = user.call("doctor")
    assert done.code == ExitCode.FAILED
    assert any(
        row.startswith("bad ") and "did you mean models?" in row for row in done.out.splitlines()
    )
    assert user.call("doctor", "--repo", "/nowhere").code == ExitCode.FAILED

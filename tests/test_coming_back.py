import shlex
import sys
from pathlib import Path

from core.domain import events as e
from tests.calling import RENAMED, User
from tests.playing import make_repository
from tui.commands.screen import program
from tui.exit_codes import ExitCode


def test_the_line_that_comes_back_names_what_the_shell_can_start(tmp_path: Path) -> None:
    script = "a folder/relaypair.py"
    assert shlex.split(program(str(tmp_path), script)) == [sys.executable, script]

    there = tmp_path / "relaypair"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)

    assert program(str(tmp_path), script) == "relaypair"


def test_a_review_without_a_screen_tells_what_was_staged_and_what_was_left_out(
    tmp_path: Path,
) -> None:
    user = User(tmp_path / "home", make_repository(tmp_path / "r", RENAMED))
    (user.root / "b.py").write_text("from a import other\n")
    (user.root / "data.bin").write_bytes(b"\x00\x01\xff")

    done = user.call("review")

    assert done.code == ExitCode.DONE
    assert "review of a diff: review the working tree" in done.out
    assert "; 1 edit refused; nothing written" in done.out
    assert e.EditsStaged.__name__ in user.call("review", "--json").out

"""git's histogram for any number of texts in one call, and what happens without it."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.adapters.differ import GitDiffer
from core.domain.hunk import Run
from core.edits.differing import PlainDiffer, is_exact
from core.edits.snapshot import split_lines

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def lines(text: str) -> tuple[str, ...]:
    return split_lines(text)


def runs(before: str, after: str, environment: dict[str, str] | None = None) -> list[Run]:
    [found] = GitDiffer(environment or PATH).runs([(lines(before), lines(after))])
    return found


@pytest.fixture
def counted(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment whose git notes every call of `git diff` and the folder it was made in."""
    notes = tmp_path / "notes"
    notes.touch()
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "git"
    script.write_text(
        f'#!/bin/sh\ncase " $* " in *" diff "*) pwd >> "{notes}";; esac\nexec /usr/bin/git "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}, notes


def test_the_lines_of_each_pair_that_differ_are_told() -> None:
    pairs = [
        (lines("a\nb\nc\n"), lines("a\nB\nc\n")),
        (lines("a\nb\n"), lines("a\nb\n")),
        (lines(""), lines("a\n")),
        (lines("a\nb\nc\n"), lines("b\nc\nd\n")),
        (lines("a\nb"), lines("a\nb\n")),
    ]
    assert GitDiffer(PATH).runs(pairs) == [
        [(1, 2, 1, 2)],
        [],
        [(0, 0, 0, 1)],
        [(0, 1, 0, 0), (3, 3, 2, 3)],
        [(1, 2, 1, 2)],
    ]
    assert GitDiffer(PATH).runs([]) == []


def test_the_answer_is_gits_own_where_there_are_two() -> None:
    pair = (lines("b\na\na\n"), lines("a\nc\n"))
    assert GitDiffer(PATH).runs([pair]) == [[(0, 2, 0, 0), (3, 3, 1, 2)]]
    assert PlainDiffer().runs([pair]) == [[(0, 1, 0, 0), (2, 3, 1, 2)]]


def test_a_function_put_before_another_is_one_run_that_holds_it_whole() -> None:
    one = "def one():\n    go()\n    return 1\n\n\n"
    two = "def two():\n    go()\n    return 2\n\n\n"
    assert runs(two, one + two) == [(0, 0, 0, 5)]


def test_any_number_of_pairs_is_one_process_and_leaves_no_folder(
    counted: tuple[dict[str, str], Path],
) -> None:
    environment, notes = counted
    pairs = [(lines(f"a\nb{n}\n"), lines(f"a\nc{n}\n")) for n in range(40)]
    assert GitDiffer(environment).runs(pairs) == [[(1, 2, 1, 2)]] * 40
    [folder] = notes.read_text().splitlines()
    assert not Path(folder).exists()


def test_what_git_would_not_cut_as_we_do_is_compared_without_it(
    counted: tuple[dict[str, str], Path],
) -> None:
    environment, notes = counted
    assert runs("a\rb\rc\n", "a\rX\rc\n", environment) == [(1, 2, 1, 2)]
    assert runs("a\r\nb\r", "a\r\nc\r", environment) == [(1, 2, 1, 2)]
    assert GitDiffer(environment).runs([(("a", "b\n"), ("a", "c\n"))]) == [[(1, 2, 1, 2)]]
    assert notes.read_text() == ""


def test_line_ends_are_part_of_a_line() -> None:
    assert runs("a\r\nb\r\n", "a\r\nb\n") == [(1, 2, 1, 2)]


def test_lines_that_look_like_a_diff_are_lines() -> None:
    before = "@@ -1 +1 @@\ndiff --git old/0 new/0\n-- old/0\nx\n"
    assert runs(before, before.replace("x", "@@ -9,9 +9,9 @@")) == [(3, 4, 3, 4)]
    assert runs("y\n" + before, "y\n") == [(1, 5, 1, 1)]


def test_a_text_with_nul_bytes_is_compared_as_text() -> None:
    assert runs("a\n\0\nc\n", "a\n\0\nd\n") == [(2, 3, 2, 3)]


@pytest.mark.parametrize("code", ["exit 1", "exit 129", "echo '@@ -1 +9,9 @@'; exit 1"])
def test_where_git_fails_or_lies_the_answer_is_still_right(tmp_path: Path, code: str) -> None:
    script = tmp_path / "git"
    script.write_text(f"#!/bin/sh\necho 'diff --git old/0 new/0'\n{code}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assert runs("a\nb\nc\n", "a\nB\nc\n", {"PATH": str(tmp_path)}) == [(1, 2, 1, 2)]


def test_without_git_the_answer_is_the_plain_one(tmp_path: Path) -> None:
    pair: tuple[Sequence[str], Sequence[str]] = (lines("a\nb\nc\n"), lines("c\na\n"))
    nowhere = {"PATH": str(tmp_path)}
    assert GitDiffer(nowhere).runs([pair]) == PlainDiffer().runs([pair])


def test_a_users_settings_do_not_change_the_answer(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text(
        "[diff]\n algorithm = myers\n context = 9\n interHunkContext = 9\n mnemonicPrefix = true\n"
        " external = false\n noprefix = true\n[core]\n autocrlf = true\n"
        f" attributesFile = {tmp_path}/attributes\n[color]\n ui = always\n"
    )
    (tmp_path / "attributes").write_text("* binary\n* filter=f\n* -diff\n")
    home = {**PATH, "HOME": str(tmp_path), "GIT_DIR": os.devnull, "GIT_EXTERNAL_DIFF": "false"}
    assert runs("b\na\na\n", "a\nc\n", home) == [(0, 2, 0, 0), (3, 3, 1, 2)]
    assert runs("a\r\nb\nc\nd\n", "a\nb\nc\nD\n", home) == [(0, 1, 0, 1), (3, 4, 3, 4)]


def test_an_answer_is_exact_only_if_all_between_is_equal() -> None:
    before, after = lines("a\nb\nc\n"), lines("a\nX\nc\n")
    assert is_exact([(1, 2, 1, 2)], before, after)
    for wrong in (
        [],
        [(0, 1, 0, 1)],
        [(1, 2, 1, 2), (2, 2, 2, 2)],
        [(1, 2, 1, 9)],
        [(1, 1, 1, 2), (1, 2, 2, 2)],
        [(2, 2, 2, 2)],
        [(2, 3, 2, 3)],
    ):
        assert not is_exact(wrong, before, after), wrong

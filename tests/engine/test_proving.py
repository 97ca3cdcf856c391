"""A check proves a tree: however the same tree came about, it need not be checked again."""

from pathlib import Path

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import HunkState
from core.domain.phase import Phase
from core.edits.hunks import is_splittable
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played

GOAL = "let `greet` take a loud flag"


async def played(folder: Path, **options: object) -> Played:
    root = make_repository(folder / "r", GREETING)
    run = open_played(root, folder / "s", PLAN, EDITS, **options)  # type: ignore[arg-type]
    await run.play(GOAL)
    assert run.state.cursor is None
    return run


def decide(run: Played, state: HunkState, *ids: str) -> c.DecideHunk:
    return c.DecideHunk(ids or tuple(h.id for h in run.state.hunks), state)


async def test_all_hunks_that_verify_passed_land_verified_without_another_check(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path)
    ran = len(run.checker.ran)
    assert not run.state.is_verified
    await run.do(decide(run, HunkState.ACCEPTED))
    assert run.state.is_verified
    await run.do(c.Land())
    [landed] = run.told(e.EditsLanded)
    assert isinstance(landed, e.EditsLanded)
    assert landed.landing.verified
    assert len(run.checker.ran) == ran


async def test_some_of_the_hunks_are_another_tree(tmp_path: Path) -> None:
    run = await played(tmp_path)
    first = run.state.hunks[0].id
    await run.do(decide(run, HunkState.ACCEPTED), decide(run, HunkState.REJECTED, first))
    assert not run.state.is_verified
    await run.do(c.Land())
    assert not run.told(e.EditsLanded)
    await run.do(decide(run, HunkState.ACCEPTED, first))
    assert run.state.is_verified


async def test_a_hunk_that_was_rejected_when_verify_ran_is_in_no_tree_it_checked(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path)
    first = run.state.hunks[0].id
    await run.do(decide(run, HunkState.REJECTED, first), c.BackTo(Phase.VERIFY), c.RunOn())
    others = tuple(h.id for h in run.state.hunks[1:])
    await run.do(decide(run, HunkState.ACCEPTED, *others))
    assert run.state.is_verified
    await run.do(decide(run, HunkState.ACCEPTED, first))
    assert not run.state.is_verified


@pytest.mark.parametrize("by_person", [False, True])
async def test_a_hunk_that_is_split_after_the_check_makes_no_other_tree(
    tmp_path: Path, by_person: bool
) -> None:
    run = await played(tmp_path)
    await run.do(decide(run, HunkState.ACCEPTED))
    if by_person:
        await run.do(c.VerifyAccepted())
    whole = next(h for h in run.state.hunks if is_splittable(h))
    before = len(run.state.hunks)
    await run.do(c.SplitHunk(whole.id))
    assert len(run.state.hunks) > before
    assert run.state.is_verified
    await run.do(c.Land())
    assert run.state.last_landing is not None and run.state.last_landing.verified


async def test_an_edited_hunk_is_another_tree(tmp_path: Path) -> None:
    run = await played(tmp_path)
    hunk = run.state.hunks[0]
    await run.do(
        c.EditHunk(hunk.id, "".join(hunk.new) + "# more\n"), decide(run, HunkState.ACCEPTED)
    )
    assert not run.state.is_verified


async def test_syntax_alone_proves_nothing(tmp_path: Path) -> None:
    run = await played(tmp_path, checks=())
    await run.do(decide(run, HunkState.ACCEPTED))
    assert not run.state.is_verified


async def test_a_file_that_changed_on_disk_since_is_no_checked_tree(tmp_path: Path) -> None:
    run = await played(tmp_path)
    await run.do(decide(run, HunkState.ACCEPTED))
    path = run.root / "app/greet.py"
    path.write_text(path.read_text() + "# last\n")
    await run.do(c.Land())
    assert not run.told(e.EditsLanded)
    assert not run.state.is_verified

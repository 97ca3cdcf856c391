"""Hunks that lean on one another, from an existing change to its landing."""

from pathlib import Path

from core.adapters.differ import GitDiffer
from core.adapters.existing import find_change
from core.adapters.repo import WorkingRepo
from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import Hunk, HunkState
from core.domain.risk_rules import RiskPolicy
from core.edits.annotate import annotator
from core.edits.closure import closure
from core.engine.intake import review_events
from tests.playing import Played, make_repository, open_played

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
BEFORE = {"cli.py": "import sys\n\n\ndef main():\n    go()\n", "flags.py": "X = 1\n"}
AFTER = {
    "cli.py": "import sys\n\n\ndef main():\n    from flags import parse_flags\n    parse_flags()\n",
    "flags.py": "X = 1\n\n\ndef parse_flags():\n    return sorted({})\n",
}


def reviewed(tmp_path: Path) -> Played:
    """A run over a change that stands in the files."""
    root = make_repository(tmp_path / "r", BEFORE)
    for name, text in AFTER.items():
        (root / name).write_text(text)
    run = open_played(root, tmp_path / "s")
    repo = WorkingRepo(root, PATH, has_git=True)
    title, staged = find_change(
        repo, "", b"", annotator(RiskPolicy()), run.journal, GitDiffer(PATH)
    )
    goal = run.state.goal
    events = list(review_events(title, staged, repo.state(), goal.scope, goal.budget))
    run.session.begin_review("review", events)
    return run


def use_and_definition(run: Played) -> tuple[Hunk, Hunk]:
    use, definition = run.state.hunks
    return use, definition


def wanted(run: Played, path: str) -> list[str]:
    return [n.id for h in run.state.hunks if h.path == path for n in h.needs]


async def test_an_existing_change_tells_which_hunk_needs_which(tmp_path: Path) -> None:
    run = reviewed(tmp_path)
    use, definition = use_and_definition(run)
    assert [(n.id, n.why) for n in use.needs] == [
        (definition.id, "uses parse_flags, which flags.py defines")
    ]
    assert closure(use.id, run.state.hunks) == (use.id, definition.id)


async def test_needs_follow_a_hunk_that_is_split_and_then_edited(tmp_path: Path) -> None:
    run = reviewed(tmp_path)
    _, definition = use_and_definition(run)
    await run.do(c.SplitHunk(definition.id))
    parts = [h.id for h in run.state.hunks if h.path == "flags.py"]
    assert len(parts) == 4
    assert wanted(run, "cli.py") == parts
    await run.do(c.EditHunk(parts[-1], "    return []\n"))
    edited = [h for h in run.state.hunks if h.edited]
    assert wanted(run, "cli.py") == [*parts[:-1], edited[0].id]


async def test_an_edit_that_changes_nothing_is_refused(tmp_path: Path) -> None:
    run = reviewed(tmp_path)
    use, _ = use_and_definition(run)
    await run.do(c.EditHunk(use.id, "".join(use.old)))
    [refusal] = run.told(e.CommandRefused)
    assert isinstance(refusal, e.CommandRefused)
    assert refusal.reason == "With these lines the file would stay as it is; n rejects the hunk."
    assert run.state.hunks[0] == use


async def test_a_use_without_its_definition_is_said_before_the_check_and_blocks_nothing(
    tmp_path: Path,
) -> None:
    run = reviewed(tmp_path)
    use, definition = use_and_definition(run)
    await run.do(
        c.DecideHunk((use.id,), HunkState.ACCEPTED),
        c.DecideHunk((definition.id,), HunkState.REJECTED),
        c.VerifyAccepted(),
    )
    told = [x.text for x in run.events if isinstance(x, e.NoticeGiven) and "needs what" in x.text]
    assert told == [
        "One accepted hunk needs what is not accepted: cli.py line 5 uses parse_flags, which "
        "flags.py defines; Y accepts a hunk with all it needs."
    ]
    names = run.names()
    assert names.index("CheckFinished") > len(names) - 1 - names[::-1].index("NoticeGiven")
    assert "AcceptedVerified" in names


async def test_with_all_that_is_needed_nothing_is_said(tmp_path: Path) -> None:
    run = reviewed(tmp_path)
    use, definition = use_and_definition(run)
    await run.do(c.DecideHunk((use.id, definition.id), HunkState.ACCEPTED), c.VerifyAccepted())
    assert "AcceptedVerified" in run.names()
    assert not [x for x in run.events if isinstance(x, e.NoticeGiven) and "needs what" in x.text]
    await run.do(c.UndoDecision())
    assert run.state.hunks_in(HunkState.PENDING) == run.state.hunks

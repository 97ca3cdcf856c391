"""The commit message is at hand after landing, in the app and by line; nobody commits for the user."""

from pathlib import Path

from core.domain import commands as c
from core.domain.hunk import HunkState
from tests.playing import EDITS, PLAN, git
from tests.tui.driving import shown
from tests.tui.test_questions import GOAL, Script, opened
from tests.waiting import wait_until
from tui.app import RelaypairApp
from tui.cockpit import AppOptions
from tui.line import LineMode

MESSAGE = "Let `greet` take a loud flag"


async def test_a_key_shows_and_copies_it_after_landing(tmp_path: Path) -> None:
    played = opened(tmp_path, PLAN, EDITS)
    await played.play(GOAL)
    await played.do(c.DecideHunk(tuple(h.id for h in played.state.hunks), HunkState.ACCEPTED))
    app = RelaypairApp(played.session, AppOptions(begun=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: "accepted, verified, L lands them" in shown(app))
        await pilot.press("L", "L")
        await wait_until(lambda: "M shows the commit message" in shown(app))
        await pilot.press("M")
        await wait_until(lambda: "Commit message (copied)" in shown(app))
        assert MESSAGE in shown(app)
        assert app.clipboard == MESSAGE
    assert git(played.root, "log", "--format=%s").split() == ["Begin"]


async def test_by_line_it_is_printed_whole_after_landing_and_by_a_word(tmp_path: Path) -> None:
    played = opened(tmp_path, PLAN, EDITS)
    script = Script("message", "run", "accept 1-3", "land", "land", "message")
    await LineMode(played.session, script).run(GOAL)
    assert "Review has not summed up the change yet." in script.printed
    at = script.printed.index("commit message, for `git commit -F -`:")
    assert script.printed[at + 1 : at + 3] == ["", MESSAGE]
    assert script.printed.count(MESSAGE) == 2
    assert git(played.root, "log", "--format=%s").split() == ["Begin"]


async def test_before_review_the_key_says_why_there_is_none(tmp_path: Path) -> None:
    played = opened(tmp_path)
    app = RelaypairApp(played.session, AppOptions(goal=GOAL))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: bool(played.state.goal.text))
        await pilot.press("escape", "M")
        await wait_until(lambda: "review has not summed up the change yet" in shown(app))

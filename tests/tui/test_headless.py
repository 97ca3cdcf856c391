"""Without a screen nobody wonders which run it was, what it waits for, or how to go on."""

from pathlib import Path

import pytest

from core.adapters.scripted import Line
from core.domain import events as e
from core.domain.errors import Refused
from core.domain.phase import Phase, PhaseState
from core.engine.outcome import outcome_of
from tests.playing import EDITS, PLAN, Played, git
from tests.tui.test_questions import GOAL, LARGE_PLAN, OUTSIDE, made, opened
from tui.exit_codes import ExitCode
from tui.headless import Accept, Headless, HeadlessOptions

AUTH_PLAN = '{"tasks": [{"title": "Do", "intent": "it", "files": ["app/auth.py"]}]}'
AUTH = "app/auth.py\n```python\nx = 1\n```\n"


async def carried(
    folder: Path, *lines: Line, **wanted: object
) -> tuple[Played, ExitCode, list[str]]:
    played = opened(folder, *lines)
    printed: list[str] = []
    options = HeadlessOptions(**wanted)  # type: ignore[arg-type]
    code = await Headless(played.session, options, printed.append).run(GOAL)
    return played, code, printed


async def again(
    played: Played, folder: Path, *lines: Line, answer: str
) -> tuple[Played, ExitCode, list[str]]:
    """The run taken up by another program."""
    from tests.playing import open_played

    later = open_played(played.root, folder / "s", *lines)
    printed: list[str] = []
    headless = Headless(later.session, HeadlessOptions(), printed.append)
    return later, await headless.run(resume=True, answer=answer), printed


async def test_a_run_that_stopped_says_its_id_and_the_command_that_takes_it_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played, code, _ = await carried(tmp_path, *OUTSIDE)
    assert code is ExitCode.ASKED
    told = capsys.readouterr().err.splitlines()
    resume = f"resume {played.state.run_id} --repo {played.root}"
    assert told[0].startswith(f"This is run {played.state.run_id}; `")
    assert resume in told[0]
    assert f"{resume} --answer CHOICE` answers: widen or drop or refuse." in told[1]


@pytest.mark.parametrize(
    ("answer", "paths"),
    [
        ("widen", {"app/greet.py", "tests/test_greet.py", "README.md"}),
        ("drop", {"app/greet.py", "tests/test_greet.py"}),
    ],
)
async def test_an_answer_by_option_lets_the_run_go_on(
    tmp_path: Path, answer: str, paths: set[str]
) -> None:
    played, _, _ = await carried(tmp_path, *OUTSIDE)
    later, code, _ = await again(played, tmp_path, answer=answer)
    assert {h.path for h in later.state.hunks} == paths
    assert later.model.asked == []
    assert code is ExitCode.DONE


async def test_a_refusal_by_option_buys_no_other_reply(tmp_path: Path) -> None:
    played, _, _ = await carried(tmp_path, *OUTSIDE)
    later, code, _ = await again(played, tmp_path, answer="refuse")
    assert code is ExitCode.REJECTED
    assert later.model.asked == []
    assert later.state.question is None


async def test_a_large_change_is_taken_or_asked_for_again_by_option(tmp_path: Path) -> None:
    played, _, _ = await carried(tmp_path, LARGE_PLAN, made(50))
    later, code, _ = await again(played, tmp_path, made(9), answer="again")
    assert [h.added for h in later.state.hunks] == [9]
    assert code is ExitCode.DONE
    other, _, _ = await carried(tmp_path / "b", LARGE_PLAN, made(50))
    later, code, _ = await again(other, tmp_path / "b", answer="go-on")
    assert later.checker.ran
    assert code is ExitCode.DONE


async def test_a_search_that_found_nothing_to_trust_asks_and_goes_on_by_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played, options = opened(tmp_path, PLAN, EDITS), HeadlessOptions(plan_only=True)
    code = await Headless(played.session, options, print).run("resize uploaded photos")
    assert code is ExitCode.ASKED
    assert "--answer CHOICE` answers: go-on." in capsys.readouterr().err
    later, code, _ = await again(played, tmp_path, PLAN, EDITS, answer="go-on")
    assert later.state.phases[Phase.PLAN].state is PhaseState.PASSED
    assert code is ExitCode.DONE


@pytest.mark.parametrize("answer", ["go-on", "again"])
async def test_an_answer_that_is_not_offered_is_refused_in_one_sentence(
    tmp_path: Path, answer: str
) -> None:
    played, _, _ = await carried(tmp_path, *OUTSIDE)
    with pytest.raises(Refused, match=f"{answer} is no answer to what waits; say widen or drop"):
        await again(played, tmp_path, answer=answer)


async def test_an_answer_without_a_question_is_refused(tmp_path: Path) -> None:
    played, _, _ = await carried(tmp_path, PLAN, EDITS)
    with pytest.raises(Refused, match="No question waits in this run"):
        await again(played, tmp_path, answer="widen")


async def test_hunks_of_high_risk_are_told_once_and_left_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played, code, printed = await carried(tmp_path, AUTH_PLAN, AUTH, accept=Accept.ALL)
    assert code is ExitCode.ASKED
    assert sum("accept or reject 1 hunk of high risk" in line for line in printed) == 1
    err = capsys.readouterr().err
    assert "1 hunk of high risk must be decided by a person" in err
    assert f"resume {played.state.run_id}" in err


async def test_a_run_that_was_only_to_plan_has_done_what_it_was_told(tmp_path: Path) -> None:
    played, code, printed = await carried(tmp_path, PLAN, plan_only=True)
    assert code is ExitCode.DONE
    assert "run finished: planned" in printed
    assert outcome_of(played.state) == "planned"
    assert played.state.phases[Phase.GENERATE].state is PhaseState.PENDING


async def test_words_of_no_other_mode_are_printed(tmp_path: Path) -> None:
    """Neither keys of the app nor words of the line mode, which both would do nothing here."""
    _, code, printed = await carried(tmp_path, PLAN, EDITS, accept=Accept.ALL, land=True)
    assert code is ExitCode.DONE
    for line in printed:
        assert "`land`" not in line and "`verify`" not in line and "L lands" not in line


async def test_what_landed_is_followed_by_its_commit_message_as_git_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played, _, printed = await carried(tmp_path, PLAN, EDITS, accept=Accept.ALL, land=True)
    at = next(n for n, text in enumerate(printed) if text.startswith("commit message"))
    message = printed[at].split("\n\n", 1)[1]
    git(played.root, "add", "-A")
    git(played.root, "commit", "-q", "-m", message)
    assert git(played.root, "log", "-1", "--format=%B").strip() == message.strip()
    assert "resume" not in capsys.readouterr().err


async def test_nothing_is_committed_by_itself(tmp_path: Path) -> None:
    played, _, _ = await carried(tmp_path, PLAN, EDITS, accept=Accept.ALL, land=True)
    assert git(played.root, "log", "--format=%s").split() == ["Begin"]
    assert any(isinstance(x, e.EditsLanded) for x in played.events)


async def test_what_a_landing_leaves_undecided_is_told_with_its_risk_and_the_way_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = AUTH_PLAN.replace('"app/auth.py"', '"shop/cart.py", "README.md"')
    old, new = "`greet(name)` says hello.", "`greet(name)` greets."
    document = f"README.md\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"
    cart = AUTH.replace("app/auth.py", "shop/cart.py")
    played, _, _ = await carried(
        tmp_path, plan, cart + document, accept=Accept.LOW_RISK, land=True, unverified=True
    )
    assert played.state.last_landing
    assert "1 hunk undecided, up to medium risk: `" in capsys.readouterr().err

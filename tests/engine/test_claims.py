"""A reply's claims about files and lines are held against what is there."""

import json
from pathlib import Path

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.phase import Phase, PhaseState
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

GOAL = "let `greet` take a loud flag"


async def played(folder: Path, *lines: str, **models: str) -> Played:
    chosen = routes(plan="x/p", generate="x/g", **models)
    run = open_played(make_repository(folder / "r", GREETING), folder / "s", *lines, models=chosen)
    await run.play(GOAL)
    return run


def plan(summary: str, *files: str) -> str:
    task = {"title": "t", "intent": "i", "files": list(files), "acceptance": ["a"]}
    return json.dumps({"summary": summary, "tasks": [task]})


def retried(run: Played, phase: Phase) -> list[str]:
    return [x.reason for x in run.events if isinstance(x, e.PhaseRetried) and x.phase is phase]


async def test_a_plan_that_speaks_of_a_file_that_is_not_there_is_asked_again(
    tmp_path: Path,
) -> None:
    lie = plan("greet stands in app/missing.py.", "app/greet.py")
    run = await played(tmp_path, lie, PLAN, EDITS)
    assert retried(run, Phase.PLAN) == [
        "the reply speaks of app/missing.py, which is not there; leave it out"
    ]
    assert run.state.phases[Phase.PLAN].state is PhaseState.PASSED


async def test_a_line_beyond_the_end_is_no_line(tmp_path: Path) -> None:
    lie = plan("See app/greet.py:400.", "app/greet.py")
    run = await played(tmp_path, lie, PLAN, EDITS)
    [reason] = retried(run, Phase.PLAN)
    assert reason.startswith("the reply speaks of app/greet.py:400, and the file has 11 lines")


@pytest.mark.parametrize(
    "summary",
    [
        "Change app/greet.py:3 and make app/new/loud.py.",
        "As in https://example.com/docs/a.html and and/or, 1/2.5 of it, node.js.",
        "Use core/engine words without an ending; e.g. a/b.",
    ],
)
async def test_what_is_there_or_is_made_is_no_lie(tmp_path: Path, summary: str) -> None:
    run = await played(
        tmp_path, plan(summary, "app/greet.py", "app/new/loud.py", "tests/test_greet.py"), EDITS
    )
    assert retried(run, Phase.PLAN) == []


async def test_a_finding_about_nothing_fails_the_verdict(tmp_path: Path) -> None:
    def verdict(where: str) -> str:
        finding = {"where": where, "claim": "wrong", "evidence": "a line", "blocking": False}
        return json.dumps({"decision": "approve", "findings": [finding]})

    lies = (verdict("app/nowhere.py:3"), verdict("app/greet.py:2"))
    run = await played(tmp_path, PLAN, EDITS, *lies, verify="x/v")
    assert retried(run, Phase.VERIFY) == [
        "a finding names app/nowhere.py:3, which is not there; leave it out"
    ]
    assert run.state.verdict is not None
    assert [f.where for f in run.state.verdict.findings] == ["app/greet.py:2"]


async def test_a_commit_message_about_another_file_is_worded_again(tmp_path: Path) -> None:
    run = await played(tmp_path, PLAN, EDITS, "Shout\n\nIn app/other.py.", "Shout", summary="x/s")
    assert len(retried(run, Phase.REVIEW)) == 1
    await run.do(c.Step())
    assert run.state.phases[Phase.REVIEW].state is PhaseState.PASSED

"""High risk is decided by a person, hunk by hunk; the policy of the settings reaches the relay."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import HunkState
from core.domain.risk import RiskTier
from core.domain.risk_rules import DEFAULT_RULES, RiskPolicy, RiskRule
from tests.playing import Played, make_repository, open_played

FILES = {"app/a.py": "A = 1\n", "app/auth/login.py": "B = 1\n", "app/auth/token.py": "C = 1\n"}


def block(path: str, old: str, new: str) -> str:
    return f"{path}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n\n"


EDITS = "".join(block(p, t, t.replace("1", "2")) for p, t in FILES.items())


async def staged(folder: Path, policy: RiskPolicy | None = None) -> Played:
    task = {"title": "t", "intent": "i", "files": list(FILES), "acceptance": ["a"]}
    plan = json.dumps({"summary": "s", "tasks": [task]})
    run = open_played(
        make_repository(folder / "r", FILES),
        folder / "s",
        plan,
        EDITS,
        approved=False,
        policy=policy,
    )
    await run.play("raise the numbers in app/a.py and beside it")
    return run


def high(run: Played) -> list[str]:
    return [h.id for h in run.state.hunks if h.risk is RiskTier.HIGH]


async def test_accepting_all_leaves_high_risk_for_a_person(tmp_path: Path) -> None:
    run = await staged(tmp_path)
    assert len(high(run)) == 2
    await run.do(c.DecideHunk(tuple(h.id for h in run.state.hunks), HunkState.ACCEPTED))
    assert [h.path for h in run.state.hunks_in(HunkState.ACCEPTED)] == ["app/a.py"]
    notices = [x.text for x in run.events if isinstance(x, e.NoticeGiven)]
    assert "2 hunks of high risk left for you, to be accepted one by one." in notices


async def test_several_of_high_risk_at_once_are_refused_and_each_alone_is_not(
    tmp_path: Path,
) -> None:
    run = await staged(tmp_path)
    await run.do(c.DecideHunk(tuple(high(run)), HunkState.ACCEPTED))
    assert run.state.hunks_in(HunkState.ACCEPTED) == ()
    await run.do(*(c.DecideHunk((one,), HunkState.ACCEPTED) for one in high(run)))
    assert len(run.state.hunks_in(HunkState.ACCEPTED)) == 2


async def test_a_setting_accepts_no_high_risk_not_even_alone(tmp_path: Path) -> None:
    run = await staged(tmp_path)
    await run.do(c.DecideHunk((high(run)[0],), HunkState.ACCEPTED, "--accept all"))
    assert run.state.hunks_in(HunkState.ACCEPTED) == ()


async def test_many_may_be_rejected_at_once(tmp_path: Path) -> None:
    run = await staged(tmp_path)
    await run.do(c.DecideHunk(tuple(high(run)), HunkState.REJECTED))
    assert len(run.state.hunks_in(HunkState.REJECTED)) == 2


@pytest.mark.parametrize("tier", [RiskTier.MEDIUM, RiskTier.HIGH])
async def test_the_policy_of_the_settings_judges_the_hunks_of_a_relay(
    tmp_path: Path, tier: RiskTier
) -> None:
    own = RiskRule("numbers", tier, "numbers", globs=("app/a.py",), matches=("app/a.py",))
    run = await staged(tmp_path, replace(RiskPolicy(), rules=(*DEFAULT_RULES, own)))
    hunk = next(h for h in run.state.hunks if h.path == "app/a.py")
    assert (hunk.risk, hunk.rule) == (tier, "numbers")


@pytest.mark.parametrize("tier", [RiskTier.MEDIUM, RiskTier.HIGH])
async def test_a_plan_that_the_user_edits_is_judged_by_the_policy_of_the_settings(
    tmp_path: Path, tier: RiskTier
) -> None:
    own = RiskRule("numbers", tier, "numbers", globs=("app/a.py",), matches=("app/a.py",))
    run = await staged(tmp_path, replace(RiskPolicy(), rules=(*DEFAULT_RULES, own)))
    [task] = run.state.tasks
    await run.do(c.EditPlan((replace(task, files=("app/a.py",), risk=RiskTier.LOW),)))
    assert run.state.tasks[0].risk is tier

"""A call that the program did not survive was asked, and is counted as far as that is known."""

from pathlib import Path

import pytest

from core.adapters.journal import SqliteJournal
from core.domain import commands as c
from core.domain import events as e
from core.domain.metrics import CostBasis
from core.domain.model import ModelInfo
from core.domain.phase import Phase, PhaseState
from core.record.live import figures_of
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played

GOAL = "let `greet` take a loud flag"
KNOWN = ModelInfo("x/writer", 10.0, 20.0, 100_000, "", True)


async def killed(folder: Path, phase: Phase, priced: bool = True) -> Played:
    """A run whose program ended while a model of the phase was asked, taken up again."""
    root = make_repository(folder / "r", GREETING)
    whole = open_played(root, folder / "a", PLAN, EDITS, known=(KNOWN,) if priced else ())
    await whole.play(GOAL)
    asked = [r for r in whole.recorded if isinstance(r.event, e.CallAsked)]
    [last] = [r.seq for r in asked if r.event.phase is phase]  # type: ignore[attr-defined]
    journal = SqliteJournal(folder / "s" / "journal.sqlite")
    journal.begin("run1", GOAL, "relay", 1_000.0)
    for recorded in whole.journal.read("run1"):
        if recorded.seq <= last:
            journal.append(recorded)
    later = open_played(
        root, folder / "s", EDITS, known=(KNOWN,) if priced else (), journal=journal
    )
    before = figures_of(later.session.past())
    assert sum(one.calls for one in before.calls if one.phase == phase) == 1
    later.session.resume()
    return later


def lost_in(run: Played) -> list[e.CallLost]:
    return [r.event for r in run.session.past() if isinstance(r.event, e.CallLost)]


async def test_it_is_a_lost_call_with_the_tokens_that_were_sent_and_none_out(
    tmp_path: Path,
) -> None:
    run = await killed(tmp_path, Phase.GENERATE)
    [lost] = lost_in(run)
    assert lost.phase is Phase.GENERATE
    assert lost.usage.tokens_in > 100
    assert (lost.usage.tokens_out, lost.usage.calls) == (0, 1)
    assert lost.usage.basis is CostBasis.ESTIMATED
    assert lost.usage.cost == pytest.approx(lost.usage.tokens_in * 10.0 / 1e6)
    assert run.state.phases[Phase.GENERATE].state is PhaseState.CANCELLED
    assert run.state.phases[Phase.GENERATE].usage.calls == 1
    assert run.state.spent_by(Phase.GENERATE).dollars == pytest.approx(lost.usage.cost or 0.0)


async def test_the_figures_of_the_run_have_it_once_before_and_after_it_is_taken_up(
    tmp_path: Path,
) -> None:
    run = await killed(tmp_path, Phase.GENERATE)
    figures = figures_of(run.session.past())
    generate = [one for one in figures.calls if one.phase == "generate"]
    assert [(one.calls, one.lost, one.tokens_out) for one in generate] == [(1, 1, 0)]
    assert figures.cost.is_estimated
    await run.do(c.RunOn())
    figures = figures_of(run.session.past())
    generate = [one for one in figures.calls if one.phase == "generate"]
    assert sum(one.calls for one in generate) == 2
    assert (
        sum(one.tokens_in for one in generate) == run.state.phases[Phase.GENERATE].usage.tokens_in
    )


async def test_without_a_known_price_its_cost_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    run = await killed(tmp_path, Phase.GENERATE, priced=False)
    assert run.state.phases[Phase.GENERATE].usage.cost is None
    assert figures_of(run.session.past()).cost.unpriced >= 1


async def test_it_is_told_once_however_often_the_run_is_taken_up(tmp_path: Path) -> None:
    run = await killed(tmp_path, Phase.PLAN)
    run.session.resume()
    assert len(lost_in(run)) == 1


async def test_the_time_of_the_cut_attempt_ends_with_what_was_told_of_it(tmp_path: Path) -> None:
    run = await killed(tmp_path, Phase.GENERATE)
    attempts = [one for one in figures_of(run.session.past()).phases if one.phase == "generate"]
    assert [one.seconds for one in attempts] == [0.0]


async def test_a_call_that_was_answered_is_no_lost_one(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    run = open_played(root, tmp_path / "s", PLAN, EDITS)
    await run.play(GOAL)
    asked = [x.call for x in run.events if isinstance(x, e.CallAsked)]
    answered = [x.call for x in run.events if isinstance(x, e.ModelReplied)]
    assert asked == answered
    assert len(asked) == 2
    later = open_played(root, tmp_path / "s")
    later.session.resume()
    assert lost_in(later) == []

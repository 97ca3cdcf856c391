import threading
from dataclasses import replace

import pytest

from core.domain import events as e
from core.domain.metrics import CostBasis, Usage
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.record import live
from core.record.figures import RunFigures
from tests.record.making import Made
from tests.tui.driving import driving, wait_until
from tui import run_words
from tui.ink import plain
from tui.run_table import RunSums, RunTable
from tui.run_words import run_sums, run_table
from tui.scripted_session import ScriptedSession, sample_session
from tui.sources.run_figures import figures_source

PLAN, GENERATE = Phase.PLAN, Phase.GENERATE


def rows(table: RunTable, width: int, now: float = 0.0) -> list[str]:
    source = figures_source(table, width, now)
    return [plain(source.line(row, width)).rstrip() for row in range(source.line_count)]


def test_each_attempt_has_a_row_with_what_it_cost_and_how_it_ended() -> None:
    usage = Usage(2_400, 812, 200, 0.019, CostBasis.PRICED, calls=1)
    made = Made().start(GENERATE)
    made.tell(e.ModelReplied(GENERATE, "c", "x/one", usage, 2.0, 0.5, "t", "p", "T1"), after=2.0)
    made.tell(e.PhaseFailed(GENERATE, "no edits"), after=0.5)
    made.start(GENERATE, 2)
    told = rows(run_table(made.figures), 100)
    told = told[told.index(next(row for row in told if row.startswith(" generate"))) :]
    assert told[0].split() == [
        "generate", "1", "2.4k", "200", "812", "$0.0190", "0.5s", "2.5s", "failed",
    ]  # fmt: skip
    assert told[1] == "   one"
    assert told[2].split()[:2] == ["generate", "2"]
    assert told[2].endswith("open")


def test_an_unknown_price_is_said_and_not_nothing() -> None:
    made = Made().start(PLAN).reply(PLAN, cost=None)
    told = rows(run_table(made.figures), 100)
    assert "$?" in next(row for row in told if row.startswith(" plan"))
    assert told[0].startswith(" $? in all")


@pytest.mark.parametrize("width", [30, 52, 71, 72, 120])
def test_no_line_is_wider_than_the_panel(width: int) -> None:
    made = Made().start(PLAN).reply(PLAN, model="provider/" + "long-name-" * 12)
    told = rows(run_table(made.figures), width)
    assert all(len(row) <= width for row in told)


async def test_the_panel_follows_the_run() -> None:
    session = sample_session()
    async with driving(session, focus="figures") as driven:
        session.publish(e.PhaseStarted(Phase.REVIEW, 9, "x/nine", "default", "key"))
        await driven.sees("review")
        usage = Usage(4_321, 5, 0, 0.5, CostBasis.PRICED, calls=1)
        session.publish(e.ModelReplied(Phase.REVIEW, "c", "x/nine", usage, 2.0, 0.5, "t", "p", ""))
        await driven.sees("4.3k")


async def test_keys_are_answered_while_figures_are_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The fold is held up until the key was seen to act."""
    began, may_go_on = threading.Event(), threading.Event()
    add = live.LiveFigures.add

    def slowly(self: live.LiveFigures, recorded: e.Recorded) -> None:
        began.set()
        may_go_on.wait(10)
        add(self, recorded)

    monkeypatch.setattr(live.LiveFigures, "add", slowly)
    session = sample_session()
    async with driving(session, focus="figures") as driven:
        session.publish(e.PhaseStarted(Phase.REVIEW, 9, "x/nine", "default", "key"))
        await wait_until(lambda: began.is_set())
        await driven.press("1")
        await wait_until(lambda: driven.app.view.focus == "plan")
        assert "in all" not in driven.text
        await driven.press("6")
        may_go_on.set()
        await driven.sees("in all")


async def test_what_is_not_looked_at_is_not_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(run: RunFigures) -> RunTable:
        raise AssertionError("nobody looks at the rows")

    monkeypatch.setattr(run_words, "run_table", never)
    session = sample_session()
    async with driving(session, focus="plan") as driven:
        await wait_until(lambda: driven.app.view.figures.sums == sums_of(session))
        assert driven.app.view.figures == RunTable(sums_of(session))


def test_the_time_in_phases_goes_on_while_one_runs_and_only_then() -> None:
    made = Made().ran(PLAN).start(GENERATE)
    assert rows(run_table(made.figures), 100, now=made.at)[0] == " $0.50 in all; 3.0s in phases"
    assert "8.0s in phases" in rows(run_table(made.figures), 100, now=made.at + 5)[0]
    made.tell(e.PhaseCancelled(GENERATE, "was cancelled"), after=6.0)
    assert "9.0s in phases" in rows(run_table(made.figures), 100, now=made.at + 5)[0]


def sums_of(session: ScriptedSession) -> RunSums:
    return run_sums(live.figures_of(session.past()))


async def test_the_header_has_the_sums_of_the_panel_and_no_others() -> None:
    """An attempt that was sent back, one that a crash cut short, and one that runs."""
    session = sample_session()
    async with driving(session, size=(160, 40), focus="figures") as driven:
        session.publish(e.SentBack(Phase.VERIFY, GENERATE, "a test fails", "t"))
        session.publish(e.PhaseStarted(GENERATE, 2, "x/nine", "default", "key"))
        usage = Usage(4_321, 5, 0, 0.5, CostBasis.PRICED, calls=1)
        session.publish(e.ModelReplied(GENERATE, "c", "x/nine", usage, 2.0, 0.5, "t", "p", ""))
        session.publish(e.PhaseCancelled(GENERATE, "was interrupted"))
        session.publish(e.RunResumed("resumed at generate"))
        session.publish(e.PhaseStarted(GENERATE, 2, "x/nine", "default", "key"))
        session.publish(e.PhasePassed(GENERATE, GenerateReceipt(), "key", 4.0))
        one = session.files[0].hunks[0]
        again = tuple(replace(one, id=name, task="T1") for name in ("fresh", "other"))
        session.publish(e.EditsStaged((replace(session.files[0], hunks=again),)))
        await wait_until(lambda: driven.app.view.figures.sums == sums_of(session))
        sums = sums_of(session)
        assert sums.rework == 2
        head = driven.text.split("\n")[0]
        assert f"rework {sums.rework}" in head
        assert f"{sums.cost} of $0.50 OVER   {sums.took(0)}" in head
        await driven.sees(f"{sums.cost} in all; {sums.took(0)} in phases")
        await driven.sees(f"{sums.rework} reworked")

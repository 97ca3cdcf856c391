"""Small words that a user reads: grammar, money, and what an option takes."""

import re
from dataclasses import replace

import pytest

from core.domain.check import CheckResult, Outcome
from core.domain.hunk import HunkState
from core.domain.metrics import CostBasis, Usage, money
from core.domain.phase import ORDER, PhaseState
from core.domain.state import PhaseRun
from core.engine.budget import _said
from core.engine.gate import pause_sentence
from core.record.cost import Cost
from tui import figures
from tui.cli import build_parser
from tui.ink import plain
from tui.line_words import explained
from tui.sample import PYTEST
from tui.scripted_session import sample_session
from tui.sources.foot import foot_lines

RUN = sample_session().state


@pytest.mark.parametrize("dollars", [0.0, 0.004, 0.0312, 0.0999, 0.1, 1.2, 250.0])
def test_money_looks_the_same_wherever_it_is_told(dollars: float) -> None:
    told = money(dollars)
    assert re.fullmatch(r"\$0|\$\d+\.\d{2}|\$0\.\d{4}", told)
    usage = Usage(1, 1, cost=dollars, basis=CostBasis.PRICED, calls=1)
    everywhere = (
        usage.price,
        figures.price(usage),
        figures.dollars(Cost(dollars)),
        figures.sum_of(dollars, is_estimated=False),
        _said(dollars, "dollars"),
    )
    assert set(everywhere) == {told}


def test_money_that_is_not_known_is_never_nothing() -> None:
    assert money(None) == "$?"
    assert figures.dollars(Cost(0.2, unpriced=1)) == "$0.20+$?"


def test_an_unknown_phase_is_answered_by_the_names_of_phases(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["stats", "--phase", "gen"])
    said = capsys.readouterr().err
    assert "Phase." not in said and "<" not in said
    assert all(phase.value in said for phase in ORDER)


def test_where_a_check_ran_is_said_with_one_in() -> None:
    for containment, words in (("in process", "in process"), ("bubblewrap", "in bubblewrap")):
        result = CheckResult(PYTEST, "t", Outcome.PASS, 1.0, containment=containment)
        run = replace(RUN, checks=(("proposal", result),))
        text = "\n".join(plain(line) for line in foot_lines(run, 120))
        assert f" {words} " in text
        assert "in in" not in text


def test_one_hunk_is_one_hunk() -> None:
    hunk = RUN.hunks[0]
    skipped = dict.fromkeys(ORDER, PhaseRun(PhaseState.SKIPPED))
    files = (replace(RUN.files[0], hunks=(hunk,)),)
    open_one = replace(RUN, files=files, phases=skipped, decisions={})
    assert pause_sentence(open_one) == "1 hunk undecided"
    accepted = replace(open_one, decisions={hunk.id: HunkState.ACCEPTED})
    assert pause_sentence(accepted).startswith("1 hunk accepted: V checks")


@pytest.mark.parametrize("word", ["task include", "task remove", "edit", "edit output"])
def test_a_word_that_takes_something_says_what(word: str) -> None:
    assert explained(word).startswith(word)

import pytest

from core.codec import vocabulary
from core.domain import events as e
from core.domain.check import CheckResult, Outcome
from core.domain.commands import Command
from core.domain.goal import Goal
from core.domain.hunk import HunkState, LandedFile, Landing
from core.domain.metrics import CostBasis, Usage
from core.domain.phase import Phase
from core.domain.receipt import PlanReceipt
from tui import sample
from tui.wording import sentence, tone, worded

LANDING = Landing("L1", (LandedFile("a.py", "x", "y"),), ("h1", "h2"), True)

WORDS = [
    (e.RunStarted(Goal("add x"), sample.REPOSITORY), "goal: add x"),
    (e.NoticeGiven("no key is set"), "no key is set"),
    (
        e.PhaseStarted(Phase.PLAN, 2, "m/x", "default", "k"),
        "plan: started on m/x (default), attempt 2",
    ),
    (
        e.ModelReplied(
            Phase.PLAN,
            "c",
            "m/x",
            Usage(1_234, 56, cost=None, basis=CostBasis.UNKNOWN),
            2.0,
            0.1,
            "",
        ),
        "plan: m/x replied in 2.0s, 1.2k in, 56 out, $?",
    ),
    (
        e.CallRetried(Phase.PLAN, "m/x", "rate limited", 3.0),
        "plan: m/x: rate limited; asking again in 3.0s",
    ),
    (
        e.PhasePassed(Phase.PLAN, PlanReceipt(did=("3 tasks",)), "k", 4.0),
        "plan: ok after 4.0s: 3 tasks",
    ),
    (e.PhaseFailed(Phase.PLAN, "no steps"), "plan: FAIL: no steps"),
    (e.HunkDecided(("a", "b"), HunkState.ACCEPTED), "2 hunks accepted by user"),
    (e.HunkDecided(("a",), HunkState.PENDING), "1 hunk reopened by user"),
    (
        e.CheckFinished(CheckResult(sample.PYTEST, "t", Outcome.NO_TESTS, 1.0)),
        "check `pytest -q` on proposal FAIL (no tests) in 1.0s",
    ),
    (e.EditsLanded(LANDING), "landed 2 hunks in 1 file, verified"),
    (e.LandingFailed("L1", "a.py changed on disk"), "landing FAIL: a.py changed on disk"),
    (e.TextStreamed(Phase.PLAN, "words"), ""),
    (e.IndexAdvanced(256, 3_000), "read 256 of 3,000 files for the search"),
]


@pytest.mark.parametrize(("event", "text"), WORDS, ids=lambda v: type(v).__name__)
def test_an_event_in_words(event: e.Event, text: str) -> None:
    assert sentence(event) == text


KINDS = sorted({k.__name__ for k in e.Event.__subclasses__()})


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_event_has_its_own_sentence(name: str) -> None:
    kind = getattr(e, name)

    assert worded.dispatch(kind) is not worded.dispatch(e.Event)


def test_what_an_event_carries_cannot_reach_the_terminal_as_control() -> None:
    said = sentence(e.PhaseFailed(Phase.PLAN, "bad\x1b]0;owned\x07\nnext \u202eline"))

    assert said == "plan: FAIL: bad<U+001B>]0;owned<U+0007> next <U+202E>line"


def test_failures_have_the_word_and_not_only_the_colour() -> None:
    failed = CheckResult(sample.PYTEST, "t", Outcome.FAIL)

    assert tone(e.CheckFinished(failed)) == "bad"
    assert "FAIL" in sentence(e.CheckFinished(failed))


COMMANDS = sorted(vocabulary(Command))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_refusal_shows_no_name_of_a_class(name: str) -> None:
    said = sentence(e.CommandRefused(name, "There is no goal yet."))
    assert said == "refused: There is no goal yet."


def test_a_fault_of_a_look_up_says_what_was_looked_up() -> None:
    assert sentence(e.CommandRefused("warm", "It died.")) == "model host: It died."


def test_why_a_call_was_lost_is_told_once() -> None:
    """By what follows it: another try, or the failure of the phase."""
    lost = sentence(e.CallLost(Phase.PLAN, "m/x", "It was cut.", Usage(10, 2, 0, 0.2, calls=1)))
    again = sentence(e.CallRetried(Phase.PLAN, "m/x", "It was cut.", 1.0))
    assert (lost + again).count("It was cut") == 1
    assert "about 10 in, 2 out, $0.20" in lost

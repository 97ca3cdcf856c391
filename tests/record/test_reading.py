import json

import pytest

from core.codec import event_to_json
from core.domain import events as e
from core.domain.check import Outcome
from core.domain.phase import Phase
from core.domain.receipt import PlanReceipt
from core.record.reading import events_in
from core.record.run import RunFold
from tests.record.making import Made, check, landing, staged

TRICKY = 'a text with ,"seconds":9} and ,"subset":"base"} and "matched_by": in it'


def read(*texts: str) -> list[object]:
    return [values for _, _, values in events_in((1.0, text) for text in texts)]


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("seconds", [0.0, 1.25, 12, 1e-9])
def test_a_check_is_read_short_as_it_is_read_whole(outcome: Outcome, seconds: float) -> None:
    text = event_to_json(check(outcome, "accepted", seconds))
    (short,) = read(text)
    whole = json.loads(text)
    assert isinstance(short, dict)
    assert short["subset"] == whole["subset"] == "accepted"
    for name in ("outcome", "seconds"):
        assert short["result"][name] == whole["result"][name]


def test_a_passed_phase_is_read_short_as_it_is_read_whole() -> None:
    event = e.PhasePassed(Phase.PLAN, PlanReceipt(summary=TRICKY), "k", 1.5)
    (short,) = read(event_to_json(event))
    assert isinstance(short, dict)
    assert (short["phase"], short["seconds"]) == ("plan", 1.5)
    assert short["event"].read()["receipt"]["summary"] == TRICKY


def test_hunks_are_counted_without_reading_them() -> None:
    (short,) = read(event_to_json(staged("a:T1", "b:T2")))
    assert isinstance(short, dict)
    assert short["count"] == 2


def test_an_event_spaced_or_ordered_differently_is_read_all_the_same() -> None:
    made = Made().ran(Phase.PLAN).stage("a:T1").tell(e.EditsLanded(landing("a")))
    fold = RunFold("r")
    for recorded in made.events:
        plain = json.loads(event_to_json(recorded.event))
        text = json.dumps(dict(reversed(plain.items())), indent=1)
        for name, at, values in events_in([(recorded.at, text)]):
            assert values is not None
            fold.add(name, at, values)
    assert fold.figures.plain() | {"run": "run1"} == made.figures.plain()


def test_what_is_damaged_is_told_apart_from_what_is_not() -> None:
    good = event_to_json(e.RunFinished("landed"))
    values = read(good, "{", "", "[1]", '{"type":"RunFinished",', good, '{"type":"NotYetInvented"}')
    whole = json.loads(good)
    assert values == [whole, None, None, None, None, whole, {}]


def test_a_row_of_two_events_is_no_event_and_shifts_no_other() -> None:
    first, second = (event_to_json(e.RunPaused(reason)) for reason in "ab")
    assert read(f"{first},{first}", second) == [None, json.loads(second)]


def test_an_event_that_lacks_something_is_counted_and_left_out() -> None:
    fold = RunFold("r")
    fold.add("PhaseStarted", 1.0, {"phase": "plan"})
    fold.add("ModelReplied", 2.0, {"phase": "plan"})
    fold.add("PhaseStarted", 2.0, {"phase": "dance", "attempt": 1, "model": "m"})
    fold.add("RunFinished", 3.0, {"outcome": "failed"})
    assert (fold.figures.unread, fold.figures.outcome) == (3, "failed")

"""Cheap first, as long as this repository's own record says that it pays."""

from pathlib import Path

import pytest

from core.domain import events as e
from core.domain.phase import Phase
from core.domain.route import Layer, Route
from core.engine.cascade import choice
from core.record.trust import NEVER, Passed, TrackRecord
from tests.playing import EDITS, GREETING, PLAN, make_repository, open_played, routes


class Record(TrackRecord):
    """A record that was written down by hand."""

    def __init__(self, **known: Passed) -> None:
        super().__init__()
        self._by_model = {name.replace("_", "/"): one for name, one in known.items()}

    def passed(self, phase: str, model: str) -> Passed:
        return self._by_model.get(model, NEVER) if phase == "generate" else NEVER


LADDER = Route.of(Phase.GENERATE, ("x/small > x/large",), Layer.USER, "models.generate")
LARGE = Passed(9, 9, 0.10, 4.0)


@pytest.mark.parametrize(
    ("passed", "dollars", "up"),
    [
        (9, 0.01, False),  # 90 % against 10 %
        (2, 0.01, False),  # 20 % against 10 %
        (1, 0.011, True),  # 10 % against 11 %
        (2, 0.05, True),  # 20 % against 50 %
        (0, 0.001, True),
    ],
)
def test_cheap_first_pays_above_the_break_even(passed: int, dollars: float, up: bool) -> None:
    record = Record(x_small=Passed(10, passed, dollars, 1.0), x_large=LARGE)
    assert choice(LADDER, Phase.GENERATE, record, 0.0).is_up is up


def test_judging_costs_too() -> None:
    record = Record(x_small=Passed(10, 3, 0.01, 1.0), x_large=LARGE)
    assert not choice(LADDER, Phase.GENERATE, record, 0.0).is_up
    assert choice(LADDER, Phase.GENERATE, record, 0.03).is_up


@pytest.mark.parametrize(
    "record",
    [
        Record(),
        Record(x_small=Passed(4, 0, 0.01, 1.0), x_large=LARGE),
        Record(x_small=Passed(10, 0, None, 1.0), x_large=LARGE),
        Record(x_small=Passed(10, 0, 0.01, 1.0)),
        Record(x_small=Passed(10, 0, 0.01, 1.0), x_large=Passed(3, 3, 0.0, 1.0)),
    ],
)
def test_a_record_that_says_too_little_changes_nothing(record: Record) -> None:
    found = choice(LADDER, Phase.GENERATE, record, 0.0)
    assert (found.is_up, found.why) == (False, "")


async def test_the_relay_begins_one_step_up_and_says_why(tmp_path: Path) -> None:
    run = open_played(
        make_repository(tmp_path / "r", GREETING),
        tmp_path / "s",
        PLAN,
        EDITS,
        models=routes(plan="x/p", generate="x/small > x/large"),
        record=Record(x_small=Passed(10, 1, 0.05, 1.0), x_large=LARGE),
    )
    await run.play("let `greet` take a loud flag")
    assert [r.model for r in run.model.asked] == ["x/p", "x/large"]
    started = next(
        x for x in run.events if isinstance(x, e.PhaseStarted) and x.phase is Phase.GENERATE
    )
    assert started.why.endswith("x/small passed 1 of 10 here, pays above 50%")

import pytest

from core.domain import events as e
from core.domain.phase import Phase
from core.record.trust import NEVER, TrackRecord
from tests.record.making import Made

PLAN = Phase.PLAN


def test_a_track_record_counts_tries_and_their_means() -> None:
    first = Made().start(PLAN).reply(PLAN, cost=0.2, seconds=1.0)
    first.tell(e.PhaseRetried(PLAN, "no", "T1")).reply(PLAN, cost=0.4, seconds=3.0).passed(PLAN)
    second = Made().ran(PLAN, cost=0.6, seconds=8.0)
    told = TrackRecord([first.figures, second.figures]).passed("plan", "x/one")
    assert (told.replies, told.passed, told.seconds) == (3, 2, 4.0)
    assert told.dollars == pytest.approx(0.4)
    assert told.interval == pytest.approx((0.208, 0.939), abs=0.001)


def test_a_price_that_is_not_known_makes_the_mean_unknown() -> None:
    run = Made().ran(PLAN).ran(PLAN, 2, cost=None).figures
    assert TrackRecord([run]).passed("plan", "x/one").dollars is None


def test_what_was_cut_short_says_nothing() -> None:
    run = Made().start(PLAN).reply(PLAN).tell(e.PhaseCancelled(PLAN, "x")).figures
    assert TrackRecord([run]).passed("plan", "x/one") == NEVER
    assert TrackRecord().passed("plan", "x/one").interval is None

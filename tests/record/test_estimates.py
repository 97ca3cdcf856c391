import pytest

from core.record.estimates import median, quantile, wilson


@pytest.mark.parametrize(
    "passed, tried, percent",
    [(5, 5, (57, 100)), (4, 5, (38, 96)), (10, 10, (72, 100)), (0, 5, (0, 43)), (0, 1, (0, 79))],
)
def test_the_interval_of_few_trials_is_wide(
    passed: int, tried: int, percent: tuple[int, int]
) -> None:
    interval = wilson(passed, tried)
    assert interval is not None
    assert tuple(round(100 * bound) for bound in interval) == percent


def test_nothing_is_said_of_nothing() -> None:
    assert wilson(0, 0) is None
    assert median([]) is None


def test_a_median_does_not_follow_one_large_value() -> None:
    assert median([3, 1, 2, 1_000]) == 2.5
    assert median([7]) == 7
    assert quantile([0, 10], 0.9) == 9

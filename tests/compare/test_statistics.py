from fractions import Fraction
from math import comb, isclose, sqrt

import pytest

from core.compare.statistics import Paired, Ratio, floor, paired, shown, sign_test
from core.record.estimates import Z, wilson


@pytest.mark.parametrize(
    "passed, tried, low, high",
    [(5, 5, 57, 100), (4, 5, 38, 96), (10, 10, 72, 100), (3, 5, 23, 88), (0, 5, 0, 43)],
)
def test_the_interval_of_few_successes_is_wilsons(
    passed: int, tried: int, low: int, high: int
) -> None:
    interval = wilson(passed, tried)
    assert interval is not None
    assert tuple(round(100 * end) for end in interval) == (low, high)


def test_the_ends_of_every_interval_are_as_far_from_the_rate_as_wilson_asks() -> None:
    for tried in range(1, 61):
        for passed in range(tried + 1):
            interval = wilson(passed, tried)
            assert interval is not None
            for end, least in zip(interval, (0, tried), strict=True):
                if passed == least:
                    assert isclose(end, passed / tried, abs_tol=1e-12)
                    continue
                distance = Z * sqrt(end * (1 - end) / tried)
                assert isclose(abs(end - passed / tried), distance, rel_tol=1e-9), (passed, tried)


def test_every_p_is_the_share_of_fair_coins_that_fall_at_least_as_unevenly() -> None:
    for n in range(1, 61):
        for more in range(n + 1):
            uneven = [k for k in range(n + 1) if abs(2 * k - n) >= abs(2 * more - n)]
            share = Fraction(sum(comb(n, k) for k in uneven), 2**n)
            assert isclose(sign_test(more, n - more), share, rel_tol=1e-12), (more, n)


# By hand: twice the sum of C(n, k) for k up to the smaller count, over 2**n.
@pytest.mark.parametrize(
    "more, less, p",
    [
        (5, 0, 2 / 32),
        (0, 5, 2 / 32),
        (6, 0, 2 / 64),
        (9, 1, 22 / 1024),
        (8, 2, 112 / 1024),
        (4, 1, 12 / 32),
        (3, 3, 1.0),
        (1, 0, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_sign_test_is_exact_and_two_sided(more: int, less: int, p: float) -> None:
    assert sign_test(more, less) == pytest.approx(p)


def test_p_is_shown_in_four_digits() -> None:
    assert [shown(sign_test(*n)) for n in ((5, 0), (6, 0), (9, 1), (40, 0))] == [
        "0.0625",
        "0.0312",
        "0.0215",
        "<0.0001",
    ]


def test_no_p_of_so_many_pairs_is_below_the_floor() -> None:
    for n in range(1, 12):
        assert min(sign_test(k, n - k) for k in range(n + 1)) == floor(n)


def test_pairs_give_medians_of_differences_and_of_ratios() -> None:
    found = paired([(1.0, 2.0), (2.0, 1.0), (4.0, 4.0), (0.0, 3.0), (1.0, 5.0)])
    assert found == Paired(n=5, more=3, less=1, median=1.0, ratio=Ratio(4, 1.5, 0.5, 5.0))
    assert found.ties == 1
    assert paired([]) == Paired(n=0, more=0, less=0, median=None)


@pytest.mark.parametrize(
    "n, more, less, words",
    [
        (5, 5, 0, "with 5 pairs p cannot be below 0.0625: no detectable difference"),
        (5, 4, 0, "with 4 pairs (1 tied) p cannot be below 0.125: no detectable difference"),
        (6, 6, 0, "6 pairs, p = 0.0312: a difference"),
        (6, 5, 1, "6 pairs, p = 0.2188: no detectable difference"),
        (11, 9, 1, "10 pairs (1 tied), p = 0.0215: a difference"),
        (3, 0, 0, "3 pairs, all tied: no detectable difference"),
        (0, 0, 0, "no pair: no detectable difference"),
    ],
)
def test_what_the_sign_test_says_names_its_n_and_its_floor(
    n: int, more: int, less: int, words: str
) -> None:
    assert paired_of(n, more, less).words == words


def paired_of(n: int, more: int, less: int) -> Paired:
    ties = n - more - less
    return paired([(1.0, 2.0)] * more + [(2.0, 1.0)] * less + [(1.0, 1.0)] * ties)

import pytest

from core.domain.goal import Budget, Limits
from core.domain.phase import Phase
from tui.budget_words import budget_said, parse_budget

NOW = Budget(1.0, 5_000, phases={Phase.PLAN: Limits(dollars=0.2)})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2.50", Budget(2.5, 5_000, phases=NOW.phases)),
        ("$2", Budget(2.0, 5_000, phases=NOW.phases)),
        (".5", Budget(0.5, 5_000, phases=NOW.phases)),
        ("200k", Budget(1.0, 200_000, phases=NOW.phases)),
        ("1.5M tokens, 10 min", Budget(1.0, 1_500_000, 600.0, NOW.phases)),
        ("900 tokens", Budget(1.0, 900, phases=NOW.phases)),
        ("90 s", Budget(1.0, 5_000, 90.0, NOW.phases)),
        ("plan 0.40", Budget(1.0, 5_000, phases={Phase.PLAN: Limits(dollars=0.4)})),
        ("plan 9k", Budget(1.0, 5_000, phases={Phase.PLAN: Limits(0.2, 9_000)})),
        (
            "summary 1h",
            Budget(1.0, 5_000, phases=NOW.phases | {Phase.REVIEW: Limits(seconds=3600)}),
        ),
        ("3 dollars, 60 seconds", Budget(3.0, 5_000, 60.0, NOW.phases)),
        ("dollars none", Budget(None, 5_000, phases=NOW.phases)),
        ("tokens none", Budget(1.0, phases=NOW.phases)),
        ("Tokens NONE, 2.50", Budget(2.5, phases=NOW.phases)),
        ("seconds none", NOW),
        ("plan none", Budget(1.0, 5_000)),
        ("plan dollars none", Budget(1.0, 5_000)),
        (
            "plan 9k, plan dollars none",
            Budget(1.0, 5_000, phases={Phase.PLAN: Limits(None, 9_000)}),
        ),
        ("generate none", NOW),
        ("none", Budget()),
        ("none, 2.50", Budget(2.5)),
    ],
)
def test_what_is_typed_sets_a_limit_and_leaves_the_others(text: str, wanted: Budget) -> None:
    assert parse_budget(text, NOW) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no limit; say one such as 2.50"),
        ("a lot", "'a lot' is no limit"),
        ("-2", "'-2' is no limit"),
        ("2,,", "'2,,' is no limit"),
        ("cook 2", "'cook' is no phase; it is one of retrieve, plan"),
        ("generate 0,5", "'generate 0,5' has a comma within a number"),
        ("1e99", "'1e99' is no limit"),
        ("cook none", "'cook' is no phase"),
        ("money none", "'money' is no phase"),
        ("tokens", "'tokens' is no limit"),
    ],
)
def test_what_is_no_limit_is_refused_with_one_that_is(text: str, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_budget(text, NOW)
    assert str(refused.value).startswith(said)


def test_limits_are_told_with_those_of_phases() -> None:
    assert budget_said(NOW) == "$1.00 or 5,000 tokens, plan $0.20"
    assert budget_said(Budget()) == "no limit"

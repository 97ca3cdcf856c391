import pytest

from core.retrieval.hits import goal_searches


@pytest.mark.parametrize(
    "goal",
    [
        "rename `old_name` to `new_name`",
        "Rename the function old_name to new_name",
        "replace `old_name` by `new_name`, which answers the opposite",
        "replace every `old_name` by a constant",
        "remove the unused helper and all calls of 'old_name'",
        'get rid of each use of "old_name"',
    ],
)
def test_what_is_to_be_gone_is_counted(goal: str) -> None:
    assert goal_searches(goal) == ("old_name",)


@pytest.mark.parametrize(
    "goal",
    [
        "every response with a bad status raises `HTTPStatusError`",
        "all commands take a `--json` flag",
        "remove the cache. Every page shows `title`",
    ],
)
def test_what_is_to_be_everywhere_is_not_looked_for_as_a_remnant(goal: str) -> None:
    assert goal_searches(goal) == ()

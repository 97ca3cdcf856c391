import random

import pytest

from core.adapters.model_host.repetition import RepetitionWatch


def first_alarm(text: str, step: int = 37) -> int | None:
    watch = RepetitionWatch()
    for at in range(0, len(text), step):
        if watch.loops(text[at : at + step]):
            return at + step
    return None


def prose(length: int, seed: int = 1) -> str:
    words = random.Random(seed)
    return "".join(words.choice("abcdefghij \n") for _ in range(length))


@pytest.mark.parametrize("period", [1, 2, 30, 499, 1_000, 1_999])
def test_a_block_over_and_over_is_a_loop_wherever_it_begins(period: int) -> None:
    loop = prose(period, seed=period) * (40_000 // period)
    alarm = first_alarm(prose(5_000) + loop)

    assert alarm is not None
    assert alarm <= 5_000 + 16_000 + 2_000


@pytest.mark.parametrize(
    "text",
    [
        prose(60_000),
        prose(20_000) + "0, " * 1_000 + prose(20_000),
        "".join(f"    case {number}: return {number * 7}\n" for number in range(3_000)),
        prose(5_000) + prose(2_500, seed=2) * 6,
    ],
    ids=["prose", "a table of zeros", "numbered lines", "six long blocks"],
)
def test_ordinary_text_is_no_loop(text: str) -> None:
    assert first_alarm(text) is None

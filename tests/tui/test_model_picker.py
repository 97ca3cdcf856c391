from dataclasses import replace

import pytest

from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelInfo
from core.domain.phase import Phase
from tests.tui.driving import driving
from tui import sample
from tui.screens.models import would_cost

PRICED = ModelInfo("x/y", 2.0, 10.0, None, "", True)
USED = Usage(30_000, 4_000, tokens_cached=25_000, cost=None, basis=CostBasis.UNKNOWN, calls=3)


@pytest.mark.parametrize(
    ("model", "used", "said"),
    [
        (PRICED, USED, "~$0.10"),
        (PRICED, replace(USED, tokens_in=1_000, tokens_out=100), "~$0.0030"),
        (PRICED, replace(USED, tokens_in=0), "~$0.0400"),
        (replace(PRICED, price_in=0.0, price_out=0.0), USED, "$0"),
        (replace(PRICED, price_in=None), USED, "$?"),
        (replace(PRICED, price_out=None), USED, "$?"),
        (PRICED, Usage(), ""),
        (PRICED, Usage(calls=2), ""),
    ],
)
def test_the_same_tokens_by_a_models_prices(model: ModelInfo, used: Usage, said: str) -> None:
    assert would_cost(model, used) == said


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_beside_each_model_stands_what_the_calls_so_far_would_have_cost(
    size: tuple[int, int],
) -> None:
    async with driving(size=size) as driven:
        for _ in range(4):
            await driven.press("left_square_bracket")
        await driven.press("m")
        await driven.sees("same calls  ")
        rows = {row.split()[0].lstrip(">"): row for row in driven.text.splitlines() if row.strip()}
        assert "1 call so far cost $0.0058; `same calls` is what they would have" in driven.text
        used = sample.USAGE[Phase.PLAN]
        for model in sample.MODELS:
            cells = rows[model.id].split()
            assert would_cost(model, used) in cells
            assert "ok" in cells or "OPENAI_API_K" in rows[model.id]


async def test_for_a_phase_that_asked_nobody_there_is_no_such_column() -> None:
    async with driving(size=(80, 24)) as driven:
        for _ in range(5):
            await driven.press("left_square_bracket")
        await driven.press("m")
        await driven.sees("Model of retrieve")
        await driven.sees("window")
        assert "same calls" not in driven.text
        assert "so far" not in driven.text

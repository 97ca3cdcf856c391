"""A model that says what it was told to say: for tests, and for looking at prompts."""

from collections.abc import Callable

from core.domain.errors import ModelFault
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.ports import ignore

Line = str | ModelFault | Callable[[ModelRequest], str]


class ScriptedClient:
    """Answers requests in order: a text, a fault to raise, or a function of the request. Also a `Catalogue`."""

    def __init__(self, *lines: Line, models: tuple[ModelInfo, ...] = ()) -> None:
        self.asked: list[ModelRequest] = []
        """Every request so far."""
        self._lines = list(lines)
        self._models = models

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """The next line. Raises AssertionError when there is none left."""
        self.asked.append(request)
        assert self._lines, f"an unexpected request: {request.phase} {request.prompt[:200]}"
        line = self._lines.pop(0)
        if isinstance(line, ModelFault):
            raise line
        text = line if isinstance(line, str) else line(request)
        on_text(text)
        return ModelReply(
            text,
            request.model,
            Usage(len(request.prompt) // 4, len(text) // 4, 0, 0.001, CostBasis.PRICED),
        )

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models it was given."""
        return self._models

    async def close(self) -> None:
        """Nothing to let go of."""

"""Recorded replies: a relay to look at without a key or a network. Always labelled as recorded."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from core.domain.errors import FaultKind, ModelFault
from core.domain.metrics import Usage
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.ports import ignore

PREFIX = "demo"
PIECE = 24
"""Characters streamed at a time."""


class RecordedReplies:
    """Serves `demo/…` models from one JSON file: model id to phase to the replies of attempt 1, 2,
    …

    With tasks: the phase's entry is an object of task id to replies. After the last reply of a
    phase it repeats that one.
    """

    def __init__(self, path: Path, pace: float = 0.01) -> None:
        self._replies: Mapping[str, Mapping[str, object]] = json.loads(path.read_text("utf-8"))
        self._pace = pace
        """Seconds between streamed pieces, so that there is something to watch."""

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The recordings there are."""
        note = "recorded replies for the sample repository"
        return tuple(
            ModelInfo(name, 0.0, 0.0, None, "", True, PREFIX, note)
            for name in sorted(self._replies)
        )

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """The recorded reply for this phase, task and attempt.

        Raises `ModelFault` where nothing was recorded.
        """
        text = self._reply(request)
        for start in range(0, len(text), PIECE):
            on_text(text[start : start + PIECE])
            await asyncio.sleep(self._pace)
        return ModelReply(
            text, request.model, Usage(calls=1), self._pace * len(text) / PIECE, self._pace
        )

    def _reply(self, request: ModelRequest) -> str:
        task = request.task.id if request.task else ""
        entry = self._replies[request.model].get(request.phase.value)
        if isinstance(entry, dict):
            entry = entry.get(task)
        if not isinstance(entry, list) or not entry:
            raise ModelFault(
                FaultKind.CANNOT,
                request.model,
                f"{request.model} holds no recorded reply for {request.phase.value} {task}; "
                "press m to choose a model.",
            )
        return str(entry[min(request.attempt, len(entry)) - 1])

    async def close(self) -> None:
        """Nothing to let go of."""

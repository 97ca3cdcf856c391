"""A model and a checker that say what they were told: for tests, and for looking at prompts."""

from collections.abc import Callable, Iterable

from core.domain.check import CheckCommand, CheckResult, Outcome
from core.domain.edit import FileVersion, digest
from core.domain.errors import ModelFault
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.ports import ignore

Line = str | ModelFault | Callable[[ModelRequest], str]


class ScriptedClient:
    """Answers requests in order: a text, a fault to raise, or a function of the request.

    Also a `Catalogue`.
    """

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


class ScriptedChecker:
    """A checker that composes nothing and says what it was told, PASS by default."""

    def __init__(self, *outcomes: Outcome, blames: bool = True) -> None:
        """`blames`: whether what fails is said to speak against the change."""
        self.ran: list[tuple[str, str]] = []
        """Command line and tree hash of every run."""
        self._outcomes = list(outcomes)
        self._blames = blames

    async def prepare(self, changes: Iterable[FileVersion], removed: Iterable[str] = ()) -> str:
        """A hash of the changes alone."""
        rows = sorted(
            [f"{c.path}:{c.hash}" for c in changes] + [f"{path}:gone" for path in removed]
        )
        return digest("\n".join(rows).encode())

    async def run(
        self, command: CheckCommand, tree_hash: str, on_text: OnText = ignore
    ) -> CheckResult:
        """The next outcome."""
        self.ran.append((command.line, tree_hash))
        outcome = self._outcomes.pop(0) if self._outcomes else Outcome.PASS
        on_text(f"{command.line}: {outcome.value}\n")
        failed = () if outcome is Outcome.PASS else ("test_it",)
        return CheckResult(
            command,
            tree_hash,
            outcome,
            seconds=0.1,
            exit_code=0 if outcome is Outcome.PASS else 1,
            containment="scripted",
            summary=outcome.value,
            failures=failed,
            excerpt=f"assert said {outcome.value}",
            blames=self._blames,
        )

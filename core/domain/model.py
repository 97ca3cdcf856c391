"""What is asked of a model and what comes back, whoever serves it."""

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.metrics import Usage
from core.domain.phase import Phase
from core.domain.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one call, in seconds and bytes."""

    first_token: float = 90.0
    idle: float = 45.0
    """Longest silence inside a stream."""
    total: float = 600.0
    max_bytes: int = 2_000_000


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call: everything a model, or an engine in its place, may know."""

    phase: Phase
    model: str
    """A litellm id such as `anthropic/claude-…`, `builtin/rewrite`, or `demo/…`."""
    system: str
    prompt: str
    max_output: int = 8_000
    """Tokens."""
    temperature: float | None = None
    timeouts: Timeouts = Timeouts()
    goal: str = ""
    """The user's goal text, for engines that work from it instead of the prompt."""
    task: TaskSpec | None = None
    attempt: int = 1
    """1 for the first content attempt, 2 for the retry, and so on."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A complete reply. A cut, empty or truncated one is a `ModelFault` instead."""

    text: str
    model: str
    """The model that really answered."""
    usage: Usage
    seconds: float = 0.0
    first_token: float = 0.0
    """Seconds until the first text."""
    left_out: tuple[str, ...] = ()
    """Parameters of the request that did not reach the model as asked: `temperature`,
    `max_output`, `system`.
    """


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model before it is called."""

    id: str
    price_in: float | None
    """Dollars per million tokens; None where unknown."""
    price_out: float | None
    window: int | None
    """Tokens."""
    key: str
    """The environment variable its key is read from, or an empty string if it needs none."""
    has_key: bool
    provider: str = ""
    note: str = ""
    lacks: str = ""
    """What besides a key it cannot do without, where nobody knows that it is there: `claude on your
    PATH`, `a server at http://localhost:11434`.
    """
    is_retired: bool = False
    """Whether its provider has said a date for its end that has passed."""

    @property
    def needs(self) -> str:
        """What stands between it and a call, as far as can be told without asking anybody; empty
        for one that is ready.
        """
        return self.key if self.key and not self.has_key else self.lacks

    def cost_of(self, tokens_in: int, tokens_out: int) -> float | None:
        """Dollars by the listed prices, none of the tokens cached; None where one is unknown."""
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000


OnText = Callable[[str], None]
"""Called with each piece of text as it streams."""

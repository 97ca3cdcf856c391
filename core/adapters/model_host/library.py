"""The few names of litellm that are used here, and what is expected of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

Entry = Mapping[str, Any]
"""One row of litellm's price table."""


class Counts(Protocol):
    """litellm's `Usage`: cached and cache-written tokens are part of `prompt_tokens`."""

    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: object


class Delta(Protocol):
    """What one chunk adds; litellm leaves out the attributes it has no value for."""

    content: str | None
    reasoning_content: str | None


class Choice(Protocol):
    """The one choice of a chunk."""

    delta: Delta


class Chunk(Protocol):
    """One piece of a stream."""

    choices: Sequence[Choice]
    usage: Counts | None


class CountsMaker(Protocol):
    """Builds `Usage` from counts of our own."""

    def __call__(
        self, *, prompt_tokens: int, completion_tokens: int, total_tokens: int
    ) -> Counts: ...


class Library(Protocol):
    """litellm, 1.106.2."""

    model_cost: Mapping[str, Entry]
    provider_list: Sequence[str]
    Usage: CountsMaker

    def get_llm_provider(self, model: str) -> Sequence[str]:
        """Name without provider, provider, and more. Raises for an id that names no provider."""
        ...

    def validate_environment(self, model: str) -> Mapping[str, Any]:
        """`missing_keys`: variables it would want; incomplete, and empty where it does not know."""
        ...

    def token_counter(self, *, model: str, text: str) -> int:
        """Tokens by the tokenizer of a model; others than `gpt-4o` may be looked up online."""
        ...

    def cost_per_token(
        self, *, model: str, custom_llm_provider: str, usage_object: Counts
    ) -> tuple[float, float]:
        """Dollars for the prompt and for the reply."""
        ...

    async def acompletion(self, **arguments: object) -> AsyncIterator[Chunk]:
        """A streamed chat completion."""
        ...

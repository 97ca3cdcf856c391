"""From token counts to dollars, saying how sure that is."""

from collections.abc import Mapping

from core.adapters.model_host.library import Counts, Library
from core.domain.metrics import CostBasis, Usage

MILLION = 1_000_000
_COUNTER = "gpt-4o"
"""One tokenizer for every estimate: it is bundled, others are looked up on the network."""


def count(litellm: Library, text: str) -> int:
    """Tokens of a text, estimated with one fixed tokenizer whatever the model."""
    return int(litellm.token_counter(model=_COUNTER, text=text)) if text else 0


def entry_key(litellm: Library, model: str, provider: str) -> str:
    """The name of a model in litellm's price table, or an empty string."""
    bare = model.removeprefix(f"{provider}/")
    for key in (model, bare):
        entry = litellm.model_cost.get(key)
        if entry and str(entry.get("litellm_provider", "")).startswith(provider):
            return str(key)
    return ""


def usage_of(
    litellm: Library,
    counts: Counts,
    *,
    reported: bool,
    model: str,
    provider: str,
    prices: Mapping[str, tuple[float, float]],
) -> Usage:
    """Price one call from litellm's usage object.

    The user's own price (dollars per million tokens in and out) wins; cached tokens then cost the
    price of input. Without any known price the cost is None, never 0.
    """
    cost = _cost(litellm, counts, model=model, provider=provider, prices=prices)
    basis = CostBasis.PRICED if reported else CostBasis.ESTIMATED
    return Usage(
        tokens_in=counts.prompt_tokens or 0,
        tokens_out=counts.completion_tokens or 0,
        tokens_cached=_cached(counts),
        cost=cost,
        basis=CostBasis.UNKNOWN if cost is None else basis,
        calls=1,
    )


def _cost(
    litellm: Library,
    counts: Counts,
    *,
    model: str,
    provider: str,
    prices: Mapping[str, tuple[float, float]],
) -> float | None:
    if model in prices:
        price_in, price_out = prices[model]
        total = price_in * (counts.prompt_tokens or 0) + price_out * (counts.completion_tokens or 0)
        return total / MILLION
    key = entry_key(litellm, model, provider)
    if not key or litellm.model_cost[key].get("input_cost_per_token") is None:
        return None
    try:
        parts = litellm.cost_per_token(model=key, custom_llm_provider=provider, usage_object=counts)
    except Exception:
        return None
    return float(sum(parts))


def _cached(counts: Counts) -> int:
    details = getattr(counts, "prompt_tokens_details", None)
    cached = getattr(details, "cached_tokens", None) or 0
    return int(cached or getattr(counts, "cache_read_input_tokens", None) or 0)

"""The chat models of litellm's bundled price table."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from core.adapters.model_host.library import Library
from core.adapters.model_host.prices import MILLION

_MAKERS = frozenset({"openai", "anthropic", "gemini", "mistral", "deepseek", "xai", "groq"})

Row = list[Any]
"""id, dollars per million in, out, window in tokens, provider, note."""


def rows(litellm: Library, own: Iterable[str] = ()) -> list[Row]:
    """One row per chat model that litellm can route, by id; also for each of the user's `own` that
    is not in its table, without a price.
    """
    found: dict[str, Row] = {}
    for key, entry in litellm.model_cost.items():
        if entry.get("mode") != "chat":
            continue
        provider = _provider(str(entry.get("litellm_provider", "")))
        if provider not in litellm.provider_list:
            continue
        model = key if key.startswith(f"{provider}/") else f"{provider}/{key}"
        found[model] = [
            model,
            _per_million(entry.get("input_cost_per_token")),
            _per_million(entry.get("output_cost_per_token")),
            _whole(entry.get("max_input_tokens") or entry.get("max_tokens")),
            provider,
            f"retires {entry['deprecation_date']}" if entry.get("deprecation_date") else "",
        ]
    for model in own:
        provider = model.partition("/")[0]
        if model not in found and provider in litellm.provider_list:
            found[model] = [model, None, None, None, provider, ""]
    return [found[model] for model in sorted(found)]


def near(litellm: Library, model: str) -> Sequence[str]:
    """Up to three other ids that look like one that is mistyped or gone, best first."""
    names: dict[str, str] = {}
    for row in sorted(rows(litellm), key=_distance_from_home):
        names.setdefault(row[0], row[0])
        names.setdefault(row[0].rpartition("/")[2], row[0])
    close = difflib.get_close_matches(model, names, n=6, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in close if names[name] != model))[:3]


def _distance_from_home(row: Row) -> tuple[bool, int, str]:
    """Makers of models before those who resell them, short names first."""
    return (row[4] not in _MAKERS, len(row[0]), row[0])


def _provider(name: str) -> str:
    """`vertex_ai-anthropic_models` is called through `vertex_ai`, and so on."""
    for whole in ("vertex_ai", "bedrock", "cohere"):
        if name.startswith(whole) and name != "bedrock_mantle":
            return whole
    return name


def _per_million(price: object) -> float | None:
    return round(price * MILLION, 6) if isinstance(price, int | float) else None


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None

"""The chat models of litellm's bundled price table."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.adapters.model_host.library import Library
from core.adapters.model_host.prices import MILLION

_MAKERS = frozenset({"openai", "anthropic", "gemini", "mistral", "deepseek", "xai", "groq"})

Row = list[Any]
"""id, dollars per million in, out, window in tokens, provider, note, whether it is retired."""

_OTHER = frozenset({"audio", "embed", "image", "realtime", "tts"})
"""Words of the names of models that are listed as chat models, and speak, draw or embed."""


def rows(litellm: Library, own: Iterable[str] = ()) -> list[Row]:
    """One row per chat model that litellm can route, by id; also for each of the user's `own` that
    is not in its table, without a price.
    """
    found: dict[str, Row] = {}
    for key, entry in litellm.model_cost.items():
        if entry.get("mode") != "chat" or _says_no_text(key, entry):
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
            *_end(str(entry.get("deprecation_date") or "")),
        ]
    for model in own:
        provider = model.partition("/")[0]
        if model not in found and provider in litellm.provider_list:
            found[model] = [model, None, None, None, provider, "", False]
    return [found[model] for model in sorted(found)]


def near(litellm: Library, model: str) -> Sequence[str]:
    """Up to three other ids that look like one that is mistyped or gone, best first."""
    names: dict[str, str] = {}
    living = (row for row in rows(litellm) if not row[6])
    for row in sorted(living, key=_distance_from_home):
        names.setdefault(row[0], row[0])
        names.setdefault(row[0].rpartition("/")[2], row[0])
    close = difflib.get_close_matches(model, names, n=6, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in close if names[name] != model))[:3]


def _distance_from_home(row: Row) -> tuple[bool, int, str]:
    """Makers of models before those who resell them, short names first."""
    return (row[4] not in _MAKERS, len(row[0]), row[0])


def _says_no_text(key: str, entry: Mapping[str, Any]) -> bool:
    """Whether an entry is for sound, pictures or vectors rather than for text."""
    said = entry.get("supported_output_modalities") or ["text"]
    words = _OTHER.intersection(re.split(r"[^a-z]+", key.casefold()))
    return bool(words) or "text" not in said or bool({"audio", "video"}.intersection(said))


def _end(date: str) -> tuple[str, bool]:
    """What is said of the day on which a provider ends a model, and whether it has passed."""
    if not date:
        return "", False
    is_over = date < datetime.now(UTC).date().isoformat()
    return f"{'retired' if is_over else 'retires'} {date}", is_over


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

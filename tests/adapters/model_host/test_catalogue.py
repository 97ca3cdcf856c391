"""Which models of litellm's table are offered, and which are only known."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.adapters.model_host.catalogue import near, rows

CHAT = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-6}


def library(**entries: dict[str, Any]) -> Any:
    table = {name.replace("_", "-"): CHAT | entry for name, entry in entries.items()}
    return SimpleNamespace(model_cost=table, provider_list=["openai"])


@pytest.mark.parametrize(
    ("name", "entry", "offered"),
    [
        ("gpt", {}, True),
        ("gpt", {"mode": "embedding"}, False),
        ("gpt", {"mode": "image_generation"}, False),
        ("gpt", {"mode": "audio_transcription"}, False),
        ("gpt_audio_mini", {}, False),
        ("codestral_embed", {}, False),
        ("flash_image", {}, False),
        ("pro_preview_tts", {}, False),
        ("imagery", {}, True),
        ("gpt", {"supported_output_modalities": ["text", "image"]}, True),
        ("gpt", {"supported_output_modalities": ["text", "audio"]}, False),
        ("gpt", {"supported_output_modalities": ["image"]}, False),
        ("gpt", {"litellm_provider": "nobody"}, False),
    ],
)
def test_only_what_answers_with_text_is_listed(
    name: str, entry: dict[str, Any], offered: bool
) -> None:
    assert bool(rows(library(**{name: entry}))) is offered


@pytest.mark.parametrize(
    ("date", "note", "is_retired"),
    [
        ("", "", False),
        ("2999-01-01", "retires 2999-01-01", False),
        ("2024-01-31", "retired 2024-01-31", True),
    ],
)
def test_a_model_whose_day_has_passed_is_known_as_retired(
    date: str, note: str, is_retired: bool
) -> None:
    [row] = rows(library(gpt={"deprecation_date": date}))
    assert (row[0], row[1], row[5:]) == ("openai/gpt", 1.0, [note, is_retired])


def test_no_retired_model_is_offered_for_a_name_that_is_mistyped() -> None:
    found = near(library(gpt_5={}, gpt_4={"deprecation_date": "2024-01-31"}), "openai/gpt-45")
    assert found == ["openai/gpt-5"]

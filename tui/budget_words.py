"""The budget of a run as it is typed and told: `2.50`, `200k tokens, 10 min`, `generate 0.50`."""

import re
from collections.abc import Iterator, Mapping

from core.domain.goal import Budget, LimitChange, Unit
from core.domain.phase import Phase
from tui.setting_words import limits_said

HINT = "2.50, 200k, tokens none, 10 min, generate 0.50; `none` lifts every limit"
_PART = re.compile(
    r"(?:(?P<phase>[a-z]+)\s+)?\$?(?P<number>\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<unit>k|m|k tokens|m tokens|tokens|dollars|s|seconds|min|h)?",
    re.IGNORECASE,
)
_LIFTED = re.compile(
    r"(?:(?P<phase>[a-z]+)\s+)??(?:(?P<unit>dollars|tokens|seconds)\s+)?none", re.IGNORECASE
)
_TOKENS = {"k": 1_000, "m": 1_000_000, "k tokens": 1_000, "m tokens": 1_000_000, "tokens": 1}
_SECONDS = {"s": 1, "seconds": 1, "min": 60, "h": 3_600}
_LIMITS: Mapping[str, Unit] = {
    "": "all",
    "dollars": "dollars",
    "tokens": "tokens",
    "seconds": "seconds",
}


def read_limits(text: str) -> tuple[LimitChange, ...]:
    """The limits that a text sets or lifts. Raises ValueError with a sentence."""
    if re.search(r"\d,\d", text):
        raise ValueError(f"{text!r} has a comma within a number; write 0.50, and {HINT}.")
    return tuple(_changes(text))


def parse_budget(text: str, now: Budget) -> Budget:
    """The limits that a text sets or lifts, the others as they are.

    Raises ValueError with a sentence.
    """
    return now.changed(read_limits(text))


def _changes(text: str) -> Iterator[LimitChange]:
    text = text.strip().removeprefix("budget ")
    for part in (piece.strip() for piece in text.split(",")):
        found = _PART.fullmatch(part) or _LIFTED.fullmatch(part)
        if found is None:
            raise ValueError(f"{part or text!r} is no limit; say one such as {HINT}.")
        name = (found["phase"] or "").casefold()
        phase = next((p for p in Phase if name in (p.value, p.knob)), None)
        if name and phase is None:
            phases = ", ".join(p.value for p in Phase)
            raise ValueError(f"{name!r} is no phase; it is one of {phases}.")
        yield _change(found, phase)


def _change(found: re.Match[str], phase: Phase | None) -> LimitChange:
    unit = (found["unit"] or "").casefold()
    if found.re is _LIFTED:
        return LimitChange(_LIMITS[unit], None, phase)
    number = float(found["number"])
    if unit in _TOKENS:
        return LimitChange("tokens", number * _TOKENS[unit], phase)
    if unit in _SECONDS:
        return LimitChange("seconds", number * _SECONDS[unit], phase)
    return LimitChange("dollars", number, phase)


def budget_said(budget: Budget) -> str:
    """`$2.50 or 200,000 tokens, generate $0.50`; `no limit` where there is none."""
    parts = [limits_said(budget) or "no limit"]
    for phase, limits in budget.phases.items():
        if said := limits_said(limits):
            parts.append(f"{phase.value} {said}")
    return ", ".join(parts)

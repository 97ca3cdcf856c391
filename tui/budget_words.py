"""The budget of a run as it is typed and told: `2.50`, `200k tokens, 10 min`, `generate 0.50`."""

import re
from dataclasses import replace
from typing import TypeVar

from core.domain.goal import Budget, Limits
from core.domain.phase import Phase
from tui.setting_words import limits_said

AnyLimits = TypeVar("AnyLimits", Limits, Budget)

HINT = "2.50, 200k tokens, 10 min, generate 0.50; `none` lifts every limit"
_PART = re.compile(
    r"(?:(?P<phase>[a-z]+)\s+)?\$?(?P<number>\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<unit>k|m|k tokens|m tokens|tokens|s|min|h)?",
    re.IGNORECASE,
)
_TOKENS = {"k": 1_000, "m": 1_000_000, "k tokens": 1_000, "m tokens": 1_000_000, "tokens": 1}
_SECONDS = {"s": 1, "min": 60, "h": 3_600}


def parse_budget(text: str, now: Budget) -> Budget:
    """The limits that a text sets, the others as they are. Raises ValueError with a sentence."""
    if text.strip().casefold() == "none":
        return Budget()
    if re.search(r"\d,\d", text):
        raise ValueError(f"{text!r} has a comma within a number; write 0.50, and {HINT}.")
    wanted = now
    for part in (piece.strip() for piece in text.split(",")):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"{part or text!r} is no limit; say one such as {HINT}.")
        name = (found["phase"] or "").casefold()
        phase = next((p for p in Phase if name in (p.value, p.knob)), None)
        if name and phase is None:
            phases = ", ".join(p.value for p in Phase)
            raise ValueError(f"{name!r} is no phase; it is one of {phases}.")
        if phase is None:
            wanted = _with(wanted, found)
        else:
            limits = _with(wanted.phases.get(phase, Limits()), found)
            wanted = replace(wanted, phases={**wanted.phases, phase: limits})
    return wanted


def _with(limits: AnyLimits, found: re.Match[str]) -> AnyLimits:
    number, unit = float(found["number"]), (found["unit"] or "").casefold()
    if unit in _TOKENS:
        return replace(limits, tokens=int(number * _TOKENS[unit]))
    if unit in _SECONDS:
        return replace(limits, seconds=number * _SECONDS[unit])
    return replace(limits, dollars=number)


def budget_said(budget: Budget) -> str:
    """`$2.50 or 200,000 tokens, generate $.50`; `no limit` where there is none."""
    parts = [limits_said(budget) or "no limit"]
    for phase, limits in budget.phases.items():
        if said := limits_said(limits):
            parts.append(f"{phase.value} {said}")
    return ", ".join(parts)

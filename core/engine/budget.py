"""Spend caps, asked before every call: of the run and of its phase, in dollars, tokens, seconds."""

from collections.abc import Iterator
from dataclasses import replace

from core.domain.goal import Limits
from core.domain.metrics import Spent, money
from core.domain.phase import Phase
from core.domain.state import RunState

TOKENS_A_DOLLAR = 100_000
"""What a dollar buys of a model whose price nobody knows: ten dollars a million tokens, which is
dear, so that a cap in dollars holds for such models too.
"""
NEAR = 0.8
"""Share of a limit at which the user is asked before the relay goes on."""


def crossing(state: RunState, phase: Phase, call: Spent) -> tuple[str, str]:
    """The first limit that a call would cross and what was used of it; two empty texts for none.

    `call` is what the call will cost by estimate; where its price is not known, its tokens are
    `unpriced`. Its seconds are those that the running phase has worked until now.
    """
    for whose, limits, used in _limits(state, phase):
        so_far = replace(used, seconds=used.seconds + call.seconds)
        for limit, spent, more, unit in _measures(limits, so_far, call):
            if spent >= limit or spent + more > limit:
                following = f" and about {_said(more, unit)} for the next call" if more else ""
                return f"{_said(limit, unit)}{whose}", f"{_said(spent, unit)}{following}"
    return "", ""


def reached(state: RunState, phase: Phase, call: Spent) -> tuple[str, str]:
    """The first limit that is used up once a call has cost this, and what is used; two empty texts
    for none.
    """
    for whose, limits, used in _limits(state, phase):
        for limit, spent, _, unit in _measures(limits, used + call, Spent()):
            if spent >= limit:
                return f"{_said(limit, unit)}{whose}", _said(spent, unit)
    return "", ""


def seconds_left(state: RunState, phase: Phase, worked: float) -> float | None:
    """Until the first limit in seconds, after `worked` of the running phase; None without one."""
    left = [
        limits.seconds - used.seconds - worked
        for _, limits, used in _limits(state, phase)
        if limits.seconds is not None
    ]
    return min(left, default=None)


def nearing(state: RunState) -> tuple[str, str]:
    """The first limit of the run of which `NEAR` is used, and what is; two empty texts for none."""
    for limit, spent, _, unit in _measures(state.goal.budget, state.spent, Spent()):
        if spent >= NEAR * limit:
            return _said(limit, unit), _said(spent, unit)
    return "", ""


def _limits(state: RunState, phase: Phase) -> Iterator[tuple[str, Limits, Spent]]:
    budget = state.goal.budget
    yield "", budget, state.spent
    if phase in budget.phases:
        yield f" for {phase.value}", budget.phases[phase], state.spent_by(phase)


def _measures(
    limits: Limits, used: Spent, call: Spent
) -> Iterator[tuple[float, float, float, str]]:
    """Limit, what is spent, what the call adds, and the unit."""
    if limits.tokens is not None:
        yield limits.tokens, used.tokens, call.tokens, "tokens"
    if limits.seconds is not None:
        yield limits.seconds, used.seconds, 0.0, "seconds"
    if limits.dollars is None:
        return
    if call.unpriced or used.unpriced:
        most = limits.dollars * TOKENS_A_DOLLAR
        yield most, used.unpriced, call.unpriced, "tokens without a price"
    if call.dollars or used.dollars or not call.tokens:
        yield limits.dollars, used.dollars, call.dollars, "dollars"


def _said(amount: float, unit: str) -> str:
    if unit == "dollars":
        return money(amount)
    return f"{amount:,.0f} {unit}"

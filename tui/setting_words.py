"""What the user set for a phase, in one line."""

from collections.abc import Iterator

from core.domain.goal import Limits
from core.domain.route import Route
from tui import figures


def settings_said(route: Route, limits: Limits | None) -> str:
    """`temperature 0.2, at most 4,000 tokens a reply, …`; empty where nothing is set."""
    return ", ".join(_parts(route, limits or Limits()))


def _parts(route: Route, limits: Limits) -> Iterator[str]:
    own = route.parameters
    if own.temperature is not None:
        yield f"temperature {own.temperature:g}"
    if own.max_output is not None:
        yield f"at most {own.max_output:,} tokens a reply"
    if own.system:
        yield f"{figures.counted(len(own.system), 'character')} added to the system prompt"
    if budget := limits_said(limits):
        yield f"budget {budget}"
    if route.is_local_only:
        yield "only models on this machine"


def limits_said(limits: Limits) -> str:
    """`$0.50 or 2,000 tokens`; empty without a limit."""
    return " or ".join(_limits(limits))


def _limits(limits: Limits) -> Iterator[str]:
    if limits.dollars is not None:
        yield figures.sum_of(limits.dollars, is_estimated=False)
    if limits.tokens is not None:
        yield f"{limits.tokens:,} tokens"
    if limits.seconds is not None:
        yield f"{limits.seconds:g} s"

"""What a run was begun with, held against what the command line that takes it up says."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.phase import Phase
from core.domain.route import Layer, Route
from core.domain.state import RunState

OF_THE_RUN = (Layer.FLAG, Layer.KEYSTROKE)
"""Layers that were said for one run: they hold in it, whatever files and environment say later."""


def routes_told(
    state: RunState, configured: Mapping[Phase, Route], *, is_resumed: bool
) -> Iterator[e.Event]:
    """Every route of a run that begins, and each that has changed in one that is taken up."""
    for phase, now in configured.items():
        known = state.routes.get(phase)
        route = _held(known, now, is_resumed=is_resumed)
        if _is_new(state) or known != route:
            yield e.RouteChanged(route)


def _held(known: Route | None, configured: Route, *, is_resumed: bool) -> Route:
    """What was said for the run, under what is set for the phase now, unless the command line that
    takes the run up names a model itself.
    """
    is_said_now = is_resumed and configured.layer is Layer.FLAG
    if known is None or known.layer not in OF_THE_RUN or is_said_now:
        return configured
    return known.governed_by(configured)


def approvals_told(
    state: RunState,
    proposed: Sequence[CheckCommand],
    approved: Container[str],
    named: Container[CheckCommand],
) -> Iterator[e.Event]:
    """The proposed checks that may run by what was said before, or by being named now.

    A journal holds every approval of its run, also those that were given before it began.
    """
    for command in proposed:
        known = state.approvals.get(command.id)
        may_run = known or command in named or (known is None and command.id in approved)
        if may_run and (_is_new(state) or not known):
            by = "this command line" if command in named else "settings or an earlier run"
            yield e.ApprovalGiven(command.id, granted=True, by=by)


def _is_new(state: RunState) -> bool:
    return not any(run.attempt for run in state.phases.values())


def instead(
    state: RunState, routes: Mapping[Phase, Route], checks: Sequence[CheckCommand]
) -> Iterator[str]:
    """A sentence for each thing that the command line says otherwise than the run has it."""
    phases: dict[tuple[str, str], list[str]] = {}
    for phase, route in routes.items():
        known = state.routes.get(phase)
        if known and route.layer is Layer.FLAG and route.spelled != known.spelled:
            phases.setdefault((route.spelled, known.spelled), []).append(phase.value)
    for (now, before), names in phases.items():
        yield f"{', '.join(names)}: {now} instead of {before}, as this command line says."
    if checks and state.named_checks and tuple(checks) != state.named_checks:
        now, before = (", ".join(f"`{x.line}`" for x in c) for c in (checks, state.named_checks))
        yield f"Checks: {now} instead of {before}, as this command line says."


def unanswered(past: Iterable[e.Recorded]) -> tuple[e.CallLost, ...]:
    """The calls of an interrupted run that nobody heard the end of: they were paid for."""
    open_calls: dict[str, e.CallAsked] = {}
    for event in (recorded.event for recorded in past):
        if isinstance(event, e.CallAsked):
            open_calls[event.call] = event
        elif isinstance(event, e.ModelReplied | e.CallLost):
            open_calls.pop(event.call, None)
    why = "the program ended before it was answered"
    return tuple(
        e.CallLost(asked.phase, asked.model, why, asked.usage, asked.call)
        for asked in open_calls.values()
    )

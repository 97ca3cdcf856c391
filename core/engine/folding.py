"""What every fold is: one function an event, chosen by its type."""

from dataclasses import replace
from functools import singledispatch

from core.domain import events as e
from core.domain.phase import Phase
from core.domain.state import RunState


@singledispatch
def after(event: e.Event, state: RunState, recorded: e.Recorded) -> RunState:
    """The state after one event; most kinds register a fold of their own."""
    return state


def with_phase(state: RunState, phase: Phase, /, **changes: object) -> RunState:
    """The state with some fields of one phase changed."""
    run = replace(state.phases[phase], **changes)  # type: ignore[arg-type]  # field names are checked by the tests
    return replace(state, phases={**state.phases, phase: run})

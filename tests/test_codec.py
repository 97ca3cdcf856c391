import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.codec import (
    CodecFault,
    command_from_json,
    command_to_json,
    event_from_json,
    event_to_json,
    vocabulary,
)
from core.domain.commands import Command
from core.domain.events import Event, Recorded

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
EVENTS = [kind for kind in vocabulary(Event).values() if kind is not Recorded]
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda k: k.__name__)
@QUICK
@given(data=st.data())
def test_every_event_comes_back_from_json_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(st.from_type(kind))
    assert event_from_json(event_to_json(event)) == event


@pytest.mark.parametrize("kind", vocabulary(Command).values(), ids=lambda k: k.__name__)
@QUICK
@given(data=st.data())
def test_every_command_comes_back_from_json_as_it_was(
    kind: type[Command], data: st.DataObject
) -> None:
    command = data.draw(st.from_type(kind))
    assert command_from_json(command_to_json(command)) == command


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "Nothing"}', '{"type": "RunPaused"}'])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(CodecFault):
        event_from_json(text)

"""JSON both ways for the vocabularies, and schemas for model replies: pydantic at the edges."""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.domain import commands, events
from core.domain.commands import Command
from core.domain.events import Event, Recorded

T = TypeVar("T")


class CodecFault(ValueError):
    """Text that is not what it should be; the message names the place."""


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    """Building an adapter takes milliseconds, so each is built once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def vocabulary(base: type) -> dict[str, type]:
    """Every event, or every command, by name.

    Read from the module and not from `__subclasses__`, which also lists the slotless twins that
    dataclasses leave behind.
    """
    members = vars(commands if base is Command else events)
    return {
        name: kind
        for name, kind in members.items()
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base
    }


def event_to_json(event: Event) -> str:
    """One event as a JSON object with its name under `type`."""
    return _to_json(event)


def event_from_json(text: str) -> Event:
    """What `event_to_json` wrote. Raises `CodecFault`."""
    event = _from_json(text, Event)
    assert isinstance(event, Event)
    return event


def command_to_json(command: Command) -> str:
    """One command as a JSON object with its name under `type`."""
    return _to_json(command)


def command_from_json(text: str) -> Command:
    """What `command_to_json` wrote. Raises `CodecFault`."""
    command = _from_json(text, Command)
    assert isinstance(command, Command)
    return command


def recorded_to_json(recorded: Recorded) -> str:
    """A journal row as one JSON line: `{"seq", "at", "run", "type", …}`."""
    head = {"seq": recorded.seq, "at": round(recorded.at, 3), "run": recorded.run_id}
    return json.dumps({**head, **json.loads(_to_json(recorded.event))}, ensure_ascii=True)


def validate(kind: type[T], value: object) -> T:
    """A plain JSON value as a dataclass. Raises `CodecFault` with one line per problem."""
    try:
        result: T = _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise CodecFault(problems(error)) from error
    return result


def problems(error: ValidationError) -> str:
    """What is wrong, one clause per place, at most four."""
    rows = [f"{'.'.join(map(str, row['loc'])) or 'value'}: {row['msg']}" for row in error.errors()]
    return "; ".join(rows[:4])


def _to_json(value: Event | Command) -> str:
    plain = _adapter(type(value)).dump_python(value, mode="json")
    return json.dumps(
        {"type": type(value).__name__, **plain}, ensure_ascii=True, separators=(",", ":")
    )


def _from_json(text: str, base: type[Event] | type[Command]) -> object:
    try:
        data = json.loads(text)
        kind = vocabulary(base)[data.pop("type")]
        return _adapter(kind).validate_python(data)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CodecFault(f"not a {base.__name__.lower()}: {error}") from error

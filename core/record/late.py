"""Events as text, read as late as can be: most of a long one is of no use to any figure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Plain = Mapping[str, Any]


def read(text: str) -> Plain:
    """The values of an event. Raises ValueError for what is no object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("an event is an object")
    return value


class Late(Protocol):
    """A long event that is read when somebody asks for it."""

    def read(self) -> Plain:
        """All of its values. Raises ValueError."""
        ...


@dataclass(frozen=True, slots=True)
class LateText:
    """One as the journal has it."""

    text: str

    def read(self) -> Plain:
        """All of its values. Raises ValueError."""
        return read(self.text)

"""The lines that we and our child processes say to each other: one JSON object each.

Nothing else is ever on such a child's stdout: it moves file descriptor 1 to stderr before it
imports anything that could print (`take_the_pipes`).
"""

import json
import os
from collections.abc import Mapping
from typing import Any, TypeAlias

Message = dict[str, Any]
Value: TypeAlias = Any
"""Whatever an answer carries."""

MAX_LINE = 64 * 1024 * 1024
"""Bytes of the longest line either side reads."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One line; lone surrogates survive as JSON escapes."""
    return json.dumps(message, ensure_ascii=True).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """What `encode` wrote. Raises ValueError for anything but a JSON object."""
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def take_the_pipes() -> tuple[int, int]:
    """Keep stdin and stdout for ourselves: a library that prints or asks reaches neither."""
    read_end, write_end = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return read_end, write_end


def say(write_end: int, message: Mapping[str, Any]) -> None:
    """Write one line whole; the process ends when nobody reads any more."""
    data = encode(message)
    try:
        while data:
            data = data[os.write(write_end, data) :]
    except BrokenPipeError:
        os._exit(0)

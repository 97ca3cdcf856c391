"""Who answers on the usual ports of this machine, asked only when the user asks.

No name is looked up, no proxy used, no redirect followed and no key sent; only 127.0.0.1 is asked.
"""

import asyncio
import http.client
import io
import json
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from core.adapters.local_servers import HOST, USUAL, LocalServer

SECONDS = 1.5
"""From connecting to the end of the answer; a list of models takes milliseconds."""
MOST_BYTES = 1_000_000
MOST_MODELS = 200

_NAME = re.compile(r"[\w./][\w.:/@+-]{0,199}", re.ASCII)
"""What can be a model id here: nothing that a shell, a settings file or a route would read as
anything else.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was heard on the port of a server."""

    server: LocalServer
    models: tuple[str, ...] = ()
    """Ids, with the provider."""
    left_out: int = 0
    """Models whose names cannot be ids here, or that are too many."""
    trouble: str = ""
    """Why it is not counted as a model server, as a clause; empty where it is one."""


async def find_servers(servers: Sequence[LocalServer] = USUAL) -> tuple[Answer, ...]:
    """Ask every port at once; an answer for each on which something listens, in order.

    Takes at most `SECONDS`. Raises nothing.
    """
    found = await asyncio.gather(*(_ask(server) for server in servers))
    return tuple(answer for answer in found if answer)


async def _ask(server: LocalServer) -> Answer | None:
    heard = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            await _hear(server, heard)
    except TimeoutError:
        if not heard:
            return Answer(server, trouble=f"said nothing within {SECONDS:g} s")
    except OSError:
        if not heard:
            return None
    if len(heard) > MOST_BYTES:
        return Answer(server, trouble=f"answered with more than {MOST_BYTES:,} bytes")
    return _read(server, bytes(heard))


async def _hear(server: LocalServer, heard: bytearray) -> None:
    """Collect the answer until its end, or until it is too long. Raises OSError."""
    reader, writer = await asyncio.open_connection(HOST, server.port)
    try:
        writer.write(
            f"GET {server.listing} HTTP/1.1\r\nHost: {HOST}:{server.port}\r\n"
            "Accept: application/json\r\nConnection: close\r\n\r\n".encode()
        )
        while len(heard) <= MOST_BYTES and (data := await reader.read(65_536)):
            heard += data
    finally:
        writer.transport.abort()


class _Heard:
    """As much of a socket as `HTTPResponse` uses, over bytes that were read already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _read(server: LocalServer, heard: bytes) -> Answer:
    response = http.client.HTTPResponse(cast(socket.socket, _Heard(heard)))
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError):
        return Answer(server, trouble="did not answer with whole HTTP")
    if response.status in (401, 403):
        return Answer(server, trouble=f"wants a key before it says more ({response.status})")
    if response.status != 200:
        return Answer(server, trouble=f"knows no {server.listing} ({response.status})")
    try:
        names = list(_names(json.loads(body)))
    except (ValueError, RecursionError, TypeError, LookupError):
        return Answer(server, trouble=f"answered {server.listing} with no list of models")
    known = dict.fromkeys(n for n in names if isinstance(n, str) and _NAME.fullmatch(n))
    models = tuple(f"{server.provider}/{name}" for name in known)[:MOST_MODELS]
    return Answer(server, models, len(names) - len(models))


def _names(said: object) -> Iterator[object]:
    """The names in a list of models: OpenAI's (`data`, `id`) or Ollama's (`models`, `name`).

    Raises TypeError or LookupError for anything else.
    """
    if not isinstance(said, dict):
        raise TypeError
    key, name = ("data", "id") if "data" in said else ("models", "name")
    rows: Iterable[object] = said[key]
    if not isinstance(rows, list):
        raise TypeError
    for row in rows:
        if not isinstance(row, dict):
            raise TypeError
        yield row[name]

"""The one place where the model host's HTTP goes out, and what is checked there.

litellm and the SDKs below it follow redirects with the key in hand, send a request again when a
connection breaks, and look things up on their own. All of them go through `httpx`, so `install`
puts one gate into it: a request leaves only inside a call, once, and is never redirected.
"""

import contextlib
import json
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any, NoReturn, Protocol, cast

import httpx

from core.adapters.model_host.evidence import Evidence

_WIRE_FACTOR = 64
"""Wire bytes allowed per byte of text: one token in an event of its own is about 250 bytes."""
_DECODABLE = {"gzip": 31, "deflate": 47}
"""Content encodings read here, with zlib's window argument for each."""


_Send = Callable[..., Coroutine[Any, Any, httpx.Response]]


class _Stream(Protocol):
    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class _Decoder(Protocol):
    def decompress(self, data: bytes) -> bytes: ...


class WireRefused(Exception):
    """A request or a response that the gate stopped."""


class Witness:
    """Everything seen on the wire during one call."""

    def __init__(self, max_bytes: int, *, dry: bool = False) -> None:
        self.dry = dry
        """Whether every request is stopped before it leaves, for warming up."""
        self.requests = 0
        self.body = b""
        """Of the request."""
        self.status = 0
        self.headers: httpx.Headers = httpx.Headers()
        self.redirected_to = ""
        """The host a redirect pointed at."""
        self.is_too_long = False
        self.evidence = Evidence(max_bytes)
        self.wire_bytes = 0
        self._max_wire = max_bytes * _WIRE_FACTOR
        self._max_body = max_bytes
        self._response: httpx.Response | None = None

    def admit(self, request: httpx.Request) -> None:
        """Let a request out, once."""
        if self.dry:
            raise WireRefused("warming up")
        if self.requests:
            raise WireRefused("a second request in one call")
        self.requests += 1
        with contextlib.suppress(httpx.RequestNotRead):
            self.body = request.content

    def sent(self) -> Mapping[str, object]:
        """The names in the request's JSON, at any depth, with the last value of each; empty where
        it is not JSON.
        """
        found: dict[str, object] = {}
        try:
            json.loads(self.body, object_pairs_hook=found.update)
        except (ValueError, RecursionError):
            return {}
        return found

    async def answered(self, response: httpx.Response) -> None:
        """Look at status and headers; a redirect goes no further."""
        self._response = response
        self.status = response.status_code
        self.headers = response.headers
        if 300 <= response.status_code < 400:
            self.redirected_to = _host(response) or "another address"
            await response.aclose()
            raise WireRefused("redirected")
        if response.headers.get("content-type", "").startswith("application/vnd.amazon"):
            self.evidence.opaque = True

    def feed(self, data: bytes) -> None:
        """Look at bytes on their way to litellm. Raises WireRefused past the limits."""
        self.wire_bytes += len(data)
        is_line_fine = self.evidence.feed(data)
        is_silent = self.evidence.events == 0 and not self.evidence.opaque
        most = self._max_body if is_silent and self.evidence.head else self._max_wire
        if not is_line_fine or self.wire_bytes > most:
            self.is_too_long = True
            raise WireRefused("too many bytes")

    async def hang_up(self) -> None:
        """Close the connection if it is still open."""
        if self._response is not None:
            await self._response.aclose()


CURRENT: ContextVar[Witness | None] = ContextVar("witness", default=None)
"""The witness of the call that this code runs for."""


class _WatchedStream(httpx.AsyncByteStream):
    """A response body that is shown to the witness, decompressed, before anyone else reads it."""

    def __init__(self, inner: _Stream, witness: Witness, decoder: _Decoder | None) -> None:
        self._inner = inner
        self._witness = witness
        self._decoder = decoder

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            data = self._decoder.decompress(chunk) if self._decoder else chunk
            self._witness.feed(data)
            if data:
                yield data
        self._witness.evidence.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


def install() -> None:
    """Put the gate into httpx, for the whole life of this process."""
    httpx.AsyncClient.send = _gated(httpx.AsyncClient.send)  # type: ignore[method-assign]
    httpx.Client.send = _refuse  # type: ignore[method-assign]


def _refuse(*_arguments: object, **_options: object) -> NoReturn:
    """Blocking requests are side errands (Ollama's model lookup) and would freeze every call."""
    raise WireRefused("a blocking request")


def _gated(send: _Send) -> _Send:
    async def gated(
        client: httpx.AsyncClient,
        request: httpx.Request,
        *,
        stream: bool = False,
        **options: object,
    ) -> httpx.Response:
        witness = CURRENT.get()
        if witness is None:
            raise WireRefused("a request outside any call")
        witness.admit(request)
        request.headers["accept-encoding"] = "identity"
        options["follow_redirects"] = False
        response: httpx.Response = await send(client, request, stream=True, **options)
        await witness.answered(response)
        inner = cast(_Stream, response.stream)
        response.stream = _WatchedStream(inner, witness, _decoder(response, witness))
        if not stream:
            await response.aread()
        return response

    return gated


def _decoder(response: httpx.Response, witness: Witness) -> _Decoder | None:
    """A decompressor for a server that compresses although it was asked not to."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in _DECODABLE:
        del response.headers["content-encoding"]
        return zlib.decompressobj(_DECODABLE[encoding])
    witness.evidence.opaque = witness.evidence.opaque or encoding not in ("", "identity")
    return None


def _host(response: httpx.Response) -> str:
    try:
        return response.request.url.join(response.headers.get("location", "")).host
    except httpx.InvalidURL:
        return ""

"""Models through litellm, which lives in a child process and never in this one."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from core.adapters.child import Child
from core.adapters.lines import Message, Value
from core.adapters.local_servers import USUAL
from core.adapters.model_host import keys, wire
from core.adapters.model_host.redact import excerpt, redact, secrets_in
from core.domain.errors import FaultKind, ModelFault
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.domain.servers import address_of, is_loopback
from core.ports import ignore

State = Literal["cold", "warming", "ready", "dead"]

_NO_PRICES: Mapping[str, tuple[float, float]] = {}
_SERVER = "core.adapters.model_host.server"
_FORCED = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "REPEATED_STREAMING_CHUNK_LIMIT": "1000000000",
}
"""No look-up of prices or headers, no `.env`, and our own loop rule instead of litellm's."""
_ADDRESSES = {server.variable: server.address for server in USUAL}
"""Where servers of the user's own machine are unless a variable says so: without one litellm sends
the calls of most of them to OpenAI's address.
"""
_GRACE = 15.0
"""Seconds past a call's total limit after which a host that says nothing is given up."""


class ModelHost:
    """`ModelClient` and `Catalogue` over one child process, started when first needed.

    Several calls may run at once. When the child dies, the calls in it fail with
    `FaultKind.HOST_DIED` and the next call starts another. Used from one event loop.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        python: str = sys.executable,
        prices: Mapping[str, tuple[float, float]] = _NO_PRICES,
    ) -> None:
        """`env` is all of the child's environment; `prices` are dollars per million in and out."""
        self._env = _ADDRESSES | {name: value for name, value in env.items() if value} | _FORCED
        self._given = dict(env)
        self._python = python
        self._prices = dict(prices)
        self._secrets = secrets_in(env)
        self._is_set = frozenset(name for name, value in env.items() if value)
        self._known: tuple[ModelInfo, ...] = ()
        self._child: Child | None = None
        self._ready: asyncio.Future[None] | None = None
        self._starting = asyncio.Lock()
        self._readers: set[asyncio.Task[None]] = set()
        self._inboxes: dict[int, asyncio.Queue[Message]] = {}
        self._last = 0
        self._is_closed = False
        self._state: State = "cold"

    @property
    def state(self) -> State:
        """`cold` before the first start, `warming`, `ready`, or `dead` until the next start."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        return self._child.pid if self._child else None

    async def warm(self) -> None:
        """Start the child and wait until a call would be quick. Raises ModelFault HOST_DIED."""
        async with self._starting:
            if self._child is None:
                await self._start()
        assert self._ready is not None
        await asyncio.shield(self._ready)

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """Answer once, through exactly one HTTP request. Raises ModelFault.

        Cancelling ends the HTTP request too.
        """
        pieces: list[str] = []
        try:
            await self.warm()
            async with asyncio.timeout(request.timeouts.total + _GRACE), self._calling() as call:
                child, number, inbox = call
                child.send(wire.from_request(number, request))
                while (message := await inbox.get())["op"] == "text":
                    pieces.append(message["text"])
                    on_text(message["text"])
        except TimeoutError:
            self._give_up()
            raise self._died(request.model, "stopped answering", "".join(pieces)) from None
        except ModelFault as fault:
            raise self._died(request.model, fault.sentence, "".join(pieces), whole=True) from None
        text = "".join(pieces)
        if message["op"] == "done":
            return wire.to_reply(message, text)
        if message["op"] == "fault":
            raise wire.to_fault(message, redact(text, self._secrets))
        raise self._died(request.model, "ended during the call", text)

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every chat model of the bundled price table, and those that the user has a price for, by
        id. Raises ModelFault HOST_DIED.
        """
        if self._known:
            return self._known
        rows: list[list[Any]] = await self._ask({"op": "models"})
        self._known = tuple(
            ModelInfo(
                id=model,
                price_in=self._prices.get(model, (price_in, price_out))[0],
                price_out=self._prices.get(model, (price_in, price_out))[1],
                window=window,
                key=keys.variable(provider),
                has_key=keys.has_key(provider, self._is_set),
                provider=provider,
                note=note,
                lacks=self._server(provider),
                is_retired=is_retired,
            )
            for model, price_in, price_out, window, provider, note, is_retired in rows
        )
        return self._known

    def _server(self, provider: str) -> str:
        """The server of the user's own that models of a provider need."""
        address = address_of(provider, self._given)
        is_own = is_loopback(address) or not keys.variables(provider)
        return f"a server at {address}" if address and is_own else ""

    async def count(self, text: str) -> int:
        """Tokens of a text, an estimate with one fixed tokenizer. Raises ModelFault HOST_DIED."""
        return int(await self._ask({"op": "count", "text": text}))

    async def contacted(self) -> tuple[str, ...]:
        """Every host name looked up and address connected to by the child that runs now."""
        return tuple(await self._ask({"op": "contacted"}))

    async def close(self) -> None:
        """End the child; calls in it fail, further calls are errors."""
        self._is_closed = True
        async with self._starting:
            if self._child is not None:
                await self._child.end()
        await asyncio.gather(*self._readers)

    async def _ask(self, question: Message) -> Value:
        async with self._calling() as (child, number, inbox):
            child.send(question | {"id": number})
            answer = await inbox.get()
        if answer["op"] != "answer":
            raise self._died("", "ended before it answered")
        return answer["value"]

    @contextlib.asynccontextmanager
    async def _calling(self) -> AsyncIterator[tuple[Child, int, asyncio.Queue[Message]]]:
        """A ready child, a number, and what the child says under that number."""
        await self.warm()
        child = self._child
        if child is None:
            raise self._died("", "ended while it was starting")
        self._last += 1
        number, inbox = self._last, asyncio.Queue[Message]()
        self._inboxes[number] = inbox
        try:
            yield child, number, inbox
        except BaseException:
            child.send({"op": "cancel", "id": number})
            raise
        finally:
            del self._inboxes[number]

    async def _start(self) -> None:
        if self._is_closed:
            raise self._died("", "is closed")
        self._state = "warming"
        self._ready = asyncio.get_running_loop().create_future()
        try:
            self._child = await Child.start(self._python, _SERVER, self._env)
        except OSError as error:
            self._state = "dead"
            raise self._died("", f"could not be started ({error.strerror})") from None
        prices = {model: list(pair) for model, pair in self._prices.items()}
        self._child.send(
            {
                "op": "hello",
                "secrets": self._secrets,
                "variables": sorted(self._is_set),
                "prices": prices,
            }
        )
        reader = asyncio.create_task(self._read(self._child, self._ready))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)

    async def _read(self, child: Child, ready: asyncio.Future[None]) -> None:
        """Hand every message to its call until the child ends; then fail what is left."""
        async for message in child.messages():
            if message["op"] == "ready":
                self._state = "ready"
                if not ready.done():
                    ready.set_result(None)
            elif inbox := self._inboxes.get(message["id"]):
                inbox.put_nowait(message)
        self._child = None
        self._state = "dead"
        for inbox in self._inboxes.values():
            inbox.put_nowait({"op": "died"})
        await child.end()
        if not ready.done():
            ready.set_exception(self._died("", f"could not start ({child.complaint})"))
            ready.exception()

    def _give_up(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _died(self, model: str, what: str, partial: str = "", *, whole: bool = False) -> ModelFault:
        """A fault of the host itself; `whole` when `what` is already a sentence."""
        sentence = what
        if not whole:
            what = excerpt(what, self._secrets)
            sentence = f"The model host {what}; run the phase again to start another one."
        partial = redact(partial, self._secrets)
        return ModelFault(FaultKind.HOST_DIED, model, sentence, partial=partial)

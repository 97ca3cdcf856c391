"""The model host's own process: the only code that imports litellm. The lines are in `wire`."""

import asyncio
import logging
import os
import sys
import threading
import time
import warnings
from typing import Any, cast

from core.adapters.lines import Message, decode, say, take_the_pipes
from core.adapters.model_host import catalogue, prices, wire
from core.adapters.model_host.call import Call, Host
from core.adapters.model_host.library import Library
from core.adapters.model_host.witness import CURRENT, Witness, install
from core.domain.errors import FaultKind, ModelFault

_WARM_MODELS = ("openai/warm", "anthropic/warm")
_contacted: dict[str, None] = {}


def main() -> None:
    """Serve until stdin closes."""
    read_end, write_end = take_the_pipes()
    sys.addaudithook(_note_contact)
    asyncio.run(_Server(read_end, write_end).run())


def _note_contact(event: str, arguments: tuple[Any, ...]) -> None:
    """Remember every name looked up and every address connected to, whoever does it."""
    if event == "socket.getaddrinfo":
        _contacted[str(arguments[0])] = None
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        _contacted[str(arguments[1][0])] = None


class _Server:
    """Reads messages in a thread, so that a closed stdin ends even a busy process."""

    def __init__(self, read_end: int, write_end: int) -> None:
        self._read_end = read_end
        self._write_end = write_end
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._host: Host

    async def run(self) -> None:
        """Import litellm, warm it, then answer messages for ever."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop,), daemon=True).start()
        hello = await self._inbox.get()
        begin = time.monotonic()
        litellm = _load()
        own = {model: (row[0], row[1]) for model, row in hello["prices"].items()}
        self._host = Host(litellm, own, hello["secrets"], frozenset(hello["variables"]))
        await _warm(litellm)
        self._say({"op": "ready", "seconds": time.monotonic() - begin})
        while True:
            self._handle(await self._inbox.get())

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        with os.fdopen(self._read_end, "rb") as lines:
            for line in lines:
                loop.call_soon_threadsafe(self._inbox.put_nowait, decode(line))
        os._exit(0)

    def _say(self, message: Message) -> None:
        say(self._write_end, message)

    def _handle(self, message: Message) -> None:
        call = message["id"]
        if message["op"] == "cancel":
            if task := self._tasks.get(call):
                task.cancel()
            return
        work = self._complete(message) if message["op"] == "complete" else self._answer(message)
        task = asyncio.create_task(work)
        self._tasks[call] = task
        task.add_done_callback(lambda _done: self._tasks.pop(call, None))

    async def _complete(self, message: Message) -> None:
        call = message["id"]
        request = wire.to_request(message)

        def send(text: str) -> None:
            self._say({"op": "text", "id": call, "text": text})

        try:
            reply = await Call(self._host, request, send).run()
        except ModelFault as fault:
            self._say(wire.from_fault(call, fault))
        except Exception as error:
            sentence = (
                f"The model host failed on {request.model} ({type(error).__name__}); try again."
            )
            own = ModelFault(FaultKind.HOST_DIED, request.model, sentence)
            self._say(wire.from_fault(call, own))
        else:
            self._say(wire.from_reply(call, reply))

    async def _answer(self, message: Message) -> None:
        litellm = self._host.litellm
        match message["op"]:
            case "models":
                value: Any = await asyncio.to_thread(catalogue.rows, litellm, self._host.prices)
            case "count":
                value = await asyncio.to_thread(prices.count, litellm, message["text"])
            case _:
                value = list(_contacted)
        self._say({"op": "answer", "id": message["id"], "value": value})


def _load() -> Library:
    """litellm, silent and with nothing phoning home."""
    install()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.drop_params = True
    litellm.num_retries = None
    for name in ("callbacks", "success_callback", "failure_callback", "input_callback"):
        setattr(litellm, name, [])
    return cast(Library, litellm)


async def _warm(litellm: Library) -> None:
    """Pay for every lazy import before the first real call; nothing leaves the process."""
    messages = [{"role": "user", "content": "hi"}]
    stream = await litellm.acompletion(
        model="openai/warm", messages=messages, mock_response="ok", stream=True
    )
    async for _chunk in stream:
        pass
    prices.count(litellm, "hi")
    for model in _WARM_MODELS:
        token = CURRENT.set(Witness(1, dry=True))
        try:
            await litellm.acompletion(
                model=model, messages=messages, stream=True, max_retries=0, api_key="warm"
            )
        except Exception:
            # The gate stops each of these before it leaves: that is the point.
            continue
        finally:
            CURRENT.reset(token)

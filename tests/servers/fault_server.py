"""A model provider on loopback that fails on demand; run as a process of its own.

It speaks OpenAI chat completions (`POST /v1/chat/completions`) and Anthropic messages
(`POST /v1/messages`), streamed and not, and streamed Ollama chat (`POST /api/chat`). The model name
chooses what it does: see `STATUSES`, `PLANS` and `ODD`; what it says meanwhile can be scripted.
`GET /seen` lists every request, `POST /script` sets replies, `POST /reset` forgets both. On start it
prints its port on one line.
"""

import asyncio
import gzip
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, ClassVar

from aiohttp import web

WORDS = ["Hello", " from", " the", " fault", " server", "."]
ELSEWHERE = "/elsewhere"


class Format:
    """One provider's wire format: its events, its whole reply, its error body."""

    def head(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def piece(self, text: str) -> dict[str, Any]:
        raise NotImplementedError

    def thought(self, text: str) -> dict[str, Any]:
        raise NotImplementedError

    def tail(self, finish: str, usage: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    def whole(self, text: str) -> dict[str, Any]:
        raise NotImplementedError

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        raise NotImplementedError

    def line(self, event: dict[str, Any]) -> bytes:
        raise NotImplementedError

    model = ""
    is_free = False
    """Whether it claims to have used no tokens at all."""
    last = b""
    keep_alive = b": keep-alive\n\n"


class OpenAI(Format):
    last = b"data: [DONE]\n\n"

    def __init__(self, model: str) -> None:
        self.model = model

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._base("chat.completion.chunk"), "choices": [choice]}

    def _base(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": self.model}

    def head(self) -> list[dict[str, Any]]:
        return [self._chunk({"role": "assistant", "content": ""})]

    def piece(self, text: str) -> dict[str, Any]:
        return self._chunk({"content": text})

    def thought(self, text: str) -> dict[str, Any]:
        return self._chunk({"reasoning_content": text})

    def tail(self, finish: str, usage: str) -> list[dict[str, Any]]:
        end = [self._chunk({}, finish)] if finish else []
        if usage == "none":
            return end
        return [
            *end,
            {**self._base("chat.completion.chunk"), "choices": [], "usage": self.usage(usage)},
        ]

    def usage(self, usage: str) -> dict[str, Any]:
        if usage == "zero":
            return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        cached = {"cached_tokens": 100}
        return {
            "prompt_tokens": 120,
            "completion_tokens": 7,
            "total_tokens": 127,
            "prompt_tokens_details": cached,
        }

    def whole(self, text: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        base = self._base("chat.completion")
        return {**base, "choices": [choice], "usage": self.usage("reported")}

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        return {"error": {"message": message, "type": code, "code": code, "param": None}}

    def line(self, event: dict[str, Any]) -> bytes:
        return b"data: " + json.dumps(event).encode() + b"\n\n"


class Anthropic(Format):
    keep_alive = b'event: ping\ndata: {"type": "ping"}\n\n'
    _finish: ClassVar = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}

    def __init__(self, model: str) -> None:
        self.model = model

    def head(self) -> list[dict[str, Any]]:
        message = self.whole("") | {"content": [], "stop_reason": None, "usage": self.first_usage()}
        block = {"type": "text", "text": ""}
        return [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
        ]

    def first_usage(self) -> dict[str, int]:
        counts = (0, 0, 0, 0) if self.is_free else (11, 3, 100, 1)
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return dict(zip((*names, "output_tokens"), counts, strict=True))

    def thought(self, text: str) -> dict[str, Any]:
        delta = {"type": "thinking_delta", "thinking": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    def piece(self, text: str) -> dict[str, Any]:
        delta = {"type": "text_delta", "text": text}
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    def tail(self, finish: str, usage: str) -> list[dict[str, Any]]:
        if not finish:
            return []
        stop = {"stop_reason": self._finish[finish], "stop_sequence": None}
        delta: dict[str, Any] = {"type": "message_delta", "delta": stop}
        if usage != "none":
            delta["usage"] = {"output_tokens": 7 if usage == "reported" else 0}
        return [{"type": "content_block_stop", "index": 0}, delta, {"type": "message_stop"}]

    def whole(self, text: str) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": self.first_usage() | {"output_tokens": 7},
        }

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        return {"type": "error", "error": {"type": code, "message": message}}

    def line(self, event: dict[str, Any]) -> bytes:
        return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


class Ollama(Format):
    keep_alive = b"\n"

    def __init__(self, model: str) -> None:
        self.model = model

    def head(self) -> list[dict[str, Any]]:
        return []

    def piece(self, text: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        return {"model": self.model, "message": message, "done": False}

    def tail(self, finish: str, usage: str) -> list[dict[str, Any]]:
        counts = {"prompt_eval_count": 120, "eval_count": 7} if usage == "reported" else {}
        return [self.piece("") | {"done": True, "done_reason": finish} | counts]

    def line(self, event: dict[str, Any]) -> bytes:
        return json.dumps(event).encode() + b"\n"


FORMATS: dict[str, Callable[[str], Format]] = {"/v1/messages": Anthropic, "/api/chat": Ollama}

STATUSES: dict[str, tuple[int, str, str]] = {
    "401": (401, "authentication_error", "bad key {key}"),
    "403": (403, "permission_error", "not allowed"),
    "402": (402, "billing_error", "payment required"),
    "quota": (429, "insufficient_quota", "You exceeded your current quota"),
    "404": (404, "not_found_error", "no such model"),
    "429": (429, "rate_limit_error", "slow down"),
    "429-date": (429, "rate_limit_error", "slow down"),
    "429-ms": (429, "rate_limit_error", "slow down"),
    "overflow": (400, "invalid_request_error", "prompt is too long: maximum context length is 9"),
    "400": (400, "invalid_request_error", "temperature is wrong, {key}"),
    "500": (500, "api_error", "something broke"),
    "503": (503, "api_error", "unavailable"),
    "529": (529, "overloaded_error", "Overloaded"),
}
"""Model names answered by an error status: status, code, message (`{key}` echoes the sent key)."""


def retry_after(name: str) -> dict[str, str]:
    """The wait that a 429 asks for: 2 s, in each of the ways it can be said."""
    if name == "429-date":
        return {"Retry-After": formatdate(time.time() + 30, usegmt=True)}
    if name == "429-ms":
        return {"Retry-After-Ms": "1500"}
    return {"Retry-After": "2"} if name.startswith("429") else {}


class Reply:
    """One streamed answer being sent."""

    def __init__(
        self, response: web.StreamResponse, form: Format, request: web.Request, pieces: list[str]
    ) -> None:
        self.response = response
        self.form = form
        self.request = request
        self.pieces = pieces
        """What it says when nothing goes wrong: the scripted reply, or `WORDS`."""

    async def events(self, *events: dict[str, Any]) -> None:
        for event in events:
            await self.raw(self.form.line(event))

    async def raw(self, data: bytes) -> None:
        await self.response.write(data)

    async def words(self, words: list[str]) -> None:
        await self.events(*self.form.head(), *(self.form.piece(word) for word in words))

    async def end(self, finish: str = "stop", usage: str = "reported") -> None:
        await self.events(*self.form.tail(finish, usage))
        await self.raw(self.form.last)

    def drop(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()


async def for_ever() -> None:
    await asyncio.Event().wait()


async def plan_ok(reply: Reply) -> None:
    await reply.words(reply.pieces)
    await reply.end()


async def plan_no_usage(reply: Reply) -> None:
    await reply.words(reply.pieces)
    await reply.end(usage="none")


async def plan_zero_usage(reply: Reply) -> None:
    reply.form.is_free = True
    await reply.words(reply.pieces)
    await reply.end(usage="zero")


async def plan_cut_mid(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])
    await asyncio.sleep(0.05)
    reply.drop()


async def plan_no_finish(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])


async def plan_bad_json_first(reply: Reply) -> None:
    await reply.raw(b"data: {not json\n\n")


async def plan_bad_json_mid(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])
    await reply.raw(b"data: {not json\n\n")
    await reply.events(reply.form.piece(reply.pieces[3]))
    await reply.end()


async def plan_error_mid(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])
    await reply.events(reply.form.error(500, "overloaded_error", "Overloaded"))


async def plan_error_first(reply: Reply) -> None:
    await reply.events(reply.form.error(500, "api_error", "gave up"))


async def plan_empty(reply: Reply) -> None:
    await reply.events(*reply.form.head())
    await reply.end()


async def plan_length(reply: Reply) -> None:
    await reply.words(reply.pieces)
    await reply.end("length")


async def plan_filtered(reply: Reply) -> None:
    await reply.words(reply.pieces[:1])
    await reply.end("content_filter")


async def plan_stall_mid(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])
    await for_ever()


async def plan_keep_alive(reply: Reply) -> None:
    while True:
        await reply.raw(reply.form.keep_alive)
        await asyncio.sleep(0.02)


async def plan_keep_alive_mid(reply: Reply) -> None:
    await reply.words(reply.pieces[:3])
    await plan_keep_alive(reply)


async def plan_dribble(reply: Reply) -> None:
    await reply.words(reply.pieces[:1])
    number = 0
    while True:
        number += 1
        await reply.events(reply.form.piece(f" {number}"))
        await asyncio.sleep(0.02)


async def plan_repeat(reply: Reply) -> None:
    await reply.words(reply.pieces)
    while True:
        await reply.events(*(reply.form.piece(f"    return self.value_{n}\n") for n in range(3)))


async def plan_repeat_chunk(reply: Reply) -> None:
    await reply.words(reply.pieces)
    await reply.events(*(reply.form.piece("0, 0, ") for _ in range(120)))
    await reply.end()


async def plan_giant(reply: Reply) -> None:
    await reply.words([])
    number = 0
    while True:
        number += 1
        await reply.events(reply.form.piece("".join(f"{number * n} " for n in range(200))))


async def plan_slow(reply: Reply) -> None:
    await reply.events(*reply.form.head())
    for number in range(10_000):
        await reply.events(reply.form.piece(f"{number} "))
        await asyncio.sleep(0.05)


async def plan_thinking(reply: Reply) -> None:
    await reply.events(*reply.form.head())
    for number in range(8):
        await reply.events(reply.form.thought(f"hm {number}"))
        await asyncio.sleep(0.1)
    await reply.events(*(reply.form.piece(word) for word in reply.pieces))
    await reply.end()


async def plan_unmarked(reply: Reply) -> None:
    await reply.words(reply.pieces)
    await reply.events(*reply.form.tail("stop", "reported"))


async def plan_other_model(reply: Reply) -> None:
    reply.form.model = "ok-2026-01-01"
    await plan_ok(reply)


PLANS: dict[str, Callable[[Reply], Awaitable[None]]] = {
    name.removeprefix("plan_").replace("_", "-"): plan
    for name, plan in list(globals().items())
    if name.startswith("plan_")
}
"""Model names answered by a stream. Any other name is answered like `ok`."""


class FaultServer:
    """The handlers, the record and the script."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.script: dict[str, list[str]] = {}
        self.changed = asyncio.Condition()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/seen", self.get_seen)
        app.router.add_get("/hung-up", self.get_hung_up)
        app.router.add_post("/script", self.post_script)
        app.router.add_post("/reset", self.post_reset)
        app.router.add_route("*", "/{path:.*}", self.serve)
        return app

    async def get_seen(self, _request: web.Request) -> web.Response:
        return web.json_response(self.seen)

    async def get_hung_up(self, request: web.Request) -> web.Response:
        """Answers once every request so far for the model, at least one, was broken off."""
        model = request.query["model"]

        def is_so() -> bool:
            rows = [row["disconnected"] for row in self.seen if row["model"] == model]
            return bool(rows) and all(rows)

        async with self.changed:
            await self.changed.wait_for(is_so)
        return web.json_response({})

    async def note_hung_up(self, row: dict[str, Any]) -> None:
        row["disconnected"] = True
        async with self.changed:
            self.changed.notify_all()

    async def post_script(self, request: web.Request) -> web.Response:
        replies = await request.json()
        self.script.update({model: list(texts) for model, texts in replies.items()})
        return web.json_response({})

    async def post_reset(self, _request: web.Request) -> web.Response:
        self.seen.clear()
        self.script.clear()
        return web.json_response({})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else {}
        row = {
            "model": body.get("model", ""),
            "path": request.path,
            "host": request.host,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": body,
            "disconnected": False,
        }
        self.seen.append(row)
        try:
            return await self.answer(request, row)
        except asyncio.CancelledError:
            await self.note_hung_up(row)
            raise
        except ConnectionError:
            await self.note_hung_up(row)
            return web.Response()

    async def answer(self, request: web.Request, row: dict[str, Any]) -> web.StreamResponse:
        body, name = row["body"], row["model"]
        form = FORMATS.get(request.path, OpenAI)(name)
        times = sum(1 for o in self.seen if (o["model"], o["path"]) == (name, row["path"]))
        if name.endswith("-once"):
            name = name.removesuffix("-once") if times == 1 else "ok"
        if name in STATUSES:
            status, code, message = STATUSES[name]
            key = row["headers"].get("x-api-key") or row["headers"].get("authorization", "")
            said = form.error(status, code, message.replace("{key}", key))
            return web.json_response(said, status=status, headers=retry_after(name))
        if name in ODD:
            return await ODD[name](request, form)
        if not body.get("stream"):
            return web.json_response(form.whole(self.text(name)))
        return await self.stream(request, form, name)

    def text(self, name: str) -> str:
        replies = self.script.get(name)
        if not replies:
            return "".join(WORDS)
        return replies.pop(0) if len(replies) > 1 else replies[0]

    async def stream(self, request: web.Request, form: Format, name: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await PLANS.get(name, plan_ok)(Reply(response, form, request, self.pieces(name)))
        return response

    def pieces(self, name: str) -> list[str]:
        if not self.script.get(name):
            return WORDS
        text = self.text(name)
        return [text[at : at + 40] for at in range(0, len(text), 40)]


async def odd_html(_request: web.Request, _form: Format) -> web.StreamResponse:
    page = "<html><body>\x1b[31mPlease log in to the proxy</body></html>"
    return web.Response(text=page, content_type="text/html")


async def odd_empty_body(_request: web.Request, _form: Format) -> web.StreamResponse:
    return web.Response(body=b"", content_type="text/event-stream")


async def odd_json_body(_request: web.Request, form: Format) -> web.StreamResponse:
    return web.json_response(form.whole("not streamed"))


async def odd_hang(_request: web.Request, _form: Format) -> web.StreamResponse:
    await for_ever()
    raise AssertionError


async def odd_redirect(request: web.Request, _form: Format) -> web.StreamResponse:
    port = request.host.rpartition(":")[2]
    return web.Response(status=307, headers={"Location": f"http://localhost:{port}{ELSEWHERE}"})


async def odd_disconnect(request: web.Request, _form: Format) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def odd_reset(request: web.Request, _form: Format) -> web.StreamResponse:
    assert request.transport is not None
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()


async def odd_gzip(request: web.Request, form: Format) -> web.StreamResponse:
    events = [*form.head(), *(form.piece(word) for word in WORDS), *form.tail("stop", "reported")]
    data = gzip.compress(b"".join(form.line(event) for event in events) + form.last)
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    return web.Response(body=data, headers=headers)


async def odd_endless_body(request: web.Request, _form: Format) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" lorem ipsum" * 1000)


ODD: dict[str, Callable[[web.Request, Format], Awaitable[web.StreamResponse]]] = {
    name.removeprefix("odd_").replace("_", "-"): answer
    for name, answer in list(globals().items())
    if name.startswith("odd_")
}
"""Model names answered by something that is no stream of events."""


async def main() -> None:
    runner = web.AppRunner(FaultServer().app(), handler_cancellation=True, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())

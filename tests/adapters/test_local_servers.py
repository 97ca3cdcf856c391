"""Model servers of this machine: what is said of one that answers well, ill, too much or never."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.adapters.local_servers import USUAL, LocalServer
from core.adapters.server_search import (
    MOST_BYTES,
    MOST_MODELS,
    SECONDS,
    Answer,
    find_servers,
)
from core.domain.servers import ADDRESSES
from tests.calling import User
from tests.playing import make_repository
from tui.commands.find_servers import find

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]
BY_NAME = {server.name: server for server in USUAL}
VLLM = BY_NAME["vLLM"]


class Stranger:
    """Whatever listens on a port; it keeps what it was asked."""

    def __init__(self, speak: Speak) -> None:
        self.asked: list[str] = []
        self._speak = speak

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await self._speak(writer)
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(speak: Speak) -> AsyncIterator[tuple[int, Stranger]]:
    stranger = Stranger(speak)
    server = await asyncio.start_server(stranger.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], stranger
    finally:
        server.close()


def says(data: bytes) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return speak


def http(body: bytes | str, status: str = "200 OK", head: str = "") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n{head}\r\n".encode() + data


def openai(*names: object) -> str:
    return json.dumps({"object": "list", "data": [{"id": n, "object": "model"} for n in names]})


async def answer(speak: Speak, server: LocalServer = VLLM) -> Answer:
    async with listening(speak) as (port, _):
        [found] = await find_servers((replace(server, port=port),))
    return found


@pytest.mark.parametrize("server", USUAL, ids=lambda s: s.name)
async def test_a_server_is_asked_its_own_question_and_names_its_models(server: LocalServer) -> None:
    ollama = json.dumps({"models": [{"name": "qwen3:8b"}, {"name": "hf.co/a/b:Q4_K_M"}]})
    said = ollama if server.name == "Ollama" else openai("qwen3:8b", "hf.co/a/b:Q4_K_M")
    async with listening(says(http(said))) as (port, stranger):
        [found] = await find_servers((replace(server, port=port),))
    names = (f"{server.provider}/qwen3:8b", f"{server.provider}/hf.co/a/b:Q4_K_M")
    assert (found.models, found.trouble, found.left_out) == (names, "", 0)
    assert found.server.address.startswith(f"http://127.0.0.1:{port}")
    [request] = stranger.asked
    assert request.startswith(f"GET {server.listing} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n")
    assert "uthorization" not in request


def test_the_table_agrees_with_where_routes_look() -> None:
    assert [server.port for server in USUAL] == [11434, 1234, 8000, 8080, 4000]
    for server in USUAL:
        variables, default = ADDRESSES[server.provider]
        assert variables == (server.variable,)
        assert default == f"http://localhost:{server.port}"


async def test_a_chunked_answer_is_read() -> None:
    body = openai("m").encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:5], body[5:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await answer(says(head + chunks))).models == ("hosted_vllm/m",)


async def test_where_nothing_listens_there_is_no_answer() -> None:
    async with listening(says(b"")) as (port, _):
        pass
    assert await find_servers((replace(VLLM, port=port),)) == ()


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (b"", "did not answer with whole HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "did not answer with whole HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", "did not answer with whole HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5_000 + b"\r\n", "did not answer with whole HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "did not answer with"),
        (http("<html>", "404 Not Found"), "knows no /v1/models (404)"),
        (http("", "302 Found", "Location: http://127.0.0.1:1/\r\n"), "knows no /v1/models (302)"),
        (http("{}", "401 Unauthorized"), "wants a key before it says more (401)"),
        (http("<html>hello</html>"), "answered /v1/models with no list of models"),
        (http("[" * 100_000), "answered /v1/models with no list of models"),
        (http(b"\xff\xfe\xff"), "answered /v1/models with no list of models"),
        (http('{"data": 5}'), "answered /v1/models with no list of models"),
        (http('{"data": [7]}'), "answered /v1/models with no list of models"),
        (http('{"data": [{"object": "model"}]}'), "answered /v1/models with no list of models"),
        (http("null"), "answered /v1/models with no list of models"),
        (http("9" * 10_000), "answered /v1/models with no list of models"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_is_no_model_server_is_not_called_one(said: bytes, trouble: str) -> None:
    found = await answer(says(said))
    assert found.models == ()
    assert found.trouble.startswith(trouble)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a,b", "a > b", "$(id)", "`id`", 'x"', "x\n[cli.x]", "\x1b[2J", "é", "-m", "a" * 201, 5, None, []],
    ids=repr,
)  # fmt: skip
async def test_a_name_that_a_shell_or_a_route_would_misread_is_left_out(name: object) -> None:
    found = await answer(says(http(openai("good", name))))
    assert (found.models, found.left_out, found.trouble) == (("hosted_vllm/good",), 1, "")


async def test_more_models_than_anybody_reads_are_counted() -> None:
    found = await answer(says(http(openai(*(f"m{n}" for n in range(MOST_MODELS + 5))))))
    assert (len(found.models), found.left_out) == (MOST_MODELS, 5)


async def test_an_endless_answer_is_given_up() -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65_536)
            await writer.drain()
            sent += 65_536

    found = await answer(flood)
    assert found.trouble == "answered with more than 1,000,000 bytes"
    assert sent < 20 * MOST_BYTES


async def silence(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")
    while True:
        writer.write(b"[")
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_servers_that_hang_cost_one_limit_together_and_hide_nobody() -> None:
    well = says(http(openai("m")))
    async with listening(silence) as (a, _), listening(drip) as (b, _), listening(well) as (c, _):
        began = time.monotonic()
        found = await find_servers([replace(VLLM, port=port) for port in (a, b, c)])
        took = time.monotonic() - began
    assert [a.trouble for a in found] == [
        "said nothing within 1.5 s",
        "did not answer with whole HTTP",
        "",
    ]
    assert found[2].models == ("hosted_vllm/m",)
    assert took < SECONDS + 1.0


async def test_an_answer_that_is_whole_counts_although_its_line_stays_open() -> None:
    async def stay(writer: asyncio.StreamWriter) -> None:
        writer.write(http(openai("m")))
        await writer.drain()
        await asyncio.Event().wait()

    assert (await answer(stay)).models == ("hosted_vllm/m",)


async def shown(*servers: LocalServer) -> None:
    await asyncio.to_thread(find, servers)


async def test_the_lines_to_set_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    proxy = BY_NAME["litellm proxy"]
    async with listening(says(http(openai("text-embedding-3", "gpt")))) as (port, _):
        await shown(replace(proxy, port=port))
    out, err = capsys.readouterr()
    assert out.splitlines()[:6] == [
        f"127.0.0.1:{port}, the usual port of litellm proxy: an OpenAI-compatible answer to /v1/models, 2 models",
        "  litellm_proxy/text-embedding-3",
        "  litellm_proxy/gpt",
        f"  export LITELLM_PROXY_API_BASE=http://127.0.0.1:{port}/v1",
        "  export LITELLM_PROXY_API_KEY=…    its key, or any word where it wants none",
        "  export RELAYPAIR_MODEL=litellm_proxy/gpt",
    ]
    assert out.splitlines()[6].endswith('config.toml: generate = "litellm_proxy/gpt"')
    assert "cannot see that" in err


async def test_models_in_a_cloud_are_named_as_such_and_not_the_ones_to_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = json.dumps({"models": [{"name": "gpt-oss:120b-cloud"}, {"name": "qwen3:8b"}]})
    async with listening(says(http(body))) as (port, _):
        await shown(replace(BY_NAME["Ollama"], port=port))
    out, err = capsys.readouterr()
    assert "  ollama_chat/gpt-oss:120b-cloud   in a cloud\n  ollama_chat/qwen3:8b\n" in out
    assert "export RELAYPAIR_MODEL=ollama_chat/qwen3:8b\n" in out
    assert "Ollama's cloud models count as elsewhere" in err


def test_the_command_line_has_it(tmp_path: Path) -> None:
    done = User(tmp_path, make_repository(tmp_path / "r", {"a": ""})).call("models", "--find")
    assert done.code == 0
    assert "127.0.0.1" in done.out + done.err


async def test_a_stranger_is_named_as_one_and_gets_no_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with listening(says(http("no", "404 Not Found"))) as (port, _):
        await shown(replace(VLLM, port=port))
    out, err = capsys.readouterr()
    assert out.strip() == (
        f"127.0.0.1:{port}, the usual port of vLLM: something there knows no /v1/models (404)"
    )
    assert f"no model answers on 127.0.0.1, ports {port} (vLLM)" in err

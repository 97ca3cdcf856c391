import asyncio

import pytest

from core.adapters.model_host.client import ModelHost
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelReply, ModelRequest, Timeouts
from core.domain.phase import Phase
from tests.servers import RunningFaultServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "Hello from the fault server."
EVERY = pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama_chat"])
BOTH = pytest.mark.parametrize("provider", ["openai", "anthropic"])


async def ask(host: ModelHost, model: str, limits: Timeouts | None = None) -> ModelReply:
    limits = limits or Timeouts(5, 5, 20)
    return await host.complete(ModelRequest(Phase.PLAN, model, "be brief", "hi", timeouts=limits))


@EVERY
async def test_text_streams_and_the_reply_is_all_of_it(host: ModelHost, provider: str) -> None:
    pieces: list[str] = []
    request = ModelRequest(Phase.PLAN, f"{provider}/ok", "be brief", "hi")
    reply = await host.complete(request, pieces.append)

    assert len(pieces) > 1
    assert "".join(pieces) == reply.text == TEXT
    assert reply.model == f"{provider}/ok"
    assert 0 < reply.first_token <= reply.seconds


@EVERY
async def test_the_wire_carries_name_prompt_and_limit_of_the_request(
    host: ModelHost, server: RunningFaultServer, provider: str
) -> None:
    name = f"echo-{provider}"
    request = ModelRequest(
        Phase.PLAN, f"{provider}/{name}", "SYS", "ASK", max_output=321, temperature=0.5
    )
    await host.complete(request)
    (row,) = await server.seen(name)
    body = str(row["body"])

    assert all(word in body for word in ("SYS", "ASK", "321", "0.5"))


@EVERY
async def test_scripted_replies_come_in_order_and_the_last_repeats(
    host: ModelHost, server: RunningFaultServer, provider: str
) -> None:
    name = f"script-{provider}"
    await server.script({name: ["first", "söcond\n" * 30]})
    replies = [(await ask(host, f"{provider}/{name}")).text for _ in range(3)]

    assert replies == ["first", "söcond\n" * 30, "söcond\n" * 30]


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("openai/ok", (120, 7, 100)),
        ("anthropic/ok", (114, 7, 100)),
        ("ollama_chat/ok", (120, 7, 0)),
    ],
)
async def test_reported_tokens_are_used_and_an_unknown_price_is_not_zero(
    host: ModelHost, model: str, tokens: tuple[int, int, int]
) -> None:
    reply = await ask(host, model)

    assert reply.usage == Usage(*tokens, cost=None, basis=CostBasis.UNKNOWN, calls=1)


async def test_the_price_of_cached_tokens_follows_anthropic_s_formula(host: ModelHost) -> None:
    row = {info.id: info for info in await host.models()}["anthropic/claude-sonnet-4-5"]
    reply = await ask(host, row.id)
    assert row.price_in is not None
    assert row.price_out is not None
    plain, written, read, out = 11, 3, 100, 7
    input_cost = (plain + 1.25 * written + 0.1 * read) * row.price_in

    assert reply.usage.cost == pytest.approx((input_cost + out * row.price_out) / 1e6)
    assert reply.usage.basis is CostBasis.PRICED


async def test_the_price_of_cached_tokens_follows_openai_s_formula(host: ModelHost) -> None:
    reply = await ask(host, "openai/gpt-4o-mini")

    assert reply.usage.cost == pytest.approx((20 * 0.15 + 100 * 0.075 + 7 * 0.60) / 1e6)
    assert reply.usage.basis is CostBasis.PRICED


async def test_the_user_s_own_price_wins(host: ModelHost) -> None:
    reply = await ask(host, "openai/own-price")

    assert reply.usage.cost == pytest.approx((120 * 2 + 7 * 10) / 1e6)
    assert reply.usage.basis is CostBasis.PRICED


@pytest.mark.parametrize("name", ["no-usage", "zero-usage"])
@BOTH
async def test_tokens_that_were_not_reported_are_estimated(
    host: ModelHost, provider: str, name: str
) -> None:
    usage = (await ask(host, f"{provider}/{name}")).usage

    assert usage.tokens_in == await host.count("be briefhi")
    assert usage.tokens_out == await host.count(TEXT)


async def test_an_estimate_with_a_known_price_is_marked(host: ModelHost) -> None:
    usage = (await ask(host, "openai/no-usage")).usage

    assert usage.basis is CostBasis.ESTIMATED
    assert usage.cost == pytest.approx((usage.tokens_in * 2 + usage.tokens_out * 10) / 1e6)


@BOTH
async def test_the_model_that_really_answered_is_named(host: ModelHost, provider: str) -> None:
    assert (await ask(host, f"{provider}/other-model")).model == f"{provider}/ok-2026-01-01"


@BOTH
async def test_thinking_is_not_silence(host: ModelHost, provider: str) -> None:
    reply = await ask(host, f"{provider}/thinking", Timeouts(0.6, 0.6, 20))

    assert reply.text == TEXT
    assert reply.first_token > 0.6


@pytest.mark.parametrize("name", ["unmarked", "gzip"])
@BOTH
async def test_odd_but_whole_replies_are_taken(host: ModelHost, provider: str, name: str) -> None:
    assert (await ask(host, f"{provider}/{name}")).text == TEXT


@BOTH
async def test_a_long_table_of_equal_rows_is_no_loop(host: ModelHost, provider: str) -> None:
    assert (await ask(host, f"{provider}/repeat-chunk")).text.endswith("0, 0, ")


async def test_several_calls_run_at_once(host: ModelHost) -> None:
    models = [f"{p}/thinking" for p in ("openai", "anthropic") for _ in range(8)]
    async with asyncio.timeout(8):
        replies = await asyncio.gather(*(ask(host, model) for model in models))

    assert [reply.text for reply in replies] == [TEXT] * 16


async def test_the_catalogue_has_prices_windows_and_keys(host: ModelHost) -> None:
    by_id = {info.id: info for info in await host.models()}
    mini = by_id["openai/gpt-4o-mini"]

    assert (mini.price_in, mini.price_out, mini.window) == (0.15, 0.6, 128_000)
    assert (mini.key, mini.has_key, mini.provider) == ("OPENAI_API_KEY", True, "openai")
    assert by_id["mistral/mistral-small-latest"].has_key is False
    assert all(not info.id.startswith("vertex_ai-") for info in by_id.values())


async def test_nothing_but_the_endpoints_is_ever_contacted(host: ModelHost) -> None:
    await ask(host, "anthropic/ok")
    await ask(host, "ollama_chat/ok")
    await host.count("a few words")

    assert set(await host.contacted()) == {"127.0.0.1"}


async def test_ollama_is_not_asked_about_the_model_first(
    host: ModelHost, server: RunningFaultServer
) -> None:
    await ask(host, "ollama_chat/ok")

    assert "/api/show" not in {row["path"] for row in await server.seen()}

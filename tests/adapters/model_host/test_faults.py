from dataclasses import dataclass
from operator import attrgetter

import pytest

from core.adapters.model_host.client import ModelHost
from core.domain.errors import FaultKind, ModelFault
from core.domain.model import ModelRequest, Timeouts
from core.domain.phase import Phase
from tests.servers import ANTHROPIC_KEY, OPENAI_KEY, RunningFaultServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = Timeouts(first_token=0.5, idle=0.4, total=1.0, max_bytes=50_000)
PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "ollama_chat": "/api/chat",
}
BOTH = ("openai", "anthropic")
ALL = (*BOTH, "ollama_chat")
START = "Hello from the"


@dataclass(frozen=True)
class Row:
    name: str
    kind: FaultKind
    said: str
    partial: str = ""
    formats: tuple[str, ...] = BOTH


ROWS = (
    Row("401", FaultKind.AUTH, "_API_KEY to a valid key"),
    Row("403", FaultKind.AUTH, "_API_KEY to a valid key"),
    Row("402", FaultKind.QUOTA, "out of quota or credit"),
    Row("quota", FaultKind.QUOTA, "out of quota or credit"),
    Row("404", FaultKind.UNKNOWN_MODEL, "knows no model"),
    Row("429", FaultKind.RATE_LIMITED, "slow down"),
    Row("overflow", FaultKind.OVERFLOW, "prompt is too long"),
    Row("400", FaultKind.BAD_REQUEST, "temperature is wrong"),
    Row("500", FaultKind.OVERLOADED, "something broke"),
    Row("503", FaultKind.OVERLOADED, "unavailable"),
    Row("529", FaultKind.OVERLOADED, "Overloaded"),
    Row("html", FaultKind.NOT_A_REPLY, "Please log in to the proxy"),
    Row("json-body", FaultKind.NOT_A_REPLY, "other than a streamed reply"),
    Row("bad-json-first", FaultKind.NOT_A_REPLY, "broken event"),
    Row("bad-json-mid", FaultKind.CUT, "broken event", START),
    Row("cut-mid", FaultKind.CUT, "cut off after 14 characters", START, ALL),
    Row("no-finish", FaultKind.CUT, "cut off after 14 characters", START, ALL),
    Row("error-mid", FaultKind.OVERLOADED, "Overloaded", START),
    Row("error-first", FaultKind.OVERLOADED, "gave up"),
    Row("empty-body", FaultKind.EMPTY, "empty reply"),
    Row("empty", FaultKind.EMPTY, "without any text", "", ALL),
    Row("filtered", FaultKind.EMPTY, "refused to answer", "Hello"),
    Row("length", FaultKind.TRUNCATED, "output limit", f"{START} fault server.", ALL),
    Row("hang", FaultKind.TIMEOUT, "sent no text for 0.5 s"),
    Row("keep-alive", FaultKind.TIMEOUT, "sent no text for 0.5 s", "", ALL),
    Row("keep-alive-mid", FaultKind.STALLED, "fell silent for 0.4 s", START),
    Row("stall-mid", FaultKind.STALLED, "fell silent for 0.4 s", START),
    Row("endless-body", FaultKind.TOO_LONG, "byte limit"),
    Row("disconnect", FaultKind.UNREACHABLE, "broke before it answered"),
    Row("reset", FaultKind.UNREACHABLE, "broke before it answered"),
    Row("redirect", FaultKind.REDIRECTED, "redirects to localhost"),
)


async def fault_of(host: ModelHost, model: str, limits: Timeouts = SHORT) -> ModelFault:
    request = ModelRequest(Phase.PLAN, model, "be brief", "say hello", timeouts=limits)
    with pytest.raises(ModelFault) as caught:
        await host.complete(request)
    return caught.value


def is_one_sentence(text: str) -> bool:
    return text.endswith((".", "?")) and "\n" not in text and text.isprintable()


@pytest.mark.parametrize("row", ROWS, ids=attrgetter("name"))
async def test_each_fault_has_a_kind_a_sentence_and_costs_one_request(
    row: Row, host: ModelHost, server: RunningFaultServer
) -> None:
    for provider in row.formats:
        model = f"{provider}/{row.name}"
        fault = await fault_of(host, model)
        hits = [r for r in await server.seen(row.name) if r["path"] == PATHS[provider]]

        assert (fault.kind, fault.model, fault.partial) == (row.kind, model, row.partial)
        assert row.said in fault.sentence
        assert model in fault.sentence
        assert is_one_sentence(fault.sentence)
        assert len(hits) == 1


@pytest.mark.parametrize("model", ["openai/400", "openai/401", "anthropic/400", "anthropic/401"])
async def test_a_key_that_the_provider_echoes_is_not_repeated(host: ModelHost, model: str) -> None:
    fault = await fault_of(host, model)

    assert OPENAI_KEY not in fault.sentence
    assert ANTHROPIC_KEY not in fault.sentence


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    ("name", "least", "most"), [("429", 2, 2), ("429-ms", 1.5, 1.5), ("429-date", 20, 30)]
)
async def test_the_wait_that_was_asked_for_is_handed_on(
    host: ModelHost, provider: str, name: str, least: float, most: float
) -> None:
    fault = await fault_of(host, f"{provider}/{name}")

    assert fault.retry_after is not None
    assert least <= fault.retry_after <= most


@pytest.mark.parametrize("provider", BOTH)
async def test_a_redirect_to_another_host_never_carries_the_key_there(
    host: ModelHost, server: RunningFaultServer, provider: str
) -> None:
    await fault_of(host, f"{provider}/redirect")

    assert [r for r in await server.seen() if r["path"] == "/elsewhere"] == []


@pytest.mark.parametrize("provider", BOTH)
async def test_an_endless_stream_of_text_ends_at_the_byte_limit(
    host: ModelHost, provider: str
) -> None:
    fault = await fault_of(host, f"{provider}/giant", Timeouts(5, 5, 20, 50_000))

    assert fault.kind is FaultKind.TOO_LONG
    assert 50_000 <= len(fault.partial) < 60_000
    assert fault.tokens_out > 10_000


@pytest.mark.parametrize("provider", BOTH)
async def test_a_dribble_ends_at_the_total_limit_with_its_tokens_counted(
    host: ModelHost, provider: str
) -> None:
    fault = await fault_of(host, f"{provider}/dribble")

    assert fault.kind is FaultKind.TIMEOUT
    assert "was not done after 1 s" in fault.sentence
    assert fault.partial.startswith("Hello 1 2 3")
    assert fault.tokens_out > 0


@pytest.mark.parametrize("provider", BOTH)
async def test_a_loop_is_stopped_soon(host: ModelHost, provider: str) -> None:
    fault = await fault_of(host, f"{provider}/repeat", Timeouts(5, 5, 20))

    assert fault.kind is FaultKind.REPETITION
    assert len(fault.partial) < 10_000


@pytest.mark.parametrize("model", ["hosted_vllm/any", "deepseek/any"])
async def test_a_closed_port_is_unreachable(host: ModelHost, model: str) -> None:
    fault = await fault_of(host, model)

    assert fault.kind is FaultKind.UNREACHABLE
    assert "cannot be reached" in fault.sentence
    assert is_one_sentence(fault.sentence)


@pytest.mark.parametrize("model", ["gpt-9x", "nobody/ok", "builtin/rewrite", "ok", ""])
async def test_an_id_that_names_no_provider_is_refused_before_any_request(
    host: ModelHost, server: RunningFaultServer, model: str
) -> None:
    before = len(await server.seen())
    fault = await fault_of(host, model)

    assert fault.kind is FaultKind.UNKNOWN_MODEL
    assert is_one_sentence(fault.sentence)
    assert len(await server.seen()) == before


async def test_a_mistyped_id_is_answered_with_near_ones(host: ModelHost) -> None:
    fault = await fault_of(host, "gpt4o-mini")

    assert "openai/gpt-4o-mini" in fault.sentence


async def test_a_missing_key_is_named_before_any_request(host: ModelHost) -> None:
    fault = await fault_of(host, "mistral/mistral-small-latest")

    assert fault.kind is FaultKind.AUTH
    assert "MISTRAL_API_KEY" in fault.sentence


async def test_the_call_after_a_429_is_a_call_like_any_other(
    host: ModelHost, server: RunningFaultServer
) -> None:
    fault = await fault_of(host, "openai/429-once")
    reply = await host.complete(ModelRequest(Phase.PLAN, "openai/429-once", "", "again"))

    assert fault.is_transient
    assert reply.text == f"{START} fault server."
    assert len(await server.seen("429-once")) == 2

"""One call: one request, our own limits, and a verdict on what came back."""

import asyncio
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.adapters.model_host import catalogue, faults, keys
from core.adapters.model_host.faults import Case, Trouble
from core.adapters.model_host.library import Chunk, Counts, Library
from core.adapters.model_host.prices import count, entry_key, usage_of
from core.adapters.model_host.repetition import RepetitionWatch
from core.adapters.model_host.witness import CURRENT, Witness
from core.domain.errors import ModelFault
from core.domain.model import ModelReply, ModelRequest


class _Stop(Exception):
    """A limit of ours was reached; what it was is inside."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.sentence)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Host:
    """What every call needs: the library, the user's prices, and what must stay secret."""

    litellm: Library
    prices: Mapping[str, tuple[float, float]]
    secrets: Sequence[str]
    variables: Container[str]
    """Names of the environment variables that are set."""


class Call:
    """Answers one request. `run` is called once."""

    def __init__(self, host: Host, request: ModelRequest, send: Callable[[str], None]) -> None:
        self._host = host
        self._request = request
        self._send = send
        self._witness = Witness(request.timeouts.max_bytes)
        self._text: list[str] = []
        self._bytes = 0
        self._counts: Counts | None = None
        self._provider = ""
        self._repetition = RepetitionWatch()
        self._waiting_for = "first"
        self._start = time.monotonic()
        self._first = 0.0

    async def run(self) -> ModelReply:
        """The complete reply. Raises ModelFault for anything less."""
        self._provider = self._resolve()
        if self._lacks_key():
            raise await self._fault(faults.no_key(self._case()))
        token = CURRENT.set(self._witness)
        try:
            await self._stream()
        except asyncio.CancelledError:
            raise
        except _Stop as stop:
            raise await self._fault(stop.trouble) from None
        except TimeoutError:
            raise await self._fault(self._late()) from None
        except Exception as error:
            raise await self._fault(faults.of_error(self._case(), error)) from None
        finally:
            CURRENT.reset(token)
            await self._witness.hang_up()
        if trouble := faults.of_wire(self._case()) or faults.of_stream(self._case()):
            raise await self._fault(trouble)
        return await self._reply()

    def _resolve(self) -> str:
        """The provider of the model. Raises ModelFault for an id that names none."""
        litellm, model = self._host.litellm, self._request.model
        try:
            return str(litellm.get_llm_provider(model)[1])
        except Exception:
            trouble = faults.unknown_model(model, catalogue.near(litellm, model))
            raise ModelFault(trouble.kind, model, trouble.sentence) from None

    def _lacks_key(self) -> bool:
        """Whether a plain API key is needed and absent: the prompt must not travel in vain.

        Providers that can sign in by other means (cloud roles, a login file) are let through.
        """
        if keys.has_key(self._provider, self._host.variables):
            return False
        missing = self._host.litellm.validate_environment(self._request.model)["missing_keys"]
        return bool(missing) and all(name.endswith("_API_KEY") for name in missing)

    async def _stream(self) -> None:
        limits = self._request.timeouts
        loop = asyncio.get_running_loop()
        end = loop.time() + limits.total
        async with asyncio.timeout_at(min(end, loop.time() + limits.first_token)) as deadline:
            stream = await self._host.litellm.acompletion(**self._arguments())
            async for chunk in stream:
                if self._take(chunk):
                    self._waiting_for = "idle"
                    deadline.reschedule(min(end, loop.time() + limits.idle))

    def _arguments(self) -> dict[str, Any]:
        request = self._request
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.prompt},
            ],
            "max_tokens": self._max_output(),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_retries": 0,
            "timeout": request.timeouts.total + 5.0,
            "drop_params": True,
        }
        if not request.system:
            del arguments["messages"][0]
        if request.temperature is not None:
            arguments["temperature"] = request.temperature
        return arguments

    def _max_output(self) -> int:
        """What was asked for, or the model's own limit where that is known and lower."""
        litellm = self._host.litellm
        entry = litellm.model_cost.get(entry_key(litellm, self._request.model, self._provider), {})
        known = entry.get("max_output_tokens")
        most = self._request.max_output
        return min(most, known) if isinstance(known, int) and known > 0 else most

    def _take(self, chunk: Chunk) -> bool:
        """Use one chunk; whether it brought anything but silence."""
        self._counts = getattr(chunk, "usage", None) or self._counts
        delta = chunk.choices[0].delta if chunk.choices else None
        text = getattr(delta, "content", None) or ""
        thought = getattr(delta, "reasoning_content", None) or ""
        if text:
            self._first = self._first or time.monotonic() - self._start
            self._text.append(text)
            self._send(text)
        self._bytes += len(text.encode("utf-8", "replace")) + len(
            thought.encode("utf-8", "replace")
        )
        if self._bytes > self._request.timeouts.max_bytes:
            raise _Stop(faults.too_long(self._case()))
        if self._repetition.loops(text or thought):
            raise _Stop(faults.repetition(self._case()))
        return bool(text or thought)

    def _late(self) -> Trouble:
        limits = self._request.timeouts
        if time.monotonic() - self._start >= limits.total:
            return faults.out_of_time(self._case(), "total", limits.total)
        seconds = limits.first_token if self._waiting_for == "first" else limits.idle
        return faults.out_of_time(self._case(), self._waiting_for, seconds)

    def _case(self) -> Case:
        is_gone = self._witness.status == 404
        near = catalogue.near(self._host.litellm, self._request.model) if is_gone else ()
        return Case(
            self._request.model,
            self._provider,
            self._witness,
            "".join(self._text),
            self._host.secrets,
            near,
        )

    async def _reply(self) -> ModelReply:
        counts, reported = await self._usage()
        usage = usage_of(
            self._host.litellm,
            counts,
            reported=reported,
            model=self._request.model,
            provider=self._provider,
            prices=self._host.prices,
        )
        return ModelReply(
            text="".join(self._text),
            model=self._answering_model(),
            usage=usage,
            seconds=time.monotonic() - self._start,
            first_token=self._first,
            left_out=tuple(self._left_out()),
        )

    def _left_out(self) -> Iterator[str]:
        """Parameters that litellm took out for this model, by what went over the wire."""
        sent = self._witness.sent()
        if sent and self._request.temperature is not None and "temperature" not in sent:
            yield "temperature"
        if sent and self._request.max_output not in sent.values():
            yield "max_output"

    def _answering_model(self) -> str:
        """The asked id, or provider and name where the wire named another model."""
        asked, said = self._request.model, self._witness.evidence.model
        if not said or asked == said or asked.endswith(f"/{said}"):
            return asked
        return f"{self._provider}/{said}"

    async def _usage(self) -> tuple[Counts, bool]:
        """Counts from the wire, or our estimate, and which of the two."""
        if self._counts is not None and self._witness.evidence.has_usage:
            return self._counts, True
        asked = self._request.system + self._request.prompt
        litellm = self._host.litellm
        tokens_in = await asyncio.to_thread(count, litellm, asked)
        tokens_out = await asyncio.to_thread(count, litellm, "".join(self._text))
        return (
            litellm.Usage(
                prompt_tokens=tokens_in,
                completion_tokens=tokens_out,
                total_tokens=tokens_in + tokens_out,
            ),
            False,
        )

    async def _fault(self, trouble: Trouble) -> ModelFault:
        """The fault with what it cost: nothing, unless the provider began to answer."""
        tokens_in = tokens_out = 0
        if self._witness.status == 200:
            counts, _ = await self._usage()
            tokens_in, tokens_out = counts.prompt_tokens or 0, counts.completion_tokens or 0
        return ModelFault(
            trouble.kind,
            self._request.model,
            trouble.sentence,
            retry_after=faults.retry_after(self._witness.headers),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
        )

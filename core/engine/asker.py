"""One phase's model: budget before the call, transport retries, fallback chain, kept replies,
metering.

Transport retries (at most two, with a pause) are apart from the one content retry, which is the
runner's.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from core.domain.errors import FaultKind, ModelFault, NotPassed, RelaypairError
from core.domain.events import (
    BudgetReached,
    CallAsked,
    CallLost,
    CallRetried,
    ModelReplied,
    NoticeGiven,
    TextStreamed,
)
from core.domain.metrics import CostBasis, Spent, Usage
from core.domain.model import ModelInfo, ModelReply, ModelRequest, Timeouts
from core.domain.phase import Phase
from core.domain.route import LOCAL, Route
from core.domain.task import TaskSpec
from core.engine.budget import crossing, reached, seconds_left
from core.engine.bus import Bus
from core.engine.clients import Clients
from core.engine.cutting import Cutting
from core.ports import Blobs, Clock
from core.retrieval.secrets import LEFT_OUT, masked
from core.retrieval.snippets import CHARACTERS_PER_TOKEN

TRANSPORT_RETRIES = 2
PAUSES = (1.0, 4.0)
"""Seconds, in the mean, before the first and the second transport retry, where the provider names
none.
"""
JITTER = 0.5
"""Share by which such a pause is drawn longer or shorter, so that relays that were turned away
together do not come back together.
"""
LONGEST_PAUSE = 60.0
"""A provider that asks for more is treated as down."""

AS_IS = "as is:"
"""How the note of a rerun begins that is sent as it was typed, even what looks like a key in it."""

OWN_WORDS = "\n\n# From the user, for this phase (the reply keeps the form that is asked for)\n\n"
"""Heads the user's text at the end of a system prompt."""

CONTENT_FAULTS = frozenset(
    {FaultKind.TRUNCATED, FaultKind.EMPTY, FaultKind.REPETITION, FaultKind.TOO_LONG}
)
"""Faults of what was said, not of the line: they use up the content retry."""


@dataclass
class RoutedModel:
    """The `Asker` of one attempt of one phase, for one task."""

    phase: Phase
    route: Route
    task: TaskSpec
    attempt: int
    goal: str
    clients: Clients
    bus: Bus
    blobs: Blobs
    clock: Clock
    timeouts: Timeouts
    model: str = ""
    calls: int = 0
    streamed: int = 0
    """Characters of the running call."""
    cutting: Cutting | None = None
    """Of the running call, where the budget is to cut it."""
    info: ModelInfo | None = None
    """Of the model that is asked, with its prices."""

    def __post_init__(self) -> None:
        """Start with the route's primary model."""
        self.model = self.model or self.route.model

    @property
    def why(self) -> str:
        """Which layer of settings chose the model."""
        return self.route.why

    @property
    def is_local(self) -> bool:
        """Whether there is no model to ask."""
        return self.route.model == LOCAL

    async def ask(self, system: str, prompt: str, *, max_output: int = 8_000) -> ModelReply:
        """One complete reply from the first model of the chain that gives one; the last to stand
        in for a provider that is down are those one step up.

        What the user set for the phase wins over `max_output` and is added to `system`. Nothing
        that looks like a key leaves in a prompt, wherever the phase has it from, but for what the
        note of this rerun says is to be sent as it is.

        Raises `ModelFault` when none does, with the list of those that were tried, each once;
        `NotPassed` for a reply that is cut, empty or runs in circles.
        """
        self.calls += 1
        own = self.route.parameters
        system = self._masked(system + (OWN_WORDS + own.system if own.system else ""))
        prompt = self._masked(prompt)
        chain = tuple(dict.fromkeys((*self.route.models, *self.route.up)))
        tried: list[str] = []
        for model, following in zip(chain, (*chain[1:], ""), strict=True):
            request = ModelRequest(
                self.phase,
                model,
                system,
                prompt,
                own.max_output or max_output,
                own.temperature,
                timeouts=self.timeouts,
                goal=self.goal,
                task=self.task,
                attempt=self.attempt,
            )
            try:
                self._need_local(model)
                return await self._one(request)
            except ModelFault as fault:
                if fault.kind in CONTENT_FAULTS:
                    raise NotPassed(fault.sentence) from fault
                tried.append(f"{model} ({fault.kind.value})")
                if not following or fault.kind is FaultKind.BUDGET:
                    if len(tried) == 1:
                        raise
                    raise _listing(fault, tried) from fault
                self.bus.publish(CallRetried(self.phase, model, fault.sentence, 0.0, following))
        raise AssertionError("a route has at least one model")

    def _masked(self, prompt: str) -> str:
        note = self.bus.state.phases[self.phase].note
        if note.startswith(AS_IS):
            return masked(prompt, allowed=note)
        text = masked(prompt)
        if LEFT_OUT in text and self.calls == 1:
            self.bus.publish(
                NoticeGiven(
                    f"What looks like a key was left out of what {self.phase.value} is sent; to "
                    f"send it all the same, once, rerun {self.phase.value} (r) with a note that "
                    f"begins `{AS_IS}` and holds it."
                )
            )
        return text

    def _need_local(self, model: str) -> None:
        if self.route.is_local_only and not self.clients.is_on_this_machine(model):
            raise ModelFault(
                FaultKind.CANNOT,
                model,
                f"{model} is not on this machine, and what {self.phase.value} is sent stays here "
                "(RELAYPAIR_LOCAL_ONLY, or local_only in your file); choose a local model (m).",
            )

    async def _one(self, request: ModelRequest) -> ModelReply:
        call = self._key(request)
        if kept := self.bus.replies.get(call):
            self.model = kept.model
            text = self.blobs.get(kept.text).decode("utf-8", "surrogatepass")
            return ModelReply(text, kept.model, kept.usage, kept.seconds, kept.first_token)
        if call not in self.bus.bought:
            await self._check_window(request)
            self.bus.bought[call] = await self._retried(request)
        reply = self.bus.bought[call]
        self.model = reply.model
        self.bus.publish(
            ModelReplied(
                phase=self.phase,
                call=call,
                model=reply.model,
                usage=replace(reply.usage, calls=1),
                seconds=round(reply.seconds, 3),
                first_token=round(reply.first_token, 3),
                text=self.blobs.put(reply.text.encode("utf-8", "surrogatepass")),
                prompt=self.blobs.put(
                    f"{request.system}\n\n{request.prompt}".encode("utf-8", "surrogatepass")
                ),
                task=self.task.id,
            )
        )
        del self.bus.bought[call]
        self._tell_left_out(request.model, reply)
        return reply

    def _tell_left_out(self, model: str, reply: ModelReply) -> None:
        """Say once which of the user's parameters a model was not given as set."""
        wanted = self.route.parameters.names
        left_out = wanted if self.clients.is_free(model) else reply.left_out
        if names := ", ".join(name for name in wanted if name in left_out):
            self.bus.tell_once(
                f"{model} does not take {names} as set for {self.phase.value}: its own default or "
                "limit holds."
            )

    async def _retried(self, request: ModelRequest) -> ModelReply:
        for tried in range(TRANSPORT_RETRIES + 1):
            await self._check_budget(request)
            self.streamed = 0
            self._tell_asked(request)
            try:
                return await self._complete(request)
            except asyncio.CancelledError:
                self._count_cancelled(request)
                raise
            except ModelFault as fault:
                usage = await self._lost(fault)
                call = self._key(request)
                is_refusal = fault.kind is FaultKind.CANNOT
                if not (is_refusal and self.clients.is_free(request.model)):
                    lost = CallLost(self.phase, request.model, fault.sentence, usage, call)
                    self.bus.publish(lost)
                pause = fault.retry_after or _pause(tried)
                if tried == TRANSPORT_RETRIES or not fault.is_transient or pause > LONGEST_PAUSE:
                    raise
                await self._check_budget(request, pause)
                self.bus.publish(CallRetried(self.phase, request.model, fault.sentence, pause))
                await self.clock.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _tell_asked(self, request: ModelRequest) -> None:
        """What a program that ends now has asked is known when it is started again."""
        if not self.clients.is_free(request.model):
            call, usage = self._key(request), self._estimate(request)
            self.bus.publish(CallAsked(self.phase, call, request.model, usage, self.task.id))

    async def _lost(self, fault: ModelFault) -> Usage:
        """What a call without a reply used, as far as it is known; its price is an estimate."""
        tokens = fault.tokens_in, fault.tokens_out
        if not any(tokens):
            return Usage()
        cost = await self.clients.price(fault.model, *tokens)
        basis = CostBasis.UNKNOWN if cost is None else CostBasis.ESTIMATED
        return Usage(*tokens, cost=cost, basis=basis, calls=1)

    async def _complete(self, request: ModelRequest) -> ModelReply:
        """The reply, or the fault of a call that is cut where it reaches a limit."""
        client = self.clients.serving(request.model)
        if not self.bus.state.goal.budget.cut:
            return await client.complete(request, self._stream)
        worked = self._worked()

        def look(ran: float) -> tuple[tuple[str, str], float | None]:
            state, seconds = self.bus.state, worked + ran
            so_far = Spent(seconds=seconds).after(self._estimate(request))
            return reached(state, self.phase, so_far), seconds_left(state, self.phase, seconds)

        self.cutting = cutting = Cutting(look)
        try:
            async with cutting:
                return await client.complete(request, self._stream)
        except TimeoutError:
            if not cutting.is_cut:
                raise
            passed, used = cutting.passed
            usage = self._estimate(request)
            raise ModelFault(
                FaultKind.BUDGET,
                request.model,
                f"{request.model} passed the budget of {passed} while it replied (about {used}), "
                "so the call was cut; raise it ($) or choose a cheaper model (m).",
                tokens_in=usage.tokens_in,
                tokens_out=usage.tokens_out,
            ) from None
        finally:
            self.cutting = None

    def _worked(self) -> float:
        """Seconds of the running phase."""
        return max(0.0, self.clock.now() - self.bus.state.phases[self.phase].started)

    def _estimate(self, request: ModelRequest) -> Usage:
        """A call that did not end is paid for as far as it went; what that was can only be
        estimated.
        """
        sent = int((len(request.system) + len(request.prompt)) / CHARACTERS_PER_TOKEN)
        got = int(self.streamed / CHARACTERS_PER_TOKEN)
        cost = self.info.cost_of(sent, got) if self.info else None
        basis = CostBasis.UNKNOWN if cost is None else CostBasis.ESTIMATED
        return Usage(sent, got, cost=cost, basis=basis, calls=1)

    def _count_cancelled(self, request: ModelRequest) -> None:
        if self.clients.is_free(request.model):
            return
        with contextlib.suppress(RelaypairError):
            usage, call = self._estimate(request), self._key(request)
            self.bus.publish(CallLost(self.phase, request.model, "was cancelled", usage, call))

    async def _check_window(self, request: ModelRequest) -> None:
        self.info = info = await self.clients.info(request.model)
        if info is None or info.window is None:
            return
        sent = int((len(request.system) + len(request.prompt)) / CHARACTERS_PER_TOKEN)
        excess = sent + request.max_output - info.window
        if excess > 0:
            raise ModelFault(
                FaultKind.OVERFLOW,
                request.model,
                f"About {sent:,} tokens and {request.max_output:,} for the answer do not fit the "
                f"{info.window:,} of {request.model}; drop context (x) or choose another model "
                "(m).",
                excess=excess,
            )

    def _stream(self, text: str) -> None:
        self.streamed += len(text)
        self.bus.publish(TextStreamed(self.phase, text, self.model))
        if self.cutting:
            self.cutting.look()

    def _key(self, request: ModelRequest) -> str:
        """The question of this attempt, whoever answers: a fallback's answer is kept as well."""
        parts = (
            self.bus.run_id,
            request.phase,
            self.task.id,
            str(self.attempt),
            str(self.calls),
            request.system,
            request.prompt,
        )
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]

    async def _check_budget(self, request: ModelRequest, pause: float = 0.0) -> None:
        """Raise the fault of a call that would cross a limit, made after so many more seconds."""
        worked = self._worked() + pause
        tokens_in = int((len(request.system) + len(request.prompt)) / CHARACTERS_PER_TOKEN)
        likely_out = request.max_output // 4
        call = Spent(tokens=tokens_in, seconds=worked)
        if not self.clients.is_free(request.model):
            cost = await self.clients.price(request.model, tokens_in, likely_out)
            unpriced = tokens_in + likely_out if cost is None else 0
            call = Spent(cost or 0.0, tokens_in, unpriced, worked)
        limit, used = crossing(self.bus.state, self.phase, call)
        if limit:
            raise self._over(request, limit, used)

    def _over(self, request: ModelRequest, limit: str, used: str) -> ModelFault:
        self.bus.publish(BudgetReached(limit, used))
        return ModelFault(
            FaultKind.BUDGET,
            request.model,
            f"The budget of {limit} would be crossed ({used}), so the call was not made; raise "
            "it ($) or choose a cheaper model (m).",
        )


def _pause(tried: int) -> float:
    return PAUSES[min(tried, len(PAUSES) - 1)] * random.uniform(1 - JITTER, 1 + JITTER)


def _listing(fault: ModelFault, tried: Sequence[str]) -> ModelFault:
    """The fault of the last model of a chain, naming all that were tried."""
    sentence = f"{fault.sentence} Tried in turn: {', '.join(tried)}."
    return ModelFault(fault.kind, fault.model, sentence, excess=fault.excess)

"""The lines the model host and its parent say to each other.

    parent (client.py)                                  child (server.py)
    hello   secrets, variables, prices ---------->      imports litellm, makes one mock call
                                       <----------      ready   seconds
    complete id, model, prompt, …      ---------->      one HTTP request
                                       <----------      text    id, text      (many)
                                       <----------      done    id, usage, …  (or)
                                       <----------      fault   id, kind, sentence, …
    cancel  id                         ---------->      ends the HTTP request, answers nothing
    models | count | contacted  id     ---------->
                                       <----------      answer  id, value
    (stdin closed)                     ---------->      exits at once, whatever it was doing

One JSON object per line, UTF-8, on the child's stdin and stdout. Nothing else is ever on that
stdout: the child moves file descriptor 1 to stderr before it imports anything.
"""

from core.adapters.lines import Message
from core.domain.errors import FaultKind, ModelFault
from core.domain.metrics import CostBasis, Usage
from core.domain.model import ModelReply, ModelRequest, Timeouts
from core.domain.phase import Phase


def from_request(call: int, request: ModelRequest) -> Message:
    """The `complete` message: only what a model may know."""
    limits = request.timeouts
    return {
        "op": "complete",
        "id": call,
        "model": request.model,
        "system": request.system,
        "prompt": request.prompt,
        "max_output": request.max_output,
        "temperature": request.temperature,
        "timeouts": [limits.first_token, limits.idle, limits.total, limits.max_bytes],
    }


def to_request(message: Message) -> ModelRequest:
    """The request of a `complete` message. The phase is not sent and reads as `plan`."""
    first, idle, total, max_bytes = message["timeouts"]
    return ModelRequest(
        phase=Phase.PLAN,
        model=message["model"],
        system=message["system"],
        prompt=message["prompt"],
        max_output=message["max_output"],
        temperature=message["temperature"],
        timeouts=Timeouts(first, idle, total, max_bytes),
    )


def from_reply(call: int, reply: ModelReply) -> Message:
    """The `done` message. The text is left out: it went ahead piece by piece."""
    usage = reply.usage
    return {
        "op": "done",
        "id": call,
        "model": reply.model,
        "seconds": reply.seconds,
        "first_token": reply.first_token,
        "tokens": [usage.tokens_in, usage.tokens_out, usage.tokens_cached],
        "cost": usage.cost,
        "basis": usage.basis.value,
        "left_out": list(reply.left_out),
    }


def to_reply(message: Message, text: str) -> ModelReply:
    """The reply of a `done` message and the text that came before it."""
    tokens_in, tokens_out, tokens_cached = message["tokens"]
    usage = Usage(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=tokens_cached,
        cost=message["cost"],
        basis=CostBasis(message["basis"]),
        calls=1,
    )
    return ModelReply(
        text=text,
        model=message["model"],
        usage=usage,
        seconds=message["seconds"],
        first_token=message["first_token"],
        left_out=tuple(message["left_out"]),
    )


def from_fault(call: int, fault: ModelFault) -> Message:
    """The `fault` message. The partial text is left out: it went ahead piece by piece."""
    return {
        "op": "fault",
        "id": call,
        "kind": fault.kind.value,
        "model": fault.model,
        "sentence": fault.sentence,
        "retry_after": fault.retry_after,
        "tokens": [fault.tokens_in, fault.tokens_out],
    }


def to_fault(message: Message, partial: str) -> ModelFault:
    """The fault of a `fault` message and the text that came before it."""
    tokens_in, tokens_out = message["tokens"]
    return ModelFault(
        FaultKind(message["kind"]),
        message["model"],
        message["sentence"],
        retry_after=message["retry_after"],
        partial=partial,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )

"""From what went wrong on the wire to one kind and one sentence."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from core.adapters.model_host import keys
from core.adapters.model_host.redact import excerpt
from core.adapters.model_host.witness import Witness
from core.domain.errors import FaultKind

_OVERFLOW = re.compile(
    r"context.?(length|window|size)|prompt is too long|maximum context|too many (input )?tokens"
    r"|input is too long|exceeds? the (maximum|available) (number of tokens|context)",
    re.IGNORECASE,
)
_QUOTA = re.compile(
    r"insufficient.?(quota|balance|credit|funds)|exceeded your current quota|credit balance"
    r"|billing",
    re.IGNORECASE,
)
_CONNECT = re.compile(
    r"connect(ion)? (call failed|refused)|cannot connect|name or service|getaddrinfo"
    r"|network is unreachable|name resolution|nodename nor servname|label empty or too long",
    re.IGNORECASE,
)
"""No connection, or no address for the name: as Linux, macOS and Python's own encoding say it."""
_FILTERED = frozenset(
    {"content_filter", "refusal", "safety", "recitation", "blocklist", "prohibited_content", "spii"}
)
_LENGTH = frozenset({"length", "max_tokens", "max_output_tokens", "model_context_window_exceeded"})
_OVERLOADED = frozenset({500, 502, 503, 504, 520, 522, 524, 529})
_WAIT_AND_GO_ON = "try again in a moment or choose another model for this phase"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault before the call's own details are added."""

    kind: FaultKind
    sentence: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is known about one call when it is judged."""

    model: str
    provider: str
    witness: Witness
    text: str
    secrets: Sequence[str] = ()
    near: Sequence[str] = ()
    """Ids that look like the model's, where the provider does not know it."""


def of_wire(case: Case) -> Trouble | None:
    """What the gate stopped, if it stopped anything."""
    if case.witness.redirected_to:
        host = excerpt(case.witness.redirected_to, case.secrets)
        return Trouble(
            FaultKind.REDIRECTED,
            f"The address of {case.model} redirects to {host}, which was not followed because it "
            f"would be given your key; set the provider's base address to the final one.",
        )
    if case.witness.is_too_long:
        return too_long(case)
    return None


def of_error(case: Case, error: BaseException) -> Trouble:
    """What an exception out of litellm means."""
    status = case.witness.status
    if stopped := of_wire(case):
        return stopped
    if status >= 400:
        said = case.witness.evidence.error or str(error)
        return _of_status(case, status, said, type(error).__name__)
    if status:
        return of_stream(case) or _cut(case)
    if not case.witness.requests:
        return _before_any_request(case, error)
    name = type(error).__name__
    if "timeout" in name.lower() and "connect" not in str(error).lower():
        return Trouble(FaultKind.TIMEOUT, f"{case.model} did not answer; {_WAIT_AND_GO_ON}.")
    if _CONNECT.search(_chain(error)):
        return Trouble(
            FaultKind.UNREACHABLE,
            f"{case.model} cannot be reached ({excerpt(_root(error), case.secrets, 100)}); check "
            "the network or its address, or choose another model for this phase.",
        )
    return Trouble(
        FaultKind.UNREACHABLE,
        f"The connection to {case.model} broke before it answered "
        f"({excerpt(_root(error), case.secrets, 100)}); {_WAIT_AND_GO_ON}.",
    )


def of_stream(case: Case) -> Trouble | None:
    """What is wrong with a reply of status 200 although litellm may be content; None if nothing."""
    seen = case.witness.evidence
    if seen.error:
        return _of_error_event(case, seen.error)
    if seen.opaque:
        return None if case.text.strip() else _empty(case)
    if seen.broken:
        kind = FaultKind.CUT if case.text else FaultKind.NOT_A_REPLY
        shown = excerpt(seen.broken, case.secrets, 60)
        return Trouble(kind, f"{case.model} sent a broken event (“{shown}”); {_WAIT_AND_GO_ON}.")
    if not seen.events or (seen.head and not case.text):
        return _not_a_stream(case)
    if not seen.is_complete:
        return _cut(case)
    return _of_finish(case)


def _of_finish(case: Case) -> Trouble | None:
    seen = case.witness.evidence
    finish = seen.finish.lower()
    if finish in _LENGTH:
        return Trouble(
            FaultKind.TRUNCATED,
            f"{case.model} reached its output limit before it was done; ask for less at once or "
            "choose a model with a longer output.",
        )
    if finish in _FILTERED or (seen.refusal and not case.text.strip()):
        why = excerpt(seen.refusal, case.secrets) or seen.finish
        return Trouble(
            FaultKind.EMPTY,
            f"{case.model} refused to answer ({why}); reword the goal or choose another model.",
        )
    return None if case.text.strip() else _empty(case)


def _empty(case: Case) -> Trouble:
    return Trouble(
        FaultKind.EMPTY,
        f"{case.model} ended its reply without any text; try again or choose another model.",
    )


def _cut(case: Case) -> Trouble:
    return Trouble(
        FaultKind.CUT,
        f"The reply of {case.model} was cut off after {len(case.text)} characters, which are kept "
        f"for view only; {_WAIT_AND_GO_ON}.",
    )


def _not_a_stream(case: Case) -> Trouble:
    head = case.witness.evidence.head.decode("utf-8", "replace")
    if not head.strip():
        return Trouble(
            FaultKind.EMPTY, f"{case.model} sent an empty reply; try again or choose another model."
        )
    return Trouble(
        FaultKind.NOT_A_REPLY,
        f"Something other than a streamed reply came back for {case.model} (“"
        f"{excerpt(head, case.secrets, 80)}”); check its address and any proxy in between.",
    )


def _of_error_event(case: Case, said: str) -> Trouble:
    shown = excerpt(said, case.secrets, 120)
    low = said.lower()
    kind = FaultKind.CUT if case.text else FaultKind.OVERLOADED
    if "rate_limit" in low or "rate limit" in low:
        kind = FaultKind.RATE_LIMITED
    elif _QUOTA.search(said):
        kind = FaultKind.QUOTA
    elif _OVERFLOW.search(said):
        kind = FaultKind.OVERFLOW
    elif "overloaded" in low:
        kind = FaultKind.OVERLOADED
    return Trouble(kind, f"{case.model} broke off with an error (“{shown}”); {_WAIT_AND_GO_ON}.")


def _of_status(case: Case, status: int, said: str, name: str) -> Trouble:
    model, shown = case.model, excerpt(_without_prefixes(said), case.secrets)
    if status == 402 or (status in (400, 403, 429) and _QUOTA.search(said)):
        return Trouble(
            FaultKind.QUOTA,
            f"The account for {model} is out of quota or credit ({status}); top it up or choose "
            "another model for this phase.",
        )
    if status in (401, 403):
        return _auth(case, f"{model} refused the key ({status})")
    if status == 429:
        return Trouble(
            FaultKind.RATE_LIMITED, f"{model} asks to slow down (429); {_WAIT_AND_GO_ON}."
        )
    if status == 404:
        meant = f"did you mean {' or '.join(case.near)}? If not, " if case.near else ""
        return Trouble(
            FaultKind.UNKNOWN_MODEL,
            f"The provider knows no model {model} at this address (404); {meant}check the name and "
            "the base address, or choose another model.",
        )
    if status == 408:
        return Trouble(FaultKind.TIMEOUT, f"{model} timed out (408); {_WAIT_AND_GO_ON}.")
    if status == 413 or name == "ContextWindowExceededError" or _OVERFLOW.search(said):
        return Trouble(
            FaultKind.OVERFLOW,
            f"The prompt is too long for {model} ({status}); drop some context or choose a model "
            "with a larger window.",
        )
    if name == "ContentPolicyViolationError":
        return Trouble(
            FaultKind.EMPTY,
            f"{model} refused to answer for its content policy; reword the goal or choose another "
            "model.",
        )
    if status in _OVERLOADED or status >= 500:
        return Trouble(
            FaultKind.OVERLOADED,
            f"{model} has a problem on its side ({status}: {shown}); {_WAIT_AND_GO_ON}.",
        )
    return Trouble(
        FaultKind.BAD_REQUEST,
        f"{model} rejected the request ({status}: {shown}); choose another model for this phase.",
    )


def _before_any_request(case: Case, error: BaseException) -> Trouble:
    name, said = type(error).__name__, str(error)
    if name == "AuthenticationError" or "api_key" in said or "API Key" in said:
        return no_key(case)
    shown = excerpt(_without_prefixes(said), case.secrets)
    return Trouble(
        FaultKind.BAD_REQUEST,
        f"{case.model} cannot be asked ({shown}); choose another model for this phase.",
    )


def no_key(case: Case) -> Trouble:
    """A model whose key is not set."""
    return _auth(case, f"There is no key for {case.model}")


def _auth(case: Case, what: str) -> Trouble:
    variable = keys.variable(case.provider)
    advice = f"set {variable} to a valid key" if variable else "check how its server is protected"
    return Trouble(
        FaultKind.AUTH, f"{what}; {advice} and start again, or choose another model for this phase."
    )


def unknown_model(model: str, near: Sequence[str]) -> Trouble:
    """An id that names no provider; `near` are ids that look like it."""
    advice = f"did you mean {' or '.join(near)}?" if near else "name it as provider/model."
    return Trouble(FaultKind.UNKNOWN_MODEL, f"There is no model {model}; {advice}")


def too_long(case: Case) -> Trouble:
    """A reply past the byte limit."""
    return Trouble(
        FaultKind.TOO_LONG,
        f"{case.model} sent more than the byte limit of one reply and was stopped; ask for less "
        "at once or choose another model.",
    )


def repetition(case: Case) -> Trouble:
    """A reply that goes round in circles."""
    return Trouble(
        FaultKind.REPETITION,
        f"{case.model} repeated itself over and over and was stopped; try again or choose another "
        "model.",
    )


def out_of_time(case: Case, waiting_for: str, seconds: float) -> Trouble:
    """One of our own limits: `first` text, `idle` silence, or `total`."""
    if waiting_for == "idle":
        return Trouble(
            FaultKind.STALLED,
            f"{case.model} fell silent for {seconds:g} s in the middle of its reply; "
            f"{_WAIT_AND_GO_ON}.",
        )
    what = "sent no text for" if waiting_for == "first" else "was not done after"
    return Trouble(FaultKind.TIMEOUT, f"{case.model} {what} {seconds:g} s; {_WAIT_AND_GO_ON}.")


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds the provider asked us to wait, from `retry-after-ms` or `retry-after` (RFC 9110)."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "")
        if value.replace(".", "", 1).isdigit():
            return float(value)
        when = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
    return max(0.0, when - (time.time() if now is None else now))


def _without_prefixes(said: str) -> str:
    """The provider's words without litellm's `litellm.BadRequestError: OpenAIException - `."""
    return re.sub(r"^(litellm\.\w+: )?(\w+(Error|Exception)( - |: )\s*)*", "", said)


def _chain(error: BaseException) -> str:
    parts: list[str] = []
    at: BaseException | None = error
    while at is not None and len(parts) < 8:
        parts.append(f"{type(at).__name__}: {at}")
        at = at.__cause__ or at.__context__
    return "\n".join(parts)


def _root(error: BaseException) -> str:
    """The innermost words: `Cannot connect to host …` rather than `InternalServerError`."""
    at = error
    while (inner := at.__cause__ or at.__context__) is not None and str(inner):
        at = inner
    return _without_prefixes(str(at)) or type(at).__name__

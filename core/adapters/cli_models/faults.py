"""From how a program ended and what it said to one kind and one sentence."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.adapters.cli_models.command import CliCommand
from core.adapters.cli_models.heard import Heard
from core.adapters.containment import Ended
from core.adapters.model_host.redact import excerpt
from core.domain.errors import FaultKind

_OTHER = "or choose another model for this phase"
_DOCTOR = "`relaypair doctor` lists the coding CLIs it finds"


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_RULES: tuple[tuple[FaultKind, frozenset[int], re.Pattern[str]], ...] = (
    (
        FaultKind.OVERFLOW,
        frozenset({413}),
        _words(
            r"prompt is too long",
            r"(input|request) (is )?too (long|large)",
            r"context.?(length|window)",
            r"too many (input )?tokens",
            r"exceeds the maximum number of tokens",
        ),
    ),
    (
        FaultKind.UNKNOWN_MODEL,
        frozenset({404}),
        _words(
            r"(unknown|invalid|unsupported) model",
            r"\bmodel\b.{0,60}\b(not (found|supported|exist|available)|isn't available)",
            r"\bmodel\b.{0,60}\b(does not|doesn't|may not) exist",
            r"issue with the selected model",
        ),
    ),
    (
        FaultKind.QUOTA,
        frozenset({402}),
        _words(
            r"(usage|session|weekly|daily|plan|spend\w*) limit",
            r"(hit|reached) your\b.{0,30}\blimit",
            r"quota",
            r"credit balance",
            r"out of credits?",
            r"billing",
        ),
    ),
    (
        FaultKind.RATE_LIMITED,
        frozenset({429}),
        _words(r"rate.?limit", r"too many requests", r"resource.?exhausted", r"\b429\b"),
    ),
    (
        FaultKind.AUTH,
        frozenset({401, 403}),
        _words(
            r"not logged in",
            r"(run|use)\b.{0,12}\blogin\b",
            r"log ?in (again|to continue)",
            r"invalid (api|x-api) ?key",
            r"(missing|no|incorrect) api key",
            r"api key (is )?(not|required|missing)",
            r"unauthori[sz]ed",
            r"authenticat",
            r"set an auth method",
            r"env var is required",
            r"\b40[13]\b",
        ),
    ),
    (
        FaultKind.OVERLOADED,
        frozenset({500, 502, 503, 504, 520, 522, 524, 529}),
        _words(
            r"overloaded",
            r"at capacity",
            r"service unavailable",
            r"internal server error",
            r"\b(50[0234]|529)\b",
        ),
    ),
    (
        FaultKind.UNREACHABLE,
        frozenset(),
        _words(
            r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|getaddrinfo",
            r"connection (error|refused|reset)",
            r"(cannot|could not|unable to) connect",
            r"network (error|is unreachable)",
            r"error sending request",
            r"fetch failed",
            r"stream (disconnected|error)",
        ),
    ),
    (
        FaultKind.EMPTY,
        frozenset(),
        _words(r"\brefus(al|ed)\b", r"(content|usage) policy", r"\bsafety\b", r"\bblocked\b"),
    ),
)
"""Status and words; the first rule that fits counts. An account's limit is often told as 429."""

_OLD_PROGRAM = _words(r"(unknown|unexpected|unrecogni[sz]ed) (option|argument|flag)s?")
_LENGTH = frozenset({"max_tokens", "length", "max_output_tokens", "model_context_window_exceeded"})
_REFUSED = frozenset({"refusal", "content_filter", "safety"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault before the call's own details are added."""

    kind: FaultKind
    sentence: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is known about one call when it is judged."""

    command: CliCommand
    model: str
    heard: Heard
    complaint: str = ""
    """stderr."""
    printed: str = ""
    """The first of stdout, for output that was not understood."""
    secrets: Sequence[str] = ()

    def quote(self, text: str, limit: int = 120) -> str:
        """Foreign words, fit to be shown."""
        return excerpt(text, self.secrets, limit)


def of_end(case: Case, ended: Ended) -> Trouble | None:
    """What is wrong with a call that came to its end; None if nothing is."""
    name, heard = case.command.program, case.heard
    if ended.error or not ended.supervised:
        why = os.strerror(ended.error) if ended.error else "what watches over it died"
        return Trouble(FaultKind.HOST_DIED, f"{name} could not be run ({why}); try again {_OTHER}.")
    if heard.error:
        return of_words(case, heard.error, heard.status)
    if ended.signal:
        return Trouble(
            FaultKind.HOST_DIED,
            f"{name} was ended by signal {ended.signal} before it was done; try again {_OTHER}.",
        )
    if ended.code:
        return _of_exit(case, ended.code)
    if heard.stop.lower() in _LENGTH:
        return Trouble(
            FaultKind.TRUNCATED,
            f"{name} reached its model's output limit before it was done; ask for less at once "
            f"{_OTHER}.",
        )
    if heard.stop.lower() in _REFUSED:
        return Trouble(
            FaultKind.EMPTY,
            f"{name} says that its model refused to answer ({case.quote(heard.stop)}); reword the "
            f"goal {_OTHER}.",
        )
    return _of_reply(case)


def _of_reply(case: Case) -> Trouble | None:
    name, heard = case.command.program, case.heard
    if heard.reply.strip() and heard.is_done:
        return None
    if heard.reply.strip():
        return Trouble(
            FaultKind.CUT,
            f"{name} ended in the middle of its reply, after {len(heard.reply)} characters, which "
            f"are kept for view only; try again {_OTHER}.",
        )
    if heard.is_done or not case.printed.strip():
        said = f" (“{case.quote(case.complaint)}”)" if case.complaint.strip() else ""
        return Trouble(FaultKind.EMPTY, f"{name} ended without any text{said}; try again {_OTHER}.")
    return Trouble(
        FaultKind.NOT_A_REPLY,
        f"{name} printed something other than its documented output (“{case.quote(case.printed)}”);"
        f" update it {_OTHER}.",
    )


def _of_exit(case: Case, code: int) -> Trouble:
    name = case.command.program
    said = case.complaint.strip() or case.printed.strip()
    if _OLD_PROGRAM.search(said):
        return Trouble(
            FaultKind.BAD_REQUEST,
            f"{name} does not know a flag that it needs here (“{case.quote(said)}”); update {name} "
            f"{_OTHER}.",
        )
    both = f"{case.complaint}\n{case.printed}"
    status = 401 if code == case.command.logged_out else 0
    known = of_words(case, said, status, both) if said or status else None
    if known and known.kind is not FaultKind.BAD_REQUEST:
        return known
    shown = f" (“{case.quote(said)}”)" if said else " and no word about why"
    return Trouble(
        FaultKind.BAD_REQUEST,
        f"{name} ended with exit code {code}{shown}; run {name} by itself to see why, {_OTHER}.",
    )


def of_words(case: Case, said: str, status: int = 0, searched: str = "") -> Trouble:
    """What the words of an error mean; `searched` is where to look, by default in them."""
    name, shown = case.command.program, case.quote(said)
    kind = _kind(searched or said, status)
    login = case.command.login or f"log in with {name} itself"
    sentences = {
        FaultKind.AUTH: f"{name} is not logged in (“{shown}”); {login}, {_OTHER}.",
        FaultKind.QUOTA: f"{name} says that its account is used up (“{shown}”); wait until it is "
        f"renewed {_OTHER}.",
        FaultKind.RATE_LIMITED: f"{name} is asked to slow down (“{shown}”); try again in a moment "
        f"{_OTHER}.",
        FaultKind.OVERFLOW: f"The prompt is too long for {name} (“{shown}”); drop some context "
        f"{_OTHER}.",
        FaultKind.UNKNOWN_MODEL: f"{name} knows no such model as {case.model} names (“{shown}”); "
        f"check the name behind the colon {_OTHER}.",
        FaultKind.OVERLOADED: f"{name} meets a problem on its provider's side (“{shown}”); try "
        f"again in a moment {_OTHER}.",
        FaultKind.UNREACHABLE: f"{name} cannot reach its provider (“{shown}”); check the network "
        f"{_OTHER}.",
        FaultKind.EMPTY: f"{name} says that its model refused to answer (“{shown}”); reword the "
        f"goal {_OTHER}.",
        FaultKind.BAD_REQUEST: f"{name} reports an error (“{shown}”); run {name} by itself to see "
        f"why, {_OTHER}.",
    }
    return Trouble(kind, sentences[kind])


def _kind(said: str, status: int) -> FaultKind:
    by_status = next((kind for kind, statuses, _ in _RULES if status in statuses), None)
    by_words = next((kind for kind, _, words in _RULES if words.search(said)), None)
    if by_status is FaultKind.RATE_LIMITED and by_words is FaultKind.QUOTA:
        return FaultKind.QUOTA
    return by_status or by_words or FaultKind.BAD_REQUEST


def missing(command: CliCommand) -> Trouble:
    """A program that is not there."""
    name = command.program
    return Trouble(
        FaultKind.CANNOT,
        f"There is no program {name} on your PATH; install it {_OTHER}; {_DOCTOR}.",
    )


def too_long(name: str) -> Trouble:
    """Output past the byte limit."""
    return Trouble(
        FaultKind.TOO_LONG,
        f"{name} printed more than the byte limit of one reply and was ended; ask for less at once "
        f"{_OTHER}.",
    )


def repetition(name: str) -> Trouble:
    """A reply that goes round in circles."""
    return Trouble(
        FaultKind.REPETITION,
        f"{name} repeated itself over and over and was ended; try again {_OTHER}.",
    )


def late(name: str, what: str, seconds: float) -> Trouble:
    """One of our own limits: `first` text, `idle` silence, or `total`."""
    if what == "idle":
        return Trouble(
            FaultKind.STALLED,
            f"{name} fell silent for {seconds:g} s in the middle of its reply and was ended; try "
            f"again {_OTHER}.",
        )
    did = "printed no text for" if what == "first" else "was not done after"
    return Trouble(
        FaultKind.TIMEOUT, f"{name} {did} {seconds:g} s and was ended; try again {_OTHER}."
    )


def too_large(name: str, most: int) -> Trouble:
    """A prompt that does not fit into one argument."""
    return Trouble(
        FaultKind.OVERFLOW,
        f"{name} is given its prompt as an argument, which holds {most:,} bytes at most; drop some "
        f'context, or set prompt = "stdin" for it if it reads that.',
    )

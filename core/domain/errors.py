"""The errors of the product.

Each `str()` is one sentence: what happened, to what, what to do next.
"""

from enum import StrEnum

from core.domain.check import CheckResult
from core.domain.context import ContextItem
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt
from core.domain.scope import Outside


class RelaypairError(Exception):
    """Something the user can be told in one sentence."""


class Refused(RelaypairError):
    """A command that cannot be carried out now; the sentence says why and what would help."""


class NotPassed(RelaypairError):
    """A phase's pass rule failed. `evidence` is what the next attempt needs to do better."""

    def __init__(
        self,
        reason: str,
        *,
        evidence: str = "",
        owner: Phase | None = None,
        checks: tuple[CheckResult, ...] = (),
        items: tuple[ContextItem, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence
        self.owner = owner
        """The phase whose output is at fault, when it is an earlier one."""
        self.checks = checks
        """What the checks said, when they are the reason."""
        self.items = items
        """What was found all the same, for the user to judge."""
        self.asked: tuple[str, ...] = ()
        """`path:first-last` of what the model asked to see: the next attempt begins with it."""


class OutOfScope(NotPassed):
    """A reply that edits beyond its task's scope; `kept` is what it would hand on if it might, None
    where it cannot be read without the scope (a rule over files outside).
    """

    def __init__(
        self,
        reason: str,
        outside: tuple[Outside, ...] = (),
        kept: GenerateReceipt | None = None,
    ) -> None:
        super().__init__(reason)
        self.outside = outside
        self.kept = kept


class NoSource(NotPassed):
    """Nothing that was found deserves trust; `may_widen` where tests and documents might."""

    def __init__(
        self, reason: str, *, items: tuple[ContextItem, ...] = (), may_widen: bool = False
    ) -> None:
        super().__init__(reason, items=items)
        self.may_widen = may_widen


class NotWritten(RelaypairError):
    """A landing that did not happen; every file holds what it held.

    `paths` are the files at fault.
    """

    def __init__(self, sentence: str, paths: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.paths = paths


class FaultKind(StrEnum):
    """What went wrong between us and a model."""

    AUTH = "auth"
    QUOTA = "quota"
    RATE_LIMITED = "rate limited"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    CUT = "cut"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    NOT_A_REPLY = "not a reply"
    OVERFLOW = "context overflow"
    UNKNOWN_MODEL = "unknown model"
    BAD_REQUEST = "bad request"
    TOO_LONG = "too long"
    REPETITION = "repetition"
    REDIRECTED = "redirected"
    HOST_DIED = "host died"
    BUDGET = "budget"
    CANNOT = "cannot"
    """An engine that says it cannot do this goal (the builtin one, a recorded one)."""


TRANSIENT = frozenset(
    {
        FaultKind.RATE_LIMITED,
        FaultKind.OVERLOADED,
        FaultKind.UNREACHABLE,
        FaultKind.TIMEOUT,
        FaultKind.STALLED,
        FaultKind.CUT,
        FaultKind.NOT_A_REPLY,
        FaultKind.HOST_DIED,
    }
)
"""Faults worth the same call again, after a pause."""


class ModelFault(RelaypairError):
    """A model call that gave no usable reply."""

    def __init__(
        self,
        kind: FaultKind,
        model: str,
        sentence: str,
        *,
        retry_after: float | None = None,
        partial: str = "",
        tokens_in: int = 0,
        tokens_out: int = 0,
        excess: int = 0,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.model = model
        self.sentence = sentence
        self.retry_after = retry_after
        """Seconds the provider asked us to wait, where it said so."""
        self.partial = partial
        """Text that arrived before the fault: kept for view, never used."""
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out
        self.excess = excess
        """Tokens, about, by which a request is larger than the model's window; 0 if unknown."""

    @property
    def is_transient(self) -> bool:
        """Whether asking again may help."""
        return self.kind in TRANSIENT

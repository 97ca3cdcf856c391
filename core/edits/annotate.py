"""What code knows about a hunk that its author may not say: risk and warning flags."""

from collections.abc import Callable
from dataclasses import replace

from core.domain.hunk import Hunk
from core.domain.invisible import INVISIBLE
from core.domain.risk import RiskTier
from core.domain.risk_rules import RiskPolicy

Annotate = Callable[[Hunk], Hunk]


def annotator(policy: RiskPolicy) -> Annotate:
    """A function that gives a hunk its risk tier and flags under a policy."""

    def annotate(hunk: Hunk) -> Hunk:
        verdict = policy.assess(hunk.path)
        flags = [*hunk.flags, *verdict.flags]
        risk = verdict.tier
        if any(INVISIBLE.search(line) for line in hunk.new):
            flags.append("invisible characters")
            risk = max(risk, min(RiskTier.HIGH, RiskTier(risk + 1)))
        return replace(hunk, risk=risk, flags=tuple(dict.fromkeys(flags)))

    return annotate

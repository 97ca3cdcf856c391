"""What code knows about a hunk that its author may not say: risk and warning flags."""

import re
from collections.abc import Callable
from dataclasses import replace

from core.domain.hunk import Hunk
from core.domain.risk import RiskTier
from core.domain.risk_rules import RiskPolicy

Annotate = Callable[[Hunk], Hunk]

INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
"""Characters that let a reviewer and a compiler read different text (CVE-2021-42574)."""


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

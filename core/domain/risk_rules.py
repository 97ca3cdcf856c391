"""What a change may cost: one pure function from path, content, owners and policy to a tier."""

from dataclasses import dataclass, replace
from functools import lru_cache

from core.domain.goal import matches
from core.domain.owners import NO_OWNERS, Owners
from core.domain.path import UnsafePath, folded, safe_path
from core.domain.risk import RiskTier
from core.domain.risk_content import CODE
from core.domain.risk_never import NEVER
from core.domain.risk_paths import PLACES
from core.domain.risk_rule import JUDGES, RUNS, Change, RiskRule, reading
from core.domain.risk_table import RiskTable
from core.domain.risk_tests import WEAKENED

__all__ = [
    "DEFAULT_RULES",
    "JUDGES",
    "RUNS",
    "Change",
    "RiskPolicy",
    "RiskRule",
    "RiskVerdict",
    "assess",
]

DEFAULT_RULES: tuple[RiskRule, ...] = (*NEVER, *WEAKENED, *CODE, *PLACES)
"""The built-in rules. Of several of one tier the first gives its name, the most telling one."""

_BUILT_IN = frozenset(map(id, DEFAULT_RULES))
OWNED, UNREAD, UNSAFE, ORDINARY = "owned", "unread", "unsafe-path", ""
"""Names of what no `RiskRule` says."""
NO_CHANGE = Change()


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """The tier of a change, which rule gave it, and the flags of every rule that covers it."""

    tier: RiskTier
    rule: str
    """The rule's name; empty where none covers the change."""
    why: str
    flags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """Rules, and what the two settings files add to them."""

    rules: tuple[RiskRule, ...] = DEFAULT_RULES
    owners: tuple[tuple[str, RiskTier], ...] = ()
    """Tiers of what these owners own; every owned path is at least medium."""
    allow: tuple[str, ...] = ()
    """Globs of the user: what would be forbidden there is of high risk instead."""

    def __post_init__(self) -> None:
        """Raise ValueError for a rule whose pattern or example does not hold; those of the built-in
        rules are held by a test.
        """
        for rule in self.rules:
            if id(rule) not in _BUILT_IN:
                _checked(rule)

    def with_table(self, table: RiskTable) -> "RiskPolicy":
        """This policy with what the user's file adds. Raises ValueError where it would loosen."""
        made, ignored = self.tightened(table)
        if ignored:
            raise ValueError(ignored[0])
        return replace(made, allow=(*self.allow, *table.allow))

    def tightened(self, table: RiskTable) -> tuple["RiskPolicy", tuple[str, ...]]:
        """This policy with what a repository's file may add, and a clause, `key: reason`, for each
        part that would loosen it and is left out. What it allows is never taken.
        """
        rules = {rule.name: rule for rule in self.rules}
        ignored: list[str] = []
        for rule in table.rules:
            if rule.name in rules:
                ignored.append(
                    f"rules.{rule.name}: there is a rule of this name already, which stays; "
                    "give it another name, or use raise"
                )
            elif rule.tier is RiskTier.LOW:
                ignored.append(
                    f"rules.{rule.name}: a rule of tier low changes nothing; write medium, high "
                    "or forbidden"
                )
            else:
                rules[rule.name] = rule
        for name, tier in table.raised:
            before = rules.get(name)
            if before is None:
                ignored.append(f"raise.{name}: there is no rule of this name")
            elif tier < before.tier:
                ignored.append(f"raise.{name}: the rule is {before.tier.word}, and only goes up")
            else:
                rules[name] = replace(before, tier=tier)
        owners = dict(self.owners)
        for owner, tier in table.owners:
            before_tier = owners.get(owner, RiskTier.MEDIUM)
            if tier < before_tier:
                ignored.append(
                    f"owners.{owner}: what they own is {before_tier.word}, and only goes up"
                )
            else:
                owners[owner] = tier
        return replace(self, rules=tuple(rules.values()), owners=tuple(owners.items())), tuple(
            ignored
        )


def assess(
    path: str,
    change: Change = NO_CHANGE,
    owners: Owners = NO_OWNERS,
    policy: RiskPolicy | None = None,
) -> RiskVerdict:
    """How much a wrong change to this path could cost; an unsafe path is forbidden.

    The strictest rule that covers the change decides; the flags of all that do are kept. An owned
    path is at least medium, and what is too long to be read whole is too.
    """
    policy = policy or RiskPolicy()
    try:
        plain = safe_path(path)
    except UnsafePath as error:
        return RiskVerdict(RiskTier.FORBIDDEN, UNSAFE, f"the path {error}")
    read = reading(plain, change)
    most = RiskTier.HIGH if _is_allowed(plain, policy) else RiskTier.FORBIDDEN
    rows = [(min(r.tier, most), r.name, r.why, r.flags) for r in policy.rules if r.covers(read)]
    by = owners.of(plain)
    if by:
        tiers = dict(policy.owners)
        tier = max(tiers.get(owner, RiskTier.MEDIUM) for owner in by)
        rows.append((min(tier, most), OWNED, "", ()))
    if not read.is_whole and any(rule.reads(read) for rule in policy.rules):
        rows.append((RiskTier.MEDIUM, UNREAD, "too long for its patterns to be read whole", ()))
    if not rows:
        return RiskVerdict(RiskTier.LOW, ORDINARY, "nothing special")
    tier, rule, why, _ = max(rows, key=lambda row: row[0])
    told = "; ".join(clause for clause in (why, _owned(by)) if clause)
    flags = tuple(dict.fromkeys(flag for row in rows for flag in row[3]))
    return RiskVerdict(tier, rule, told, flags, by)


def _is_allowed(path: str, policy: RiskPolicy) -> bool:
    return any(matches(folded(path), folded(glob)) for glob in policy.allow)


def _owned(owners: tuple[str, ...]) -> str:
    return f"owned by {' '.join(owners)}" if owners else ""


@lru_cache(maxsize=512)
def _checked(rule: RiskRule) -> None:
    rule.check()

"""The table `[risk]` of a settings file, as data: what it adds to a policy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.risk import RiskTier
from core.domain.risk_pattern import MOST_WAYS, ways
from core.domain.risk_rule import RiskRule

KEYS = ("rules", "raise", "owners", "allow")
RULE_KEYS = ("name", "tier", "paths", "added", "removed", "why", "matches", "misses")
MOST_RULES = 50
MOST_GLOBS = 100
"""Globs of one list."""
MOST_STARS = 3
"""Wildcards of one glob: with more of them, matching could take long."""
TIERS = {tier.word: tier for tier in RiskTier}

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class RiskTable:
    """What one file says about risk."""

    rules: tuple[RiskRule, ...] = ()
    raised: tuple[tuple[str, RiskTier], ...] = ()
    """Names of rules, and the tier that each is to have at least."""
    owners: tuple[tuple[str, RiskTier], ...] = ()
    allow: tuple[str, ...] = ()


def read_table(data: Mapping[str, object]) -> RiskTable:
    """The table, checked. Raises ValueError: `key: what is wrong and what to do`."""
    _known("", data, KEYS)
    rules = data.get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(r, dict) for r in rules):
        raise ValueError('rules: must be a list of tables such as { name = "…", tier = "high" }')
    if len(rules) > MOST_RULES:
        raise ValueError(f"rules: there are {len(rules)}; {MOST_RULES} are the most")
    made = tuple(_rule(number, raw) for number, raw in enumerate(rules, 1))
    if twice := {r.name for r in made if sum(r.name == o.name for o in made) > 1}:
        raise ValueError(f"rules.{min(twice)}: two rules have this name; rename one")
    return RiskTable(
        made,
        tuple(_tiers("raise", data.get("raise", {}))),
        tuple(_tiers("owners", data.get("owners", {}))),
        _globs("allow", data.get("allow", [])),
    )


def _rule(number: int, raw: Mapping[str, object]) -> RiskRule:
    name = raw.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"rules: rule {number} needs a name of small letters, digits and -")
    key = f"rules.{name}"
    _known(f"{key}.", raw, RULE_KEYS)
    why = raw.get("why", "")
    if not isinstance(why, str) or len(why) > 200 or not why.isprintable():
        raise ValueError(f"{key}.why: must be one line of at most 200 characters")
    rule = RiskRule(
        name,
        _tier(f"{key}.tier", raw.get("tier")),
        why or name,
        globs=_globs(f"{key}.paths", raw.get("paths", [])),
        added=_strings(f"{key}.added", raw.get("added", [])),
        removed=_strings(f"{key}.removed", raw.get("removed", [])),
        matches=_strings(f"{key}.matches", raw.get("matches", [])),
        misses=_strings(f"{key}.misses", raw.get("misses", [])),
    )
    if not (rule.globs or rule.added or rule.removed):
        raise ValueError(f"{key}: names no paths, added or removed; say what it is about")
    if not rule.matches:
        raise ValueError(f"{key}.matches: give at least one example that the rule must cover")
    try:
        rule.check()
    except ValueError as error:
        raise ValueError(f"rules.{error}; correct the rule or the example") from error
    for pattern in (*rule.added, *rule.removed):
        if ways(pattern) > MOST_WAYS:
            raise ValueError(
                f"{key}: the pattern {pattern[:60]!r} can match in too many ways; use fewer or "
                "smaller counts"
            )
    return rule


def _known(prefix: str, data: Mapping[str, object], known: tuple[str, ...]) -> None:
    for key in data:
        if key not in known:
            raise ValueError(f"{prefix}{key}: unknown setting; known are {', '.join(known)}")


def _tier(key: str, value: object) -> RiskTier:
    if isinstance(value, str) and value in TIERS:
        return TIERS[value]
    raise ValueError(f"{key}: must be one of {', '.join(TIERS)}")


def _tiers(key: str, value: object) -> Iterator[tuple[str, RiskTier]]:
    if not isinstance(value, dict):
        raise ValueError(f'{key}: must be a table such as {{ "name" = "high" }}')
    for name, tier in value.items():
        yield name, _tier(f"{key}.{name}", tier)


def _strings(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise ValueError(f"{key}: must be a list of strings")


def _globs(key: str, value: object) -> tuple[str, ...]:
    globs = _strings(key, value)
    if len(globs) > MOST_GLOBS:
        raise ValueError(f"{key}: there are {len(globs)}; {MOST_GLOBS} are the most")
    for glob in globs:
        if len(_STARS.findall(glob)) > MOST_STARS:
            raise ValueError(f"{key}: {glob[:60]!r} has over {MOST_STARS} wildcards; use fewer")
        if not glob.strip("/. "):
            raise ValueError(f"{key}: {glob!r} names nothing; write ** for every path")
    return globs

"""What code knows about a hunk that its author may not say: risk and warning flags."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from core.domain.edit import FileVersion
from core.domain.hunk import FileOp, Hunk
from core.domain.invisible import INVISIBLE
from core.domain.owners import NO_OWNERS, PLACES, Owners, parse_owners
from core.domain.path import one_spelling
from core.domain.risk import RiskTier
from core.domain.risk_rule import HEAD_LINES, MOST_TEXT, Change
from core.domain.risk_rules import RiskPolicy, RiskVerdict, assess

Annotate = Callable[[Hunk], Hunk]
Reader = Callable[[str], FileVersion | None]

INVISIBLE_RULE = "invisible-characters"
HOW_TO_ALLOW = "allow = [{path!r}] under [risk] in your own config.toml lets it through"


def _nothing(_path: str) -> FileVersion | None:
    return None


def annotator(policy: RiskPolicy, owners: Owners = NO_OWNERS, read: Reader = _nothing) -> Annotate:
    """A function that gives a hunk its risk tier, the rule that says so, and flags.

    `read` gives files as they are before the change: some say in their head what they are.
    """

    @lru_cache(maxsize=64)
    def head(path: str) -> str:
        return head_of(read(path))

    def annotate(hunk: Hunk) -> Hunk:
        verdict = _verdict(hunk, head, owners, policy)
        risk, rule, flags = verdict.tier, verdict.rule, [*hunk.flags, *verdict.flags]
        if any(INVISIBLE.search(line) for line in hunk.new):
            flags.append("invisible characters")
            if risk < RiskTier.HIGH:
                risk, rule = RiskTier(risk + 1), INVISIBLE_RULE
        return replace(hunk, risk=risk, rule=rule, flags=tuple(dict.fromkeys(flags)))

    return annotate


def never_edited(path: str, read: Reader, policy: RiskPolicy) -> str:
    """Why no edit of this path is staged at all, and what would let it through; empty where one
    may be.
    """
    plain = one_spelling(path)
    verdict = assess(plain, Change(head=head_of(read(plain))), policy=policy)
    if verdict.tier is not RiskTier.FORBIDDEN:
        return ""
    return f"{verdict.why} (rule {verdict.rule}); {HOW_TO_ALLOW.format(path=plain)}"


def find_owners(read: Reader) -> Owners:
    """The owners that a repository names, in the first of the places where the file may be."""
    for place in PLACES:
        version = read(place)
        if version is not None:
            return parse_owners(version.data.decode("utf-8", "replace"))
    return NO_OWNERS


def head_of(version: FileVersion | None) -> str:
    """The first lines of a file; empty where there is none."""
    if version is None:
        return ""
    text = version.data[:MOST_TEXT].decode("utf-8", "replace")
    return "\n".join(text.splitlines()[:HEAD_LINES])


def _verdict(
    hunk: Hunk, head: Callable[[str], str], owners: Owners, policy: RiskPolicy
) -> RiskVerdict:
    """A move is judged at both its ends, and the stricter one counts."""
    added = tuple(line for mark, line in hunk.rows() if mark == "+")
    removed = tuple(line for mark, line in hunk.rows() if mark == "-")
    paths = [p for p in (hunk.path, hunk.source) if p]
    begins = "".join(hunk.new[:HEAD_LINES]) if hunk.op is FileOp.CREATE else ""
    found = [assess(p, Change(added, removed, begins or head(p)), owners, policy) for p in paths]
    return max(found, key=lambda verdict: verdict.tier)

import time

import pytest

from core.domain.owners import parse_owners
from core.domain.risk import RiskTier
from core.domain.risk_pattern import MOST_WAYS, PatternFault, bounded, ways
from core.domain.risk_rule import Change
from core.domain.risk_rules import DEFAULT_RULES, RiskPolicy, RiskRule, assess
from core.domain.risk_table import RiskTable, read_table


def rule(**parts: object) -> dict[str, object]:
    return {"name": "own", "tier": "high", "paths": ["a/**"], "matches": ["a/b"], **parts}


@pytest.mark.parametrize(
    "made",
    [
        RiskRule("x", RiskTier.HIGH, "x", globs=("a/**",), matches=("b/c",)),
        RiskRule("x", RiskTier.HIGH, "x", globs=("a/**",), misses=("a/c",)),
        RiskRule("x", RiskTier.HIGH, "x", added=("(",)),
        RiskRule("x", RiskTier.HIGH, "x", added=("a*",)),
    ],
)
def test_a_policy_refuses_a_rule_whose_examples_or_patterns_do_not_hold(made: RiskRule) -> None:
    with pytest.raises(ValueError, match=r"^x: "):
        RiskPolicy((made,))


@pytest.mark.parametrize(
    "text",
    [
        "a*",
        "a+",
        "a{2,}",
        "(a|aa){0,9}",
        "(?=a)",
        "(?<!a)b",
        r"(a)\1",
        "a(?i)b",
        "",
        " ",
        "a" * 601,
    ],
)
def test_a_pattern_without_bound_is_not_used(text: str) -> None:
    with pytest.raises(PatternFault):
        bounded(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("abc", 1),
        ("a?b?", 4),
        (r"a{0,9}b{3}", 10),
        ("(?:a|b)c?", 4),
        ("a|b|c", 3),
        (r"[*+]\*\+", 1),
        (r"(?i)x[^]a]", 1),
        ("(?:(?:a|b)|c{0,3})?", 12),
    ],
)
def test_ways_are_multiplied_in_a_row_and_added_over_alternatives(text: str, count: int) -> None:
    assert ways(text) == count


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"remove": ["auth"]}, "remove: unknown setting; known are rules"),
        ({"rules": "x"}, "rules: must be a list of tables"),
        ({"rules": [{}]}, "rules: rule 1 needs a name"),
        ({"rules": [rule(name="No Name")]}, "rules: rule 1 needs a name"),
        ({"rules": [rule(tier="higher")]}, "rules.own.tier: must be one of low, medium"),
        ({"rules": [rule(tire="high")]}, "rules.own.tire: unknown setting"),
        ({"rules": [rule(paths="a")]}, "rules.own.paths: must be a list of strings"),
        ({"rules": [rule(paths=["*/*/*/*/*"])]}, "rules.own.paths: '*/*/*/*/*' has over 3"),
        ({"rules": [rule(paths=["a"] * 101)]}, "rules.own.paths: there are 101; 100 are"),
        ({"rules": [rule(paths=["/"])]}, "rules.own.paths: '/' names nothing"),
        ({"rules": [rule(paths=[])]}, "rules.own: names no paths, added or removed"),
        ({"rules": [rule(matches=[])]}, "rules.own.matches: give at least one example"),
        ({"rules": [rule(matches=["b"])]}, "rules.own: the rule does not cover its example 'b'"),
        ({"rules": [rule(misses=["a/x"])]}, "rules.own: the rule covers 'a/x', which it must"),
        ({"rules": [rule(added=["x.*y"])]}, "rules.own: the pattern 'x.*y' repeats without end"),
        ({"rules": [rule(added=["("])]}, "rules.own: the pattern '(' is no regular expression"),
        (
            {"rules": [rule(added=["x.{0,80}y.{0,80}z"], matches=["a/b\n+xyz"])]},
            "rules.own: the pattern 'x.{0,80}y.{0,80}z' can match in too many ways",
        ),
        ({"rules": [rule(why="a\nb")]}, "rules.own.why: must be one line"),
        ({"rules": [rule(), rule()]}, "rules.own: two rules have this name"),
        ({"rules": [rule(name=f"r{n}") for n in range(51)]}, "rules: there are 51; 50 are"),
        ({"raise": ["auth"]}, "raise: must be a table"),
        ({"raise": {"tests": 1}}, "raise.tests: must be one of"),
        ({"owners": {"@a": "top"}}, "owners.@a: must be one of"),
        ({"allow": [1]}, "allow: must be a list of strings"),
    ],
)
def test_a_mistake_in_a_table_is_told_by_key(data: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as told:
        read_table(data)
    assert str(told.value).startswith(said)
    assert ways("x.{0,80}y.{0,80}z") > MOST_WAYS


LOOSER = [
    (RiskTable(raised=(("auth", RiskTier.LOW),)), "raise.auth: the rule is high"),
    (RiskTable(raised=(("vendored", RiskTier.HIGH),)), "raise.vendored: the rule is forbidden"),
    (RiskTable(raised=(("nothing", RiskTier.HIGH),)), "raise.nothing: there is no rule"),
    (RiskTable(owners=(("@a", RiskTier.LOW),)), "owners.@a: what they own is medium"),
    (RiskTable((RiskRule("auth", RiskTier.LOW, "x"),)), "rules.auth: there is a rule of this"),
    (RiskTable((RiskRule("auth", RiskTier.FORBIDDEN, "x"),)), "rules.auth: there is a rule"),
    (RiskTable((RiskRule("new", RiskTier.LOW, "x"),)), "rules.new: a rule of tier low"),
]


@pytest.mark.parametrize(("table", "said"), LOOSER)
def test_what_would_loosen_changes_nothing_and_is_told(table: RiskTable, said: str) -> None:
    policy, ignored = RiskPolicy().tightened(table)
    assert policy == RiskPolicy()
    assert [clause for clause in ignored if clause.startswith(said)] == list(ignored)
    with pytest.raises(ValueError, match="^" + said.split(":")[0]):
        RiskPolicy().with_table(table)


def test_a_repository_allows_nothing() -> None:
    policy, _ = RiskPolicy().tightened(RiskTable(allow=("**",)))
    assert policy == RiskPolicy()


def test_what_the_user_raised_is_not_lowered_by_a_repository() -> None:
    own = RiskPolicy().with_table(RiskTable(raised=(("tests", RiskTier.HIGH),)))
    policy, ignored = own.tightened(RiskTable(raised=(("tests", RiskTier.MEDIUM),)))
    assert policy == own
    assert len(ignored) == 1


def test_every_change_keeps_or_raises_its_tier_under_a_repositorys_table() -> None:
    table = RiskTable(
        (RiskRule("all", RiskTier.MEDIUM, "all", globs=("**",)),),
        raised=(("tests", RiskTier.HIGH),),
        owners=(("@a", RiskTier.HIGH),),
        allow=("**",),
    )
    policy, _ = RiskPolicy().tightened(table)
    owners = parse_owners("* @a")
    for path in ("a.py", "tests/a.py", "auth/a.py", "vendor/a.go", "README.md"):
        for change in (Change(), Change(("eval(x)",)), Change((), ("assert x",))):
            before = assess(path, change, policy=RiskPolicy())
            assert assess(path, change, policy=policy).tier >= before.tier
            assert assess(path, change, owners, policy).tier >= RiskTier.HIGH


@pytest.mark.parametrize(
    ("text", "path", "owners"),
    [
        ("* @a", "deep/in/x.py", ("@a",)),
        ("*.js @a", "deep/x.js", ("@a",)),
        ("*.js @a", "deep/x.json", ()),
        ("/build/logs/ @a", "build/logs/deep/x", ("@a",)),
        ("/build/logs/ @a", "sub/build/logs/x", ()),
        ("docs/* @a", "docs/x.md", ("@a",)),
        ("docs/* @a", "docs/deep/x.md", ()),
        ("apps/ @a", "deep/apps/x", ("@a",)),
        ("apps/ @a", "apps", ()),
        ("/apps @a", "apps/deep/x", ("@a",)),
        ("**/logs @a", "deep/logs/x", ("@a",)),
        ("a/**/z @a", "a/b/c/z", ("@a",)),
        ("* @a\n/x/ @b", "x/y", ("@b",)),
        ("* @a\n/x/", "x/y", ()),
        ("/X/ @a", "x/y", ("@a",)),
        ("/x/ @a @org/team b@example.com # @c", "x/y", ("@a", "@org/team", "b@example.com")),
        ("# * @a", "x", ()),
        ("a\\ b/ @a", "a b/x", ("@a",)),
        ("!x @a\n* @b", "x", ("@b",)),
        ("[Docs][2] @w\n/docs/\n/docs/a @x", "docs/b", ("@w",)),
        ("^[Docs] @w\n/docs/\n/docs/a @x", "docs/a", ("@x",)),
        ("/x/ not-an-owner", "x/y", ()),
        ("*a*b*c*d*e* @a", "abcde", ()),
        ("", "x", ()),
    ],
)
def test_the_last_line_of_codeowners_that_matches_decides(
    text: str, path: str, owners: tuple[str, ...]
) -> None:
    assert parse_owners(text).of(path) == owners


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"*a*a*b{n} @a\n" for n in range(500)),
        "".join(f"**/a*/**/b{n} @a\n" for n in range(500)),
        "[" * 50_000,
        "\\" * 50_000,
        "* a@" + "." * 50_000 + "@",
    ],
)
def test_a_hostile_codeowners_takes_no_long_time(text: str) -> None:
    started = time.perf_counter()
    parse_owners(text).of("/".join(["a" * 60] * 4))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.name)
def test_a_built_in_rule_holds_to_its_examples(rule: RiskRule) -> None:
    assert rule.matches
    rule.check()

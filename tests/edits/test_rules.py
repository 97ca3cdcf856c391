import pytest
import yaml

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.rule import has_rules, parse_rule_reply
from core.edits.parse.sites import parse_sites, render_sites
from core.edits.rules import parse_rules, rule_intents

RULE = """\
id: calls
language: py
rule: {pattern: "old($$$A)"}
fix: new($$$A)
"""


def test_every_match_in_scope_becomes_an_exact_site() -> None:
    files = {"a.py": "old(1)\n", "b.py": "x = old(é)\n", "a.ts": "old(1)\n", "c.py": "older(1)\n"}
    intents, report = rule_intents(parse_rules(RULE), files, lambda path: path != "a.py")

    assert intents == (Intent("b.py", Op.SITE, "old(é)", "new(é)", 1, 4),)
    assert (report.counts, report.files, report.without_files) == ((("calls", 1),), ("b.py",), ())


def test_expect_counts_nested_matches_and_names_both_numbers() -> None:
    files = {"a.py": "old(old(1))\n"}
    rule_intents(parse_rules(RULE + "expect: 2\n"), files)

    with pytest.raises(ParseFault, match="expects 3 matches but finds 2"):
        rule_intents(parse_rules(RULE + "expect: 3\n"), files)


def test_files_and_ignores_limit_a_rule() -> None:
    rules = parse_rules(RULE + "files: ['src/**']\nignores: ['**/gen.py']\n")
    files = {"src/a.py": "old(1)", "src/gen.py": "old(1)", "b.py": "old(1)"}
    assert rule_intents(rules, files)[1].files == ("src/a.py",)


def test_typescript_rules_read_tsx_files() -> None:
    rules = parse_rules(RULE.replace("py", "typescript"))
    intents, _ = rule_intents(rules, {"a.tsx": "let x = <b>{old(1)}</b>"})
    assert [(i.column, i.new) for i in intents] == [(12, "new(1)")]


def test_two_rules_on_one_place_are_refused() -> None:
    rules = parse_rules(RULE + "---\n" + RULE.replace("calls", "again"))
    with pytest.raises(ParseFault, match=r"Two rules change the same place, a\.py:1"):
        rule_intents(rules, {"a.py": "old(1)"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "The rules are not YAML at line 1"),
        ("", "There is no rule in the text"),
        ("- 1", "Rule 1 is not a mapping"),
        (RULE.replace("py", "cobol"), "Rule calls names the language cobol"),
        (RULE.replace("pattern", "patern"), "`rule.patern` is not something ast-grep knows"),
        (RULE.replace("fix: new($$$A)", ""), "Rule calls has no `fix` text"),
        (RULE.replace("new($$$A)", "new($B)"), "the fix uses $B, which the rule never binds"),
        (RULE + "expect: many", "`expect` is not a count"),
        (RULE + "files: {a: b}", "`files` is not a list of globs"),
        (RULE + "rewriters: []", "has an unknown field `rewriters`"),
        ("a: &x [1]\nb: *x", "Line 1 of the rules uses a YAML anchor"),
        ("a: " + "[" * 5000, "The rules are nested too deeply at line 1"),
        ("x" * 70_000, "The rules are larger than 65536 bytes"),
        ("\n---\n".join([RULE] * 51), "There are 51 rules, 50 at most"),
        (
            "id: a\nlanguage: py\nfix: x\nrule: {all: [{kind: call}, {any: [{not: 3}]}]}",
            "`rule.all[1].any[0].not` is not a mapping",
        ),
        ("id: a\nlanguage: py\nfix: x\nrule: {kind: 3}", "`rule.kind` is not something"),
        ("id: a\nlanguage: py\nfix: x\nrule: {nthChild: bad, kind: call}", "`rule.nthChild`"),
        (
            "id: a\nlanguage: py\nfix: x\nrule: {kind: call}\nconstraints: {A: x}",
            "`constraints.A` is not a mapping",
        ),
    ],
)
def test_a_bad_rule_is_told_in_one_sentence(text: str, told: str) -> None:
    with pytest.raises(ParseFault) as caught:
        parse_rules(text)
    sentence = str(caught.value)
    assert told in sentence
    assert "\n" not in sentence and sentence.endswith(".")


@pytest.mark.parametrize(
    "rule",
    ["{kind: nope}", "{regex: '('}", "{matches: nobody}", "{not: {kind: nope}, kind: call}"],
)
def test_what_ast_grep_refuses_is_a_fault_naming_the_rule(rule: str) -> None:
    rules = parse_rules(f"id: a\nlanguage: py\nfix: x\nrule: {rule}")
    with pytest.raises(ParseFault, match=r"^Rule a cannot be used: [^\n]+; correct it\.$"):
        rule_intents(rules, {"a.py": "f(1)"})


def test_a_reply_with_rule_blocks_is_read_as_rules() -> None:
    reply = f"Two rules.\r\n\r\n```rule\n{RULE}```\nand\n~~~rules\n{RULE}~~~\n"
    assert [rule.id for rule in parse_rule_reply(reply)] == ["calls", "calls"]
    assert has_rules(reply)


def test_a_reply_without_a_rule_block_is_a_fault() -> None:
    assert not has_rules("```python\nx\n```\n")
    with pytest.raises(ParseFault, match="no ```rule block"):
        parse_rule_reply("```rule\nnever closed\n")


def test_sites_survive_the_reply_format() -> None:
    intents = (
        Intent("a b/é.py", Op.SITE, "old", "new", 3, 0, number=1),
        Intent("c.py", Op.SITE, "a\n```\n", "", 1, 7, "in a `string`", number=2),
    )
    reply = f"Renames.\n\n{render_sites(intents)}"
    assert parse_sites(reply) == intents
    assert parse_sites(reply.replace("\n", "\r\n")) == intents


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("nothing", "There is no ```sites block"),
        ("```sites\n{}", "The sites block does not end"),
        ("```sites\nx\n```\n", "Row 1 of the sites block is not a JSON object"),
        ('```sites\n{"path": "a"}\n```\n', "Row 1 of the sites block has no valid `line`"),
        (
            '```sites\n{"path":"a","line":0,"column":0,"old":"x","new":""}\n```\n',
            "names no place in a file",
        ),
        (
            '```sites\n{"path":"a","line":true,"column":0,"old":"x","new":""}\n```\n',
            "has no valid `line`",
        ),
    ],
)
def test_a_bad_sites_block_names_the_row(reply: str, told: str) -> None:
    with pytest.raises(ParseFault) as caught:
        parse_sites(reply)
    assert told in str(caught.value)


@pytest.mark.parametrize("part", ["id", "language", "no-such-field"])
def test_what_a_rule_says_never_breaks_the_sentence_about_it(part: str) -> None:
    long = "x\ny " * 500
    fields = {"id": "r", "language": "cobol", part: long} if part != "no-such-field" else {long: 1}
    with pytest.raises(ParseFault) as fault:
        parse_rules(yaml.safe_dump(fields))
    assert "\n" not in str(fault.value)
    assert len(str(fault.value)) < 300

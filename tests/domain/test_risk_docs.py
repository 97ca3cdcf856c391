import tomllib
from pathlib import Path

from core.domain.risk_rules import DEFAULT_RULES, RiskPolicy, RiskRule
from core.domain.risk_table import read_table

PAGE = Path(__file__).parents[2] / "docs/risk.md"
BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"


def row(rule: RiskRule) -> str:
    looks = [
        *(["path"] if rule.globs or rule.words else []),
        *(["head of the file"] if rule.head else []),
        *(["added lines"] if rule.added or rule.gained else []),
        *(["removed lines"] if rule.removed else []),
        *(["changed lines"] if rule.changed else []),
    ]
    first, *lines = rule.matches[0].split("\n")
    example = " ".join([f"`{first}`", *(f"`{line}`" for line in lines)]).replace("|", "\\|")
    cells = (f"`{rule.name}`", rule.tier.word, rule.why, ", ".join(looks), example)
    return f"| {' | '.join(cells)} |\n"


def with_rules(page: str) -> str:
    """The page with the table of built-in rules as the code has them."""
    head = "| rule | tier | what it touches | looks at | for example |\n|---|---|---|---|---|\n"
    table = head + "".join(row(rule) for rule in DEFAULT_RULES)
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table + END + rest.partition(END)[2]


def test_the_page_about_risk_lists_the_built_in_rules_as_they_are() -> None:
    page = PAGE.read_text()
    assert page == with_rules(page), "make it anew: python tests/domain/test_risk_docs.py"


def test_the_example_of_a_settings_file_is_one() -> None:
    block = PAGE.read_text().partition("```toml\n")[2].partition("```")[0]
    table = read_table(tomllib.loads(block)["risk"])
    assert [rule.name for rule in table.rules] == ["ledger"]
    assert RiskPolicy().with_table(table).allow == ("vendor/ours/**",)


if __name__ == "__main__":
    PAGE.write_text(with_rules(PAGE.read_text()))

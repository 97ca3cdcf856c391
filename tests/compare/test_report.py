from dataclasses import replace
from html.parser import HTMLParser

import pytest

from core.compare.goals import Comparison, read_goals
from core.compare.markup import as_html, as_markdown
from core.compare.measures import COST, SUCCESS, compare_arms
from core.compare.report import price, report
from core.compare.rows import AGAIN, Row, read_rows
from core.domain.metrics import CostBasis
from core.record.estimates import median

NAMES = ("g1", "g2", "g3", "g4", "g5")
COSTS = {"solo": (0.10, 0.20, 0.30, 0.40, 0.50), "relay": (0.05, 0.05, 0.30, None, 0.05)}
WON = {"solo": (1, 1, 1, 1, 0), "relay": (1, 1, 1, 0, 0)}


def comparison() -> Comparison:
    goals = "".join(f'[[goal]]\nid = "{n}"\ntext = "<b>do</b> | {n}"\nhidden = [["true"]]\n' for n in NAMES)  # fmt: skip
    arms = '[arms.solo]\nmodel = "x"\n[arms.relay]\nmodel = "y"\n'
    return read_goals("g.toml", (goals + arms).encode())


def rows() -> list[Row]:
    plain = Row("", "", "c0ffee", {"plan": "x"}, False, False, False, 10.0)
    return [
        replace(
            plain,
            goal=goal,
            arm=arm,
            success=bool(WON[arm][n]),
            cost=COSTS[arm][n],
            basis=CostBasis.PRICED if COSTS[arm][n] is not None else CostBasis.UNKNOWN,
            failure="" if WON[arm][n] else "generate: <script>\u202e",
        )
        for n, goal in enumerate(NAMES)
        for arm in ("solo", "relay")
    ]


def test_arms_are_paired_goal_by_goal_and_an_unknown_cost_leaves_its_pair_out() -> None:
    found = {(c.measure.name, c.which): c for c in compare_arms(rows(), ["solo", "relay"])}
    success = found[SUCCESS.name, "all"].paired
    assert (success.n, success.more, success.less, success.ties) == (5, 0, 1, 4)

    cost = found[COST.name, "all"]
    assert (cost.paired.n, cost.unknown) == (4, 1)
    assert (cost.paired.more, cost.paired.less, cost.paired.ties) == (0, 3, 1)
    # Differences -.05, -.15, 0, -.45 and ratios .5, .25, 1, .1, by hand.
    assert cost.paired.median == median([-0.05, -0.15, 0.0, -0.45])
    assert cost.paired.ratio is not None
    ratio = cost.paired.ratio
    assert [round(x, 6) for x in (ratio.median, ratio.low, ratio.high)] == [0.375, 0.1, 1.0]

    both = found[COST.name, "both succeeded"]
    assert (both.paired.n, both.unknown, both.paired.less) == (3, 0, 2)


def test_only_goals_that_both_arms_have_been_through_are_paired() -> None:
    some = [row for row in rows() if row.arm == "solo" or row.goal in ("g1", "g3")]
    assert next(c.paired.n for c in compare_arms(some, ["solo", "relay"])) == 2
    text = as_markdown(report("g.toml", comparison(), some))
    assert "7 of 10 runs are done" in text
    assert "| relay | not run yet |" in text


def test_the_report_shows_intervals_medians_and_unknown_costs() -> None:
    text = as_markdown(report("g.toml", comparison(), rows()))
    assert "| solo | 4 of 5 | 38-96 % |" in text
    assert "| relay | 3 of 5 | 23-88 % |" in text
    assert "| ●●●●○ |" in text
    assert "| relay | cost | all | 4 | 0 | 3 | -$0.10 | 0.38 (0.10-1.00) |" in text
    assert "with 3 pairs (1 tied) p cannot be below 0.25: no detectable difference; 1 left out, unknown" in text  # fmt: skip
    assert "| relay | no | no | $? |" in text
    assert "The cost of 1 of these runs is not known ($?)" in text
    assert "| relay | 3 of 5 | 23-88 % | 0 | 0 | $0.0500 (1 $?) |" in text


def test_runs_stand_in_the_order_of_the_goals_whenever_they_were_made() -> None:
    first, *rest = [row for row in rows() if row.arm == "relay"]
    text = as_markdown(report("g.toml", comparison(), [*rest, replace(first, success=False)]))
    assert "| ○●●○○ |" in text
    assert "| solo | 0 of 0 | - | 0 | 0 | - | - | - | ····· |" in text


def test_what_nobody_knows_is_said_and_not_drawn() -> None:
    unknown = [replace(row, cost=None) for row in rows()]
    sections = report("g.toml", comparison(), unknown)
    assert "No cost is known." in as_markdown(sections)
    assert "| solo | 4 of 5 | 38-96 % | 0 | 0 | $? |" in as_markdown(sections)
    assert as_html(sections).count("<svg") == 1
    nothing = as_html(report("g.toml", comparison(), []))
    assert "No time is known." in nothing
    assert "<svg" not in nothing


@pytest.mark.parametrize(
    "dollars, text",
    [(0.0, "$0"), (0.000042, "$0.000042"), (0.0012, "$0.0012"), (0.0999, "$0.0999"), (0.1, "$0.10"), (12.345, "$12.35")],
)  # fmt: skip
def test_a_cost_that_is_not_nothing_is_never_shown_as_nothing(dollars: float, text: str) -> None:
    assert price(dollars) == text


def test_on_a_narrow_screen_only_long_cells_are_broken_and_wide_parts_scroll() -> None:
    page = as_html(report("g.toml", comparison(), rows()))
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in page
    assert "<td>both succeeded</td>" in page
    assert '<td class="long">with 3 pairs (1 tied) p cannot' in page
    assert page.count("<figure><svg") == 2


def test_the_page_needs_nothing_else_and_shows_foreign_text_as_text() -> None:
    page = as_html(report("g.toml", comparison(), rows()))
    for word in ("http", "src=", "<script", "url(", "@import", "<link", "<b>do"):
        assert word not in page, word
    assert "&lt;script&gt;&lt;U+202E&gt;" in page
    assert page.count("<circle") == 5 + 4 + 5 + 5
    assert "<title>g2: $0.0500</title>" in page
    assert Balance.of(page) == []


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        """Elements that are left open, or closed where they are not open."""
        parser = cls()
        parser.feed(page)
        return parser.wrong + parser.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_in_markdown_foreign_text_is_no_markup() -> None:
    text = as_markdown(report("g.toml", comparison(), rows()))
    assert "\\<b\\>do\\</b\\> \\| g1" in text
    assert "<script>" not in text.replace("\\<script\\>", "")


def test_rows_outlive_a_line_cut_short_and_begin_anew_on_request() -> None:
    first, second, *_ = rows()
    torn = second.line()[:40]
    assert read_rows(first.line() + torn) == [first]
    assert read_rows(first.line() + torn + b"\n" + second.line()) == [first, second]
    assert read_rows(first.line() + AGAIN + second.line()) == [second]
    newer = replace(first, seconds=2.0)
    assert read_rows(first.line() + newer.line()) == [newer]
    assert read_rows(b"") == []

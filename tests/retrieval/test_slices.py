from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.domain.context import Candidate, Trust
from core.retrieval.slices import Slice, slices, to_quote
from core.retrieval.snippets import estimate

LONG = "\n".join(f"        self.step_{n} = {n}  # plain work" for n in range(60))
CLASS = f"""import os


class Basket(Container):
    \"\"\"What a customer wants.\"\"\"

    def add(self, thing):
        self.things.append(thing)

    def refresh(self):
{LONG}
        discount = self.voucher.discount()
        self.total -= discount
        return self.total


def unrelated():
    return os.getcwd()
"""
WORTH = {"voucher": 4.0, "discount": 5.0}


def text_of(one: Slice, text: str) -> str:
    return "\n".join(text.split("\n")[one.start : one.end])


def test_the_lines_that_match_are_quoted_and_the_definitions_around_them_named() -> None:
    found = slices([("shop/basket.py", CLASS)], WORTH, 120)
    hit = next(s for s in found if "voucher.discount()" in text_of(s, CLASS))
    assert hit.symbol == "Basket.refresh"
    assert hit.heads == ("class Basket(Container):", "def refresh(self):")


def test_a_short_definition_is_quoted_whole_and_needs_no_head_of_its_own() -> None:
    text = "def a():\n    return 1\n\n\ndef discount(x):\n    y = x * 2\n    return y - 1\n\n\ndef c():\n    return 3\n"
    found = slices([("a.py", text)], WORTH, 60)
    hit = next(s for s in found if s.symbol == "discount")
    assert text_of(hit, text) == "def discount(x):\n    y = x * 2\n    return y - 1"
    assert hit.heads == ()


def test_every_file_gets_a_look_before_any_gets_more() -> None:
    files = [(f"shop/part_{n}.py", CLASS) for n in range(10)]
    found = slices(files, WORTH, 1_000)
    assert {s.file for s in found} == set(range(10))


def test_what_is_left_makes_the_first_files_whole() -> None:
    files = [(f"shop/part_{n}.py", CLASS) for n in range(3)]
    few, many = slices(files, WORTH, 300), slices(files, WORTH, 4_000)
    lines = [sum(s.end - s.start for s in found if s.file == 0) for found in (few, many)]
    assert lines[1] > 2 * lines[0]


def test_a_file_without_any_of_the_words_shows_its_first_definition_or_its_beginning() -> None:
    found = slices([("shop/basket.py", CLASS)], {"zebra": 1.0}, 100)
    assert [(s.start, s.symbol) for s in found] == [(3, "Basket")]
    [beginning] = slices([("notes.py", "# one\n# two\nprint(1)\n")], {"zebra": 1.0}, 100)
    assert beginning.start == 0


def test_a_definition_named_with_words_of_the_goal_comes_before_one_that_mentions_them() -> None:
    calls = "def audit(rows):\n    discount = rows[0]\n    return discount\n"
    own = "def discount(rows):\n    first = rows[0]\n    return first\n"
    found = slices([("a.py", f"{calls}\n\n{own}")], {"discount": 1.0}, 25)
    assert [s.symbol for s in found] == ["discount"]


TEXTS = st.lists(
    st.sampled_from(
        ["def voucher():", "class Discount:", "    x = 1", "    def discount(self):", "", "\t", "}"]
    ),
    max_size=60,
).map("\n".join)


@given(st.lists(TEXTS, max_size=5), st.integers(0, 600))
def test_slices_stay_inside_their_files_apart_and_inside_the_budget(
    texts: list[str], budget: int
) -> None:
    files = [(f"f{n}.py", text) for n, text in enumerate(texts)]
    found = slices(files, WORTH, budget)
    cost = 0
    for number, text in enumerate(texts):
        mine = [s for s in found if s.file == number]
        assert mine == sorted(mine, key=lambda s: s.start)
        assert all(a.end <= b.start for a, b in pairwise(mine))
        for one in mine:
            assert 0 <= one.start < one.end <= len(text.split("\n"))
            assert text_of(one, text).strip("\n") == text_of(one, text)
            cost += estimate("\n".join((*one.heads, text_of(one, text))))
    assert cost <= budget or not found


def candidates(**lanes: int) -> list[Candidate]:
    return [
        Candidate(f"{lane}{n}", 1.0, "text", Trust[lane])
        for lane in lanes
        for n in range(lanes[lane])
    ]


def test_source_is_quoted_first_and_tests_and_documents_a_little() -> None:
    chosen = to_quote("mend the price", candidates(CODE=30, TEST=10, DOCS=10))
    assert [
        sum(c.trust is lane for c in chosen) for lane in (Trust.CODE, Trust.TEST, Trust.DOCS)
    ] == [10, 2, 1]


def test_a_goal_about_documents_gets_documents() -> None:
    chosen = to_quote("describe the price in the README.", candidates(CODE=30, TEST=10, DOCS=10))
    assert sum(c.trust is Trust.DOCS for c in chosen) == 10


def test_one_slice_of_a_file_is_its_best() -> None:
    other = "def tax():\n    return 0\n\n\ndef voucher(discount):\n    return discount\n"
    found = slices([("shop/basket.py", CLASS), ("shop/tax.py", other)], WORTH | {"tax": 0.1}, 4_000)
    assert [sum(s.is_best for s in found if s.file == file) for file in (0, 1)] == [1, 1]

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.rows import ROWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/faults.md"
BEGIN, END = "<!-- rows: begin -->\n", "<!-- rows: end -->\n"


@cache
def marked() -> dict[int, list[str]]:
    """Row to the tests that are marked with it."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "pytest.mark.fault(" not in path.read_text():
            continue
        place = path.relative_to(ROOT)
        module = import_module(".".join(place.with_suffix("").parts))
        for name, member in vars(module).items():
            for number in sorted(set(_rows(getattr(member, "pytestmark", [])))):
                found.setdefault(number, []).append(f"{place.relative_to('tests')}::{name}")
    return found


def _rows(marks: object) -> Iterator[int]:
    """The rows that the marks of a test name, those of its parameters included."""
    for mark in marks if isinstance(marks, list | tuple) else ():
        if mark.name == "fault":
            yield mark.args[0]
        elif mark.name == "parametrize":
            for values in mark.args[1]:
                yield from _rows(getattr(values, "marks", ()))


def with_rows(page: str) -> str:
    """The page with the table as words and tests have it."""
    tests = marked()
    lines = ["| row | fault | what happens | tests |\n|---|---|---|---|\n"]
    for number, row in ROWS.items():
        listed = "<br>".join(f"`{test}`" for test in tests.get(number, []))
        lines.append(f"| {number} | {row.fault} | {row.outcome} | {listed} |\n")
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "".join(lines) + END + rest.partition(END)[2]


@pytest.mark.parametrize("number", range(71, 104))
def test_each_row_has_a_test(number: int) -> None:
    assert marked().get(number)


def test_every_test_names_a_row_that_there_is() -> None:
    assert set(marked()) <= set(ROWS)


def test_the_page_about_faults_lists_rows_and_tests_as_they_are() -> None:
    page = PAGE.read_text()
    assert page == with_rows(page), "make it anew: python -m tests.faults.test_rows"


if __name__ == "__main__":
    PAGE.write_text(with_rows(PAGE.read_text()))

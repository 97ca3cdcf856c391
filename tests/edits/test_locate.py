import pytest

from core.domain.edit import FileVersion
from core.domain.hunk import Refusal
from core.edits.intent import Intent, Op
from core.edits.locate import Located, locate
from core.edits.snapshot import Unreadable, read_snapshot

TWICE = "def a():\n    return 1\n\n\ndef b():\n    return 1\n"


def edit(old: str, new: str = "x\n", **more: int) -> Intent:
    return Intent("f.py", Op.EDIT, old, new, **more)  # type: ignore[arg-type]


def find(text: str | bytes, intent: Intent) -> Located | Refusal:
    data = text if isinstance(text, bytes) else text.encode()
    return locate(intent, read_snapshot(FileVersion("f.py", data)))


def placed(text: str | bytes, intent: Intent) -> Located:
    found = find(text, intent)
    assert isinstance(found, Located), found
    return found


def refused(text: str, intent: Intent) -> Refusal:
    found = find(text, intent)
    assert isinstance(found, Refusal), found
    return found


def test_a_unique_run_of_lines_is_taken_exactly() -> None:
    found = placed(TWICE, edit("def b():\n    return 1\n"))
    assert (found.start, found.end, found.tier) == (4, 6, "exact")


def test_several_places_are_refused_and_every_line_is_named() -> None:
    refusal = refused(TWICE, edit("    return 1\n"))
    assert refusal.lines == (2, 6)
    assert "2 places (lines 2, 6)" in refusal.reason


def test_a_line_hint_near_exactly_one_place_decides() -> None:
    assert placed(TWICE, edit("    return 1\n", line=7)).start == 5


def test_a_line_hint_near_no_place_decides_nothing() -> None:
    assert refused(TWICE + "\n" * 20, edit("    return 1\n", line=20)).lines == (2, 6)


def test_an_ambiguous_exact_match_never_falls_through_to_a_looser_tier() -> None:
    text = "x = 1\nx = 1\nx = 1  \n"
    assert refused(text, edit("x = 1\n")).lines == (1, 2)


def test_trailing_blanks_do_not_matter_on_their_own_tier() -> None:
    found = placed("a  \nb\n", edit("a\nb\n", "c\nb\n"))
    assert found.tier == "trailing blanks"


def test_part_of_a_line_is_taken_when_it_occurs_once() -> None:
    found = placed(
        "total = price * count  # sum\n", edit("price * count\n", "price * count * tax\n")
    )
    assert found.lines == ("total = price * count * tax  # sum\n",)


def test_text_that_is_nowhere_is_refused_with_the_nearest_text() -> None:
    refusal = refused(
        "def total(prices):\n    return sum(prices)\n",
        edit("def total(price):\n    return sum(price)\n"),
    )
    assert refusal.nearest.startswith("def total(prices):")
    assert refusal.lines == (1,)


def test_an_empty_search_has_no_place() -> None:
    assert "empty" in refused("a\n", edit("\n")).reason


def test_new_lines_take_the_ends_of_the_lines_they_replace() -> None:
    found = placed(b"a\r\nb\nc\r\n", edit("a\nb\n", "A\nB\nC\n"))
    assert found.lines == ("A\r\n", "B\n", "C\r\n")


def test_an_unterminated_last_line_stays_unterminated() -> None:
    assert placed("a\nb", edit("b\n", "c\n")).lines == ("c",)


def test_a_site_must_hold_the_expected_text() -> None:
    site = Intent("f.py", Op.SITE, "b", "c", line=1, column=0)
    assert "does not hold" in refused("a\n", site).reason
    assert placed("b\n", site).lines == ("c\n",)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xff\xfea\0", "UTF-16"),
        (b"a\0b", "binary"),
        (b"caf\xe9", "not UTF-8"),
        (b"x" * 1_000_001, "bytes"),
        (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
    ],
)
def test_what_is_not_text_is_refused_by_name(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read_snapshot(FileVersion("f", data))


def test_part_of_a_word_is_no_place() -> None:
    assert "not in the file" in refused("x = concat(a)\n", edit("cat\n", "dog\n")).reason
    assert placed("x = concat(cat)\n", edit("cat\n", "dog\n")).lines == ("x = concat(dog)\n",)

"""Where an edit goes, or why it goes nowhere: the rules one by one."""

import pytest

from core.domain.edit import FileVersion
from core.domain.hunk import Refusal, RefusalKind
from core.edits.intent import Intent, Op
from core.edits.locate import Tier
from core.edits.placing import Placed, place
from core.edits.snapshot import Unreadable, read_snapshot

TWICE = "def a():\n    return 1\n\n\ndef b():\n    return 1\n"


def edit(old: str, new: str = "x\n", number: int = 1, **more: object) -> Intent:
    return Intent("f.py", Op.EDIT, old, new, number=number, **more)  # type: ignore[arg-type]


def swap(old: str, new: str, number: int = 1, *, everywhere: bool = False) -> Intent:
    return Intent("f.py", Op.REPLACE, old, new, number=number, everywhere=everywhere)


def placed(
    text: str | bytes, *intents: Intent, in_order: bool = False, fuzzy: bool = False
) -> Placed:
    data = text if isinstance(text, bytes) else text.encode()
    snapshot = read_snapshot(FileVersion("f.py", data))
    return place(intents, snapshot, in_order=in_order, fuzzy=fuzzy)


def result(text: str | bytes, *intents: Intent, in_order: bool = False) -> str:
    found = placed(text, *intents, in_order=in_order)
    assert not found.refusals, found.refusals
    return "".join(found.lines)


def refused(text: str | bytes, *intents: Intent, in_order: bool = False) -> Refusal:
    found = placed(text, *intents, in_order=in_order)
    assert len(found.refusals) == 1, found
    return found.refusals[0]


def tier(text: str | bytes, intent: Intent) -> Tier:
    [located] = placed(text, intent).located
    return located.tier


# One place, or none


def test_a_unique_run_of_lines_is_taken_exactly() -> None:
    assert result(TWICE, edit("def b():\n    return 1\n", "def b():\n    return 2\n")) == (
        "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    )


def test_several_places_are_refused_and_every_line_is_named() -> None:
    refusal = refused(TWICE, edit("    return 1\n"))
    assert refusal.lines == (2, 6)
    assert refusal.kind is RefusalKind.AMBIGUOUS
    assert "2 places (lines 2, 6)" in refusal.reason


def test_an_ambiguous_exact_match_never_falls_through_to_a_looser_tier() -> None:
    assert refused("x = 1\nx = 1\nx = 1  \n", edit("x = 1\n")).lines == (1, 2)


def test_an_ambiguous_part_of_a_line_never_falls_through_to_a_looser_tier() -> None:
    text = "f(x = 1)\ng(x = 1)\n    x = 1\n"
    assert refused(text, edit("x = 1\n")).lines == (1, 2, 3)


def test_two_places_apart_from_trailing_blanks_are_refused() -> None:
    assert refused("a \nb\n--\na\t\nb\n", edit("a\nb\n")).lines == (1, 4)


def test_two_places_apart_from_indentation_are_refused() -> None:
    text = "if x:\n    go(1)\n    stop(1)\nelse:\n        go(1)\n        stop(1)\n"
    assert refused(text, edit("go(1)\nstop(1)\n")).lines == (2, 5)


def test_two_places_apart_from_quotes_are_refused() -> None:
    text = "say(“a”)\nnext(1)\nsay(1, “a”)\nsay(“a”)\nnext(1)\n"
    assert refused(text, edit('say("a")\nnext(1)\n')).lines == (1, 4)


def test_an_ambiguous_match_never_gains_places_of_a_looser_tier() -> None:
    trailing = "a \nb\n--\na\t\nb\n--\n  a\n  b\n"
    assert refused(trailing, edit("a\nb\n")).lines == (1, 4)
    shifted = "    go(1)\n    stop(1)\nx\n        go(1)\n        stop(1)\ny\n go(1)\n   stop(1)\n"
    assert refused(shifted, edit("go(1)\nstop(1)\n")).lines == (1, 4)


def test_letter_case_is_never_folded() -> None:
    assert refused("Total = 1\n", edit("total = 1\n")).kind is RefusalKind.NOT_FOUND


def test_an_empty_search_has_no_place() -> None:
    assert refused("a\n", edit("\n")).kind is RefusalKind.EMPTY_SEARCH
    assert refused("a\n", edit("")).kind is RefusalKind.EMPTY_SEARCH


def test_text_that_is_nowhere_is_refused_with_the_nearest_text() -> None:
    text = "def total(prices):\n    return sum(prices)\n"
    refusal = refused(text, edit("def total(price):\n    return sum(price)\n"))
    assert refusal.kind is RefusalKind.NOT_FOUND
    assert refusal.nearest.startswith("def total(prices):")
    assert refusal.lines == (1,)


def test_a_refusal_names_the_first_line_that_is_nowhere() -> None:
    refusal = refused("a\nb\nc\n", edit("a\nstrange\nc\n"))
    assert "`strange` is nowhere" in refusal.reason


def test_the_text_being_in_another_file_is_said_and_not_acted_on() -> None:
    snapshot = read_snapshot(FileVersion("f.py", b"a\n"))
    found = place([edit("zz\n")], snapshot, elsewhere=lambda _: "other.py")
    assert "it is once in other.py, which is not touched" in found.refusals[0].reason
    assert found.lines == ("a\n",)


# The tiers


def test_trailing_blanks_do_not_matter_on_their_own_tier_and_stay() -> None:
    intent = edit("a\nb\nc\n", "a\nB\nc\n")
    assert tier("a  \nb\nc\t\n", intent) is Tier.TRAILING
    assert result("a  \nb\nc\t\n", intent) == "a  \nB\nc\t\n"


def test_one_change_of_indentation_is_carried_to_the_new_lines() -> None:
    text = "class A:\n    def f(self):\n        return 1\n"
    intent = edit(
        "def f(self):\n    return 1\n", "def f(self):\n    if x:\n        y()\n    return 2\n"
    )
    assert tier(text, intent) is Tier.INDENTATION
    assert result(text, intent) == (
        "class A:\n    def f(self):\n        if x:\n            y()\n        return 2\n"
    )


def test_tabs_in_the_file_stay_tabs_where_the_block_has_spaces() -> None:
    text = "class A:\n\tdef f(self):\n\t\treturn 1\n"
    intent = edit(
        "    def f(self):\n        return 1\n",
        "    def f(self):\n        if x:\n            y()\n        return 1\n",
    )
    assert tier(text, intent) is Tier.TRIMMED
    assert result(text, intent) == "class A:\n\tdef f(self):\n\t\tif x:\n\t\t\ty()\n\t\treturn 1\n"


def test_new_lines_whose_indentation_cannot_be_told_are_refused() -> None:
    text = "  a()\n      b()\n"
    refusal = refused(text, edit("a()\n  b()\n", "a()\n   c()\n  b()\n"))
    assert "indentation of its new lines cannot be told" in refusal.reason
    assert refusal.lines == (1,)


def test_one_indentation_that_is_two_in_the_file_tells_nothing_of_new_lines() -> None:
    refusal = refused("  a()\n    b()\n", edit("a()\nb()\n", "a()\nc()\nb()\n"))
    assert "indentation of its new lines cannot be told" in refusal.reason


def test_a_new_line_with_less_indentation_than_the_block_is_refused() -> None:
    text = "a:\n  b()\n"
    assert "indented less" in refused(text, edit("      b()\n", "      c()\nd()\n")).reason


def test_typographic_quotes_match_and_stay_where_they_were_not_changed() -> None:
    text = "say(“hello”, 1)\nnext()\n"
    intent = edit('say("hello", 1)\nnext()\n', 'say("hello", 2)\nnext()\n')
    assert tier(text, intent) is Tier.TRIMMED
    assert result(text, intent) == "say(“hello”, 2)\nnext()\n"


def test_typographic_lines_that_become_more_or_fewer_are_refused() -> None:
    intent = edit('say("hello")\nnext()\n', 'say("hello")  # 1\nsay("hello")\nnext()\n')
    refusal = refused("say(“hello”)\nnext()\n", edit(intent.old, "say(1)\nsay(2)\nnext()\n"))
    assert "the file holds other quotes" in refusal.reason


def test_part_of_a_line_is_taken_when_it_occurs_once() -> None:
    text = "total = price * count  # sum\n"
    intent = edit("price * count\n", "price * count * tax\n")
    assert tier(text, intent) is Tier.PART
    assert result(text, intent) == "total = price * count * tax  # sum\n"


def test_a_block_that_ends_in_the_middle_of_a_line_is_taken_when_it_occurs_once() -> None:
    text = "def f(a,\n      b):  # two\n    return a\n"
    intent = edit("def f(a,\n      b)\n", "def f(a,\n      b, c)\n")
    assert result(text, intent) == "def f(a,\n      b, c):  # two\n    return a\n"


def test_part_of_a_word_is_no_place() -> None:
    assert refused("x = concat(a)\n", edit("cat\n", "dog\n")).kind is RefusalKind.NOT_FOUND
    assert result("x = concat(cat)\n", edit("cat\n", "dog\n")) == "x = concat(dog)\n"


def test_a_line_without_its_indentation_is_a_whole_line() -> None:
    text = "if x:\n    go()\n"
    assert tier(text, edit("go()\n", "go()\nstop()\n")) is Tier.INDENTATION
    assert result(text, edit("go()\n", "go()\nstop()\n")) == "if x:\n    go()\n    stop()\n"


def test_blank_lines_around_a_block_that_the_file_lacks_are_left_out() -> None:
    assert result("a\nb\nc\n", edit("\nb\n\n", "\nB\n\n")) == "a\nB\nc\n"


def test_lines_of_dots_leave_out_what_stands_between() -> None:
    text = "def f(a):\n    one()\n    two()\n    return a\n"
    intent = edit("def f(a):\n    ...\n    return a\n", "def f(a, b):\n    ...\n    return b\n")
    assert tier(text, intent) is Tier.ELISION
    assert result(text, intent) == "def f(a, b):\n    one()\n    two()\n    return b\n"


def test_a_piece_between_dots_that_is_twice_in_the_file_is_refused() -> None:
    text = "def f(a):\n    one()\n    return a\n\ndef g(a):\n    return a\n"
    intent = edit("def f(a):\n    ...\n    return a\n", "def f(b):\n    ...\n    return b\n")
    assert refused(text, intent).lines == (3, 6)


def test_pieces_in_another_order_are_refused() -> None:
    refusal = refused("b()\nx()\na()\n", edit("a()\n...\nb()\n", "a(1)\n...\nb(1)\n"))
    assert refusal.kind is RefusalKind.NOT_FOUND


def test_dots_that_are_in_the_file_are_text_like_any_other() -> None:
    assert (
        tier("def f():\n    ...\n", edit("def f():\n    ...\n", "def f():\n    pass\n"))
        is Tier.EXACT
    )


# What the reply says of several places


def test_a_line_hint_near_exactly_one_place_decides() -> None:
    assert result(TWICE, edit("    return 1\n", "    return 2\n", line=7)).endswith("return 2\n")


@pytest.mark.parametrize("line", [10, 20, 4])
def test_a_line_hint_that_is_off_or_near_two_places_decides_nothing(line: int) -> None:
    assert refused(TWICE + "\n" * 20, edit("    return 1\n", line=line)).lines == (2, 6)


CROWD = "".join(f"x\ny{n}\nz{n}\nu{n}\nv{n}\n" for n in range(12))


def test_a_line_hint_in_a_crowd_of_places_decides_nothing() -> None:
    assert len(refused(CROWD, edit("x\n", line=16)).lines) == 12


def test_a_diffs_number_beside_a_second_place_must_be_exact() -> None:
    fixed = edit("    return 1\n", "    return 2\n", line=6)
    assert result(TWICE, fixed, in_order=True).endswith("return 2\n")
    assert refused(TWICE, edit("    return 1\n", line=7), in_order=True).lines == (2, 6)


def test_numbers_that_are_wrong_elsewhere_in_the_file_decide_nothing() -> None:
    text = "one\nx\n" + "-\n" * 70 + "x\n"
    assert result(text, edit("x\n", "y\n", line=2)).startswith("one\ny\n")
    intents = edit("one\n", "1\n", 1, line=40), edit("x\n", "y\n", 2, line=2)
    assert refused(text, *intents).lines == (2, 73)


def test_numbers_that_are_all_off_by_the_same_are_taken_as_much_off() -> None:
    told = [edit("y2\n", "2\n", 1, line=22), edit("x\n", "X\n", 2, line=26)]
    assert len(refused(CROWD, *told).lines) == 12
    both = [*told, edit("y9\n", "9\n", 3, line=57)]
    assert "X\ny3\n" in result(CROWD, *both)


def test_true_numbers_of_other_edits_prove_a_number() -> None:
    told = [edit("y2\n", "2\n", 1, line=12), edit("x\n", "X\n", 2, line=16)]
    assert "X\ny3\n" in result(CROWD, *told)


def test_a_scope_decides_between_places() -> None:
    intent = edit("    return 1\n", "    return 2\n", scopes=("def b():",))
    assert result(TWICE, intent).endswith("def b():\n    return 2\n")


def test_a_scope_ends_where_the_next_one_begins() -> None:
    text = "def a():\n    pass\n\ndef b():\n    return 1\n\ndef c():\n    return 1\n"
    assert refused(text, edit("    return 1\n", scopes=("def a():",))).lines == (5, 8)


def test_a_place_after_the_end_of_a_scope_is_not_in_it() -> None:
    text = "    return 1\n\ndef a():\n    pass\n\ndef b():\n    return 1\n"
    assert refused(text, edit("    return 1\n", scopes=("def a():",))).lines == (1, 7)


def test_two_places_in_one_scope_are_refused() -> None:
    text = "def a():\n    go()\n    stop()\n    go()\n\ndef b():\n    go()\n"
    assert refused(text, edit("    go()\n", scopes=("def a():",))).lines == (2, 4)


def test_a_scope_that_is_no_line_of_the_file_decides_nothing() -> None:
    assert refused(TWICE, edit("    return 1\n", scopes=("def c():",))).lines == (2, 6)


def test_a_scope_is_not_taken_for_a_longer_name() -> None:
    text = "def ab():\n    return 1\n\ndef b():\n    return 1\n"
    assert refused(text, edit("    return 1\n", scopes=("def a",))).lines == (2, 5)


def test_nested_scopes_decide_together() -> None:
    text = "class A:\n  def f(self):\n    go()\nclass B:\n  def f(self):\n    go()\n"
    intent = edit("    go()\n", "    stop()\n", scopes=("class B", "def f"))
    assert result(text, intent).endswith("class B:\n  def f(self):\n    stop()\n")


def test_the_end_of_the_file_decides() -> None:
    assert result(TWICE, edit("    return 1\n", "    return 2\n", at_end=True)).endswith(
        "def b():\n    return 2\n"
    )


LINES = "one\nx\ntwo\nx\nthree\nx\nfour\n"


def test_a_place_between_unique_neighbours_is_taken() -> None:
    intents = edit("two\n", "2\n", 1), edit("x\n", "y\n", 2), edit("three\n", "3\n", 3)
    assert result(LINES, *intents) == "one\nx\n2\ny\n3\nx\nfour\n"


def test_one_neighbour_is_not_enough() -> None:
    intents = edit("three\n", "3\n", 1), edit("x\n", "y\n", 2)
    assert refused(LINES, *intents).lines == (2, 4, 6)


def test_one_neighbour_is_enough_where_the_format_promises_file_order() -> None:
    intents = edit("three\n", "3\n", 1), edit("x\n", "y\n", 2)
    assert result(LINES, *intents, in_order=True) == "one\nx\ntwo\nx\n3\ny\nfour\n"


def test_the_first_place_after_a_neighbour_is_never_taken_for_being_first() -> None:
    intents = edit("one\n", "1\n", 1), edit("x\n", "y\n", 2)
    assert refused(LINES, *intents, in_order=True).lines == (2, 4, 6)


def test_two_places_between_neighbours_are_refused() -> None:
    intents = edit("one\n", "1\n", 1), edit("x\n", "y\n", 2), edit("three\n", "3\n", 3)
    assert refused(LINES, *intents).lines == (2, 4)


def test_neighbours_that_are_not_in_file_order_prove_nothing() -> None:
    intents = (
        edit("four\n", "4\n", 1),
        edit("two\n", "2\n", 2),
        edit("x\n", "y\n", 3),
        edit("three\n", "3\n", 4),
    )
    assert refused(LINES, *intents).lines == (2, 4, 6)


def test_equal_edits_that_are_as_many_as_their_places_take_one_each() -> None:
    intents = [edit("x\n", "y\n", n) for n in (1, 2, 3)]
    assert result(LINES, *intents) == "one\ny\ntwo\ny\nthree\ny\nfour\n"


def test_equal_edits_that_are_fewer_than_their_places_are_refused() -> None:
    found = placed(LINES, edit("x\n", "y\n", 1), edit("x\n", "y\n", 2))
    assert [r.lines for r in found.refusals] == [(2, 4, 6), (2, 4, 6)]


def test_equal_edits_whose_places_overlap_are_refused() -> None:
    found = placed("a\na\na\n", edit("a\na\n", "b\n", 1), edit("a\na\n", "b\n", 2))
    assert [r.lines for r in found.refusals] == [(1, 2), (1, 2)]


# Edits of one reply beside each other


def test_edits_of_the_same_lines_contradict_one_another() -> None:
    refusal = refused(
        "one\ntwo\nthree\n", edit("two\n", "2\n", 1), edit("one\ntwo\n", "1\nzwei\n", 2)
    )
    assert refusal.kind is RefusalKind.CONFLICT
    assert "the same lines as edit 1" in refusal.reason


def test_edits_may_share_lines_that_neither_changes() -> None:
    intents = edit("one\ntwo\n", "ONE\ntwo\n", 1), edit("two\nthree\n", "two\nTHREE\n", 2)
    assert result("one\ntwo\nthree\n", *intents) == "ONE\ntwo\nTHREE\n"


def test_two_insertions_at_one_place_contradict_one_another() -> None:
    intents = edit("a\n", "a\nfirst\n", 1), edit("a\n", "a\nsecond\n", 2)
    assert refused("a\nb\n", *intents).kind is RefusalKind.CONFLICT


def test_insertions_below_one_line_and_above_the_next_have_an_order() -> None:
    below, above = edit("a\n", "a\nfirst\n", 1), edit("b\n", "second\nb\n", 2)
    assert result("a\nb\n", below, above) == "a\nfirst\nsecond\nb\n"
    assert result("a\nb\n", above, below) == "a\nfirst\nsecond\nb\n"


def test_text_that_another_edit_made_may_be_edited() -> None:
    intents = edit("a\n", "a\nfresh(1)\n", 1), edit("fresh(1)\n", "fresh(2)\n", 2)
    found = placed("a\nb\n", *intents)
    assert "".join(found.lines) == "a\nfresh(2)\nb\n"
    assert [x.after for x in found.located] == [0, 1]


def test_text_that_another_edit_made_twice_or_otherwise_is_no_place() -> None:
    twice = edit("a\n", "a\nfresh(1)\nb\nfresh(1)\n", 1)
    assert refused("a\n", twice, edit("fresh(1)\n", "x\n", 2)).kind is RefusalKind.NOT_FOUND
    shifted = edit("a\n", "a\n    fresh(1)\n    b\n", 1)
    loose = edit("fresh(1)\nb\n", "x\n", 2)
    assert refused("a\n", shifted, loose).kind is RefusalKind.NOT_FOUND
    again = swap("fresh(1)", "x", 2)
    assert refused("a\n", twice, again).kind is RefusalKind.NOT_FOUND


@pytest.mark.parametrize("turn", [1, -1])
def test_an_insertion_among_lines_that_another_edit_replaces_contradicts_it(turn: int) -> None:
    whole = edit("a\nb\nc\n", "x\ny\n", 1)
    inner = edit("a\nb\n", "a\nnew\nb\n", 2)
    assert refused("a\nb\nc\n", *(whole, inner)[::turn]).kind is RefusalKind.CONFLICT


def test_an_edit_that_changes_nothing_is_named_and_harms_nothing() -> None:
    found = placed("a\nb\n", edit("a\n", "a\n", 1), edit("b\n", "c\n", 2))
    assert [r.kind for r in found.refusals] == [RefusalKind.NO_CHANGE]
    assert "".join(found.lines) == "a\nc\n"


def test_an_edit_that_was_made_before_is_named() -> None:
    text = "def f():\n    return total(1)\n"
    refusal = refused(text, edit("def f():\n    return 1\n", text))
    assert refusal.kind is RefusalKind.ALREADY_APPLIED
    assert refusal.lines == (1,)


def test_new_text_that_stands_somewhere_proves_nothing_without_a_line_of_the_old() -> None:
    text = "def f():\n    return total(1)\n\ndef g():\n    return 2\n"
    refusal = refused(text, edit("    return 1\n", "    return total(1)\n"))
    assert refusal.kind is RefusalKind.NOT_FOUND
    assert "its new text is in the file already, at line 2" in refusal.reason


def test_an_edit_given_twice_is_placed_once() -> None:
    found = placed("a\nb\n", edit("a\n", "a\nnew\n", 1), edit("a\n", "a\nnew\n", 2))
    assert "".join(found.lines) == "a\nnew\nb\n"
    assert [r.kind for r in found.refusals] == [RefusalKind.NO_CHANGE]


def test_a_place_outside_the_scope_that_the_edit_names_is_refused() -> None:
    text = "class A:\n    x = 1\n\nclass B:\n    x  = 1\n"
    refusal = refused(text, edit("    x = 1\n", "    x = 2\n", scopes=("class B:",)))
    assert "line 2 only, which is not under `class B:`" in refusal.reason
    assert (
        result(text, edit("    x = 1\n", "    x = 2\n", scopes=("class C:",))).count("x = 2") == 1
    )


def test_dots_do_not_lead_from_one_definition_into_another() -> None:
    text = "def a():\n    one()\n    end()  # a\n\ndef b():\n    two()\n    end()\n"
    intent = edit("def a():\n    ...\n    end()\n", "def a(x):\n    ...\n    end(x)\n")
    assert "leave out the end of one definition" in refused(text, intent).reason
    nested = "class A:\n    def a():\n        one()\n"
    wide = edit("class A:\n...\n        one()\n", "class B:\n...\n        two()\n")
    assert result(nested, wide) == "class B:\n    def a():\n        two()\n"


def test_two_replacements_inside_one_line_are_both_made() -> None:
    assert result("f(one, two)\n", swap("one", "1", 1), swap("two", "2", 2)) == "f(1, 2)\n"
    assert refused("f(one)\n", swap("(one", "(1", 1), swap("one)", "2)", 2)).kind is (
        RefusalKind.CONFLICT
    )


def test_a_replacement_inside_lines_is_never_whole_lines_by_chance() -> None:
    assert refused("t = 1\nf(t = 1)\n", swap("t = 1", "t = 2")).lines == (1, 2)


def test_an_insertion_that_was_made_before_is_not_made_twice() -> None:
    text = "import os\nimport json\n"
    refusal = refused(text, edit("import os\n", "import os\nimport json\n"))
    assert refusal.kind is RefusalKind.ALREADY_APPLIED


@pytest.mark.parametrize(
    "marker",
    [
        "# ... existing code ...",
        "// ... rest of the file unchanged ...",
        "/* ... existing styles ... */",
        "<!-- ... existing markup ... -->",
        "{/* ... rest of the component ... */}",
        "# rest of the code remains the same",
        "// (other methods unchanged)",
        "... existing code ...",
        "# ...",
        "// Existing code here",
        "    # ... (rest of the class) ...",
        "-- ... existing columns ...",
        "    # … unchanged",
        "<!-- rest of the page -->",
        "// rest of the file unchanged",
    ],
)
def test_new_text_that_leaves_text_out_is_refused_naming_the_marker(marker: str) -> None:
    refusal = refused("a\nb\n", edit("a\n", f"c\n{marker}\n"))
    assert refusal.kind is RefusalKind.LEFT_OUT
    assert marker.strip()[:60] in refusal.reason


@pytest.mark.parametrize(
    "line",
    [
        "def f(*args: int, **other: str) -> None: ...",
        "    ...",
        "print(*rest, sep='...')",
        "# keep the other file open",
        "// the existing user wins over the new one",
        "const all = { ...rest, code };",
        "# The rest of the arguments are passed on to the parser.",
        "#: existing connections, by host",
        ">>> f(...)",
        "// Other imports come from the runtime.",
    ],
)
def test_ordinary_lines_are_not_taken_for_text_left_out(line: str) -> None:
    assert result("a\nb\n", edit("a\n", f"{line}\n")) == f"{line}\nb\n"


def test_a_marker_that_the_file_holds_is_text_like_any_other() -> None:
    marker = "# ... existing code ..."
    assert result(f"a\n{marker}\n", edit("a\n", f"c\n{marker}\n")) == f"c\n{marker}\n{marker}\n"


# Characters instead of lines


def test_a_replacement_is_of_characters() -> None:
    assert result("x = concat(cat)\n", swap("concat", "join")) == "x = join(cat)\n"
    assert result("a\nb\nc\n", swap("b", "")) == "a\n\nc\n"
    assert result("a\nb\nc\n", swap("b\n", "")) == "a\nc\n"
    assert result("a\nb\nc\n", swap("a\nb", "ab")) == "ab\nc\n"
    assert result("a\nb\nc\n", swap("a\n", "a")) == "ab\nc\n"


def test_a_replacement_with_several_places_is_refused() -> None:
    assert refused("go(go)\n", swap("go", "run")).kind is RefusalKind.AMBIGUOUS
    assert refused("ax\nbx\n", swap("x\n", "y\n")).lines == (1, 2)


def test_a_replacement_of_whole_lines_is_stricter_than_of_their_parts() -> None:
    assert result("x = 1\nmax = 1\n", swap("x = 1\n", "x = 2\n")) == "x = 2\nmax = 1\n"


def test_a_replacement_everywhere_takes_all_places() -> None:
    assert result("go(go)\r\ngo\n", swap("go", "run", everywhere=True)) == "run(run)\r\nrun\n"


def test_more_places_than_a_search_lists_are_all_replaced() -> None:
    assert result("x\n" * 3_000, swap("x", "y", everywhere=True)) == "y\n" * 3_000


def test_a_replacement_is_found_on_looser_tiers_as_lines() -> None:
    assert result("if a:\n    go()  \n    b()\n", swap("go()\nb()", "run()\nb()")) == (
        "if a:\n    run()\n    b()\n"
    )


# Bytes


def test_new_lines_take_the_ends_of_the_lines_they_replace() -> None:
    assert result(b"a\r\nb\nc\r\n", edit("a\nb\n", "A\nB\nC\n")) == "A\r\nB\nC\r\nc\r\n"


def test_inserted_lines_take_their_neighbours_end_or_the_files() -> None:
    assert result(b"a\r\nb\r\nc\nd\ne\n", edit("a\n", "a\nnew\n")) == ("a\r\nnew\r\nb\r\nc\nd\ne\n")
    assert result(b"a\r\nb\nc\nd\n", edit("a\n", "a\nnew\n")) == "a\r\nnew\nb\nc\nd\n"


def test_lines_that_stay_keep_their_ends_wherever_lines_are_added() -> None:
    assert result(b"a\r\nb\nc\r\nd\n", edit("a\nb\nc\n", "new\na\nb\nc\n")) == (
        "new\r\na\r\nb\nc\r\nd\n"
    )


def test_an_unterminated_last_line_stays_unterminated() -> None:
    assert result("a\nb", edit("b\n", "c\n")) == "a\nc"
    assert result("a\nb", edit("b\n", "b\nc\n")) == "a\nb\nc"
    assert result("a\nb", edit("a\n", "")) == "b"
    assert result("a\nb", edit("b\n", "")) == "a"


def test_text_is_added_at_the_end_where_the_edit_says_so() -> None:
    assert result("a\n", edit("", "b\n", at_end=True)) == "a\nb\n"
    assert result("a", edit("", "b\n", at_end=True)) == "a\nb"


def test_a_byte_order_mark_is_no_text() -> None:
    found = placed(b"\xef\xbb\xbfa\n", edit("a\n", "b\n"))
    assert found.lines == ("b\n",)


def test_a_form_feed_ends_no_line() -> None:
    assert result("a\fb\nc\u2028d\n", edit("c\u2028d\n", "e\n")) == "a\fb\ne\n"


def test_a_site_must_hold_the_expected_text() -> None:
    site = Intent("f.py", Op.SITE, "b", "c", line=1, column=0)
    assert "does not hold" in refused("a\n", site).reason
    assert result("b\n", site) == "c\n"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xff\xfea\0", "UTF-16"),
        (b"a\0b", "binary"),
        (b"caf\xe9", "not UTF-8"),
        (b"# coding: utf-8\ncaf\xe9", "not UTF-8"),
        (b"# coding: no-such-thing\ncaf\xe9", "not UTF-8"),
        (b"# coding: ascii\ncaf\xe9", "not ascii"),
        (b"x" * 64_000_001, "bytes"),
        (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
    ],
)
def test_what_is_not_text_is_refused_by_name(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read_snapshot(FileVersion("f", data))


def test_a_declared_encoding_is_kept() -> None:
    data = "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1")
    snapshot = read_snapshot(FileVersion("f.py", data))
    found = place([edit("name = 'é'\n", "name = 'ü'\n")], snapshot)
    assert snapshot.encode(found.lines) == data.replace(b"\xe9", b"\xfc")


# Proposals


ALIKE = "def total(prices, rate):\n    result = sum(prices) * rate\n    return round(result, 2)\n"


def test_what_is_very_much_alike_is_proposed_with_a_doubt_and_only_where_asked_for() -> None:
    wrong = edit(
        "def total(prices, rate):\n    result = sum(prices)*rate\n    return round(result, 2)\n",
        "def total(prices, rate):\n    result = sum(prices)*rate\n    return round(result, 3)\n",
    )
    text = "import math\n\n\n" + ALIKE
    assert refused(text, wrong).kind is RefusalKind.NOT_FOUND
    found = placed(text, wrong, fuzzy=True)
    [located] = found.located
    assert located.tier is Tier.SIMILAR
    assert "alike" in located.doubt
    assert "".join(found.lines) == text.replace("result, 2", "result, 3")


def test_what_is_only_somewhat_alike_is_not_proposed() -> None:
    wrong = edit(
        "def total(items, tax):\n    amount = sum(items) * tax\n    return round(amount)\n"
    )
    assert placed(ALIKE, wrong, fuzzy=True).located == ()


def test_two_places_that_are_alike_are_not_proposed() -> None:
    wrong = edit("    result = sum(prices)*rate\n    return round(result, 2)\n")
    assert placed(ALIKE + ALIKE, wrong, fuzzy=True).located == ()


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        ("    total = price * 3\n", "    total = price\n", "    total = price * 2\n"),
        (
            '    return text.upper() + "!"\n',
            "    return text.upper()\n",
            '    return text.upper() + "!"\n',
        ),
    ],
)
def test_an_edit_that_adds_to_the_end_of_a_line_that_goes_on_is_refused(
    line: str, old: str, new: str
) -> None:
    text = f"def f(text, price):\n{line}"
    assert refused(text, edit(old, new)).kind is RefusalKind.NOT_FOUND


def test_an_edit_that_adds_before_a_remark_is_taken() -> None:
    text = result("import a  # of ours\n", edit("import a\n", "import a, b\n"))
    assert text == "import a, b  # of ours\n"

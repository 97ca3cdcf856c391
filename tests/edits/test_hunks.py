from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.domain.edit import FileVersion
from core.domain.hunk import FileOp, Hunk
from core.edits.compose import compose
from core.edits.hunks import derive_hunks, edit_hunk, enclosing, is_splittable, split_hunk
from core.edits.snapshot import Snapshot, empty_snapshot, read_snapshot, split_lines

LINE = st.sampled_from(["a", "b", "  c", "", "\x0cform", "\u2028sep", "def f():"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXT = st.builds(
    lambda rows, last: "".join(line + end for line, end in rows) + last,
    st.lists(st.tuples(LINE, ENDS), max_size=14),
    st.sampled_from(["", "tail"]),
)


def snap(text: str) -> Snapshot:
    return read_snapshot(FileVersion("f.py", text.encode()))


@given(TEXT, TEXT)
def test_all_hunks_give_after_and_none_gives_before(before: str, after: str) -> None:
    base = snap(before)
    hunks = derive_hunks(base, split_lines(after))
    assert compose(base, hunks) == after.encode()
    assert compose(base, ()) == before.encode()


@given(TEXT, TEXT, st.data())
def test_any_subset_composes_and_keeps_every_untouched_line(
    before: str, after: str, data: st.DataObject
) -> None:
    base = snap(before)
    hunks = derive_hunks(base, split_lines(after))
    kept = [h for h in hunks if data.draw(st.booleans())]
    out = compose(base, kept)
    assert out is not None
    left = [line for line in base.lines]
    for hunk in sorted(kept, key=lambda h: -h.start):
        left[hunk.start : hunk.start + len(hunk.old)] = list(hunk.new)
    plain = "".join(left)
    assert out.decode().replace("\n", "").replace("\r", "") == plain.replace("\n", "").replace(
        "\r", ""
    )


@given(TEXT, TEXT)
def test_the_parts_of_a_split_hunk_together_are_the_hunk(before: str, after: str) -> None:
    base = snap(before)
    hunks = derive_hunks(base, split_lines(after))
    parts = [part for h in hunks for part in (split_hunk(h) or (h,))]
    assert compose(base, parts) == compose(base, hunks)
    assert len({p.id for p in parts}) == len(parts)


@given(TEXT, TEXT)
def test_identities_are_unique_and_do_not_depend_on_line_numbers(before: str, after: str) -> None:
    hunks = derive_hunks(snap(before), split_lines(after))
    assert len({h.id for h in hunks}) == len(hunks)
    lowered = derive_hunks(snap("zero\n" + before), ("zero\n", *split_lines(after)))
    if hunks and all(not h.symbol for h in (*hunks, *lowered)) and len(hunks) == len(lowered):
        same = [(a.old, a.new) == (b.old, b.new) for a, b in zip(hunks, lowered, strict=True)]
        assert [a.id == b.id for a, b in zip(hunks, lowered, strict=True)] == same


def test_creating_and_deleting_are_one_hunk_each() -> None:
    made = derive_hunks(empty_snapshot("f.py"), ("a\n", "b\n"), FileOp.CREATE)
    assert [compose(empty_snapshot("f.py"), made)] == [b"a\nb\n"]
    base = snap("a\n")
    gone = derive_hunks(base, (), FileOp.DELETE)
    assert compose(base, gone) is None
    assert split_hunk(made[0]) == ()


def test_a_bom_is_kept_and_not_matched() -> None:
    base = read_snapshot(FileVersion("f", b"\xef\xbb\xbfa\nb\n"))
    assert base.lines == ("a\n", "b\n")
    assert compose(base, derive_hunks(base, ("a\n", "c\n"))) == b"\xef\xbb\xbfa\nc\n"


def test_an_edited_hunk_keeps_its_place_and_gets_another_identity() -> None:
    base = snap("a\r\nb\r\n")
    [hunk] = derive_hunks(base, ("a\r\n", "c\r\n"))
    edited = edit_hunk(hunk, "d\ne\n")
    assert compose(base, [edited]) == b"a\r\nd\r\ne\r\n"
    assert edited.id != hunk.id and edited.edited


def test_the_enclosing_definition_is_found_by_indentation() -> None:
    lines = ["class A:", "    def f(self):", "        x = 1", "", "        y = 2", "z = 3"]
    snapshot = Snapshot("a.py", tuple(line + "\n" for line in lines))
    assert enclosing(snapshot, 4) == "def f(self)"
    assert enclosing(snapshot, 5) == ""


def derived(before: str, after: str, **more: bool) -> tuple[Hunk, ...]:
    return derive_hunks(snap(before), split_lines(after), **more)


def test_changes_with_fewer_than_three_lines_between_are_one_hunk() -> None:
    [hunk] = derived("a\nb\nc\nd\n", "A\nb\nc\nD\n")
    assert (hunk.start, hunk.old, hunk.changes) == (
        0,
        ("a\n", "b\n", "c\n", "d\n"),
        ((0, 1, 0, 1), (3, 4, 3, 4)),
    )
    assert (hunk.added, hunk.removed) == (2, 2)
    assert len(derived("a\nb\nc\nx\nd\n", "A\nb\nc\nx\nD\n")) == 2
    assert [h.changes for h in derived("a\nb\nc\nd\n", "A\nb\nc\nD\n", merge=False)] == [(), ()]


def test_changes_of_two_definitions_are_two_hunks_however_close() -> None:
    before = "def f():\n    a\n\ndef g():\n    b\n"
    hunks = derived(before, before.replace("a\n", "A\n").replace("def g()", "def g(x)"))
    assert [h.symbol for h in hunks] == ["def f()", ""]


def test_a_definition_and_the_top_of_its_body_are_one_hunk() -> None:
    before = "def f():\n    a\n    b\n"
    [hunk] = derived(before, "def f(x):\n    a\n    B\n")
    assert len(hunk.runs) == 2


def test_an_identity_depends_on_the_changed_lines_and_the_definition_alone() -> None:
    [plain] = derived("a\nk\nb\n", "A\nk\nB\n")
    [lower] = derived("top\n\n\n\na\nother\nb\nend\n", "top\n\n\n\nA\nother\nB\nend\n")
    [other] = derived("a\nk\nb\n", "A\nk\nC\n")
    inside = derived("def f():\n    x\n    a\n", "def f():\n    x\n    A\n")
    outside = derived("def g():\n    x\n    a\n", "def g():\n    x\n    A\n")
    assert plain.id == lower.id
    assert len({plain.id, other.id, inside[0].id, outside[0].id}) == 4


def test_equal_changes_of_one_file_are_counted() -> None:
    hunks = derived("a\n1\n2\n3\na\n", "A\n1\n2\n3\nA\n")
    assert hunks[1].id == f"{hunks[0].id}.2"


def test_what_goes_and_what_comes_is_not_confused_in_an_identity() -> None:
    rows = [("a\nb\n", "c\n"), ("a\n", "b\nc\n"), ("ab\n", "c\n"), ("", "a\nb\nc\n")]
    assert len({derived(before, after)[0].id for before, after in rows}) == len(rows)


def test_runs_that_are_given_are_taken() -> None:
    before = snap("a\na\n")
    [hunk] = derive_hunks(before, ("a\n",), runs=[(0, 1, 0, 0)])
    assert hunk.start == 0
    [hunk] = derive_hunks(before, ("a\n",), runs=[(1, 2, 1, 1)])
    assert hunk.start == 1


def test_a_move_is_one_hunk_without_lines() -> None:
    base = snap("a\nb\n")
    [hunk] = derive_hunks(base, base.lines, FileOp.RENAME)
    assert (hunk.op, hunk.old, hunk.new, list(hunk.rows())) == (FileOp.RENAME, (), (), [])
    assert compose(base, [hunk]) == b"a\nb\n"
    assert split_hunk(hunk) == ()


def test_a_hunk_splits_at_its_unchanged_lines_first_and_then_line_by_line() -> None:
    base = snap("0\na\nk\nb\n9\n")
    [hunk] = derive_hunks(base, split_lines("0\nA\nk\nB\nC\n9\n"))
    first, second = split_hunk(hunk)
    assert (first.start, first.old, first.new) == (1, ("a\n",), ("A\n",))
    assert first.context_before == ("0\n",)
    assert first.context_after == ("k\n", "b\n", "9\n")
    assert (second.start, second.new) == (3, ("B\n", "C\n"))
    assert second.context_before == ("0\n", "a\n", "k\n")
    assert not is_splittable(first) and split_hunk(first) == ()
    assert [p.new for p in split_hunk(second)] == [("B\n",), ("C\n",)]


def test_an_edited_hunk_of_several_changes_tells_again_which_lines_differ() -> None:
    base = snap("a\r\nk\nb\nk\r\nc\n")
    [hunk] = derive_hunks(base, split_lines("A\r\nk\nB\nk\r\nC\n"))
    edited = edit_hunk(hunk, "a\nk\nX\nY\nk\nC\n")
    assert edited.new == ("a\r\n", "k\n", "X\r\n", "Y\r\n", "k\r\n", "C\n")
    assert edited.changes == ((2, 3, 2, 4), (4, 5, 5, 6))
    assert (edited.model, edited.edited) == ("user", True)


def test_a_hunk_that_does_not_fit_is_refused() -> None:
    base = snap("a\nb\n")
    [hunk] = derive_hunks(base, ("a\n", "c\n"))
    try:
        compose(snap("a\nB\n"), [replace(hunk)])
    except ValueError as error:
        assert "does not fit" in str(error)
    else:
        raise AssertionError("it composed")

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.domain.edit import FileVersion
from core.domain.hunk import FileOp
from core.edits.compose import compose
from core.edits.hunks import derive_hunks, edit_hunk, enclosing, split_hunk
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


def test_a_hunk_that_does_not_fit_is_refused() -> None:
    base = snap("a\nb\n")
    [hunk] = derive_hunks(base, ("a\n", "c\n"))
    try:
        compose(snap("a\nB\n"), [replace(hunk)])
    except ValueError as error:
        assert "does not fit" in str(error)
    else:
        raise AssertionError("it composed")

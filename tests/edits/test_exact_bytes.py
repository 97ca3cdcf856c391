"""What is shown is what lands, for every subset, split and edit."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.edit import FileVersion
from core.domain.hunk import FileEdit
from core.domain.risk_rules import RiskPolicy
from core.edits.annotate import annotator
from core.edits.compose import compose
from core.edits.hunks import derive_hunks, edit_hunk, split_hunk
from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.parse.unified_diff import parse_unified_diff
from core.edits.snapshot import read_snapshot, split_lines
from core.edits.staging import Staged, Wish, composed, stage


def staged(files: Mapping[str, bytes], *wishes: tuple[Intent, ...]) -> Staged:
    versions = {path: FileVersion(path, data) for path, data in files.items()}
    made = [Wish(f"T{n}", "x/m", intents) for n, intents in enumerate(wishes, 1)]
    return stage(made, versions.get, annotator(RiskPolicy()))


def all_of(edit: FileEdit, data: bytes) -> bytes | None:
    after = composed(edit, data, edit.hunks)[edit.path][1]
    return after.data if after else None


def site(line: int, column: int, old: str, new: str, doubt: str = "") -> Intent:
    return Intent("a.py", Op.SITE, old, new, line, column, doubt)


def test_equal_changes_of_two_tasks_are_decided_apart() -> None:
    data = b"x = 1\n\ny = 0\n\nx = 1\n"
    [file] = staged({"a.py": data}, (site(1, 4, "1", "2"),), (site(5, 4, "1", "2"),)).files
    assert len({h.id for h in file.hunks}) == 2


def test_an_equal_doubtful_change_is_decided_apart_from_the_certain_one() -> None:
    data = b"go()\n\ngo()\n"
    [file] = staged(
        {"a.py": data}, (site(1, 0, "go", "run"), site(3, 0, "go", "run", "another go"))
    ).files
    assert len({h.id for h in file.hunks}) == 2
    assert [h.doubt for h in file.hunks] == ["", "another go"]


def test_a_doubtful_site_on_a_line_with_a_certain_one_is_told() -> None:
    found = staged(
        {"a.py": b"go(go)\n"}, (site(1, 0, "go", "run"), site(1, 3, "go", "run", "another go"))
    )
    [refusal] = found.refusals
    assert refusal.doubt == "another go"
    assert refusal.reason.endswith("is doubtful: another go")
    assert len(found.files[0].hunks) == 1


def test_edited_hunks_with_the_same_words_stay_apart() -> None:
    data = b"x = 1\n\n\n\nx = 1\n"
    [file] = staged({"a.py": data}, (site(1, 4, "1", "2"), site(5, 4, "1", "2"))).files
    assert len({edit_hunk(h, "x = 3\n").id for h in file.hunks}) == 2


def test_a_deletion_and_an_addition_at_the_end_of_a_file_do_not_go_together() -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,2 @@\n one\n+two\n"
    found = staged({"a.py": b"one\n"}, (Intent("a.py", Op.DELETE),), parse_unified_diff(diff))
    assert len(found.files[0].hunks) == 1
    assert len(found.refusals) == 1


def test_two_sites_that_begin_on_one_line_never_double_it() -> None:
    data = b"f(x); g(y,\n  z)\n"
    found = staged({"a.py": data}, (site(1, 0, "f", "F"), site(1, 6, "g(y,\n  z)", "g()")))
    for file in found.files:
        assert (all_of(file, data) or b"").count(b";") == 1
    assert found.refusals


def test_sites_of_one_line_take_the_files_own_line_ends() -> None:
    data = b"a, b\r\n"
    [file] = staged({"a.py": data}, (site(1, 0, "a", "a,\nx"), site(1, 3, "b", "c"))).files
    assert all_of(file, data) == b"a,\r\nx, c\r\n"


def test_an_accepted_part_never_runs_into_the_line_below() -> None:
    before = read_snapshot(FileVersion("a", b"a\nb"))
    [hunk] = derive_hunks(before, split_lines("x"))
    first, _ = split_hunk(hunk)
    assert compose(before, [first]) == b"x\nb"


def test_an_empty_file_is_filled_by_a_block_without_search_text() -> None:
    reply = "a.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n"
    found = staged({"a.py": b""}, parse_reply(reply).intents)
    assert not found.refusals
    assert all_of(found.files[0], b"") == b"x = 1\n"


def test_a_whole_file_keeps_the_ends_of_lines_that_stay() -> None:
    data = b"one\r\ntwo\nthree\r\n"
    [file] = staged({"a.py": data}, (Intent("a.py", Op.WHOLE, new="one\ntwo\nTHREE\n"),)).files
    assert all_of(file, data) == b"one\r\ntwo\nTHREE\r\n"


@pytest.mark.parametrize(
    ("data", "diff", "after"),
    [
        (b"a\nb", "-b\n\\ No newline at end of file\n+b\n", b"a\nb\n"),
        (b"a\nb\n", "-b\n+b\n\\ No newline at end of file\n", b"a\nb"),
        (b"a\nb", "-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n", b"a\nc"),
    ],
)
def test_a_diff_gives_and_takes_the_end_of_the_last_line(
    data: bytes, diff: str, after: bytes
) -> None:
    text = f"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n{diff}"
    [file] = staged({"a.py": data}, parse_unified_diff(text)).files
    assert all_of(file, data) == after


def test_a_created_file_lacks_its_last_end_where_the_diff_says_so() -> None:
    text = "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
    [file] = staged({}, parse_unified_diff(text)).files
    _, made = composed(file, None, file.hunks)["n.py"]
    assert made == FileVersion("n.py", b"x")


def test_two_spellings_of_a_path_are_one_file() -> None:
    reply = (
        "./a.py\n<<<<<<< SEARCH\none\n=======\nONE\n>>>>>>> REPLACE\n\n"
        "a.py\n<<<<<<< SEARCH\ntwo\n=======\nTWO\n>>>>>>> REPLACE\n"
    )
    [file] = staged({"a.py": b"one\n\n\n\ntwo\n"}, parse_reply(reply).intents).files
    assert file.path == "a.py"
    assert len(file.hunks) == 2


def test_a_heading_underline_does_not_end_the_search_text() -> None:
    reply = "README.rst\n<<<<<<< SEARCH\nName\n=====\n=======\nTitle\n=====\n>>>>>>> REPLACE\n"
    data = b"Name\n=====\n"
    [file] = staged({"README.rst": data}, parse_reply(reply).intents).files
    assert all_of(file, data) == b"Title\n=====\n"


def test_a_block_whose_divider_cannot_be_told_is_not_read() -> None:
    reply = "a.rst\n<<<<<<< SEARCH\nTop\n=======\n=======\nNew\n=======\n>>>>>>> REPLACE\n"
    with pytest.raises(ParseFault, match="could divide"):
        parse_reply(reply)


def test_a_link_is_never_deleted_in_place_of_its_target() -> None:
    link = FileVersion("a.py", b"x\n", is_link=True)
    wish = Wish("T1", "x/m", (Intent("a.py", Op.DELETE),))
    found = stage([wish], {"a.py": link}.get, annotator(RiskPolicy()))
    assert not found.files
    assert "symbolic link" in found.refusals[0].reason


lines = st.lists(st.sampled_from(["a", "b", "", "  c", "d"]), max_size=8)
ends = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = "".join(line + draw(ends) for line in draw(lines))
    return text if draw(st.booleans()) else text.rstrip("\r\n")


@settings(max_examples=150, deadline=None)
@given(before=texts(), after=texts(), bom=st.booleans(), data=st.data())
def test_every_subset_of_every_split_keeps_lines_whole(
    before: str, after: str, bom: bool, data: st.DataObject
) -> None:
    mark = b"\xef\xbb\xbf" if bom else b""
    base = read_snapshot(FileVersion("a", mark + before.encode()))
    hunks = derive_hunks(base, split_lines(after))
    parts = [part for hunk in hunks for part in (split_hunk(hunk) or (hunk,))]
    assert len({p.id for p in parts}) == len(parts)
    assert compose(base, []) == mark + before.encode()
    assert compose(base, hunks) == mark + after.encode()
    assert compose(base, parts) == mark + after.encode()
    chosen = [p for p in parts if data.draw(st.booleans())]
    made = compose(base, chosen)
    known = {x.rstrip("\r\n") for x in (*split_lines(before), *split_lines(after))}
    assert made is not None
    assert {x.rstrip("\r\n") for x in split_lines(made.decode("utf-8-sig"))} <= known

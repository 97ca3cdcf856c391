"""What holds of hunks whatever the texts: exact bytes, any subset, and decisions that stay.

`--hypothesis-profile=thorough` runs thousands of examples; see `tests/conftest.py`.
"""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.adapters.differ import GitDiffer
from core.domain.edit import FileVersion
from core.domain.hunk import Hunk, Run
from core.edits.compose import compose, ordered
from core.edits.differing import PlainDiffer, is_exact
from core.edits.hunks import APART, derive_hunks, edit_hunk, split_hunk
from core.edits.snapshot import Snapshot, read_snapshot, split_lines
from core.ports import Differ

WORDS = ["a", "b", "  c", "    d", "", "def f():", "class A:", "\x0cform", "\u2028sep", "\u00e9"]
ENDS = ["\n", "\n", "\r\n", "\r"]

bodies = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(ENDS)).map("".join), max_size=24
)
tails = st.sampled_from(["", "", "tail", "x"])


@st.composite
def changes(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file before and after: some lines of it taken out, put in or replaced."""
    rows = draw(bodies)
    after = list(rows)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(after)))
        end = min(len(after), at + draw(st.integers(0, 3)))
        after[at:end] = draw(bodies.map(lambda x: x[:3]))
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    texts = ("".join([*lines, draw(tails)]) for lines in (rows, after))
    return tuple(mark + text.encode() for text in texts)  # type: ignore[return-value]


def snapshot(data: bytes) -> Snapshot:
    return read_snapshot(FileVersion("f.py", data))


def hunks_of(before: Snapshot, after: Snapshot, differ: Differ) -> tuple[Hunk, ...]:
    [runs] = differ.runs([(before.lines, after.lines)])
    assert is_exact(runs, before.lines, after.lines)
    return derive_hunks(before, after.lines, runs=runs)


def bare(data: bytes | None) -> list[str]:
    assert data is not None
    return [line.rstrip("\r\n") for line in split_lines(data.decode("utf-8-sig"))]


plain = pytest.param(PlainDiffer(), 250, id="difflib")
by_git = pytest.param(GitDiffer({"PATH": "/usr/local/bin:/usr/bin:/bin"}), 12, id="git")
both = pytest.mark.parametrize(("differ", "examples"), [plain, by_git])
"""Every example of git's is a process, so there are few of them, each of many texts."""


def check(differ: Differ, examples: int, texts: int, holds: object) -> None:
    """Try a property on many texts."""
    size = settings.default.max_examples if settings.default else 100
    scale = max(1, size // 100)

    @settings(max_examples=examples * scale, deadline=None)
    @given(st.lists(changes(), min_size=1, max_size=texts), st.data())
    def tried(rows: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
        pairs = [(snapshot(a), snapshot(b)) for a, b in rows]
        answers = differ.runs([(a.lines, b.lines) for a, b in pairs])
        for (before, after), runs, (old, new) in zip(pairs, answers, rows, strict=True):
            assert is_exact(runs, before.lines, after.lines)
            hunks = derive_hunks(before, after.lines, runs=runs)
            holds(before, hunks, old, new, data, runs)  # type: ignore[operator]

    tried()


def all_none_and_split(
    before: Snapshot,
    hunks: Sequence[Hunk],
    old: bytes,
    new: bytes,
    data: st.DataObject,
    _: list[Run],
) -> None:
    assert compose(before, hunks) == new
    assert compose(before, []) == old
    parts = [part for h in hunks for part in (split_hunk(h) or (h,))]
    again = [part for h in parts for part in (split_hunk(h) or (h,))]
    assert compose(before, parts) == new
    assert compose(before, again) == new
    assert len({h.id for h in hunks}) == len(hunks)
    assert len({h.id for h in again}) == len(again)
    for hunk in (*hunks, *parts, *again):
        end = hunk.start + len(hunk.old)
        assert hunk.context_before == before.lines[max(0, hunk.start - 3) : hunk.start]
        assert hunk.context_after == before.lines[end : end + 3]


def subsets_keep_what_they_do_not_name(
    before: Snapshot,
    hunks: Sequence[Hunk],
    old: bytes,
    new: bytes,
    data: st.DataObject,
    _: list[Run],
) -> None:
    parts = [
        p for h in hunks for p in ((split_hunk(h) if data.draw(st.booleans()) else ()) or (h,))
    ]
    kept = [p for p in parts if data.draw(st.booleans())]
    made = compose(before, kept)
    assert made is not None
    wanted: list[str] = []
    at = 0
    for part in ordered(kept):
        wanted += [*before.lines[at : part.start], *part.new]
        at = part.start + len(part.old)
    wanted += before.lines[at:]
    whole = "".join(
        line if line.endswith(("\r", "\n")) else line + before.eol for line in wanted[:-1]
    ) + "".join(wanted[-1:])
    assert made == (b"\xef\xbb\xbf" if before.bom else b"") + whole.encode()


def kept_hunks_are_found_again(
    before: Snapshot,
    hunks: Sequence[Hunk],
    old: bytes,
    new: bytes,
    data: st.DataObject,
    _: list[Run],
) -> None:
    kept = [h for h in hunks if data.draw(st.booleans())]
    made = compose(before, kept)
    assert made is not None
    again = hunks_of(before, snapshot(made), PlainDiffer())
    assert compose(before, again) == made
    texts = {(h.start, h.old, h.new, h.changes): h.id.partition(".")[0] for h in again}
    for hunk in kept:
        found = texts.get((hunk.start, hunk.old, hunk.new, hunk.changes))
        assert found in (None, hunk.id.partition(".")[0])
    decided = {h.id: (h.path, h.symbol, _changed(h)) for h in hunks}
    for hunk in again:
        if hunk.id in decided:
            assert decided[hunk.id] == (hunk.path, hunk.symbol, _changed(hunk))


def _changed(hunk: Hunk) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(hunk.old[i:j], hunk.new[k:m]) for i, j, k, m in hunk.runs]


def rows_tell_old_and_new(
    before: Snapshot,
    hunks: Sequence[Hunk],
    old: bytes,
    new: bytes,
    data: st.DataObject,
    runs: list[Run],
) -> None:
    for hunk in hunks:
        rows = list(hunk.rows())
        assert tuple(line for mark, line in rows if mark in " -") == hunk.old
        assert tuple(line for mark, line in rows if mark in " +") == hunk.new
        assert all(b[0] - a[1] < APART for a, b in pairwise(hunk.runs))
        assert all(b[0] > a[1] for a, b in pairwise(hunk.runs))
    assert sum(len(h.runs) for h in hunks) == len(runs)
    shifted = [(h.start + i, h.start + j) for h in hunks for i, j, _, _ in h.runs]
    assert shifted == [(i, j) for i, j, _, _ in runs]


def an_edit_keeps_the_unchanged(
    before: Snapshot,
    hunks: Sequence[Hunk],
    old: bytes,
    new: bytes,
    data: st.DataObject,
    _: list[Run],
) -> None:
    for hunk in hunks[:3]:
        assert edit_hunk(hunk, "".join(hunk.new)).new == hunk.new
        shown = [line.rstrip("\r\n") for line in hunk.new]
        at = data.draw(st.integers(0, len(shown)))
        text = "".join(line + "\n" for line in (*shown[:at], "typed", *shown[at:]))
        edited = edit_hunk(hunk, text)
        assert [line.rstrip("\r\n") for line in edited.new] == [*shown[:at], "typed", *shown[at:]]
        own = [line for n, line in enumerate(edited.new) if n != at]
        same = [a == b for a, b in zip(own, hunk.new, strict=True)]
        assert all(same[:-1])
        others = [h for h in hunks if h is not hunk]
        made = compose(before, [*others, edited])
        assert "typed" in bare(made)
        parts = split_hunk(edited) or (edited,)
        assert compose(before, [*others, *parts]) == made


@both
@pytest.mark.parametrize(
    "holds",
    [
        all_none_and_split,
        subsets_keep_what_they_do_not_name,
        kept_hunks_are_found_again,
        rows_tell_old_and_new,
        an_edit_keeps_the_unchanged,
    ],
)
def test_it_holds(differ: Differ, examples: int, holds: object) -> None:
    check(differ, examples, 1 if isinstance(differ, PlainDiffer) else 25, holds)

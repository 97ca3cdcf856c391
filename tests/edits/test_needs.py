"""Which hunks lean on which, from texts before and after."""

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState, Need, NeedKind
from core.edits.closure import closure, dependents, followed, lacking, unmet, unmet_in
from core.edits.hunks import derive_hunks
from core.edits.needs import MOST_NEEDS, link
from core.edits.snapshot import Snapshot, split_lines

GAP = "\n# a\n# b\n# c\n# d\n\n"
"""Far enough apart for two hunks."""


def edits(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileEdit, ...]:
    files = []
    for path in sorted({*before, *after}):
        op = FileOp.MODIFY if path in before and path in after else FileOp.CREATE
        op = op if path in after else FileOp.DELETE
        snapshot = Snapshot(path, split_lines(before.get(path, "")))
        hunks = derive_hunks(snapshot, split_lines(after.get(path, "")), op)
        files.append(FileEdit(path, op, "", "", False, hunks))
    return tuple(files)


def linked(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Hunk, ...]:
    return tuple(h for f in link(edits(before, after), before, after) for h in f.hunks)


def needs(before: Mapping[str, str], after: Mapping[str, str]) -> dict[int, dict[int, str]]:
    """For each hunk by its place the hunks it needs, and why."""
    hunks = linked(before, after)
    places = {h.id: n for n, h in enumerate(hunks)}
    return {n: {places[x.id]: x.why for x in h.needs} for n, h in enumerate(hunks) if h.needs}


def test_a_use_needs_the_definition_in_another_file_and_the_import_of_it() -> None:
    before = {"app/flags.py": "x = 1\n", "src/cli.py": f"import sys\n{GAP}def main():\n    go()\n"}
    after = {
        "app/flags.py": "x = 1\n\n\ndef parse_flags(argv):\n    return argv\n",
        "src/cli.py": f"import sys\nfrom app.flags import parse_flags\n{GAP}def main():\n    parse_flags(sys.argv)\n",
    }
    assert needs(before, after) == {
        1: {0: "uses parse_flags, which app/flags.py defines"},
        2: {1: "uses parse_flags, which src/cli.py imports"},
    }


def test_a_definition_that_was_there_before_is_needed_by_nobody() -> None:
    before = {"a.py": f"def f():\n    return 1\n{GAP}x = 2\n"}
    after = {"a.py": f"def f():\n    return 3\n{GAP}x = f()\n"}
    assert needs(before, after) == {}


def test_a_local_name_of_another_function_is_another_name() -> None:
    before = {"a.py": f"def f():\n    go()\n    return 1\n{GAP}def g():\n    return 1\n"}
    after = {
        "a.py": f"def f():\n    text = go()\n    return 1\n{GAP}def g():\n    text = 2\n    return text\n"
    }
    assert needs(before, after) == {}


def test_a_local_name_is_needed_further_down_in_its_function() -> None:
    body = "    a()\n    b()\n    c()\n    d()\n"
    before = {"a.py": f"def f():\n    go()\n{body}    return 1\n"}
    after = {"a.py": f"def f():\n    text = go()\n{body}    return text\n"}
    assert needs(before, after) == {1: {0: "uses text, which a.py sets"}}


def test_an_argument_passed_by_name_needs_the_parameter() -> None:
    before = {"a.py": "def greet(name):\n    return name\n", "t.py": "greet('x')\n"}
    after = {
        "a.py": "def greet(name, loud=False):\n    return name\n",
        "t.py": "greet('x', loud=True)\n",
    }
    assert needs(before, after) == {1: {0: "passes loud=, which greet in a.py accepts"}}


def test_what_a_hunk_used_before_already_is_no_need_of_it() -> None:
    before = {"a.py": "def greet(name):\n    return name\n", "t.py": "greet('x', loud=True)\n"}
    after = {
        "a.py": "def greet(name, loud=False):\n    return name\n",
        "t.py": "greet('y', loud=True)\n",
    }
    assert needs(before, after) == {}


def test_a_method_does_not_see_the_names_of_its_class() -> None:
    before = {"a.py": f"x = 1\n\n\nclass A:\n    y = 1\n{GAP}    def f(self):\n        return 1\n"}
    after = {
        "a.py": f"x = 1\n\n\nclass A:\n    y = 1\n    x = 2\n{GAP}    def f(self):\n        return x\n"
    }
    assert needs(before, after) == {}


def test_a_parameter_that_is_required_and_the_calls_need_one_another() -> None:
    before = {"a.py": "def greet(name):\n    return name\n", "t.py": "greet('x')\n"}
    after = {"a.py": "def greet(name, loud):\n    return name\n", "t.py": "greet('x', True)\n"}
    assert needs(before, after) == {
        0: {1: "changes what greet is called with, which t.py does"},
        1: {0: "calls greet, whose parameters a.py changes"},
    }


def test_a_field_of_a_dataclass_can_be_passed_by_name() -> None:
    before = {"a.py": "class Task:\n    name: str\n", "b.py": "t = Task('x')\n"}
    after = {
        "a.py": "class Task:\n    name: str\n    risk: int = 0\n",
        "b.py": "t = Task('x', risk=1)\n",
    }
    assert needs(before, after) == {1: {0: "passes risk=, which Task in a.py accepts"}}


def test_a_renaming_and_its_uses_need_one_another() -> None:
    before = {
        "a.py": "def old_name():\n    pass\n",
        "b.py": "from a import old_name\n\nold_name()\n",
    }
    after = {
        "a.py": "def new_name():\n    pass\n",
        "b.py": "from a import new_name\n\nnew_name()\n",
    }
    assert needs(before, after) == {
        0: {1: "takes old_name away, which b.py still uses"},
        1: {0: "uses new_name, which a.py defines"},
    }


def test_a_removed_import_needs_the_hunk_that_stops_using_it() -> None:
    before = {"a.py": f"import time\n{GAP}def f():\n    time.sleep(1)\n"}
    after = {"a.py": f"import os\n{GAP}def f():\n    os.sync()\n"}
    assert needs(before, after) == {
        0: {1: "takes time away, which a.py still uses"},
        1: {0: "uses os, which a.py imports"},
    }


def test_a_function_that_moves_is_only_taken_away_with_the_hunk_that_adds_it() -> None:
    before = {"a.py": f"def f():\n    return 1\n{GAP}x = 2\n"}
    after = {"a.py": f"{GAP}x = 2\n\n\ndef f():\n    return 1\n"}
    assert needs(before, after) == {0: {1: "moves f, which it adds again"}}


def test_a_method_is_met_after_a_dot() -> None:
    before = {"a.py": "class A:\n    x = 1\n", "b.py": "def go(a):\n    a.x\n"}
    after = {
        "a.py": "class A:\n    x = 1\n\n    def rewind(self):\n        pass\n",
        "b.py": "def go(a):\n    a.rewind()\n",
    }
    assert needs(before, after) == {1: {0: "uses rewind, which a.py defines"}}


def test_a_method_named_like_one_that_others_had_before_is_not_guessed() -> None:
    before = {"a.py": "class A:\n    x = 1\n", "b.py": "def go(a):\n    a.get(1)\n    a.x\n"}
    after = {
        "a.py": "class A:\n    x = 1\n\n    def get(self):\n        pass\n",
        "b.py": "def go(a):\n    a.get(1)\n    a.get()\n",
    }
    assert needs(before, after) == {}


def test_an_import_needs_the_file_it_names() -> None:
    before = {"app/b.py": "x = 1\n"}
    after = {"app/b.py": "from app import fresh\n\nx = fresh.y\n", "app/fresh.py": "y = 1\n"}
    assert needs(before, after) == {0: {1: "imports app/fresh.py, which it creates"}}


@pytest.mark.parametrize(
    ("path", "definition", "other", "use"),
    [
        ("a.ts", "export function parseFlags() {\n}\n", "b.ts", "parseFlags();\n"),
        ("a.go", "func ParseFlags() {\n}\n", "b.go", "var y = ParseFlags()\n"),
        ("a.rs", "fn parse_flags() {\n}\n", "b.rs", "static Y: u8 = parse_flags();\n"),
    ],
)
def test_other_languages_are_linked_by_their_definitions(
    path: str, definition: str, other: str, use: str
) -> None:
    before = {path: "\n", other: "\n"}
    after = {path: "\n" + definition, other: "\n" + use}
    [(hunk, found)] = needs(before, after).items()
    assert (hunk, list(found)) == (1, [0])
    assert found[0].endswith(f", which {path} defines")


def test_a_word_that_a_file_of_another_language_knew_before_is_not_linked() -> None:
    before = {"a.ts": "\n", "b.ts": "// parseFlags\n" + GAP}
    after = {
        "a.ts": "\nfunction parseFlags() {\n}\n",
        "b.ts": "// parseFlags\n" + GAP + "parseFlags();\n",
    }
    assert needs(before, after) == {}


def test_a_file_that_does_not_parse_gives_no_needs() -> None:
    before = {"a.py": "x = 1\n", "b.py": "y = 1\n"}
    after = {"a.py": "x = 1\n\n\ndef f(:\n    return 1\n", "b.py": "y = f()\n"}
    assert needs(before, after) == {}


def test_texts_that_do_not_hold_the_hunks_give_no_needs() -> None:
    before = {"a.py": f"x = 1\n{GAP}y = 2\n"}
    after = {"a.py": f"x = 1\nz = 3\n{GAP}y = z\n"}
    files = edits(before, after)
    assert link(files, before, {"a.py": "something else\n"}) == files
    assert link(files, before, after) != files


def test_prose_is_not_linked() -> None:
    before = {"a.md": f"one\n{GAP}two\n"}
    after = {"a.md": f"# parse_flags\n{GAP}parse_flags\n"}
    assert needs(before, after) == {}


def test_needs_that_were_there_stay_and_new_ones_are_few() -> None:
    names = [f"name_{n}" for n in range(MOST_NEEDS + 15)]
    before = {**{f"m{n:02}.py": "\n" for n in range(len(names))}, "z.py": "\n"}
    after = {f"m{n:02}.py": f"\n{name} = 1\n" for n, name in enumerate(names)}
    after["z.py"] = "\nfrom m import *\n" + "".join(
        f"from m{n:02} import {x}\n" for n, x in enumerate(names)
    )
    files = edits(before, after)
    hard = Need(files[3].hunks[0].id, NeedKind.HARD, "one block")
    held = replace(files[-1], hunks=tuple(replace(h, needs=(hard,)) for h in files[-1].hunks))
    [hunk] = link((*files[:-1], held), before, after)[-1].hunks
    assert hunk.needs[0] == hard
    assert len(hunk.needs) == MOST_NEEDS + 1
    assert len({n.id for n in hunk.needs}) == len(hunk.needs)


def hunk(name: str, *wanted: str) -> Hunk:
    return Hunk(name, "a.py", 0, (), (), needs=tuple(Need(w, NeedKind.SOFT, "why") for w in wanted))


CHAIN = (hunk("a", "b"), hunk("b", "c", "gone"), hunk("c", "a"), hunk("d", "c"), hunk("e"))


def test_the_closure_holds_all_that_is_needed_in_file_order() -> None:
    assert closure("d", CHAIN) == ("a", "b", "c", "d")
    assert closure("e", CHAIN) == ("e",)


def test_what_leans_on_a_hunk_is_found_the_other_way_round() -> None:
    assert dependents("c", CHAIN) == ("a", "b", "c", "d")
    assert dependents("d", CHAIN) == ("d",)


def test_an_accepted_hunk_misses_what_is_rejected_or_undecided() -> None:
    accepted, rejected = HunkState.ACCEPTED, HunkState.REJECTED
    missing = unmet(CHAIN, {"a": accepted, "b": rejected, "d": accepted, "c": HunkState.LANDED})
    assert [(i, n.id) for i, n in missing] == [("a", "b")]
    assert unmet(CHAIN, {"e": accepted}) == ()
    assert [(i, n.id) for i, n in unmet(CHAIN, {"d": accepted})] == [("d", "c")]


def test_a_change_that_is_on_disk_misses_only_what_is_taken_out() -> None:
    file = FileEdit("a.py", FileOp.MODIFY, "", "", False, CHAIN, present=True)
    assert unmet_in([file], {"a": HunkState.ACCEPTED}) == ()
    missing = unmet_in([file], {"b": HunkState.REJECTED})
    assert [(i, n.id) for i, n in missing] == [("a", "b")]


def test_what_is_missing_is_said_in_one_sentence() -> None:
    file = FileEdit("a.py", FileOp.MODIFY, "", "", False, CHAIN)
    assert lacking([file], {}) == ""
    assert lacking([file], {"d": HunkState.ACCEPTED}) == (
        "One accepted hunk needs what is not accepted: a.py line 1 why; Y accepts a hunk with all "
        "it needs."
    )
    assert lacking([file], dict.fromkeys("ad", HunkState.ACCEPTED)).startswith("2 accepted hunks")


def test_a_need_follows_a_hunk_to_its_parts() -> None:
    after = followed(CHAIN[:1], "b", ("b1", "b2"))
    assert [n.id for n in after[0].needs] == ["b1", "b2"]
    assert followed(CHAIN[3:], "b", ("b1",)) == CHAIN[3:]


def test_thousands_of_hunks_are_linked_in_bounded_time() -> None:
    part = "def part_{n}():\n    # note {n}\n    old = compute({n})\n    return old\n\n\n"
    texts = [[t.format(n=n) for n in range(5_000)] for t in (part, part.replace("old", "new"))]
    before, after = (
        {f"m{n:02}.py": "".join(rows[n * 100 : n * 100 + 100]) for n in range(50)} for rows in texts
    )
    runs = [(n * 6 + 2, n * 6 + 4, n * 6 + 2, n * 6 + 4) for n in range(100)]
    files = [
        FileEdit(
            p,
            FileOp.MODIFY,
            "",
            "",
            False,
            derive_hunks(Snapshot(p, split_lines(before[p])), split_lines(after[p]), runs=runs),
        )
        for p in before
    ]
    assert sum(len(f.hunks) for f in files) == 5_000
    began = time.monotonic()
    link(files, before, after)
    assert time.monotonic() - began < 4

from core.domain.edit import FileVersion
from core.domain.hunk import FileOp, HunkState
from core.domain.risk import RiskTier
from core.domain.risk_rules import JUDGES, RUNS, RiskPolicy
from core.edits.annotate import annotator
from core.edits.intent import Intent, Op
from core.edits.staging import Staged, Wish, composed, stage

FILES = {"a.py": b"one\ntwo\nthree\nfour\nfive\nsix\n", "bin": b"\0\1"}


def place(*wishes: Wish) -> Staged:
    def read(path: str) -> FileVersion | None:
        return FileVersion(path, FILES[path]) if path in FILES else None

    return stage(wishes, read, annotator(RiskPolicy()))


def wish(task: str, *intents: Intent) -> Wish:
    return Wish(task, "x/m", intents)


def edit(old: str, new: str, path: str = "a.py", number: int = 1) -> Intent:
    return Intent(path, Op.EDIT, old, new, number=number)


def test_edits_match_the_file_as_it_is_and_become_hunks() -> None:
    staged = place(wish("T1", edit("one\n", "ONE\n"), edit("five\n", "FIVE\n", number=2)))
    [file] = staged.files
    assert [(h.start, h.new, h.task, h.model) for h in file.hunks] == [
        (0, ("ONE\n",), "T1", "x/m"),
        (4, ("FIVE\n",), "T1", "x/m"),
    ]
    [(_, after)] = composed(file, FILES["a.py"], file.hunks[1:]).values()
    assert after == FileVersion("a.py", b"one\ntwo\nthree\nfour\nFIVE\nsix\n")


def test_overlapping_edits_of_one_reply_are_refused_naming_both() -> None:
    staged = place(wish("T1", edit("one\ntwo\n", "x\n"), edit("two\nthree\n", "y\n", number=2)))
    [refusal] = staged.refusals
    assert "edit 2: it changes the same lines as edit 1" in refusal.reason


def test_two_tasks_on_the_same_lines_are_refused_naming_the_task() -> None:
    staged = place(wish("T1", edit("two\n", "x\n")), wish("T2", edit("two\n", "y\n")))
    assert [h.task for h in staged.files[0].hunks] == ["T1"]
    assert staged.refusals[0].task == "T2"


def test_a_change_of_nothing_is_named_as_such() -> None:
    [refusal] = place(wish("T1", edit("two\n", "two\n"))).refusals
    assert refusal.reason == "edit 1: it changes nothing"
    assert refusal.is_harmless


def test_binary_files_are_refused() -> None:
    assert place(wish("T1", edit("x\n", "y\n", "bin"))).refusals[0].reason == "the file is binary"


def test_creating_over_a_file_and_editing_a_missing_one_are_refused() -> None:
    staged = place(wish("T1", Intent("a.py", Op.CREATE, new="x\n"), edit("x\n", "y\n", "none.py")))
    assert [r.path for r in staged.refusals] == ["a.py", "none.py"]
    assert staged.files == ()


def test_a_created_file_is_one_hunk() -> None:
    [file] = place(wish("T1", Intent("new.py", Op.CREATE, new="x\n"))).files
    assert (file.op, file.base, file.expected, len(file.hunks)) == (FileOp.CREATE, "", "", 1)


def test_certain_and_doubtful_sites_are_separate_hunks() -> None:
    sure = Intent("a.py", Op.SITE, "two", "2", line=2, column=0)
    unsure = Intent("a.py", Op.SITE, "three", "3", line=3, column=0, doubt="in a comment")
    [file] = place(wish("T1", sure, unsure)).files
    assert [(h.doubt, h.new) for h in file.hunks] == [("", ("2\n",)), ("in a comment", ("3\n",))]
    assert [
        h.doubt for h in file.kept({h.id: HunkState.ACCEPTED for h in file.hunks if not h.doubt})
    ] == [""]


def test_two_sites_of_one_line_are_one_hunk() -> None:
    FILES["b.py"] = b"f(f)\n"
    sites = [Intent("b.py", Op.SITE, "f", "long", line=1, column=c) for c in (0, 2)]
    [file] = place(wish("T1", *sites)).files
    assert file.hunks[0].new == ("long(long)\n",)


def test_hunks_carry_risk_and_warnings() -> None:
    made = [
        Intent(p, Op.CREATE, new="x = 1\n")
        for p in ("tests/conftest.py", "auth/login.py", "plain.py")
    ]
    found = {h.path: h for f in place(wish("T1", *made)).files for h in f.hunks}
    assert found["tests/conftest.py"].flags == (RUNS, JUDGES)
    assert found["auth/login.py"].risk is RiskTier.HIGH
    assert found["plain.py"].risk is RiskTier.LOW


def test_invisible_characters_raise_the_tier() -> None:
    [file] = place(wish("T1", Intent("plain.py", Op.CREATE, new="x = '\u202e'\n"))).files
    assert file.hunks[0].flags == ("invisible characters",)
    assert file.hunks[0].risk is RiskTier.MEDIUM


def test_edits_of_a_moved_file_are_judged_where_it_goes_and_where_it_was() -> None:
    moved = Intent("a.py", Op.RENAME, target="auth/login.py")
    for order in ((moved, edit("two\n", "2\n", number=2)), (edit("two\n", "2\n"), moved)):
        staged = place(wish("T1", order[0]), wish("T2", order[1]))
        [file] = staged.files
        assert {h.path for h in file.hunks} == {"auth/login.py"}
        assert {h.risk for h in file.hunks} == {RiskTier.HIGH}
        assert {h.source for h in file.hunks if h.op is FileOp.MODIFY} == {""}

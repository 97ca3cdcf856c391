import pytest

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.reply import parse_reply
from core.edits.parse.unified_diff import parse_unified_diff

AIDER = "Sure.\n\nsrc/a.py\n```python\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n```\n"
CLINE = "src/a.py\n------- SEARCH\nold\n=======\nnew\n+++++++ REPLACE\n"
ROO = "src/a.py\n<<<<<<< SEARCH\n:start_line:7\n-------\nold\n=======\nnew\n>>>>>>> REPLACE\n"
BOLD = "**src/a.py**\n\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"
INLINE = "<<<<<<< SEARCH src/a.py\nold\n=======\nnew\n>>>>>>> REPLACE\n"


@pytest.mark.parametrize("reply", [AIDER, CLINE, ROO, BOLD, INLINE, AIDER.replace("\n", "\r\n")])
def test_every_dialect_of_search_and_replace_is_read(reply: str) -> None:
    [intent] = parse_reply(reply).intents
    assert (intent.path, intent.op, intent.old, intent.new) == (
        "src/a.py",
        Op.EDIT,
        "old\n",
        "new\n",
    )


def test_a_start_line_becomes_a_hint() -> None:
    assert parse_reply(ROO).intents[0].line == 7


def test_later_blocks_belong_to_the_file_before_them() -> None:
    second = "\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    assert [i.path for i in parse_reply(AIDER + second).intents] == ["src/a.py", "src/a.py"]


def test_an_empty_search_creates_and_a_delete_line_deletes() -> None:
    reply = "new.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n\n*** Delete File: old.py\n"
    assert [(i.path, i.op) for i in parse_reply(reply).intents] == [
        ("new.py", Op.CREATE),
        ("old.py", Op.DELETE),
    ]


@pytest.mark.parametrize(
    "reply", [AIDER[:50], AIDER[:60], CLINE[:-20], "src/a.py\n```python\nx = 1\n"]
)
def test_a_cut_reply_is_never_read_as_complete(reply: str) -> None:
    with pytest.raises(ParseFault):
        parse_reply(reply)


def test_a_whole_file_is_a_path_and_a_fence() -> None:
    reply = "Here it is:\n\n`src/a.py`\n```python\nx = 1\n```\n\nAnd a command:\n\n```\npip install x\n```\n"
    assert parse_reply(reply).intents == (Intent("src/a.py", Op.WHOLE, new="x = 1\n"),)


def test_a_longer_fence_may_hold_fences() -> None:
    reply = "README.md\n````markdown\n```\ncode\n```\n````\n"
    assert parse_reply(reply).intents[0].new == "```\ncode\n```\n"


def test_a_block_without_a_path_is_for_the_file_at_hand() -> None:
    [intent] = parse_reply("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n").intents
    assert intent.path == ""


def test_prose_alone_is_no_edit() -> None:
    with pytest.raises(ParseFault, match="no edit blocks"):
        parse_reply("I would change the greeting.")


DIFF = """diff --git a/src/a.py b/src/a.py
index 1..2 100644
--- a/src/a.py
+++ b/src/a.py
@@ -3,3 +3,4 @@ def f():
 keep
-old
+new
+more
 keep2
diff --git a/gone.py b/gone.py
deleted file mode 100644
--- a/gone.py
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/made.py b/made.py
new file mode 100644
--- /dev/null
+++ b/made.py
@@ -0,0 +1 @@
+x
\\ No newline at end of file
"""


def test_a_unified_diff_gives_one_intent_a_hunk() -> None:
    edit, gone, made = parse_unified_diff(DIFF)
    assert (edit.op, edit.path, edit.old, edit.new, edit.line) == (
        Op.EDIT, "src/a.py", "keep\nold\nkeep2\n", "keep\nnew\nmore\nkeep2\n", 3,
    )  # fmt: skip
    assert (gone.op, gone.path) == (Op.DELETE, "gone.py")
    assert (made.op, made.path, made.new) == (Op.CREATE, "made.py", "x")


def test_wrong_counts_do_not_matter() -> None:
    assert parse_unified_diff(DIFF.replace("-3,3 +3,4", "-3,9 +3,1"))[0].old == "keep\nold\nkeep2\n"


def test_a_binary_patch_is_refused() -> None:
    with pytest.raises(ParseFault, match="binary"):
        parse_unified_diff("diff --git a/x b/x\nGIT binary patch\nliteral 3\n")


@pytest.mark.parametrize("path", ["CHANGES", "two words/a b.cs", "bin run"])
def test_a_known_file_is_a_path_however_it_looks(path: str) -> None:
    known = frozenset({path})
    block = f"{path}\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
    assert [i.path for i in parse_reply(block, known=known).intents] == [path]
    whole = f"Here:\n\n{path}\n```\nall\n```\n"
    assert [i.path for i in parse_reply(whole, known=known).intents] == [path]

import contextlib
import time

import pytest

from core.edits.intent import ParseFault
from core.edits.parse.reply import parse_reply

SIZE = 80_000
"""Characters; most of these would take minutes if read twice for each line or block."""
LIMIT = 2.0
"""Seconds; each takes some tenths, on a machine that is busy with something else."""

HEADER = "--- a/x\n+++ b/x\n"
UPDATE = "*** Begin Patch\n*** Update File: a\n"
BLOCK = "a.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"


def many(text: str) -> str:
    return text * (SIZE // len(text))


REPLIES = {
    "empty lines": many("\n"),
    "one line": many("x"),
    "fences": many("```\n"),
    "fences with a language": many("```py\n"),
    "fences with a path": many("```a.py\n"),
    "nested fences": many("````md\n```py\n"),
    "whole files": many("a.py\n```\nx\n```\n"),
    "a fence with many words": "```" + many(" a"),
    "blocks": many(BLOCK),
    "search markers": many("<<<<<<< SEARCH\n"),
    "bare tails": "a\n<<<<<<< SEARCH\n" + many(">>>>>>>\n"),
    "dividers": "a\n<<<<<<< SEARCH\n" + many("=======\n") + ">>>>>>> REPLACE\n",
    "a long divider": "a\n<<<<<<< SEARCH\n" + many("=") + "\n>>>>>>> REPLACE\n",
    "prose before blocks": many("in `a.py` and:\n" * 30 + BLOCK),
    "bare hunk lines": HEADER + many("@@\n"),
    "small hunks": HEADER + many("@@ -1 +1 @@\n-a\n+b\n"),
    "hunks that promise much": HEADER + many("@@ -1,99999 +1,99999 @@\n a\n"),
    "file headers": many(HEADER),
    "git headers": many("diff --git a/x b/x\n"),
    "removed headers": HEADER + "@@ -1 +1 @@\n" + many("--- \n"),
    "hunks and blank lines": HEADER + many("@@ -1 +1 @@\n a\n\n \n"),
    "a quoted name": '--- "' + many("\\"),
    "open envelopes": many("*** Begin Patch\n"),
    "chunks": UPDATE + many("@@\n+\n") + "*** End Patch\n",
    "scopes": UPDATE + many("@@ x\n") + "+\n*** End Patch\n",
    "blank lines in a chunk": UPDATE + "@@\n+a\n" + many("\n") + "*** End Patch\n",
    "pairs": many('{"old":"a","new":"b"}\n'),
    "pairs on one line": many('{"old":"a","new":"b"}'),
    "open braces": many("{\n"),
    "broken keys": many('{"a\n'),
    "broken values": many('{"a":\n'),
    "deep lists": many("["),
    "a long string": '{"old":"' + many("a"),
    "open tags": many('<file path="a.py">\n'),
    "an open thought": "<think>" + many("</thin"),
    "a rename of many words": "*** Rename File: " + many("a to "),
    "quotes": many('`"*'),
}
FORMATS = ["", "search_replace", "unified_diff", "envelope", "whole_file", "replace"]


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_read_in_bounded_time_whatever_was_wanted(name: str) -> None:
    began = time.process_time()
    for wanted in FORMATS:
        with contextlib.suppress(ParseFault):
            parse_reply(REPLIES[name], wanted)
    assert time.process_time() - began < LIMIT

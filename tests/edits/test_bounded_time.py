"""Hostile or huge input costs seconds at most: each of these took minutes when read carelessly."""

import contextlib
import random
import time
from collections.abc import Callable

import pytest

from core.domain.edit import FileVersion
from core.domain.errors import NotPassed
from core.edits.hunks import derive_hunks
from core.edits.intent import ParseFault
from core.edits.nearest import nearest_text
from core.edits.parse.reply import parse_reply
from core.edits.snapshot import read_snapshot, split_lines
from core.phases.asking import json_object
from core.phases.showing import needs

SIZE = 400_000
LIMIT = 4.0
"""Seconds; each takes some tenths."""


def block(new: str) -> str:
    return f"a.py\n<<<<<<< SEARCH\na\n=======\n{new}\n>>>>>>> REPLACE\n"


REPLIES = {
    "a line of spaces": block(" " * SIZE),
    "empty lines": "\n" * SIZE + "x",
    "tildes": "~" * SIZE + "`",
    "a fence with a long word": "~~~" + "a" * SIZE + "`",
    "a deletion with spaces": "*** Delete File: x" + " " * SIZE + "y",
    "a diff with empty lines": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n" + "\n" * SIZE + "+b\n",
    "rule fences": "```rule\n" * (SIZE // 8),
    "site fences": "```sites\n" * (SIZE // 9),
    "json fences": "```" + "\n" * SIZE + "```\n" * (SIZE // 8),
    "wants": "NEED a\n" + "\n" * SIZE + "NEED a" + " " * SIZE + "!",
}


@pytest.mark.parametrize("read", [parse_reply, needs, json_object])
@pytest.mark.parametrize("name", REPLIES)
def test_a_hostile_reply_is_read_in_bounded_time(name: str, read: Callable[[str], object]) -> None:
    began = time.monotonic()
    with contextlib.suppress(ParseFault, NotPassed):
        read(REPLIES[name])
    assert time.monotonic() - began < LIMIT


def _lines(seed: int) -> str:
    pick = random.Random(seed)
    common = ["", "}", "    return", "    x = 1"]
    rows = [
        pick.choice(common) if pick.random() < 0.5 else f"l{pick.random()}" for _ in range(20_000)
    ]
    return "\n".join(rows) + "\n"


def _other(text: str) -> str:
    return "\n".join(f"    {n}" if n % 2 else row for n, row in enumerate(text.split("\n")))


@pytest.mark.parametrize("after", [_lines(2), _other(_lines(1))], ids=["different", "every other"])
def test_two_long_files_are_compared_in_bounded_time(after: str) -> None:
    before = read_snapshot(FileVersion("a.py", _lines(1).encode()))
    began = time.monotonic()
    derive_hunks(before, split_lines(after))
    assert time.monotonic() - began < LIMIT


def test_the_nearest_text_of_a_long_file_is_found_in_bounded_time() -> None:
    lines = [f"    some line of code number {n} with text" for n in range(25_000)]
    wanted = "\n".join(f"    some line of code nr {n} with text" for n in range(700, 1_300))
    began = time.monotonic()
    text, row = nearest_text(wanted, lines)
    assert time.monotonic() - began < LIMIT
    assert text and row

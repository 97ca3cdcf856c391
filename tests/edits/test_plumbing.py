"""`relaypair edits`: requests in, answers out, each in order, whatever they hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.edits.plumbing import answer, answer_lines

ROOT = Path(__file__).parents[2]
BLOCK = "a.py\n<<<<<<< SEARCH\none\n=======\nzwei\n>>>>>>> REPLACE\n"


def request(files: dict[str, str], output: str, **more: str) -> str:
    return json.dumps({"files": files, "output": output, **more})


def test_the_whole_resulting_tree_is_answered() -> None:
    assert answer(request({"a.py": "one\n", "b.py": "x\n"}, BLOCK)) == {
        "files": {"a.py": "zwei\n", "b.py": "x\n"}
    }


def test_one_refused_edit_holds_back_all_others() -> None:
    found = answer(
        request(
            {"a.py": "one\n", "b.py": "x\nx\n"}, BLOCK + "b.py\n" + BLOCK[5:].replace("one", "x")
        )
    )
    assert found["refusals"] == [
        {
            "path": "b.py",
            "reason": "edit 2: the text to find is in 2 places (lines 1, 2), which one is not "
            "said; more of the lines around it would tell",
            "lines": [1, 2],
        }
    ]
    assert found["error"].startswith("Nothing was applied: b.py: edit 2")


@pytest.mark.parametrize(
    ("wanted", "output"),
    [
        ("search_replace", BLOCK),
        ("unified_diff", "--- a/a.py\n+++ b/a.py\n@@\n-one\n+zwei\n"),
        ("envelope", "*** Begin Patch\n*** Update File: a.py\n@@\n-one\n+zwei\n*** End Patch\n"),
        ("whole_file", "a.py\n```\nzwei\n```\n"),
        ("replace", '{"path": "a.py", "old": "one", "new": "zwei"}'),
        ("replace", '[{"old": "one", "new": "zwei"}]'),
        ("rule", "```rule\nid: r\nlanguage: python\nrule: {pattern: one}\nfix: zwei\n```\n"),
    ],
)
def test_every_format_is_read_by_name_and_told_from_the_text(wanted: str, output: str) -> None:
    expected = {"files": {"a.py": "zwei\n"}}
    assert answer(request({"a.py": "one\n"}, output, format=wanted)) == expected
    assert answer(request({"a.py": "one\n"}, output, format="no such")) == expected
    assert answer(request({"a.py": "one\n"}, output)) == expected


def test_a_reply_without_a_path_is_for_the_one_file_there_is() -> None:
    bare = BLOCK.removeprefix("a.py\n")
    assert answer(request({"a.py": "one\n"}, bare)) == {"files": {"a.py": "zwei\n"}}
    found = answer(request({"a.py": "one\n", "b.py": "one\n"}, bare))
    assert "names no file" in found["error"]


def test_a_whole_file_without_a_fence_must_be_mostly_that_file() -> None:
    text = "import os\n\n\ndef f():\n    return 1\n"
    fresh = text.replace("1", "2")
    files = {"a.py": text}
    assert answer(request(files, fresh, format="whole_file")) == {"files": {"a.py": fresh}}
    prose = "I am sorry, but I cannot change this file.\n"
    assert "is no file" in answer(request(files, prose, format="whole_file"))["error"]


@pytest.mark.parametrize(
    "path", ["../a.py", "/etc/hosts", "C:\\a.py", ".git/config", "a/.GIT/hooks/x"]
)
def test_unsafe_paths_are_refused(path: str) -> None:
    output = json.dumps({"path": path, "old": "", "new": "x\n"})
    assert answer(request({"a.py": "one\n"}, output))["refusals"][0]["path"] == path


def test_text_that_is_in_another_given_file_is_said() -> None:
    found = answer(request({"a.py": "x\n", "b.py": "one\n"}, BLOCK))
    assert "it is once in b.py, which is not touched" in found["error"]


def test_a_reply_that_changes_nothing_says_so() -> None:
    output = json.dumps({"path": "a.py", "old": "one", "new": "one"})
    assert "it changes nothing" in answer(request({"a.py": "one\n"}, output))["error"]


def test_no_proposal_is_ever_applied() -> None:
    text = "def total(prices, rate):\n    result = sum(prices) * rate\n    return round(result)\n"
    wrong = text.replace(" * ", "*")
    block = (
        f"a.py\n<<<<<<< SEARCH\n{wrong}=======\n{wrong.replace('round', 'int')}>>>>>>> REPLACE\n"
    )
    assert "the nearest text is at line 1" in answer(request({"a.py": text}, block))["error"]


@pytest.mark.parametrize(
    "line",
    ["", "nonsense", "[]", "{}", '{"files": {"a": 1}, "output": ""}', '{"files": {}}', "[" * 9_999],
)
def test_what_is_no_request_is_answered_in_one_sentence(line: str) -> None:
    found = answer(line)
    assert found["error"].startswith("The request")
    assert found["refusals"] == []


def test_blank_lines_between_requests_are_passed_over() -> None:
    lines = ["\n", request({"a.py": "one\n"}, BLOCK), "  \n", "nonsense\n"]
    assert [list(json.loads(a)) for a in answer_lines(lines)] == [["files"], ["error", "refusals"]]


def test_the_command_answers_every_line_in_order_and_prints_nothing_else() -> None:
    odd = request({"a.py": "\udcff\u2028one\n"}, BLOCK.replace("one", "none"))
    lines = [
        request({"a.py": "one\n"}, BLOCK),
        odd,
        "nonsense",
        request({"a.py": "one\r\n"}, BLOCK),
    ]
    done = subprocess.run(
        [sys.executable, str(ROOT / "relaypair.py"), "edits"],
        input="\n".join(lines).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    assert [next(iter(a)) for a in answers] == ["files", "error", "error", "files"]
    assert answers[3]["files"] == {"a.py": "zwei\r\n"}
    assert done.stderr == b""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.retrieval import main
from benchmarks.retrieval_cases import Goal, history_goals, issue_goals, stripped
from benchmarks.retrieval_rankers import GrepCount, PlainBM25
from benchmarks.retrieval_strangers import strangers
from benchmarks.retrieval_tally import Shown, covered, measures
from benchmarks.retrieval_trees import Tree, is_source

SOURCES = {f"src/part{i}.py": f"def part{i}():\n    return {i}\n" for i in range(15)}
ANSWERS = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"files": ["src/part3.py"], "ms": 2.0, "index_ms": 7.0}), flush=True)
"""


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
    argv = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, message: str, **files: str) -> str:
    for name, text in files.items():
        (root / "src" / f"{name}.py").write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


WARY = """
import json, sys
for line in sys.stdin:
    trusted = json.loads(line)["query"] == "sort the keys of printed objects"
    print(json.dumps({"files": [], "trusted": trusted}), flush=True)
"""


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "sample"
    (root / "src").mkdir(parents=True)
    git(root, "init", "-q")
    for path, text in SOURCES.items():
        (root / path).write_text(text)
    commit(root, "Begin with the parts")
    commit(
        root,
        "Teach src/part3.py to count sheep backwards (#12)\n\nFixes #12\nSigned-off-by: A <a@b.c>",
        part3="def part3():\n    return 'sheep backwards'\n",
    )
    commit(root, "Bump version of the sheep counter", part4="VERSION = '2.0'\n")
    commit(root, "Describe the sheep counter better", part5="# sheep\n" + SOURCES["src/part5.py"])
    return root


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/click/core.py", True),
        ("lib/commander.js", True),
        ("Src/Newtonsoft.Json/JsonReader.cs", True),
        ("src/latest.go", True),
        ("src/attest/contest.py", True),
        ("parser.y", True),
        ("tests/test_core.py", False),
        ("context_test.go", False),
        ("test/stream.ts", False),
        ("lib/command.spec.js", False),
        ("Dapper.Tests/TypeHandlerTests.cs", False),
        ("gson/src/test/java/com/google/gson/GsonTest.java", False),
        ("gson/src/main/java/com/google/gson/Gson.java", True),
        ("docs/conf.py", False),
        ("examples/basic.rs", False),
        ("vendor/jquery.min.js", False),
        ("README.md", False),
        ("package.json", False),
    ],
)
def test_source_is_code_that_is_no_test_no_document_and_no_example(path, expected):
    assert is_source(path) is expected


def test_a_query_loses_the_paths_of_its_truth_trailers_numbers_and_addresses():
    message = (
        "Fix hang in src/click/core.py (#314)\n\nSee https://example.org/x and click.core.Context; "
        "core.py waits. GH-7 issue 8\n\nFixes #12, #13\nCo-authored-by: Someone <s@example.org>\n"
    )
    query = stripped(message, ["src/click/core.py"])
    assert query.split() == ["Fix", "hang", "in", "See", "and", ".Context;", "waits."]


def test_words_that_only_begin_like_a_file_name_stay():
    assert stripped("reader.pyx reads", ["src/reader.py"]) == "reader.pyx reads"


def test_the_share_of_the_truth_is_measured_at_each_depth():
    ranked = ["a", "x", "b", *"cdefghijk"]
    figures = measures(ranked, ["x", "b", "k"])
    assert figures["R@1"] == 0
    assert figures["R@5"] == pytest.approx(2 / 3)
    assert figures["R@10"] == pytest.approx(2 / 3)
    assert figures["all@10"] == 0
    assert figures["MRR"] == 0.5
    assert measures([], ["x"])["MRR"] == 0
    assert measures(["a.py", "README.md", ".travis.yml"], ["a.py"])["strays"] == 2


def test_snippets_count_for_files_changed_lines_and_changed_definitions():
    lines, symbols = (("a", 5, 6), ("b", 9, 9)), (("a", 3, 8), ("b", 8, 12))
    goal = Goal("r", "n", "c", "q", ("a", "b"), "tuning", lines, symbols)
    snippets = [{"path": "a", "start": 1, "end": 5}, {"path": "b", "start": 10, "end": 20}]
    assert covered(goal, snippets) == Shown(1.0, 0.5, 1.0)


def test_only_commits_that_change_behaviour_become_cases(repository):
    goals, _ = history_goals(repository, 10, seed=1)
    assert [(goal.files, goal.query) for goal in goals] == [
        (("src/part3.py",), "Teach to count sheep backwards")
    ]
    assert goals[0].commit == git(repository, "rev-parse", "HEAD~3")
    assert goals[0].lines == (("src/part3.py", 2, 2),)


def test_a_tree_names_no_commit_newer_than_its_head(repository):
    older, newest = git(repository, "rev-parse", "HEAD~2"), git(repository, "rev-parse", "HEAD")
    with Tree(repository) as tree:
        for sha in (newest, older):
            tree.move(sha)
        assert git(tree.root, "rev-parse", "HEAD") == older
        assert git(tree.root, "for-each-ref") == ""
        assert git(tree.root, "log", "--all", "--reflog", "HEAD", "--format=%H").split()[0] == older
        assert git(tree.root, "status", "--porcelain") == ""
        assert len(tree.sources()) == 15
        folder = tree.root
    assert not folder.exists()
    assert git(repository, "rev-parse", "HEAD") == newest


def test_the_baselines_rank_the_file_that_holds_the_words_first(repository):
    with Tree(repository) as tree:
        tree.move(git(repository, "rev-parse", "HEAD~2"))
        for ranker in (GrepCount(), PlainBM25()):
            files = ranker.rank(tree, "let part3 return sheep backwards", 10).files
            assert files[0] == "src/part3.py"
            assert len(files) == 10


def test_a_line_that_is_no_case_is_named(tmp_path, repository):
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({"repo": "sample", "query": "q"}) + "\n")
    with pytest.raises(ValueError, match="line 1 of"):
        issue_goals(file, [repository])


def test_a_program_is_asked_history_and_issues_and_its_figures_are_written(
    tmp_path, repository, capsys
):
    program = tmp_path / "answers.py"
    program.write_text(ANSWERS)
    cases = tmp_path / "cases.jsonl"
    sha = git(repository, "rev-parse", "HEAD~3")
    row = {"repo": "sample", "commit": sha, "query": "sheep", "files": ["src/part1.py"]}
    cases.write_text(f"{json.dumps(row)}\n{json.dumps(row)}\n")
    main(
        [
            *(str(repository), "--without-ours", "--peer", f"echo={sys.executable} {program}"),
            *("--cases-file", str(cases), "--json", str(tmp_path / "figures.json")),
            *("--misses", str(tmp_path / "misses")),
        ]
    )
    said = capsys.readouterr().out
    assert "| sample | echo | 1 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 0.00 |" in said
    assert "| echo, sample | 15 | 7.0 |" in said
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["history"]["tuning / sample / echo"]["R@1"] == 1
    assert figures["issues"]["held-out / sample / echo"]["R@1"] == 0
    misses = {path.name for path in (tmp_path / "misses").iterdir()}
    assert "sample_issue_2_echo.txt" in misses
    assert "sample_issue_1_echo.txt" not in misses


def test_goals_about_what_is_not_there_are_counted_by_who_says_trusted(tmp_path, repository):
    jq = repository.rename(tmp_path / "jq")
    programs = {"wary": WARY, "silent": ANSWERS}
    commands = []
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        commands.append((name, [sys.executable, str(tmp_path / name)]))
    lines = strangers([jq], commands).splitlines()
    assert lines[2:3] == ["| wary | 5 | 5 | 5 | 4 |"]
    assert not any("silent" in line for line in lines)
    assert "not measured" in strangers([jq], commands[1:])

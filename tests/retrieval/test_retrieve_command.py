import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.calling import User
from tests.retrieval.trees import Tree


def asking(tree: Tree, tmp_path: Path) -> User:
    return User(tmp_path / "home", tree.root)


def answers(user: User, *requests: object) -> list[dict[str, Any]]:
    lines = "".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in requests)
    called = user.call("retrieve", "--jsonl", stdin=lines)
    assert called.code == 0, called.err
    return [json.loads(line) for line in called.out.splitlines()]


def test_lines_are_answered_in_order_for_many_roots(tree: Tree, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "relay.go").write_text("package relay\n\nfunc HandOver() {}\n")
    found = answers(
        asking(tree, tmp_path),
        {"root": str(tree.root), "query": "send the invoice", "k": 1},
        {"root": str(other), "query": "hand over", "k": 3},
        {"root": str(tree.root), "query": "basket total price", "k": 3},
    )
    assert [a["files"][0] for a in found] == ["shop/invoice.py", "relay.go", "shop/basket.py"]
    assert found[0]["files"] == ["shop/invoice.py"]
    assert found[2]["tests"] == ["tests/test_basket.py"]
    assert found[2]["docs"] == ["docs/basket.md"]
    assert found[0]["ms"] >= 0 <= found[0]["index_ms"]


def test_commits_are_named_by_their_id(tree: Tree, tmp_path: Path) -> None:
    sha = tree.commit("Speed up the quarterly reconciliation", {"shop/warehouse.py": "x = 1\n"})
    found = answers(
        asking(tree, tmp_path), {"root": str(tree.root), "query": "quarterly reconciliation"}
    )
    assert found[0]["commits"] == [sha]
    assert found[0]["files"] == ["shop/warehouse.py"]


def test_a_bad_line_gets_one_sentence_and_the_next_is_answered(tree: Tree, tmp_path: Path) -> None:
    good = {"root": str(tree.root), "query": "invoice"}
    found = answers(
        asking(tree, tmp_path),
        "{",
        "[]",
        "[" * 5_000,
        {"root": str(tree.root)},
        {"root": 1, "query": "x"},
        {"root": str(tmp_path / "nowhere"), "query": "x"},
        {"root": "a\0b", "query": "x"},
        good | {"k": "many"},
        good,
    )
    assert [set(a) for a in found[:-1]] == [{"error"}] * 8
    assert all(a["error"].strip() and "\n" not in a["error"] for a in found[:-1])
    assert found[-1]["files"] == ["shop/invoice.py"]


def test_nothing_is_written_into_the_repository(tree: Tree, tmp_path: Path) -> None:
    before = sorted(p for p in tree.root.rglob("*"))
    answers(asking(tree, tmp_path), {"root": str(tree.root), "query": "invoice"})
    assert sorted(p for p in tree.root.rglob("*")) == before
    assert list((tmp_path / "home/.cache/relaypair").glob("*/index.sqlite"))


def test_a_person_sees_paths_with_reasons(tree: Tree, tmp_path: Path) -> None:
    called = asking(tree, tmp_path).call("retrieve", "`send_invoice` loses the address")
    assert called.code == 0
    first = called.out.splitlines()[0]
    assert "shop/invoice.py:1" in first
    assert "defines `send_invoice`" in first


def test_json_holds_scores_and_reasons(tree: Tree, tmp_path: Path) -> None:
    called = asking(tree, tmp_path).call("retrieve", "--json", "--k", "1", "total price")
    (best,) = json.loads(called.out)["files"]
    assert best["path"] == "shop/basket.py"
    assert best["score"] > 0
    assert best["why"]


def test_an_empty_query_is_refused_in_one_sentence(tree: Tree, tmp_path: Path) -> None:
    called = asking(tree, tmp_path).call("retrieve")
    assert called.code != 0
    assert called.err.startswith("relaypair: There is nothing to look for")


def test_a_clone_without_its_history_is_searched(tree: Tree, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    tree.commit("more", {"shop/robot.py": "def robot_arm(): pass\n"})
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", tree.root.as_uri(), str(shallow)], check=True
    )
    found = answers(asking(tree, tmp_path), {"root": str(shallow), "query": "robot arm"})
    assert found[0]["files"] == ["shop/robot.py"]


def test_the_repository_is_named_by_either_flag(tree: Tree, tmp_path: Path) -> None:
    elsewhere = User(tmp_path / "home", tmp_path)
    for flag in ("--repo", "--root"):
        called = elsewhere.call("retrieve", flag, str(tree.root), "--json", "total price")
        assert json.loads(called.out)["files"][0]["path"] == "shop/basket.py", flag


@pytest.mark.parametrize("flag", ["--k", "--snippets"])
@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_a_number_that_is_none_is_refused(
    tree: Tree, tmp_path: Path, flag: str, number: str
) -> None:
    called = asking(tree, tmp_path).call("retrieve", f"{flag}={number}", "price")
    assert called.code == 2
    assert f"{number} is no number from 1 on" in called.err

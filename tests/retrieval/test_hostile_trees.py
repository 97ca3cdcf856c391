import os
from pathlib import Path

import pytest

from tests.retrieval.trees import Tree

ODD = ("#", "'''\"", '"""', "'", "\\", '# """', "@", "def ", '("""\'')
"""Pieces that make a lexer look far ahead when they come again and again."""


@pytest.fixture(params=["plain", "git"])
def either(request: pytest.FixtureRequest, plain: Tree) -> Tree:
    if request.param == "git":
        plain.git("init", "-q", "-b", "main", ".")
        plain.commit("begin")
    return plain


def test_links_out_of_the_root_are_not_followed(either: Tree, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("def platypus_egg(): pass\n")
    (either.root / "link.py").symlink_to(outside / "secret.py")
    (either.root / "folder").symlink_to(outside)
    assert either.files("platypus egg") == []


def test_a_tracked_folder_swapped_for_a_link_out_is_not_followed(
    tree: Tree, tmp_path: Path
) -> None:
    tree.commit("deep", {"deep/secret.py": "x = 1\n"})
    tree.files("basket")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("def platypus_egg(): pass\n")
    (tree.root / "deep/secret.py").unlink()
    (tree.root / "deep").rmdir()
    (tree.root / "deep").symlink_to(outside)
    assert tree.files("platypus egg") == []


def test_pipes_are_not_read(either: Tree) -> None:
    os.mkfifo(either.root / "pipe.py")
    (either.root / "shop/basket.py").unlink()
    os.mkfifo(either.root / "shop/basket.py")
    assert either.first("send the invoice") == "shop/invoice.py"


def test_huge_files_are_not_read(either: Tree) -> None:
    with (either.root / "huge.py").open("wb") as file:
        file.write(b"platypus = 1\n")
        file.truncate(1 << 30)
    assert either.files("platypus") == []
    assert either.first("send the invoice") == "shop/invoice.py"


def test_a_million_lines_are_no_hang(either: Tree) -> None:
    either.write({"lines.py": "\n" * 390_000, "deep.js": "[" * 200_000, "long.py": "a" * 390_000})
    either.write({f"odd{n}.py": one * (390_000 // len(one)) for n, one in enumerate(ODD)})
    assert either.first("send the invoice") == "shop/invoice.py"


def test_unreadable_files_are_left_out(either: Tree) -> None:
    either.write({"closed.py": "platypus = 1\n", "gone/away.py": "platypus = 2\n"})
    (either.root / "closed.py").chmod(0)
    (either.root / "gone").chmod(0)
    try:
        assert either.first("send the invoice") == "shop/invoice.py"
    finally:
        (either.root / "gone").chmod(0o755)


def test_names_and_contents_that_are_no_utf_8_are_no_crash(either: Tree) -> None:
    name = os.fsencode(either.root) + b"/na\xffme.py"
    with open(name, "wb") as file:  # noqa: PTH123 - a name that pathlib cannot spell
        file.write(b"platypus = 1\n")
    (either.root / "odd.py").write_bytes(b"# \xff\xfe\ndef wombat():\n    pass\n")
    (either.root / "binary.py").write_bytes(b"wombat\0" * 100)
    assert either.files("wombat") == ["odd.py"]
    assert either.files("platypus") == []


def test_key_files_locks_and_vendored_code_are_left_out(either: Tree) -> None:
    either.write(
        {
            ".env": "platypus=1\n",
            "id_rsa": "platypus\n",
            "vendor/a.py": "platypus = 1\n",
            "node_modules/a.js": "platypus\n",
            "yarn.lock": "platypus\n",
        }
    )
    answer = either.ask("platypus").ranking
    assert [*answer.files, *answer.tests, *answer.docs] == []


def test_paths_with_newlines_spaces_and_tabs_are_found(either: Tree) -> None:
    either.write({"odd name\twith\nmore.py": "def echidna():\n    pass\n"})
    assert either.files("echidna") == ["odd name\twith\nmore.py"]


@pytest.mark.parametrize(
    "query",
    ["a" * 300_000, "@" * 300_000, "\n" * 300_000, "a." * 100_000, "`" * 50_000, "\0\ud800"],
)
def test_a_strange_query_is_answered_soon(tree: Tree, query: str) -> None:
    tree.files("basket")
    assert tree.ask(query).milliseconds < 3_000


def test_a_commit_of_a_file_whose_name_is_no_text_breaks_nothing(tree: Tree) -> None:
    name = os.fsencode(tree.root) + b"/bad\xff.py"
    with open(name, "w") as file:  # noqa: PTH123 - a path of bytes
        file.write("x = 1\n")
    tree.commit("Teach the platypus")
    tree.commit("Teach it again", {"egg.py": "def platypus_egg(): pass\n"})
    assert tree.files("platypus egg") == ["egg.py"]

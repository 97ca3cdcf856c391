import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.adapters.index_lists import MOST_FRESH
from core.adapters.indexer import bring_up_to_date
from tests.retrieval.trees import ENVIRONMENT, Tree

HERE = Path(__file__).resolve().parent.parent.parent


def test_an_edit_is_found_at_the_next_query(tree: Tree) -> None:
    retriever = tree.retriever()
    assert not retriever.ask("zebra crossing", 5).ranking.files
    tree.write({"shop/invoice.py": "def zebra_crossing():\n    return 1\n"})
    assert retriever.ask("zebra crossing", 5).ranking.files[0].path == "shop/invoice.py"
    assert "send" not in str(retriever.ask("send invoice customer", 5).ranking.files[0].why)
    retriever.close()


def test_what_was_edited_back_is_found_as_before(tree: Tree) -> None:
    before = tree.ask("send an invoice to the customer").ranking
    tree.write({"shop/invoice.py": "nothing = 1\n"})
    assert tree.ask("send an invoice to the customer").ranking != before
    tree.git("checkout", "-q", "shop/invoice.py")
    assert tree.ask("send an invoice to the customer").ranking == before


def test_a_deleted_file_is_no_longer_found(tree: Tree) -> None:
    assert tree.first("refill the shelf") == "shop/warehouse.py"
    (tree.root / "shop/warehouse.py").unlink()
    assert "shop/warehouse.py" not in tree.files("refill the shelf")


def test_a_renamed_file_is_found_under_its_new_name_only(tree: Tree) -> None:
    tree.files("refill the shelf")
    tree.git("mv", "shop/warehouse.py", "shop/depot.py")
    assert tree.files("refill the shelf")[0] == "shop/depot.py"
    assert "shop/warehouse.py" not in tree.files("refill the shelf warehouse")


def test_another_branch_is_another_answer_and_the_way_back_the_first(tree: Tree) -> None:
    tree.git("checkout", "-q", "-b", "other")
    tree.commit("other", {"shop/robot.py": "def robot_arm():\n    pass\n"})
    assert tree.first("robot arm") == "shop/robot.py"
    tree.git("checkout", "-q", "main")
    assert "shop/robot.py" not in tree.files("robot arm")
    tree.git("checkout", "-q", "other")
    assert tree.first("robot arm") == "shop/robot.py"


def test_untracked_files_are_found_and_ignored_ones_are_not(tree: Tree) -> None:
    tree.write(
        {
            ".gitignore": "secret_plans/\n",
            "loose/giraffe.py": "def giraffe_neck():\n    pass\n",
            "secret_plans/giraffe.py": "def giraffe_neck():\n    pass\n",
        }
    )
    assert tree.files("giraffe neck") == ["loose/giraffe.py"]


def test_a_staged_but_uncommitted_file_is_found(tree: Tree) -> None:
    tree.write({"shop/otter.py": "def otter_pool():\n    pass\n"})
    tree.git("add", "shop/otter.py")
    assert tree.first("otter pool") == "shop/otter.py"


def test_a_plain_folder_is_searched_and_kept_up_with(plain: Tree) -> None:
    assert plain.first("send the invoice") == "shop/invoice.py"
    plain.write({"shop/invoice.py": "def walrus():\n    return 1\n"})
    assert plain.first("walrus") == "shop/invoice.py"
    (plain.root / "shop/invoice.py").unlink()
    assert "shop/invoice.py" not in plain.files("walrus invoice")


def test_only_unseen_texts_are_indexed(tree: Tree) -> None:
    tree.files("basket")
    count = len(blobs(tree))
    tree.write({"shop/invoice.py": "walrus = 1\n"})
    tree.files("basket")
    tree.git("checkout", "-q", "shop/invoice.py")
    tree.files("basket")
    assert len(blobs(tree)) == count + 1


def blobs(tree: Tree) -> list[str]:
    database = sqlite3.connect(tree.cache / "index.sqlite")
    found = [row[0] for row in database.execute("SELECT oid FROM blobs")]
    database.close()
    return found


def test_blobs_are_named_as_git_names_them(tree: Tree) -> None:
    tree.write({"shop/invoice.py": "walrus = 1\n"})
    tree.files("basket")
    assert tree.git("hash-object", "shop/invoice.py") in blobs(tree)


@pytest.mark.parametrize("where", [0, 100, 5_000])
def test_a_corrupt_index_is_made_again(tree: Tree, where: int) -> None:
    tree.files("basket")
    file = tree.cache / "index.sqlite"
    data = bytearray(file.read_bytes())
    data[where : where + 4_000] = b"\xa5" * 4_000
    file.write_bytes(data)
    assert tree.first("refill the shelf") == "shop/warehouse.py"


def test_an_index_of_another_version_is_made_again(tree: Tree) -> None:
    tree.files("basket")
    database = sqlite3.connect(tree.cache / "index.sqlite")
    database.executescript("PRAGMA user_version=999; DROP TABLE postings;")
    database.close()
    assert tree.first("refill the shelf") == "shop/warehouse.py"


def test_an_index_that_lost_a_table_is_made_again(tree: Tree) -> None:
    tree.files("basket")
    database = sqlite3.connect(tree.cache / "index.sqlite")
    database.executescript("DROP TABLE files;")
    database.close()
    assert tree.first("refill the shelf") == "shop/warehouse.py"


def index_in_child(tree: Tree) -> "subprocess.Popen[bytes]":
    code = (
        "import sys; from pathlib import Path; from core.adapters.indexer import bring_up_to_date; "
        "tell = lambda done, total: print(done, flush=True); "
        f"bring_up_to_date(Path({str(tree.root)!r}), Path({str(tree.cache)!r}), tell)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=HERE, env=dict(ENVIRONMENT), stdout=subprocess.PIPE
    )


@pytest.fixture
def wide(tree: Tree) -> Tree:
    """Enough files for several batches."""
    tree.commit(
        "wide",
        {f"wide/part{n}.py": f"def animal_{n}():\n    return {n}\n" for n in range(1_200)},
    )
    return tree


def test_after_kill_9_what_was_committed_is_kept_and_the_rest_follows(wide: Tree) -> None:
    child = index_in_child(wide)
    assert child.stdout is not None
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    kept = set(blobs(wide))
    assert kept
    assert wide.files("animal_7")[0] == "wide/part7.py"
    assert wide.files("animal_1199")[0] == "wide/part1199.py"
    assert kept <= set(blobs(wide))


def test_processes_at_once_make_one_whole_index(wide: Tree) -> None:
    children = [index_in_child(wide) for _ in range(3)]
    for child in children:
        child.communicate()
        assert child.returncode == 0
    found = blobs(wide)
    assert len(found) == len(set(found))
    assert wide.files("animal_1199")[0] == "wide/part1199.py"


def test_a_reader_ranks_while_another_process_writes(wide: Tree) -> None:
    retriever = wide.retriever()
    retriever.ask("basket", 5)
    writer = sqlite3.connect(wide.cache / "index.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM files")
    assert retriever.ask("animal_7", 5).ranking.files[0].path == "wide/part7.py"
    writer.execute("ROLLBACK")
    writer.close()
    retriever.close()


def test_progress_is_told_up_to_the_last_file(wide: Tree) -> None:
    told: list[tuple[int, int]] = []
    bring_up_to_date(wide.root, wide.cache, lambda done, total: told.append((done, total)))
    assert len(told) > 2
    assert told[-1][0] == told[-1][1] == 1_205
    assert told == sorted(told)


def test_texts_of_the_past_do_not_change_what_a_word_is_worth(tree: Tree) -> None:
    tree.commit("word", {"shop/one.py": "def tortoise_shell():\n    return 1\n"})
    before = tree.ask("tortoise invoice").ranking.files
    for n in range(30):
        tree.write({"shop/one.py": f"def tortoise_shell():\n    return {n + 2}\n"})
        tree.files("tortoise")
    tree.git("checkout", "-q", "shop/one.py")
    assert tree.ask("tortoise invoice").ranking.files == before


def test_many_small_edits_rank_as_an_index_made_at_once(tree: Tree, tmp_path: Path) -> None:
    """More terms than are kept by the batch, so that some have been made into rows by the term."""
    retriever = tree.retriever()
    assert MOST_FRESH < 20 * 1_500
    for n in range(20):
        words = " ".join(f"animal{n}x{word}" for word in range(1_500))
        tree.write({f"shop/part{n}.py": f"def zoo_{n}():\n    return '{words}'\n"})
        retriever.refresh()
    query = "zoo invoice customer animal3x7 animal19x1499 refill"
    kept = retriever.ask(query, 30).ranking
    retriever.close()
    assert kept == Tree(tree.root, tmp_path / "other").ask(query, 30).ranking
    assert {"shop/part3.py", "shop/part19.py"} <= {one.path for one in kept.files[:5]}


def test_what_another_process_indexed_is_not_indexed_again(tree: Tree) -> None:
    one, other = tree.retriever(), tree.retriever()
    assert one.ask("walrus", 5).ranking == other.ask("walrus", 5).ranking
    for word in ("walrus", "otter"):
        tree.write(
            {"shop/pool.py": f"{word} = 1\n", f"shop/{word}.py": f"def {word}():\n    pass\n"}
        )
        other.refresh()
        assert one.ask(word, 5).ranking.files[0].path == f"shop/{word}.py"
    (tree.root / "shop/pool.py").unlink()
    other.refresh()
    assert one.ask("walrus otter", 5).ranking == other.ask("walrus otter", 5).ranking
    assert len(blobs(tree)) == len(set(blobs(tree)))
    one.close()
    other.close()


def test_a_file_that_is_staged_and_unstaged_again_is_kept_up_with(tree: Tree) -> None:
    retriever = tree.retriever()
    tree.write({"shop/otter.py": "def otter_pool():\n    pass\n"})
    for command in (("add", "-A"), ("rm", "-q", "--cached", "shop/otter.py"), ("add", "-A")):
        tree.git(*command)
        os.utime(tree.root / ".git" / "index", (1e9, 1e9))
        retriever.refresh()
        assert [r.path for r in retriever.ask("otter pool", 5).ranking.files] == ["shop/otter.py"]
    tree.git("rm", "-qf", "shop/otter.py")
    assert not retriever.ask("otter pool", 5).ranking.files
    retriever.close()


def test_a_clean_file_with_other_line_ends_on_disk_is_found(tree: Tree) -> None:
    tree.commit("ends", {".gitattributes": "*.py text eol=crlf\n", "shop/otter.py": "otter = 1\n"})
    (tree.root / "shop/otter.py").unlink()
    tree.git("checkout", "-q", "shop/otter.py")
    assert b"\r\n" in (tree.root / "shop/otter.py").read_bytes()
    assert tree.first("otter") == "shop/otter.py"


def test_what_a_filter_keeps_from_the_disk_is_read_from_git(tree: Tree) -> None:
    tree.git("config", "filter.swap.smudge", "sed s/otter/seal/")
    tree.git("config", "filter.swap.clean", "sed s/seal/otter/")
    tree.commit("swap", {".gitattributes": "*.rb filter=swap\n", "shop/pool.rb": "seal_pool = 1\n"})
    tree.git("update-index", "--refresh")
    assert tree.files("otter_pool seal_pool") == ["shop/pool.rb"]

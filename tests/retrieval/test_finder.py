"""The finder's child process: what the app asks, and what happens when the child is hurt."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.adapters.finder import ChildFinder, FinderFault
from core.adapters.finding import Finding
from core.domain.context import Definition, Found, Trust
from tests.retrieval.trees import ENVIRONMENT, Tree
from tests.waiting import wait_until

GOAL = "mend `total_price` of a basket"


@pytest_asyncio.fixture
async def finder(tree: Tree) -> AsyncIterator[ChildFinder]:
    finder = ChildFinder(tree.root, tree.cache, ENVIRONMENT)
    yield finder
    await finder.close()


@pytest.mark.asyncio
async def test_the_child_says_what_this_process_would_say(finder: ChildFinder, tree: Tree) -> None:
    here = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    found = await finder.rank(GOAL)
    assert found == here.rank(GOAL)
    assert found.candidates[0].path == "shop/basket.py"
    quoted = await finder.quote(GOAL, found.candidates, 500)
    assert quoted == here.quote(GOAL, found.candidates, 500)
    assert (
        quoted[0].text
        == "class Basket:\n    def total_price(self):\n        return sum(self.prices)"
    )
    assert (quoted[0].trust, quoted[0].file_hash) == (Trust.CODE, here_hash(tree))
    here.close()


def here_hash(tree: Tree) -> str:
    from core.adapters.repo import WorkingRepo

    version = WorkingRepo.open(tree.root, ENVIRONMENT).read("shop/basket.py")
    assert version is not None
    return version.hash


@pytest.mark.asyncio
async def test_progress_is_told_while_files_are_read(finder: ChildFinder) -> None:
    told: list[tuple[int, int]] = []
    await finder.rank(GOAL, on_progress=lambda done, total: told.append((done, total)))
    assert told
    assert told[-1] == (5, 5)


@pytest.mark.asyncio
async def test_without_history_the_answer_says_that_it_is_not_whole(finder: ChildFinder) -> None:
    early = await finder.rank(GOAL, with_history=False)
    assert not early.is_whole
    late = await finder.rank(GOAL)
    assert late.is_whole
    assert [fact.id.partition(":")[0] for fact in late.facts] == ["commit"] * len(late.facts)
    assert (await finder.rank(GOAL, with_history=False)).is_whole


@pytest.mark.asyncio
async def test_a_child_that_is_killed_is_started_again(finder: ChildFinder) -> None:
    await finder.rank(GOAL)
    first = finder.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await wait_until(lambda: finder.pid is None)
    assert (await finder.rank(GOAL)).candidates
    assert finder.pid != first


@pytest.mark.asyncio
async def test_a_question_in_the_child_that_dies_fails_in_one_sentence(finder: ChildFinder) -> None:
    await finder.rank(GOAL)
    assert finder.pid is not None
    os.kill(finder.pid, signal.SIGSTOP)
    asking = asyncio.ensure_future(finder.rank(GOAL))
    await asyncio.sleep(0)
    os.kill(finder.pid, signal.SIGKILL)
    with pytest.raises(FinderFault, match=r"The search process ended.*; rerun retrieve"):
        await asking


@pytest.mark.asyncio
async def test_closing_ends_the_child(tree: Tree) -> None:
    finder = ChildFinder(tree.root, tree.cache, ENVIRONMENT)
    await finder.rank(GOAL)
    pid = finder.pid
    assert pid is not None
    await finder.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.asyncio
async def test_a_question_that_is_given_up_leaves_the_next_one_alone(finder: ChildFinder) -> None:
    asking = asyncio.ensure_future(finder.rank(GOAL))
    await wait_until(lambda: finder.pid is not None)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await finder.rank(GOAL)).candidates


@pytest.mark.asyncio
async def test_an_interpreter_that_is_not_there_is_told(tree: Tree, tmp_path: Path) -> None:
    finder = ChildFinder(tree.root, tree.cache, ENVIRONMENT, python=str(tmp_path / "none"))
    with pytest.raises(FinderFault, match="could not be started"):
        await finder.rank(GOAL)
    await finder.close()


@pytest.mark.asyncio
async def test_where_no_index_can_be_kept_it_is_kept_aside(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finder = ChildFinder(tree.root, tmp_path / "file" / "cache", ENVIRONMENT)
    found: Found = await finder.rank(GOAL)
    assert found.candidates[0].path == "shop/basket.py"
    await finder.close()


@pytest.mark.asyncio
async def test_definitions_are_found_by_name_part_and_near_miss(finder: ChildFinder) -> None:
    exact = await finder.definitions("total_price", 5)
    assert exact[0] == Definition("total_price", "shop/basket.py", 2, 3, "method")
    assert "send_invoice" in {d.name for d in await finder.definitions("invoice", 5)}
    assert "total_price" in {d.name for d in await finder.definitions("totalprice", 5)}
    assert await finder.definitions("zzzzqqq", 5) == ()


@pytest.mark.asyncio
async def test_a_dotted_name_means_that_member_first(finder: ChildFinder, tree: Tree) -> None:
    tree.write({"shop/a_till.py": "class Till:\n    def total_price(self):\n        return 1\n"})
    first, *_ = await finder.definitions("Basket.total_price", 5)
    assert first.path == "shop/basket.py"
    plain, *_ = await finder.definitions("total_price", 5)
    assert plain.path == "shop/a_till.py"


@pytest.mark.asyncio
async def test_a_closed_finder_starts_nothing(finder: ChildFinder) -> None:
    await finder.close()
    with pytest.raises(FinderFault, match="is closed"):
        await finder.rank(GOAL)
    assert finder.pid is None


@pytest.mark.parametrize(
    ("path", "text", "outline"),
    [
        (
            "src/Files.java",
            "class Files {\n"
            + "".join(
                f"  void {n}() {{\n    a();\n    b();\n    c();\n  }}\n"
                for n in ("Files", "copy", "build")
            )
            + "}\n",
            "Files (copy, build)",
        ),
        (
            "src/Sink.cs",
            "namespace Shop.Sinks {\n  class RaygunSink {\n    void Emit() {\n      a();\n      b();\n"
            "    }\n  }\n  class OtherSink {\n    void Open() {\n      a();\n      b();\n    }\n  }\n}\n",
            "Shop.Sinks.RaygunSink (Emit), Shop.Sinks.OtherSink (Open)",
        ),
    ],
)
def test_an_outline_tells_what_is_inside_and_not_only_what_holds_it(
    tree: Tree, path: str, text: str, outline: str
) -> None:
    tree.write({path: text})
    finding = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    found = {one.path: one.outline for one in finding.rank("zebra files sink").candidates}
    assert found[path] == f"{path}: {outline}"
    finding.close()

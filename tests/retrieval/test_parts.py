"""What a repository is made of, as the plan phase and the context panel are told."""

from pathlib import Path

import pytest

from core.adapters.finding import Finding
from core.adapters.index_parts import describe, described
from core.adapters.index_store import IndexDamaged, IndexStore
from core.domain.project import Part
from core.retrieval.architecture import Used, architecture
from tests.retrieval.trees import ENVIRONMENT, Tree

USES = "from shop.price import PriceList, round_price\n\n\ndef {name}(rows):\n    return round_price(PriceList(rows))\n"


def parts_of(tree: Tree) -> tuple[str, ...]:
    finding = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    try:
        return tuple(part.line for part in finding.rank("mend the price").project.made_of)
    finally:
        finding.close()


def test_parts_are_told_largest_first_with_what_the_rest_uses_most(tree: Tree) -> None:
    tree.commit(
        "price",
        {
            "shop/price.py": "class PriceList:\n    pass\n\n\ndef round_price(x):\n    return x\n\n\n"
            "def never_called(x):\n    return x\n",
            **{f"post/letter_{n}.py": USES.format(name=f"letter_{n}") for n in range(2)},
        },
    )
    first, second = parts_of(tree)
    assert first.startswith("shop (4 files): PriceList, round_price, never_called")
    assert second.startswith("post (2 files)")


def test_the_parts_follow_the_files(tree: Tree) -> None:
    finding = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    before = finding.rank("mend the price").project.made_of
    tree.write({"till/drawer.py": "class CashDrawer:\n    pass\n"})
    after = finding.rank("mend the price").project.made_of
    assert [part.folder for part in before] == ["shop"]
    assert [part.folder for part in after] == ["shop", "till"]
    finding.close()


def test_a_folder_that_holds_nearly_everything_is_told_by_its_own_folders() -> None:
    paths = [f"src/app/{part}/{n}.py" for part in ("core", "web") for n in range(5)] + ["setup.py"]
    rows = architecture(paths, [Used("Engine", "src/app/core/1.py", 9.0)])
    assert [row.line for row in rows] == [
        "src/app/core (5 files): Engine",
        "src/app/web (5 files)",
        ". (1 file)",
    ]


def test_one_flat_folder_is_one_part() -> None:
    assert architecture(["a/b/c.py", "a/b/d.py"], []) == (Part("a/b", 2),)
    assert architecture([], []) == ()


def test_a_purpose_is_told_of_its_own_part_alone(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "i.sqlite")
    describe(store, [Part("a: b", 1, (), "of a: b", "m")])
    assert [part.purpose for part in described(store, [Part("a: b", 7), Part("a", 9, ("b",))])] == [
        "of a: b",
        "",
    ]
    store.close()


@pytest.mark.parametrize("row", ["[" * 100_000, "[1]", '{"a": 1}', "{", "7"])
def test_a_damaged_row_of_purposes_is_damage_of_the_index(tmp_path: Path, row: str) -> None:
    store = IndexStore(tmp_path / "i.sqlite")
    with store.writing() as batch:
        batch.keep("purposes", row)
    with pytest.raises(IndexDamaged):
        described(store, [Part("a", 1)])
    store.close()

from pathlib import Path

import pytest

from tests.retrieval.trees import Tree

SHOP = {
    "shop/basket.py": "class Basket:\n    def total_price(self):\n        return sum(self.prices)\n",
    "shop/invoice.py": "def send_invoice(customer):\n    letter = customer.address\n    return letter\n",
    "shop/warehouse.py": "def refill(shelf):\n    while shelf.gap:\n        shelf.push(box)\n",
    "tests/test_basket.py": "def test_total_price():\n    assert Basket().total_price() == 0\n",
    "docs/basket.md": "# Baskets\n\nA basket has a total price.\n",
}


@pytest.fixture
def plain(tmp_path: Path) -> Tree:
    """A small shop in a plain folder."""
    tree = Tree(tmp_path / "shop-root", tmp_path / "cache")
    tree.write(SHOP)
    return tree


@pytest.fixture
def tree(plain: Tree) -> Tree:
    """The same shop under git, committed."""
    plain.git("init", "-q", "-b", "main", ".")
    plain.commit("begin")
    return plain

"""Versions and source of dependencies as facts of a goal."""

from core.adapters.finding import Finding
from core.domain.context import Found, Trust
from tests.retrieval.trees import ENVIRONMENT, Tree

LOCK = '[[package]]\nname = "pricelib"\nversion = "2.1.0"\n\n[[package]]\nname = "attrs"\nversion = "24.1"\n'
SITE = ".venv/lib/python3.11/site-packages"
INSTALLED = {
    f"{SITE}/pricelib/__init__.py": "from pricelib.rounding import round_up\n",
    f"{SITE}/pricelib/rounding.py": "def round_up(price, step):\n    return price // step * step + step\n",
    f"{SITE}/pricelib-2.1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: pricelib\nVersion: 2.1.0\n",
    f"{SITE}/pricelib-2.1.0.dist-info/RECORD": "pricelib/__init__.py,,\npricelib/rounding.py,,\n",
}
GOAL = "call `pricelib.round_up` for the total price of a basket"


def found(tree: Tree, goal: str) -> Found:
    finding = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    try:
        return finding.rank(goal)
    finally:
        finding.close()


def test_a_named_package_brings_its_version_and_what_the_goal_names_of_it(tree: Tree) -> None:
    tree.commit("lock", {"uv.lock": LOCK, ".gitignore": ".venv\n"})
    tree.write(INSTALLED)
    facts = {fact.trust: fact for fact in found(tree, GOAL).facts}
    assert facts[Trust.VERSION].text == "pricelib 2.1.0"
    source = facts[Trust.DEPENDENCY]
    assert source.id == "dep:pricelib@2.1.0/pricelib/rounding.py:1-2"
    assert source.text.startswith("def round_up(price, step):")


def test_another_version_than_the_locked_one_is_told_and_not_quoted(tree: Tree) -> None:
    tree.commit("lock", {"uv.lock": LOCK.replace("2.1.0", "3.0.0"), ".gitignore": ".venv\n"})
    tree.write(INSTALLED)
    facts = found(tree, GOAL).facts
    assert Trust.DEPENDENCY not in {fact.trust for fact in facts}
    assert "pricelib: locked 3.0.0, installed 2.1.0" in {fact.text for fact in facts}


def test_a_lock_file_among_tests_says_nothing_of_the_project(tree: Tree) -> None:
    tree.commit("lock", {"tests/data/uv.lock": LOCK})
    assert Trust.VERSION not in {fact.trust for fact in found(tree, GOAL).facts}


def test_a_package_that_no_lock_file_holds_is_missing(tree: Tree) -> None:
    tree.commit("lock", {"uv.lock": LOCK})
    goal = "upgrade `taxlib` to 2 in the total price of a basket"
    assert found(tree, goal).missing == "no lock file here holds `taxlib`"
    assert found(tree, GOAL).missing == ""


def test_the_lock_file_is_read_again_when_it_changes(tree: Tree) -> None:
    tree.commit("lock", {"uv.lock": LOCK})
    finding = Finding.open(tree.root, tree.cache, ENVIRONMENT)
    first = finding.rank(GOAL).facts
    tree.write({"uv.lock": LOCK.replace("2.1.0", "2.2.0")})
    second = finding.rank(GOAL).facts
    finding.close()
    assert [f.text for f in (*first, *second) if f.trust is Trust.VERSION] == [
        "pricelib 2.1.0",
        "pricelib 2.2.0",
    ]

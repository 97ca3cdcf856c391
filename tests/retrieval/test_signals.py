from tests.retrieval.trees import Tree


def test_words_of_a_function_find_its_file(tree: Tree) -> None:
    assert tree.first("where do we sum the prices") == "shop/basket.py"


def test_words_of_a_path_find_the_file_whatever_it_holds(tree: Tree) -> None:
    tree.commit("empty", {"shop/telescope.py": "x = 1\n"})
    assert tree.first("the telescope is broken") == "shop/telescope.py"
    assert "path" in tree.why("the telescope is broken")


def test_the_file_that_defines_a_name_comes_before_those_that_use_it(tree: Tree) -> None:
    tree.commit(
        "uses",
        {
            f"shop/user{n}.py": f"def visit_{n}():\n    return locate_app()\n" + "other = 1\n" * 80
            for n in range(3)
        }
        | {"shop/finder.py": "def locate_app(name):\n    return name\n" + "other = 1\n" * 80},
    )
    assert tree.first("`locate_app` fails") == "shop/finder.py"
    assert "defines `locate_app`" in tree.why("`locate_app` fails")


def test_a_named_path_comes_first(tree: Tree) -> None:
    assert tree.first("total price is wrong in shop/warehouse.py") == "shop/warehouse.py"
    assert "named as shop/warehouse.py" in tree.why("price is wrong in shop/warehouse.py")


def test_a_dotted_module_is_a_mention_of_its_file(tree: Tree) -> None:
    tree.commit("deep", {"shop/deep/down.py": "x = 1\n"})
    assert tree.first("import of shop.deep.down fails") == "shop/deep/down.py"
    assert tree.first("calling shop.deep.down.Thing fails") == "shop/deep/down.py"


def test_a_traceback_names_its_files(tree: Tree) -> None:
    report = (
        "It crashes when I pay\n\nTraceback (most recent call last):\n"
        '  File "/home/me/venv/shop/warehouse.py", line 2, in refill\n'
        "ValueError: no\n"
    )
    assert tree.first(report) == "shop/warehouse.py"


def test_pasted_text_weighs_less_than_prose(tree: Tree) -> None:
    report = "The shelf gap is wrong\n\n```\nsend invoice customer letter address\n```\n"
    assert tree.first(report) == "shop/warehouse.py"
    assert tree.first("send invoice customer letter address shelf") == "shop/invoice.py"


def test_a_past_commit_points_at_what_it_changed(tree: Tree) -> None:
    sha = tree.commit(
        "Speed up the quarterly reconciliation", {"shop/warehouse.py": "def f(): 0\n"}
    )
    assert tree.first("quarterly reconciliation is slow") == "shop/warehouse.py"
    assert f"commit {sha[:8]} said Speed up" in tree.why("quarterly reconciliation is slow")
    assert tree.ask("quarterly reconciliation").ranking.commits[0].sha == sha


def test_no_commit_newer_than_head_is_read(tree: Tree) -> None:
    tree.commit("Speed up the quarterly reconciliation", {"shop/warehouse.py": "def f(): 0\n"})
    assert tree.files("quarterly reconciliation")
    tree.git("checkout", "-q", "HEAD~1")
    assert tree.ask("quarterly reconciliation").ranking.commits == ()
    assert tree.files("quarterly reconciliation") == []


def test_commits_that_head_no_longer_reaches_are_not_used_before_history_is_read(
    tree: Tree,
) -> None:
    tree.commit("Speed up the quarterly reconciliation", {"shop/warehouse.py": "def f(): 0\n"})
    assert tree.files("quarterly reconciliation")
    tree.git("checkout", "-q", "HEAD~1")
    retriever = tree.retriever()
    answer = retriever.ask("quarterly reconciliation", 5, with_history=False)
    retriever.close()
    assert answer.ranking.commits == ()
    assert answer.ranking.files == ()


def test_a_misspelt_name_finds_its_definition(tree: Tree) -> None:
    assert tree.first("refil does nothing") == "shop/warehouse.py"
    assert "defines `refill`" in tree.why("refil does nothing")


def test_source_tests_and_docs_are_ranked_apart(tree: Tree) -> None:
    ranking = tree.ask("basket total price").ranking
    assert ranking.files[0].path == "shop/basket.py"
    assert [r.path for r in ranking.tests] == ["tests/test_basket.py"]
    assert [r.path for r in ranking.docs] == ["docs/basket.md"]
    assert not any(r.path.startswith(("tests/", "docs/")) for r in ranking.files)


def test_no_more_than_k_of_each_lane_are_given(tree: Tree) -> None:
    assert len(tree.files("shop", k=2)) == 2


def test_a_goal_that_shares_no_word_finds_nothing(tree: Tree) -> None:
    assert tree.files("xylophone") == []
    assert tree.files("") == []


def test_the_same_text_under_two_names_is_found_under_both(tree: Tree) -> None:
    text = "def kangaroo():\n    return 1\n"
    tree.commit("twice", {"one/a.py": text, "two/b.py": text})
    assert sorted(tree.files("kangaroo")) == ["one/a.py", "two/b.py"]


def test_functions_are_found_in_languages_without_python_in_them(tree: Tree) -> None:
    tree.commit(
        "polyglot",
        {
            "go/relay.go": "package relay\n\nfunc (r *Runner) HandOver(b Baton) error {\n\treturn nil\n}\n",
            "js/track.js": "export const drawTrack = () => {\n  return 1;\n};\n",
            "odd/script.awkward": "function measureWind() {\n  1\n}\n",
        },
    )
    assert "defines `HandOver`" in tree.why("`HandOver` loses the baton")
    assert "defines `drawTrack`" in tree.why("`drawTrack` is slow")
    assert "defines `measureWind`" in tree.why("`measureWind` is wrong")


def test_configuration_is_ranked_beside_the_docs_unless_the_goal_names_it(tree: Tree) -> None:
    tree.commit(
        "settings",
        {
            "deploy/lantern.yml": "lantern: bright\n",
            "lantern.csproj": "<lantern/>\n",
            "Makefile": "lantern:\n\techo lantern\n",
            "shop/lantern.py": "def light_lantern():\n    return 1\n",
        },
    )
    ranking = tree.ask("the lantern is dark").ranking
    assert [r.path for r in ranking.files] == ["shop/lantern.py"]
    assert {r.path for r in ranking.docs} >= {"deploy/lantern.yml", "lantern.csproj", "Makefile"}
    assert "deploy/lantern.yml" in tree.files("the lantern of deploy/lantern.yml is dark")
    assert "Makefile" in tree.files("the lantern of the Makefile is dark")


def test_tests_are_known_by_the_names_of_their_languages(tree: Tree) -> None:
    tree.commit(
        "more tests",
        {
            "src/PlatypusTests.cs": "class PlatypusTests { void Swims() {} }\n",
            "src/it/PlatypusTest.java": "class PlatypusTest { void swims() {} }\n",
            "Zoo.UnitTests/Platypus.cs": "class Platypus { void Swims() {} }\n",
            "src/PlatypusSpecs.cs": "class PlatypusSpecs { void Swims() {} }\n",
            "Zoo.Specs/Platypus.cs": "class Platypus { void Swims() { } }\n",
            "Zoo.SharedSpecs/Platypus.cs": "class Platypus { void  Swims() {} }\n",
            "src/latest.cs": "class Latest { void PlatypusSwims() {} }\n",
        },
    )
    ranking = tree.ask("platypus swims").ranking
    assert [r.path for r in ranking.files] == ["src/latest.cs"]
    assert len(ranking.tests) == 6


def test_programs_that_are_named_like_documents_are_source(tree: Tree) -> None:
    programs = {
        "cmd/license_gpl.go": "package cmd\n\nfunc octopus() {}\n",
        "shop/changes.py": "def octopus(): 1\n",
        "web/news.ts": "export function octopus() {}\n",
    }
    documents = dict.fromkeys(
        ("LICENSE", "Changes.html", "CHANGES.octopus", "History.markdown", "man/octopus.1"),
        "def octopus():\n    the octopus of old\n",
    )
    tree.commit("names", programs | documents)
    ranking = tree.ask("octopus").ranking
    assert {r.path for r in ranking.files} == set(programs)
    assert {r.path for r in ranking.docs} == set(documents)


def test_examples_and_generated_code_come_after_what_people_maintain(tree: Tree) -> None:
    code = "def hang_chandelier(hook):\n    return hook\n"
    more = "\ndef unhang(hook):\n    return None\n\n\ndef polish(glass):\n    return glass\n"
    tree.commit(
        "chandeliers",
        {
            "examples/ceiling.py": code,
            "shop/made.py": f"# Generated by ceilings 1.0. DO NOT EDIT.\n{code}",
            "shop/attic.py": code + more,
        },
    )
    assert tree.files("hang the chandelier on a hook")[0] == "shop/attic.py"
    assert tree.files("example of a chandelier on a hook")[0] == "examples/ceiling.py"


def test_the_part_that_a_title_begins_with_finds_its_folder(tree: Tree) -> None:
    code = "def open_door(key):\n    return key\n"
    tree.commit("doors", {f"{place}/door.py": f"{code}{place} = 1\n" for place in ("ark", "barn")})
    assert tree.first("barn: the door does not open with the key of the ark") == "barn/door.py"
    assert tree.first("fix(ark): door of the barn does not open") == "ark/door.py"


def test_words_below_the_title_weigh_less(tree: Tree) -> None:
    text = "The shelf gap\n\nSee how a letter goes to the address of a customer.\n"
    assert tree.first(text) == "shop/warehouse.py"
    assert tree.first(text.replace("\n", " ")) == "shop/invoice.py"


FORM = """The shelf gap is wrong

### Describe the bug

It cannot be refilled.

### To reproduce

Push a box.

### Which version of the letter do you send?

    letter letter letter

### Expected behaviour

- [x] My customer has an address.
"""


def test_what_a_form_asks_about_a_machine_is_not_searched(tree: Tree) -> None:
    assert tree.files(FORM) == ["shop/warehouse.py"]


def test_a_fenced_remark_is_no_heading_of_a_form(tree: Tree) -> None:
    fenced = FORM.replace("### Which", "```\n# Which").replace("letter\n\n", "letter\n```\n\n")
    assert "shop/invoice.py" in tree.files(fenced)


def test_headings_of_a_goal_that_is_no_form_are_searched(tree: Tree) -> None:
    goal = "Mend the shelf\n\n## Version of the letter\n\nThe customer has no address.\n"
    assert "shop/invoice.py" in tree.files(goal)


def test_all_that_was_said_of_a_file_counts_together(tree: Tree) -> None:
    for n, word in enumerate(("kelp", "coral", "shrimp")):
        tree.commit(f"Take the {word} out", {"shop/warehouse.py": f"def refill(): {n}\n"})
    tree.commit("Take the kelp in", {"shop/invoice.py": "def send(): 1\n"})
    for n in range(5):
        tree.commit("Polish", {"shop/invoice.py": f"def send(): {n}\n"})
    assert tree.first("kelp with coral and shrimp") == "shop/warehouse.py"


def test_pages_that_a_program_printed_from_the_sources_are_not_searched(tree: Tree) -> None:
    page = "<html>\n<!-- Generated by javadoc (17) -->\n<p>platypus egg</p>\n</html>\n"
    own = "<html>\n<p>platypus egg</p>\n</html>\n"
    tree.commit("pages", {"docs/api/a.html": page, "web/own.html": own})
    answer = tree.ask("platypus egg")
    found = [r.path for r in (*answer.ranking.files, *answer.ranking.docs)]
    assert found == ["web/own.html"]


def test_a_long_goal_finds_what_reads_like_the_code_it_finds(tree: Tree) -> None:
    """`ferry.py` has no word of the goal; it has those of the code that the goal finds."""
    said = "the parcel is delivered late whenever a holiday falls on the day before it was sent"
    moor = f'def moor(hull):\n    """{said}"""\n    bollard.fasten(hull.hawser, hull.capstan)\n'
    tree.commit(
        "boats",
        {
            "boats/parcel.py": moor,
            "boats/ferry.py": "def berth(hull):\n    hull.hawser.haul(hull.capstan, bollard)\n",
            **{f"fill/part{n}.py": f"def part_{n}():\n    return {n}\n" for n in range(60)},
        },
    )
    assert "boats/ferry.py" not in tree.files(said)
    assert "boats/ferry.py" in tree.files("\n".join([said] * 3))


STORY = (
    "Orders with a voucher cannot be placed\n\nWe sell baskets of fruit, and since the last release "
    "customers tell us that checking out with a voucher fails whenever the basket also holds a gift "
    "card. The page then says {said} and the order is lost, which nobody expected of it.\n"
)


def refusing(name: str, said: str) -> dict[str, str]:
    text = f'def check(order):\n    # voucher, basket, gift card, order, checkout\n    raise Refused("{said}")\n'
    return {f"checkout/{name}.py": text}


def test_a_file_that_holds_the_goals_words_as_they_stand_comes_first_and_says_so(
    tree: Tree,
) -> None:
    said = "These two cannot be Combined here"
    tree.write(refusing("a", "voucher basket gift card order checkout customers"))
    tree.write(refusing("b", said))
    goal = STORY.format(said=f'"{said}."')
    assert tree.first(goal) == "checkout/b.py"
    assert 'holds "these two cannot be combined"' in tree.why(goal)
    tree.write(refusing("a", f"voucher basket gift card order: {said}"))
    assert tree.first(goal) == "checkout/a.py"
    assert "holds" not in tree.why(goal)


def test_lines_of_links_and_imports_are_no_words_of_anybody(tree: Tree) -> None:
    line = "from checkout.rules import voucher, basket, gift, card"
    tree.write(refusing("a", "voucher basket gift card order checkout customers"))
    tree.write({"checkout/b.py": f"{line}\n\n\ndef order(customers):\n    pass\n"})
    assert "holds" not in tree.why(f"{STORY.format(said='nothing')}\n{line}\n")


def test_words_of_other_languages_are_words(tree: Tree) -> None:
    said = {
        "ferry": "Prüft die Größe der Fähre",
        "harbour": "проверяет глубину гавани",
        "lock": "水門の開閉時間を確認する",
    }
    tree.write(
        {f"boats/{n}.py": f"def {n}():\n    # {text}\n    pass\n" for n, text in said.items()}
    )
    assert tree.first("Fähre zu klein") == "boats/ferry.py"
    assert tree.first("ГЛУБИНУ неверно") == "boats/harbour.py"
    assert tree.first("開閉が遅い") == "boats/lock.py"
    assert tree.ask("Züge überholen").missing == "nothing here speaks of Züge, überholen"


def test_a_name_that_is_nearly_spelt_is_trusted_as_its_definition(tree: Tree) -> None:
    tree.write({"web/flash.py": "def get_flashed_messages():\n    return []\n"})
    assert tree.ask("get_flashed_mesages returns stale rows").missing == ""
    assert "defines `get_flashed_messages`" in tree.why("get_flashed_mesages returns stale rows")
    assert tree.ask("get_frobnicated_wombats returns stale zebras").missing

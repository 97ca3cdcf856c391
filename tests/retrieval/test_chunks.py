"""Python is cut by indentation; this holds it to what the parser finds."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.retrieval.chunks import Definition, cut
from core.syntax.outline import outline_of
from core.syntax.tree import parse

OWN = sorted((Path(__file__).parent.parent.parent / "core").rglob("*.py"))

ODD = '''\
"""A module.
def not_one(): pass
"""
import x


@decorated(
    "with", lambda y: (
        y
    ),
)
@twice
class Outer(
    Base,
):
    """Text
at the margin.
    """

    async def one(self, a="""
b""", c=1) -> None:
        query = """
SELECT def class
""" % (
            a,
        )
        # of one

    # of Outer
    class Inner:
        @property
        def two(self):
            def three():
                return 1

            return three


# of nobody
if x:
    def four(): return """one row"""
else:
\tdef five():
\t\tpass

value = """
"""
'''


def parsed(text: str) -> list[Definition]:
    found = outline_of(parse(text, "python"), "python", text.split("\n"))
    return [Definition(s.name, s.kind, s.start_line, s.end_line, s.parent) for s in found]


def functions_and_classes(found: "list[Definition] | tuple[Definition, ...]") -> set[Definition]:
    return {one for one in found if one.kind in ("class", "function", "method")}


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_definitions_are_those_of_the_parser(path: Path) -> None:
    text = path.read_text()
    assert functions_and_classes(cut(path.name, text).definitions) == functions_and_classes(
        parsed(text)
    )


def test_odd_python_is_cut_as_the_parser_would() -> None:
    found = functions_and_classes(cut("odd.py", ODD).definitions)
    assert found == functions_and_classes(parsed(ODD))
    assert {one.name for one in found} == {"Outer", "one", "Inner", "two", "three", "four", "five"}


@pytest.mark.parametrize(
    "text",
    [
        'quote = \'"""\'\n\n\ndef one():\n    return \'"""\'\n',
        '# three """\ndef one():\n    return 1\n\n# three """\n',
    ],
)
def test_quotes_within_strings_and_comments_hide_no_function(text: str) -> None:
    found = functions_and_classes(cut("odd.py", text).definitions)
    assert [(one.name, one.start) for one in found] == [
        ("one", text[: text.find("def")].count("\n") + 1)
    ]


ENDLESS = (
    '"""Doc."""\nC = [' + '"#a0b1c2",' * 38_000 + "]\n",
    '"""Doc."""\n' + "#" * 300_000 + "\n",
    'x \\""" y\n' * 19_000,
)


@pytest.mark.parametrize("text", ENDLESS, ids=["colours", "remarks", "strings without an end"])
def test_no_text_is_gone_through_again_and_again(text: str) -> None:
    """Each took minutes where a line, or the rest of the file, was read for each of its marks."""
    code = "import sys; from core.retrieval.chunks import cut; cut('a.py', sys.stdin.read())"
    done = subprocess.run([sys.executable, "-c", code], input=text, text=True, timeout=20)
    assert done.returncode == 0

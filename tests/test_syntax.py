import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.syntax.faults import SyntaxFault, syntax_errors
from core.syntax.languages import LANGUAGES, language_of, unix
from core.syntax.match import Rule, rule_matches
from core.syntax.outline import outline
from core.syntax.sites import SiteKind, identifier_sites
from core.syntax.tree import RuleFault, parse

CASES = Path(__file__).parent / "cases" / "syntax"


def load(name: str) -> list[Any]:
    text = (CASES / f"{name}.yaml").read_text("utf-8")
    return [pytest.param(case, id=case["path"]) for case in yaml.safe_load_all(text)]


def test_every_bundled_language_parses() -> None:
    assert {parse("", language).kind() for language in LANGUAGES}


def test_a_language_that_is_not_bundled_is_refused_before_it_can_panic() -> None:
    with pytest.raises(KeyError):
        parse("", "cobol")


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.PY", "python"),
        ("a.pyi", "python"),
        ("Gemfile", "ruby"),
        ("x.tsx", "tsx"),
        ("x.d.ts", "typescript"),
        ("Makefile", None),
        ("a.toml", None),
        ("py", None),
    ],
)
def test_language_is_told_by_name(path: str, language: str | None) -> None:
    assert language_of(path) == language


def test_importing_syntax_does_not_import_ast_grep() -> None:
    names = "languages, tree, outline, faults, sites, match"
    code = f"import sys; from core.syntax import {names}; print('ast_grep_py' in sys.modules)"
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("case", load("outline"))
def test_outline(case: dict[str, Any]) -> None:
    found = outline(case["path"], case["text"])
    assert [f"{s.kind} {s.path} {s.start_line}-{s.end_line}" for s in found] == case["symbols"]


def test_every_language_with_definitions_has_an_outline_case() -> None:
    cases: list[Any] = [param.values[0] for param in load("outline")]
    assert {language_of(case["path"]) for case in cases} == set(LANGUAGES)


def test_outline_lines_are_the_same_with_windows_line_ends() -> None:
    text = "class A:\n    def é(self):\n        pass\n"
    assert outline("a.py", text.replace("\n", "\r\n")) == outline("a.py", text)


@pytest.mark.parametrize("case", load("sites"))
def test_sites(case: dict[str, Any]) -> None:
    found = identifier_sites(case["path"], case["text"], "old")
    rows = [f"{s.line}:{s.column} {s.kind.value} {s.owner}".strip() for s in found]
    assert ", ".join(rows) == case["sites"]


def test_sites_name_the_definition_around_them() -> None:
    text = "class A:\n    def m(self):\n        return old\n"
    assert [s.enclosing for s in identifier_sites("a.py", text, "old")] == ["A.m"]


@given(st.lists(st.sampled_from(["é", "日本", "😀", "old", " ", "\n", "\r\n", "+", "(", "'"])))
def test_every_site_is_where_the_name_stands(pieces: list[str]) -> None:
    text = "".join(pieces)
    lines = unix(text).split("\n")
    for site in identifier_sites("a.py", text, "old"):
        assert lines[site.line - 1][site.column : site.column + 3] == "old"


def test_a_byte_order_mark_does_not_move_columns() -> None:
    (site,) = identifier_sites("a.py", "\ufeffold\r\n", "old")
    assert (site.line, site.column, site.kind) == (1, 0, SiteKind.IDENTIFIER)


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("a.py", "x = (\ny\n", SyntaxFault(1, 4, "'(' was never closed")),
        ("a.py", "é = 1\n", None),
        ("a.py", "x = '\0'", SyntaxFault(1, 0, "source code string cannot contain null bytes")),
        ("a.json", '{"a": 1,}', SyntaxFault(1, 8, "Expecting property name enclosed")),
        ("a.jsonl", '{"a": 1}\n\n{"a"}', SyntaxFault(3, 4, "Expecting ':' delimiter")),
        ("a.toml", "a = 1\nb = \n", SyntaxFault(2, 4, "Invalid value")),
        ("a.toml", "a = 1\n", None),
        ("a.ts", "const x: number = ;\n", SyntaxFault(1, 16, "unexpected `=`")),
        ("a.ts", "const x: number = 1;\n", None),
        ("a.go", "package p\nfunc f() {\n", SyntaxFault(2, 9, "unexpected `{`")),
        ("a.sh", "if true; then\n", SyntaxFault(1, 13, "missing `fi`")),
        ("a.c", "int f() { return 1 }\n", SyntaxFault(1, 18, "missing `;`")),
        ("a.rs", "fn f() { 1 }\n", None),
        ("a.js", "foo(\n", SyntaxFault(1, 0, "unexpected `foo(`")),
        ("a.js", "let x = 1\nlet y\n", None),
        ("a.md", "# ((", None),
        ("a.unknown", "((", None),
    ],
)
def test_syntax_errors(path: str, text: str, fault: SyntaxFault | None) -> None:
    found = syntax_errors(path, text)
    if fault is None:
        assert found == ()
        return
    first = found[0]
    assert (first.line, first.column) == (fault.line, fault.column)
    assert first.message.startswith(fault.message)


def test_every_outline_sample_is_free_of_syntax_errors() -> None:
    cases: list[Any] = [param.values[0] for param in load("outline")]
    assert {c["path"]: syntax_errors(c["path"], c["text"]) for c in cases} == {
        c["path"]: () for c in cases
    }


def matched(text: str, rule: dict[str, Any], fix: str, **more: Any) -> list[tuple[Any, ...]]:
    found = rule_matches(Rule("r", "python", rule, fix, **more), "a.py", text)
    return [(m.line, m.column, m.old, m.new) for m in found]


def test_a_fix_keeps_the_source_between_arguments() -> None:
    text = "é = f(1,  # one\n      2)\n"
    new = "g(0, 1,  # one\n      2)"
    found = matched(text, {"pattern": "f($$$A)"}, "g(0, $$$A)")
    assert found == [(1, 4, "f(1,  # one\n      2)", new)]


def test_a_fix_leaves_no_comma_where_nothing_was_captured() -> None:
    assert [m[3] for m in matched("f()\n", {"pattern": "f($$$A)"}, "g(0, $$$A)")] == ["g(0)"]
    assert [m[3] for m in matched("f()\n", {"pattern": "f($$$A)"}, "g($$$A, 0)")] == ["g(0)"]


def test_a_fix_over_lines_is_indented_where_it_lands() -> None:
    text = "def f():\n  if x:\n    a()\n    if y:\n       c()\n"
    rule = {"pattern": "if $C:\n    $$$B"}
    ((line, column, _, new),) = matched(text, rule, "with ctx($C):\n    $$$B")
    assert (line, column) == (2, 2)
    assert new == "with ctx(x):\n      a()\n      with ctx(y):\n          c()"


def test_a_long_string_is_never_re_indented() -> None:
    text = 'def f():\n  if x:\n    a("""\n    keep""")\n'
    rule = {"pattern": "if $C:\n    $$$B"}
    ((_, _, _, new),) = matched(text, rule, "with $C:\n        $$$B")
    assert new == 'with x:\n          a("""\n    keep""")'


def test_constraints_and_transforms_take_part() -> None:
    found = matched(
        "f(1)\nf(a)\n",
        {"pattern": "f($A)"},
        "g($B)",
        constraints={"A": {"kind": "identifier"}},
        transform={"B": {"convert": {"source": "$A", "toCase": "upperCase"}}},
    )
    assert found == [(2, 0, "f(a)", "g(A)")]


def test_a_rule_ast_grep_refuses_is_told_on_one_line() -> None:
    with pytest.raises(RuleFault, match=r"^Kind `nope` is invalid$"):
        matched("f(1)", {"kind": "nope"}, "x")

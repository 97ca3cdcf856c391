import pytest

from core.domain.goal import Scope, matches
from core.domain.path import UnsafePath, folded, safe_path


@pytest.mark.parametrize(
    "path",
    [
        "../x", "a/../../x", "/etc/passwd", "~/x", "C:\\x", "c:/x", "\\\\host\\share", "", ".", "a\0b", "a\nb", "\x1b[0m",
        ".git/config", "a/.git/hooks/x", ".GIT/config", "git~1/config", ".g\u200cit/config", ".git./x", ".git /x", ".git::$INDEX/x",
    ],
)  # fmt: skip
def test_paths_that_are_never_written(path: str) -> None:
    with pytest.raises(UnsafePath):
        safe_path(path)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("./a/b.py", "a/b.py"),
        ("a//b", "a/b"),
        (".github/x.yml", ".github/x.yml"),
        ("a\\b.py", "a/b.py"),
        ("-x", "-x"),
    ],
)
def test_other_paths_have_one_spelling(path: str, plain: str) -> None:
    assert safe_path(path) == plain


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("a/b.py", "a/*.py", True),
        ("a/b/c.py", "a/*.py", False),
        ("a/b/c.py", "a/**", True),
        ("a/b/c.py", "**/c.py", True),
        ("c.py", "**/c.py", True),
        ("a/b/c.py", "a", True),
        ("ab/c.py", "a", False),
        ("a/b.pyc", "a/b.py", False),
        ("a+b/c.py", "a+b/*.py", True),
    ],
)
def test_globs(path: str, glob: str, expected: bool) -> None:
    assert matches(path, glob) is expected


def test_deny_wins_over_write_and_unsafe_paths_are_in_no_scope() -> None:
    scope = Scope(write=("src/**",), deny=("src/gen/**",))
    assert scope.allows_write("src/a.py")
    assert not scope.allows_write("src/gen/a.py")
    assert not scope.allows_write("docs/a.md")
    assert not Scope().allows_write("../a")


def test_spellings_of_one_file_meet() -> None:
    assert folded("Cafe\u0301.py") == folded("CAF\u00c9.PY")

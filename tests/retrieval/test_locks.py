import pytest

from core.retrieval.locks import Locked, is_lock_file, locked

UV = '[[package]]\nname = "Typing_Extensions"\nversion = "4.12.2"\nsource = { registry = "x" }\n'
NPM = '{"lockfileVersion": 3, "packages": {"": {"version": "1"}, "node_modules/@babel/core": {"version": "7.1.0"}, "node_modules/a/node_modules/left-pad": {"version": "1.3.0"}}}'
NPM1 = '{"lockfileVersion": 1, "dependencies": {"left-pad": {"version": "1.3.0"}}}'
PNPM5 = "lockfileVersion: 5.4\npackages:\n\n  /@babel/core/7.1.0:\n    resolution: {}\n"
PNPM9 = "packages:\n\n  '@babel/core@7.1.0(supports-color@5.5.0)':\n    resolution: {}\n"
YARN1 = '# yarn lockfile v1\n\n"@babel/core@^7.0.0", "@babel/core@^7.1.0":\n  version "7.1.0"\n  resolved "x"\n'
YARN2 = '"left-pad@npm:^1.3.0":\n  version: 1.3.0\n  resolution: "x"\n'
PIP = "--index-url x\nTyping.Extensions[all]==4.12.2 ; python_version > '3' \\\n    --hash=sha256:abc\nloose>=1\n"
CARGO = '[[package]]\nname = "serde"\nversion = "1.0.197"\n'
GO = "github.com/a/b v1.2.3 h1:x=\ngithub.com/a/b v1.2.3/go.mod h1:y=\n"
MOD = "module x\n\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n"


@pytest.mark.parametrize(
    ("path", "text", "name", "version"),
    [
        ("uv.lock", UV, "typing-extensions", "4.12.2"),
        ("sub/poetry.lock", UV, "typing-extensions", "4.12.2"),
        ("requirements.txt", PIP, "typing-extensions", "4.12.2"),
        ("requirements-dev.lock", PIP, "typing-extensions", "4.12.2"),
        ("Pipfile.lock", '{"default": {"Flask": {"version": "==3.0.0"}}}', "flask", "3.0.0"),
        ("package-lock.json", NPM, "@babel/core", "7.1.0"),
        ("package-lock.json", NPM1, "left-pad", "1.3.0"),
        ("pnpm-lock.yaml", PNPM5, "@babel/core", "7.1.0"),
        ("pnpm-lock.yaml", PNPM9, "@babel/core", "7.1.0"),
        ("yarn.lock", YARN1, "@babel/core", "7.1.0"),
        ("yarn.lock", YARN2, "left-pad", "1.3.0"),
        ("Cargo.lock", CARGO, "serde", "1.0.197"),
        ("go.sum", GO, "github.com/a/b", "v1.2.3"),
        ("go.mod", MOD, "github.com/a/b", "v1.2.3"),
        ("Gemfile.lock", "GEM\n  specs:\n    rack (3.0.8)\n", "rack", "3.0.8"),
        (
            "composer.lock",
            '{"packages": [{"name": "a/b", "version": "v1.2.3"}]}',
            "a/b",
            "1.2.3",
        ),
    ],
)
def test_a_lock_file_tells_exact_versions(path: str, text: str, name: str, version: str) -> None:
    assert is_lock_file(path)
    assert Locked(name, version, path) in locked(path, text)


def test_what_is_not_pinned_is_not_told() -> None:
    assert [x.name for x in locked("requirements.txt", PIP)] == ["typing-extensions"]


@pytest.mark.parametrize(
    "path", ["uv.lock", "package-lock.json", "pnpm-lock.yaml", "composer.lock"]
)
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "\0", "[[package]]\n", '{"packages": 3}', "[" * 9_999]
)
def test_a_broken_lock_file_tells_nothing(path: str, text: str) -> None:
    assert locked(path, text) == ()


def test_other_files_are_no_lock_files() -> None:
    assert not is_lock_file("src/app.py")
    assert locked("src/app.py", CARGO) == ()


def test_a_large_lock_file_is_read_in_a_moment() -> None:
    text = "".join(f'"left-pad{n}@npm:^1.{n}.0":\n  version: 1.{n}.0\n\n' for n in range(20_000))
    assert len(locked("yarn.lock", text)) == 20_000


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("uv.lock", UV.replace('registry = "x"', 'editable = "."')),
        ("uv.lock", UV.replace('registry = "x"', 'virtual = "."')),
        ("Cargo.lock", CARGO),
    ],
)
def test_what_the_repository_builds_is_its_own(path: str, text: str) -> None:
    assert [package.is_own for package in locked(path, text)] == [True]


def test_what_an_index_gives_is_not_the_repositorys_own() -> None:
    crate = CARGO + 'source = "registry+https://example.com/index"\n'
    assert [package.is_own for package in locked("uv.lock", UV) + locked("Cargo.lock", crate)] == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("path", "text", "is_whole"),
    [
        ("uv.lock", UV, True),
        (
            "requirements.txt",
            "# all\n--index-url x\na==1 \\\n    --hash=sha256:b\n\nb==2  # c\n",
            True,
        ),
        ("requirements.lock", "a==1\r\nb==2\r\n", True),
        ("requirements.txt", "a==1\nb>=2\n", False),
        ("requirements.txt", "a==1\nb\n", False),
        ("requirements.txt", "a==1\n-r more.txt\n", False),
        ("requirements.txt", "a==1\n--requirement more.txt\n", False),
        ("requirements.txt", "a==1\n-e .\n", False),
        ("requirements.txt", "a==1\n.\n", False),
        ("requirements-dev.txt", "a==1\n", False),
        ("docs/requirements.txt", "a==1\n", False),
        ("constraints.txt", "a==1\n", False),
    ],
)
def test_only_a_file_without_loose_lines_holds_everything(
    path: str, text: str, is_whole: bool
) -> None:
    assert {package.is_whole for package in locked(path, text)} == {is_whole}

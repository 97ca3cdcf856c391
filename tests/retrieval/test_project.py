import pytest

from core.retrieval.project import summarise

FILES = {
    "pyproject.toml": '[project]\nname = "x"\ndependencies = ["Flask>=3", "click"]\n'
    '[project.scripts]\nserve = "app.cli:main"\n[dependency-groups]\ndev = ["pytest"]\n',
    "uv.lock": "",
    "src/app/cli.py": "",
    "src/app/__main__.py": "",
    "web/package.json": '{"name": "web", "bin": "bin/web.js", "dependencies": {"react": "18"}}',
    "web/index.ts": "",
    "tests/test_cli.py": "",
    "README.md": "",
    "AGENTS.md": "",
    ".github/CODEOWNERS": "",
    ".github/workflows/ci.yml": "",
}


def test_a_project_is_summed_up_from_names_and_manifests() -> None:
    found = summarise(sorted(FILES), FILES.get)
    assert found.languages == (("python", 2), ("typescript", 1))
    assert found.tests == 1
    assert set(found.frameworks) == {"flask", "click", "pytest", "react"}
    assert found.entry_points == ("serve = app.cli:main", "web = bin/web.js", "src/app/__main__.py")
    assert found.lock_files == ("uv.lock",)
    assert found.owners == ".github/CODEOWNERS"
    assert found.instructions == ("AGENTS.md",)
    assert found.protected == (".github/workflows/ci.yml", "pyproject.toml")
    assert found.hint == ""
    assert found.lines()[0] == "11 files: python (2), typescript (1); 1 test files"
    assert len(found.lines()) <= 8


def test_only_manifests_are_read() -> None:
    asked: list[str] = []

    def read(path: str) -> str | None:
        asked.append(path)
        return FILES[path]

    summarise(sorted(FILES), read)
    assert sorted(asked) == ["pyproject.toml", "web/package.json"]


@pytest.mark.parametrize(
    ("tests", "word"), [(0, "no tests here"), (1, "1 test files for 40 source files"), (3, "")]
)
def test_thin_tests_are_told_with_the_reason(tests: int, word: str) -> None:
    paths = [f"src/m{n}.py" for n in range(40)] + [f"tests/test_m{n}.py" for n in range(tests)]
    hint = summarise(paths, lambda _: None).hint
    assert (word in hint) if word else hint == ""


@pytest.mark.parametrize("name", ["pyproject.toml", "package.json", "Cargo.toml", "composer.json"])
@pytest.mark.parametrize("text", ["", "[", "{", "[]", "3", "\0", "[" * 9_999])
def test_broken_manifests_tell_nothing(name: str, text: str) -> None:
    assert summarise([name], lambda _: text).frameworks == ()


@pytest.mark.parametrize(
    ("name", "text", "framework"),
    [
        ("go.mod", "require github.com/gin-gonic/gin v1.9.0\n", "gin"),
        ("Gemfile", 'gem "sinatra"\n', "sinatra"),
        ("Cargo.toml", '[dependencies]\ntokio = { version = "1" }\n', "tokio"),
        ("pom.xml", "<artifactId>spring-boot-starter-web</artifactId>", "spring-boot"),
        ("requirements.txt", "django==5\n", "django"),
    ],
)
def test_frameworks_of_other_languages_are_known(name: str, text: str, framework: str) -> None:
    assert framework in summarise([name], lambda _: text).frameworks


def test_an_empty_folder_has_no_lines() -> None:
    assert summarise([], lambda _: None).lines() == ()

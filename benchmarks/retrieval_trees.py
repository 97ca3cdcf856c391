"""A repository's trees as they once were, one after another in one folder, with no newer commit."""

import contextlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_CODE = (
    "c cc cpp cs cxx dart ex exs fs go h hh hpp hs java jl js jsx kt kts lua m mjs mm cjs ml php pl"
    " pm ps1 py pyi pyx r rb rs scala sh sql svelte swift ts mts cts tsx vb vue zig y l"
)
_SUFFIXES = frozenset(_CODE.split())
_TEST_FOLDER = re.compile(
    r"^(?:[Tt]ests?|[Ss]pecs?|__tests__|testdata|testing|fixtures?|.*[._-](?:[Tt]ests?|[Ss]pecs))$"
    r"|^[A-Za-z.]*[a-z](?:(?:Unit)?Tests|Specs)$",
)
_TEST_NAME = re.compile(
    r"^(?:test|tests|spec|conftest)\.\w+$|^tests?_|_(?:tests?|spec)\.\w+$|[.-](?:tests?|spec)\.\w+$"
    r"|[a-z](?:Tests?|Specs?|IT)\.(?:java|kt|cs|scala|swift|php)$",
)
_BESIDE = (
    "docs doc documentation examples example samples sample demo demos benchmark benchmarks bench"
    " website site vendor vendored node_modules third_party dist .github"
)
_ASIDE = frozenset(_BESIDE.split())
_GENERATED_NAME = re.compile(r"\.(?:min\.js|pb\.go|g\.cs|designer\.cs)$", re.I)


def is_source(path: str) -> bool:
    """Whether a path names code that people write: no test, no document, no vendored file."""
    *folders, name = path.split("/")
    return (
        name.rpartition(".")[2].lower() in _SUFFIXES
        and "." in name
        and not _GENERATED_NAME.search(name)
        and not _TEST_NAME.search(name)
        and not any(_TEST_FOLDER.match(folder) or folder.lower() in _ASIDE for folder in folders)
    )


def name_of(repository: Path) -> str:
    """What a repository is called in tables."""
    name = repository.resolve().name.removesuffix(".git")
    return repository.name if name in ("repo", "") else name


def git(repository: Path, *arguments: str, text: str = "") -> str:
    """What a git command says. Raises CalledProcessError."""
    plain = ("-c", "core.quotePath=false", "-c", "core.hooksPath=/dev/null")
    argv = ["git", "-C", str(repository), *plain, *arguments]
    done = subprocess.run(argv, input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Source:
    """One source file of a tree."""

    path: str
    blob: str


def sources(repository: Path, commit: str) -> list[Source]:
    """The source files of a commit, sorted by path."""
    found = []
    for row in git(repository, "ls-tree", "-r", "-z", commit).split("\0"):
        info, _, path = row.partition("\t")
        if info.startswith("100") and is_source(path):
            found.append(Source(path, info.split()[2]))
    return found


class Tree:
    """A folder with a git repository of its own that borrows the objects of another.

    It has no branch, no tag and no reflog: what HEAD reaches is all the history there is. Nothing
    is written into the repository that it borrows from. Leaving the context deletes the folder.
    """

    def __init__(self, repository: Path) -> None:
        self.name = name_of(repository)
        self._folder = Path(tempfile.mkdtemp(prefix="relaypair-trees-"))
        self.root = self._folder / self.name
        self.root.mkdir()
        git(self.root, "init", "-q")
        where = Path(git(repository, "rev-parse", "--git-common-dir").strip())
        store = (repository / where).resolve()
        borrowed = self.root / ".git/objects/info/alternates"
        borrowed.write_text(f"{store / 'objects'}\n")
        if (store / "shallow").exists():
            shutil.copy(store / "shallow", self.root / ".git/shallow")
        for key, value in (("logAllRefUpdates", "false"), ("autocrlf", "false")):
            git(self.root, "config", f"core.{key}", value)

    def move(self, commit: str) -> None:
        """Make HEAD and the files those of `commit`.

        Raises RuntimeError if a source file is lacking or if more than HEAD's past can be seen.
        """
        with contextlib.suppress(subprocess.CalledProcessError):
            # Partial clones lack blobs, often those of binaries, and need not have them.
            git(self.root, "checkout", "-q", "-f", "--detach", commit)
        git(self.root, "clean", "-ffdxq")
        for name in ("ORIG_HEAD", "FETCH_HEAD"):
            (self.root / ".git" / name).unlink(missing_ok=True)
        head = git(self.root, "rev-parse", "HEAD").strip()
        if head != git(self.root, "rev-parse", f"{commit}^{{commit}}").strip():
            raise RuntimeError(f"HEAD of {self.root} is {head}, not {commit}; check the repository")
        if lost := [s.path for s in self.sources() if not (self.root / s.path).is_file()]:
            raise RuntimeError(f"{self.name} lacks {lost[0]} of {commit}; fetch it, or go without")
        if git(self.root, "for-each-ref") or (self.root / ".git/logs").exists():
            raise RuntimeError(f"{self.root} names commits beside HEAD; check the repository")

    def sources(self) -> list[Source]:
        """The source files of the tree."""
        return sources(self.root, "HEAD")

    def text(self, source: Source) -> str:
        """The text of a file, as far as it is UTF-8."""
        return (self.root / source.path).read_bytes().decode("utf-8", "replace")

    def edit(self, source: Source, line: str) -> None:
        """Add a line to a file of the folder."""
        with (self.root / source.path).open("a") as file:
            file.write(f"\n{line}\n")

    def __enter__(self) -> "Tree":
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

"""The repository as documents: what may be read, in which lane it belongs."""

import re
from dataclasses import dataclass

from core.domain.context import Trust
from core.ports import Repo

MAX_BYTES = 400_000
"""Larger files are listed, not searched."""

_TEST = re.compile(
    r"(^|/)(tests?|testing|specs?|__tests__|testdata|fixtures?|[^/]*[._-]tests?)/"
    r"|(^|/)(tests?_[^/]*|[^/]*[._-](tests?|spec)|tests?|spec)\.\w+$|(^|/)conftest\.py$",
    re.IGNORECASE,
)
_TEST_IN_CAPITALS = re.compile(
    r"(^|/)[A-Za-z.]*[a-z](Unit)?Tests?/|[a-z](Tests?|Spec|IT)\.(java|kt|cs|vb|fs|scala|swift|php)$"
)
"""`FooTests.cs`, `Foo.UnitTests/`: told from `latest.cs` by the capital alone."""
_DOCS = re.compile(
    r"\.(md|rst|txt|adoc)$|(^|/)(docs?|documentation)/|(^|/)(readme|changelog|changes|contributing|license|authors|news)[^/]*$",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"\.(png|jpe?g|gif|ico|svg|pdf|zip|gz|xz|bz2|whl|so|dll|exe|woff2?|ttf|eot|mp[34]|webp|pyc|min\.js|min\.css|map|lock|po|mo)$"
    r"|(^|/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|go\.sum|vendor|node_modules|third_party|_vendor)(/|$)",
    re.IGNORECASE,
)
_PROGRAM = frozenset(
    "awk bash bats c cc cjs clj cljs cpp cr cs css cts cu cxx d dart elm erb erl ex exs f90 fs fsx go"
    " graphql groovy h hbs hh hpp hs htm html hxx java jinja jinja2 jj jl js jsp jsx kt kts less lua m"
    " mjs ml mli mm mts nim pas php pl pm proto ps1 py pyi pyx r rb rs sass scala scss sh sol sql"
    " svelte swift tcl thrift ts tsx v vb vue y zig l zsh".split()
)
"""Endings of what is written by hand in a programming, template or style language."""
_DATA = frozenset(
    "ac am bat bazel bnd cfg cmake cmd conf config csproj csv editorconfig fsproj gemspec gradle in"
    " ini json json5 jsonc jsonl m4 mk plist props properties proj resx sln slnx snap spec targets"
    " toml tsv vbproj vcxproj xaml xml yaml yml".split()
)
"""Endings of data and of what builds a program: never `files`, whatever seems defined there."""
_BESIDE = re.compile(
    r"(^|/)(examples?|samples?|demos?|benchmarks?|bench|website|site|dist|\.github)/", re.IGNORECASE
)
GENERATED = "generated"
_GENERATED_NAME = re.compile(
    r"\.(pb\.(go|cc|h)|g\.cs|g\.dart|designer\.cs)$|_pb2(_grpc)?\.pyi?$|(^|/)zz_generated",
    re.IGNORECASE,
)
_SAYS_GENERATED = re.compile(
    r"(?i:auto-?generated|generated (?:by|from)\b|made by gnu bison)|DO NOT EDIT", re.ASCII
)
HEAD = 1_000
"""Characters within which a generated file says so."""
_SECRET_NAME = re.compile(
    r"(^|/)(\.env($|\.)|[^/]*\.env$|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.npmrc"
    r"|\.htpasswd|(\.git-)?credentials|[^/]*\.(pem|key|p12|pfx|jks|keystore)$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """One file that may be searched."""

    path: str
    text: str
    hash: str
    trust: Trust


def is_secret_name(path: str) -> bool:
    """Whether a path is named like a key file: such files are never read for a model."""
    return _SECRET_NAME.search(path) is not None


def lane(path: str) -> Trust:
    """Code, test or docs, by path."""
    if _TEST.search(path) or _TEST_IN_CAPITALS.search(path):
        return Trust.TEST
    return Trust.DOCS if _DOCS.search(path) else Trust.CODE


def is_source(path: str, *, defines: bool) -> bool:
    """Whether a path is program text: by its ending, or, where nobody knows the ending or there is
    none, by whether anything is defined in it.
    """
    name = path.rpartition("/")[2]
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending in _PROGRAM or (defines and ending not in _DATA and not name.startswith("."))


def beside(path: str) -> str:
    """What a source file is that is rarely meant: the folder's word (`examples`), `generated`, or
    nothing.
    """
    if found := _BESIDE.search(path):
        return found[2].lower()
    return GENERATED if _GENERATED_NAME.search(path) else ""


def is_generated(text: str) -> bool:
    """Whether the head of a file says that a program wrote it."""
    return _SAYS_GENERATED.search(text, 0, HEAD) is not None


def is_searched(path: str) -> bool:
    """Whether a path is worth ranking: no secrets, generated or binary files by name."""
    return not is_secret_name(path) and not _SKIP.search(path) and can_be_written_down(path)


def can_be_written_down(path: str) -> bool:
    """Whether a name is text: other names cannot be told to a model or kept in a journal."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read_document(repo: Repo, path: str) -> Document | None:
    """One file as a document; None for what is binary, too large, a link or not there.

    What a link leads to is a document under its own name, and may be a key file.
    """
    if not is_searched(path):
        return None
    version = repo.read(path)
    if version is None or version.is_link or len(version.data) > MAX_BYTES:
        return None
    if b"\0" in version.data[:8192]:
        return None
    return Document(path, version.data.decode("utf-8", "replace"), version.hash, lane(path))


def documents(repo: Repo) -> tuple[Document, ...]:
    """Every searchable file."""
    found = (read_document(repo, path) for path in repo.files())
    return tuple(d for d in found if d is not None)

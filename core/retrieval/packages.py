"""Which packages a goal speaks of: those that lock files hold, and those that none holds.

A word counts only where the goal writes it as a name: people click, make requests and say express.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from core.domain.context import ContextItem, Trust
from core.retrieval.locks import Locked
from core.retrieval.snippets import fact_item

MOST = 8
"""Packages that are told; a goal that names more pastes a listing."""
MOST_CHARACTERS = 20_000
"""Of a goal that are read."""


class Ecosystem(StrEnum):
    """Whose names and whose lock file."""

    PYTHON = "python"
    NPM = "npm"
    CARGO = "cargo"
    GO = "go"
    RUBY = "ruby"
    PHP = "php"


_BY_FILE = {
    "package-lock.json": Ecosystem.NPM,
    "npm-shrinkwrap.json": Ecosystem.NPM,
    "pnpm-lock.yaml": Ecosystem.NPM,
    "yarn.lock": Ecosystem.NPM,
    "Cargo.lock": Ecosystem.CARGO,
    "go.sum": Ecosystem.GO,
    "go.mod": Ecosystem.GO,
    "Gemfile.lock": Ecosystem.RUBY,
    "composer.lock": Ecosystem.PHP,
}


def ecosystem_of(lock_file: str) -> Ecosystem:
    """The ecosystem of a lock file that `core.retrieval.locks` reads."""
    return _BY_FILE.get(lock_file.rpartition("/")[2], Ecosystem.PYTHON)


_NAME = r"(?<![\w.@/\\:~$-])(@?[A-Za-z][\w-]*(?:\.[\w-]+)*(?:/[\w.~-]*[\w~-])*)"
"""Nothing of a path, an address, an option or a longer name stands around it."""
_VERSION = r"v?\d+(?:\.(?:\d+|x|\*))+"
_MARKED = [
    re.compile(pattern, re.M)
    for pattern in (
        rf"`{_NAME}[^`\n]{{0,80}}`",
        rf"[\"']{_NAME}[\"']",
        rf"{_NAME} ?(?:===?|>=|<=|~=|!=) ?\d",
        rf"{_NAME}@[\^~]?v?\d",
        rf"{_NAME} (?:version )?{_VERSION}",
        rf"{_NAME} (?:package|library|dependency|crate|gem)\b",
        r"\bfrom[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b",
        r"(?:^|`)[ \t]*import[ \t]+([A-Za-z_]\w*)",
        r"\b(?:require\(|from|import)[ \t]*['\"](@[\w.-]+/[\w.-]+|[\w.-]+)",
        r"\buse[ \t]+(\w+)(?=::)",
        r"(?<![\w.\])])([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)+\(",
    )
]
"""How a goal writes a name as a name: quoted, with a version, as a package, imported, called."""
_JOINED = re.compile(rf"{_NAME}")


def named(goal: str, locked: Sequence[Locked]) -> tuple[Locked, ...]:
    """The dependencies that a goal speaks of, those it names first first; at most `MOST`."""
    places: dict[str, int] = {}
    for name, place in _spoken(goal[:MOST_CHARACTERS]):
        for form in (name, name.partition(".")[0]):
            places[_plain(form)] = min(place, places.get(_plain(form), place))
    found = [
        (min(places[key] for key in keys), package)
        for package in locked
        if not package.is_own and (keys := places.keys() & set(map(_plain, _names(package))))
    ]
    found.sort(key=lambda row: row[0])
    return tuple(package for _, package in found[:MOST])


def _spoken(goal: str) -> Iterator[tuple[str, int]]:
    """What is marked as a name, or has what no English word has: `typing_extensions`, `@acme/x`."""
    for pattern in _MARKED:
        yield from ((found[1], found.start(1)) for found in pattern.finditer(goal))
    for found in _JOINED.finditer(goal):
        if re.search(r"[_/@\d]|\w\.\w", found[1]):
            yield found[1], found.start(1)


def _plain(name: str) -> str:
    """A name, whichever of `-`, `_` and `.` it is written with."""
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")


def _names(package: Locked) -> Iterator[str]:
    """What a package is called: its name, what Python imports it as, a module's last part."""
    yield package.name
    yield from _IMPORTED_AS.get(package.name, ())
    if ecosystem_of(package.file) is Ecosystem.GO:
        path = re.sub(r"(?:/v\d+|\.v\d+)$", "", package.name)
        yield from (path, path.rpartition("/")[2])


_ADDS = re.compile(
    r"(?i)\b(?:add|install|introduc|creat|switch|migrat|mov|replac|extract|split|renam|publish)"
    r"(?:e|es|s|ing|ed|d)?\b|\bnew\b"
)
_PYTHON_NAME = r"(?<![\w.@/-])([A-Za-z][\w-]*(?:\.[\w-]+)*)(?![\w/-])"
_CLAIMED = [
    re.compile(pattern)
    for pattern in (
        rf"[`'\"]{_PYTHON_NAME}[`'\"] (?:package|library|dependency)\b",
        rf"\b(?i:upgrade|bump|downgrade|pin) [`'\"]{_PYTHON_NAME}[`'\"] to v?\d",
        rf"\b(?i:upgrade|bump|downgrade|pin) {_PYTHON_NAME} (?:from \S+ )?to v?\d+\.\d+\.\d",
        rf"{_PYTHON_NAME}(?:\[[\w,-]*\])?==\d+(?:\.\d+)+",
        r"`(?:from|import) ([A-Za-z]\w*)(?:[\w.]* import [^`\n]*)?`",
    )
]


def absent(goal: str, locked: Sequence[Locked], own: Iterable[str] = ()) -> tuple[str, ...]:
    """Python packages that a goal clearly names as such, and that no lock file holds.

    Nothing where no lock file holds every dependency, for what the goal asks to add, and for names
    that hold or are held in a locked one (`yaml` and `pyyaml`). `own` are the names of the
    repository's own modules and packages.
    """
    whole = {ecosystem_of(package.file) for package in locked if package.is_whole}
    if whole != {Ecosystem.PYTHON}:
        return ()
    held = {_plain(name) for package in locked for name in _names(package)}
    never = {_plain(name) for name in (*own, *sys.stdlib_module_names, *_NO_PACKAGES)}
    found: dict[str, None] = {}
    goal = goal[:MOST_CHARACTERS]
    for pattern in _CLAIMED:
        for claim in pattern.finditer(goal):
            before = re.split(r"[.;:!?]\s|\n", goal[max(0, claim.start() - 80) : claim.end()])[-1]
            key = _plain(claim[1])
            is_known = key in never or any(key in one or one in key for one in held)
            if not is_known and not _ADDS.search(before):
                found[claim[1]] = None
    return tuple(found)


_NO_PACKAGES = ("python", "pip", "uv", "poetry", "conda", "pypy", "cpython")


def version_items(packages: Iterable[Locked]) -> tuple[ContextItem, ...]:
    """What each lock file says of these packages, one item a file."""
    by_file: dict[str, list[Locked]] = {}
    for package in packages:
        by_file.setdefault(package.file, []).append(package)
    return tuple(
        fact_item(
            f"lock:{path}",
            "\n".join(f"{package.name} {package.version}" for package in held),
            "names " + ", ".join(dict.fromkeys(f"`{package.name}`" for package in held)),
            Trust.VERSION,
            1.0,
        )
        for path, held in by_file.items()
    )


_IMPORTED_AS = {
    "attrs": ("attr",),
    "beautifulsoup4": ("bs4",),
    "gitpython": ("git",),
    "mysqlclient": ("MySQLdb",),
    "opencv-python": ("cv2",),
    "pillow": ("PIL",),
    "pycryptodome": ("Crypto",),
    "pyjwt": ("jwt",),
    "pyopenssl": ("OpenSSL",),
    "python-dateutil": ("dateutil",),
    "python-dotenv": ("dotenv",),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("pkg_resources",),
}

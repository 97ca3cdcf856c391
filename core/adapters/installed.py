"""Source of dependencies at exactly their locked versions, where a project has them installed.

Everything here was written by strangers: it is read, never imported or run.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from core.adapters.index_files import Disk, text_of
from core.adapters.installed_source import Place, Source, label
from core.domain.context import ContextItem, Trust
from core.retrieval.corpus import is_searched, lane
from core.retrieval.locks import Locked
from core.retrieval.packages import Ecosystem, ecosystem_of
from core.retrieval.snippets import fact_item

MAX_FILES = 2_000
"""Of a package that are looked at."""
MAX_ENTRIES = 20_000
"""Of folders that are listed."""
DEEPEST = 12
"""Folders within one another that are listed."""

_VERSION = re.compile(r"v?\d[\w.+!~-]{0,99}")
_NEVER = frozenset({"node_modules", "__pycache__", "testdata", ".git"})


class Installed:
    """Looks up packages below a root and in the caches that an environment names."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root = Path(os.path.realpath(root))
        self._env = env

    def items(self, package: Locked, names: Iterable[str], budget: int) -> tuple[ContextItem, ...]:
        """Definitions of `names` in a package, else the public names of its top module.

        At most `budget` tokens. One item that says so where only another version is installed;
        nothing for a package that is not found, or whose files cannot be trusted to be its own.
        """
        other = ""
        for place in self._places(package):
            if place.version.removeprefix("v") != package.version.removeprefix("v"):
                other = other or place.version
            elif place.files:
                return Source(package, place).items(sorted(set(names)), budget)
        said = f"locked {package.version}, installed {other}"
        item = fact_item(label(package), f"{package.name}: {said}", said, Trust.VERSION, 1.0)
        return (item,) if other and item.tokens <= budget else ()

    def _places(self, package: Locked) -> Iterator[Place]:
        if not _VERSION.fullmatch(package.version) or not _is_inner(package.name):
            return iter(())
        find = {
            Ecosystem.PYTHON: self._python,
            Ecosystem.NPM: self._npm,
            Ecosystem.CARGO: self._cargo,
            Ecosystem.GO: self._go,
        }.get(ecosystem_of(package.file))
        return find(package) if find else iter(())

    def _bases(self, package: Locked) -> list[Path]:
        """The folder of the lock file, and the root."""
        folder = package.file.rpartition("/")[0]
        bases = [self._root / folder] if _is_inner(folder) else []
        return [base for base in [*bases, self._root] if _is_below(base, self._root)]

    def _python(self, package: Locked) -> Iterator[Place]:
        homes = [
            (base / name, self._root)
            for base in self._bases(package)
            for name in (".venv", "venv", "env")
        ]
        active = self._env.get("VIRTUAL_ENV", "")
        if active and "\0" not in active:
            home = self._root / active
            if Path(active).is_absolute() or _is_below(home, self._root):
                homes.insert(0, (home, home))
        for home, within in homes:
            for lib in _listed(home / "lib"):
                site = home / "lib" / lib / "site-packages"
                if lib.startswith("python") and _is_below(site, within):
                    yield from _distributions(site, package.name)

    def _npm(self, package: Locked) -> Iterator[Place]:
        for base in self._bases(package):
            modules = base / "node_modules"
            if not _is_below(modules, self._root):
                continue
            stored = package.name.replace("/", "+") + "@" + package.version
            inner = [
                modules / ".pnpm" / name / "node_modules"
                for name in _listed(modules / ".pnpm")
                if name == stored or name.startswith((stored + "_", stored + "("))
            ]
            inner += [modules / name / "node_modules" for name in _packages(modules)]
            for holder in (modules, *inner):
                folder = holder / package.name
                if _is_below(folder, modules):
                    yield from _npm_place(folder)

    def _cargo(self, package: Locked) -> Iterator[Place]:
        spelled = f"{package.name}-{package.version}"
        for base in self._bases(package):
            for name in (spelled, package.name):
                yield from _crate(base / "vendor" / name, package.name, self._root)
        home = self._env.get("CARGO_HOME") or self._at_home(".cargo")
        for registry in _absolute([f"{home}/registry/src"]):
            for index in _listed(registry):
                yield from _crate(registry / index / spelled, package.name, registry)

    def _go(self, package: Locked) -> Iterator[Place]:
        for base in self._bases(package):
            said = _text(Disk(base), "vendor/modules.txt")
            found = re.search(rf"^# {re.escape(package.name)} (v\S+)$", said, re.M)
            folder = base / "vendor" / package.name
            if found and _VERSION.fullmatch(found[1]) and _is_below(folder, self._root):
                yield Place(folder, found[1], _ordered(_walked(folder, (".go",))))
        paths = [self._env.get("GOMODCACHE", "")]
        paths += [f"{path}/pkg/mod" for path in self._env.get("GOPATH", "").split(os.pathsep)]
        paths.append(self._at_home("go/pkg/mod"))
        escaped = re.sub("[A-Z]", lambda found: "!" + found[0].lower(), package.name)
        version = re.sub("[A-Z]", lambda found: "!" + found[0].lower(), package.version)
        for cache in _absolute(paths):
            folder = cache / f"{escaped}@{version}"
            if _is_below(folder, cache):
                yield Place(folder, package.version, _ordered(_walked(folder, (".go",))))

    def _at_home(self, path: str) -> str:
        return f"{self._env['HOME']}/{path}" if self._env.get("HOME") else ""


def _absolute(paths: Iterable[str]) -> list[Path]:
    """Those that do not depend on where the program was started."""
    return [Path(path) for path in paths if path.startswith("/") and "\0" not in path]


def _is_inner(path: str) -> bool:
    """Whether a path that others tell can only lead downwards."""
    return path.isprintable() and not {"", ".", ".."} & set(path.split("/"))


def _is_below(path: Path, folder: Path) -> bool:
    """Whether there is such a path, and lies in a folder when all links are followed."""
    try:
        path.lstat()
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except (OSError, ValueError):
        return False


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """Folders and files in a folder, no links; none of what cannot be listed."""
    try:
        with os.scandir(folder) as listed:
            found = list(islice(listed, MAX_ENTRIES))
            folders = [one.name for one in found if one.is_dir(follow_symlinks=False)]
            return folders, [one.name for one in found if one.is_file(follow_symlinks=False)]
    except (OSError, ValueError):
        return [], []


def _listed(folder: Path) -> list[str]:
    return sorted(_entries(folder)[0])


def _packages(modules: Path) -> Iterator[str]:
    """Names of what is installed in a `node_modules`, scoped ones too."""
    for name in _listed(modules):
        if name.startswith("@"):
            yield from (f"{name}/{inner}" for inner in _listed(modules / name))
        elif not name.startswith("."):
            yield name


def _walked(folder: Path, endings: tuple[str, ...]) -> list[str]:
    """Source below a folder, what lies less deep first."""
    found: list[str] = []
    waiting = [""]
    left = MAX_ENTRIES
    while waiting and left > 0 and len(found) < MAX_FILES:
        base = waiting.pop(0)
        folders, files = _entries(folder / base)
        left -= len(folders) + len(files) + 1
        found += [base + name for name in files if _is_source(base + name, endings)]
        if base.count("/") < DEEPEST:
            waiting += [f"{base}{name}/" for name in folders if name not in _NEVER]
    return found


def _is_source(path: str, endings: tuple[str, ...]) -> bool:
    return path.endswith(endings) and path.isprintable() and is_searched(path)


def _ordered(paths: Iterable[str], first: Sequence[str] = ()) -> tuple[str, ...]:
    """As they are looked at: `first`, then by depth; what is private and tests last."""

    def rank(path: str) -> tuple[bool, int, bool, int, str]:
        place = first.index(path) if path in first else len(first)
        is_private = path.startswith("_")
        return lane(path) is Trust.TEST, place, is_private, path.count("/"), path

    return tuple(sorted(paths, key=rank)[:MAX_FILES])


def _distributions(site: Path, name: str) -> Iterator[Place]:
    """Where `*.dist-info` folders of a name say that it is installed, and which files are its."""
    disk = Disk(site)
    for entry in _listed(site):
        said, _, version = entry.removesuffix(".dist-info").rpartition("-")
        if not entry.endswith(".dist-info") or _normal(said) != name:
            continue
        metadata = _text(disk, f"{entry}/METADATA")
        is_named = _normal(_header(metadata, "Name")) == name
        if is_named and _header(metadata, "Version") == version and _VERSION.fullmatch(version):
            record = disk.read(f"{entry}/RECORD")
            rows = {line.split(",", 1)[0] for line in text_of(record or b"").split("\n")}
            kept = [path for path in rows if _is_inner(path) and _is_source(path, (".py", ".pyi"))]
            if not record:  # missing, or too large to be read
                kept = [f"{said}/{path}" for path in _walked(site / said, (".py", ".pyi"))]
            stubs = {path for path in kept if path.endswith(".pyi") and path[:-1] in rows}
            yield Place(site, version, _ordered(set(kept) - stubs))


def _normal(name: str) -> str:
    """The one spelling of a Python distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _header(metadata: str, name: str) -> str:
    """A field of a METADATA file's head."""
    found = re.search(rf"^{name}:[ \t]*(\S+)[ \t]*\r?$", metadata.partition("\n\n")[0], re.M)
    return found[1] if found else ""


def _text(disk: Disk, path: str) -> str:
    return text_of(disk.read(path) or b"")


def _told(folder: Path, name: str) -> Mapping[str, Any]:
    """What a manifest says; nothing for one that cannot be read."""
    read = json.loads if name.endswith(".json") else tomllib.loads
    try:
        said = read(_text(Disk(folder), name))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _npm_place(folder: Path) -> Iterator[Place]:
    """What `package.json` says is installed in a folder."""
    said = _told(folder, "package.json")
    entries = [str(said.get(key)) for key in ("types", "typings", "module", "main")]
    names = [*(one.removeprefix("./") for one in entries), "index"]
    first = [name + end for name in names for end in ("", ".js", "/index.js", ".d.ts")]
    version = said.get("version")
    if isinstance(version, str) and _VERSION.fullmatch(version):
        yield Place(folder, version, _ordered(_walked(folder, _SCRIPTS), first))


_SCRIPTS = (".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx")


def _crate(folder: Path, name: str, within: Path) -> Iterator[Place]:
    """What `Cargo.toml` says lies in a folder."""
    said = _told(folder, "Cargo.toml").get("package") if _is_below(folder, within) else None
    version = said.get("version") if isinstance(said, dict) and said.get("name") == name else None
    if isinstance(version, str) and _VERSION.fullmatch(version):
        yield Place(folder, version, _ordered(_walked(folder, (".rs",)), ("src/lib.rs",)))

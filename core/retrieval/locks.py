"""Exact versions of dependencies, from the lock files of the common package managers."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 20_000_000
"""Larger lock files are not read."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One dependency at its exact version."""

    name: str
    """As its ecosystem spells it; Python names in lower case with `-`."""
    version: str
    file: str
    """The lock file that says so."""
    is_own: bool = field(default=False, compare=False)
    """Whether the repository itself is where it comes from."""
    is_whole: bool = field(default=True, compare=False)
    """Whether that file holds every dependency; loose requirements and constraints do not."""


def is_lock_file(path: str) -> bool:
    """Whether `locked` reads a file of this name."""
    return _reader(path) is not None


def locked(path: str, text: str) -> tuple[Locked, ...]:
    """What a lock file pins, in its order; nothing for one that cannot be read."""
    read = _reader(path)
    if read is None or len(text) > MAX_BYTES:
        return ()
    try:
        rows = list(read(text))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return ()
    is_whole = read is not _requirements or _is_whole(path, text)
    return tuple(
        Locked(name, version, path, bool(own), is_whole)
        for name, version, *own in dict.fromkeys(rows)
        if version
    )


_Rows = Iterable[tuple[str, ...]]
"""Name, version and, for what the repository itself builds, a third word."""
_OWN = "own"


def _reader(path: str) -> Callable[[str], _Rows] | None:
    name = path.rpartition("/")[2]
    if re.fullmatch(r"(?:requirements|constraints)[\w.-]*\.(?:txt|lock)", name):
        return _requirements
    return _READERS.get(name)


def _normal(name: str) -> str:
    """The one spelling of a Python distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _toml_packages(text: str) -> Iterable[Mapping[str, Any]]:
    found = tomllib.loads(text).get("package", [])
    return (package for package in found if isinstance(package.get("version"), str))


def _cargo(text: str) -> _Rows:
    for package in _toml_packages(text):
        own = () if "source" in package else (_OWN,)
        yield str(package["name"]), package["version"], *own


def _python_packages(text: str) -> _Rows:
    for package in _toml_packages(text):
        source = package.get("source")
        is_own = isinstance(source, dict) and not source.keys().isdisjoint(_LOCAL)
        yield _normal(str(package["name"])), package["version"], *((_OWN,) if is_own else ())


_LOCAL = ("editable", "virtual", "directory")
"""Keys of a source in `uv.lock` that lead to a folder instead of an index."""


def _pipfile(text: str) -> _Rows:
    raw = json.loads(text)
    for group in ("default", "develop"):
        for name, entry in raw.get(group, {}).items():
            version = entry.get("version", "")
            if version.startswith("=="):
                yield _normal(name), version[2:]


_PIN = re.compile(r"^[ \t]*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?[ \t]*===?[ \t]*([^\s;#\\,]+)", re.M)


def _requirements(text: str) -> _Rows:
    return ((_normal(name), version) for name, version in _PIN.findall(text))


_NO_DEPENDENCY = re.compile(
    r"^[ \t]*(?:#.*|--(?!requirement|constraint|editable)\S.*|-[if]\b.*|\\)?$"
)


def _is_whole(path: str, text: str) -> bool:
    """Whether requirements pin all that a project takes: those at the root, without loose lines.

    `requirements-docs.txt`, `docs/requirements.txt` and constraints are a part of it at best.
    """
    if path not in ("requirements.txt", "requirements.lock"):
        return False
    lines = text.replace("\\\n", " ").splitlines()
    return all(_PIN.match(line) or _NO_DEPENDENCY.match(line) for line in lines)


def _npm(text: str) -> _Rows:
    raw = json.loads(text)
    for place, entry in raw.get("packages", {}).items():
        name = place.rpartition("node_modules/")[2]
        if name and place.startswith("node_modules/") and isinstance(entry.get("version"), str):
            yield name, entry["version"]
    if "packages" not in raw:
        yield from _npm_first(raw.get("dependencies", {}))


def _npm_first(entries: Mapping[str, Any]) -> _Rows:
    for name, entry in entries.items():
        yield name, str(entry.get("version", ""))


_PNPM = re.compile(
    r"^ {2}['\"]?/?((?:@[\w.~-]+/)?[\w.~-]+)[@/](\d[\w.+-]*)(?:\([^:\n]*\)|_[^:\n]*)?['\"]?:", re.M
)


def _pnpm(text: str) -> _Rows:
    return _PNPM.findall(text)


_YARN = re.compile(
    r"^\"?((?:@[\w.~-]+/)?[\w.~-]+)@[^\n]*:\n(?: {2}[^\n]*\n)*? {2}version:? \"?([\w.+-]+)\"?$",
    re.M,
)


def _yarn(text: str) -> _Rows:
    return _YARN.findall(text.replace("\r\n", "\n"))


_GO_SUM = re.compile(r"^(\S+) (v[^\s/]+) h1:", re.M)
_GO_MOD = re.compile(
    r"^[ \t]*(?:require[ \t]+)?([\w.-]+\.[\w.-]+/\S+|[\w.-]+\.[a-z]+/\S+)[ \t]+(v\S+)", re.M
)


def _go_sum(text: str) -> _Rows:
    return _GO_SUM.findall(text)


def _go_mod(text: str) -> _Rows:
    return _GO_MOD.findall(text)


_GEM = re.compile(r"^ {4}([\w.-]+) \(([\w.-]+)\)$", re.M)


def _gemfile(text: str) -> _Rows:
    return _GEM.findall(text)


def _composer(text: str) -> _Rows:
    raw = json.loads(text)
    for group in ("packages", "packages-dev"):
        for package in raw.get(group, []):
            yield str(package["name"]), str(package["version"]).removeprefix("v")


_READERS: Mapping[str, Callable[[str], _Rows]] = {
    "uv.lock": _python_packages,
    "poetry.lock": _python_packages,
    "pdm.lock": _python_packages,
    "Pipfile.lock": _pipfile,
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "Cargo.lock": _cargo,
    "go.sum": _go_sum,
    "go.mod": _go_mod,
    "Gemfile.lock": _gemfile,
    "composer.lock": _composer,
}

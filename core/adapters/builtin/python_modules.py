"""Which files a Python import reaches, inside one repository."""

from collections.abc import Iterable
from posixpath import dirname, join, normpath


class PythonModules:
    """Imports resolved to files by path alone: packages, `src/` layouts, scripts side by side."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._files = frozenset(p for p in paths if p.endswith((".py", ".pyi")))
        self._folders = frozenset(_ancestors(self._files))
        self._roots = sorted({self._root(dirname(path)) for path in self._files} | {"", "src"})

    def reach(self, importer: str, module: str, level: int = 0) -> tuple[str, ...]:
        """The files an import names: a module, a package's `__init__`, and their stubs.

        Empty when nothing of this repository is meant. `module` may be empty for `from . import`.
        """
        parts = module.split(".") if module else []
        if level:
            base = dirname(importer)
            for _ in range(level - 1):
                base = dirname(base)
            return self._at(join(base, *parts))
        for root in self._searched(importer):
            if found := self._at(join(root, *parts)):
                return found
        return ()

    def holds(self, importer: str, module: str, level: int = 0) -> bool:
        """Whether the first part of an import is a file or folder of this repository."""
        if level:
            return True
        head = module.split(".")[0]
        for root in self._searched(importer):
            place = normpath(join(root, head))
            if place in self._folders or self._at(place):
                return True
        return False

    def dotted(self, path: str) -> str:
        """The name other modules import a file by."""
        stem = path.rsplit(".", 1)[0].removesuffix("/__init__")
        root = self._root(dirname(path))
        return stem.removeprefix(f"{root}/" if root else "").replace("/", ".")

    def _searched(self, importer: str) -> Iterable[str]:
        own = self._root(dirname(importer))
        yield own
        yield from (root for root in self._roots if root != own)

    def _root(self, folder: str) -> str:
        """The folder that holds the outermost package around a folder."""
        while folder and self._is_package(folder):
            folder = dirname(folder)
        return folder

    def _is_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py" in self._files or f"{folder}/__init__.pyi" in self._files

    def _at(self, place: str) -> tuple[str, ...]:
        place = normpath(place)
        tails = (".py", ".pyi", "/__init__.py", "/__init__.pyi")
        prefix = "" if place == "." else place
        found = [f"{prefix}{tail}".removeprefix("/") for tail in tails if prefix or tail[0] == "/"]
        return tuple(path for path in found if path in self._files)


def _ancestors(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        while path := dirname(path):
            yield path

"""Which paths a scratch tree shall hold: the working files, a change, and links to what is shared.

Only names and stamps are looked at; contents are read when they are needed.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from core.adapters.manifest import Stamp, stamp
from core.domain.edit import FileVersion
from core.ports import Repo

SHARED = (".venv", "venv", "node_modules", "vendor/bundle")
"""Dependency folders that are linked, not copied, where the repository does not track them."""

CACHES = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"})
"""Never copied, since a stale one changes what a check sees, and never worth a remark."""


@dataclass(slots=True)
class Composition:
    """What the tree shall hold."""

    changes: dict[str, FileVersion]
    files: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    """Path to the text of a symbolic link; a shared folder's text is absolute, others never."""
    folders: set[str] = field(default_factory=set)
    """Every folder above a file or link."""
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """Stamps of the user's regular files."""

    @property
    def shared(self) -> tuple[str, ...]:
        """Folders that are linked to."""
        return tuple(sorted(p for p, text in self.links.items() if text.startswith("/")))


def compose(repo: Repo, changes: dict[str, FileVersion], removed: set[str]) -> Composition:
    """The working files as they are, plus `changes`, minus `removed`."""
    root = str(repo.root)
    whole = Composition(changes)
    links: list[str] = []
    for path in repo.files():
        if path in removed or not CACHES.isdisjoint(path.split("/")):
            continue
        try:
            info = os.lstat(f"{root}/{path}")
        except OSError:
            continue
        if stat.S_ISLNK(info.st_mode):
            links.append(path)
        else:
            whole.stamps[path] = stamp(info)
        whole.files.add(path)
    whole.files |= set(changes)
    for path in links:
        _place_link(root, path, whole)
    for path in (*whole.files, *whole.links):
        _add_folders(whole.folders, path)
    _share(root, whole)
    return whole


def parents(path: str) -> list[str]:
    """Folders above a path, innermost first."""
    found = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found


def _place_link(root: str, path: str, whole: Composition) -> None:
    """A link to another file of the tree stays one, so that it shows that file's change.

    Any other link becomes a file with what it leads to.
    """
    real = os.path.realpath(f"{root}/{path}")
    target = os.path.relpath(real, os.path.realpath(root))
    if target not in whole.files or target == path:
        return
    if path in whole.changes:
        whole.changes.setdefault(target, whole.changes[path])
    whole.files.discard(path)
    whole.links[path] = os.path.relpath(target, path.rpartition("/")[0] or ".")


def _share(root: str, whole: Composition) -> None:
    packages = [p[: -len("package.json")] for p in whole.files if p.endswith("/package.json")]
    for name in (*SHARED, *(f"{folder}node_modules" for folder in packages)):
        taken = name in whole.folders or name in whole.files or name in whole.links
        if not taken and Path(root, name).is_dir():
            whole.links[name] = f"{root}/{name}"
            _add_folders(whole.folders, name)


def _add_folders(folders: set[str], path: str) -> None:
    for parent in parents(path):
        if parent in folders:
            return
        folders.add(parent)

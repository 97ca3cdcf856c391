"""The user's files, read only: a git working tree or a plain folder."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from core.adapters import git as git_door
from core.domain.edit import FileVersion
from core.domain.errors import Refused
from core.domain.path import UnsafePath, is_git_name, safe_path
from core.domain.repository import Commit, RepositoryState

MAX_FILES = 200_000
"""A listing longer than this is cut; real repositories of that size want a narrower root."""

SKIPPED_FOLDERS = frozenset(
    {
        "node_modules",
        "__pycache__",
        ".venv",
        "venv",
        ".tox",
        ".mypy_cache",
        ".pytest_cache",
        "target",
        "dist",
        "build",
    }
)
"""Folders that a plain directory's listing leaves out, as most ignore files do."""


class WorkingRepo:
    """The `Repo` port over a folder, with git where there is one."""

    def __init__(self, root: Path, environment: Mapping[str, str], *, has_git: bool) -> None:
        self.root = root
        self.git = git_door.Git(root, environment) if has_git else None

    @classmethod
    def open(cls, folder: Path, environment: Mapping[str, str]) -> "WorkingRepo":
        """The repository a folder is in.

        Raises `Refused` for `/`, the home folder and what is no folder.
        """
        if not folder.is_dir():
            raise Refused(
                f"{folder} is not a folder; start Relaypair in a repository or give --repo."
            )
        root, has_git = git_door.find_root(folder)
        if not has_git and root in (
            Path(root.anchor),
            Path(environment.get("HOME", "/nonexistent")).resolve(),
        ):
            raise Refused(
                f"{root} is not a repository; start Relaypair in the folder of one project."
            )
        return cls(root, environment, has_git=has_git)

    def state(self) -> RepositoryState:
        """Head, branch and condition."""
        if self.git is None:
            return RepositoryState(str(self.root), "none")
        return git_door.repository_state(self.git)

    def files(self) -> tuple[str, ...]:
        """Regular files and in-root links to them, sorted."""
        paths = git_door.listed_files(self.git) if self.git else self._walk()
        return tuple(p for p in sorted(set(paths))[:MAX_FILES] if self._is_regular(p))

    def _walk(self) -> list[str]:
        found: list[str] = []
        for folder, names, files in os.walk(self.root):
            names[:] = [n for n in names if n not in SKIPPED_FOLDERS and not is_git_name(n)]
            base = Path(folder).relative_to(self.root).as_posix()
            found += [f if base == "." else f"{base}/{f}" for f in files]
            if len(found) > MAX_FILES:
                break
        return found

    def _is_regular(self, path: str) -> bool:
        try:
            mode = (self.root / path).lstat().st_mode
        except OSError:
            return False
        return stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and self._target(path) is not None)

    def _target(self, path: str) -> Path | None:
        """Where a path leads, if that is a regular file inside the root."""
        try:
            real = (self.root / path).resolve(strict=True)
            inside = real.is_relative_to(self.root) and not any(
                is_git_name(p) for p in real.relative_to(self.root).parts
            )
            return real if inside and stat.S_ISREG(real.stat().st_mode) else None
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
            return None

    def submodules(self) -> tuple[str, ...]:
        """Folders that belong to another repository: nothing in them is edited from here."""
        return git_door.gitlinks(self.git) if self.git else ()

    def read(self, path: str) -> FileVersion | None:
        """The file on disk now. Links out of the root, devices and unsafe paths read as no file."""
        plain = self._spelled(path)
        real = self._target(plain) if plain else None
        if real is None:
            return None
        try:
            found = _read_regular(real)
        except OSError:
            return None
        if found is None:
            return None
        data, mode = found
        return FileVersion(plain, data, bool(mode & stat.S_IXUSR), (self.root / plain).is_symlink())

    def _spelled(self, path: str) -> str:
        """What a path means: a file of exactly that name, else its safe form; empty for none."""
        parts = path.split("/")
        is_odd = "\0" in path or any(p in ("", ".", "..") or is_git_name(p) for p in parts)
        if not is_odd and os.path.lexists(self.root / path):
            return path
        try:
            return safe_path(path)
        except UnsafePath:
            return ""

    def history(self, limit: int) -> tuple[Commit, ...]:
        """The newest commits, none without git."""
        return git_door.history(self.git, limit) if self.git else ()


def _read_regular(real: Path) -> tuple[bytes, int] | None:
    """Content and mode of a regular file; what was swapped for a link or a pipe is not read."""
    handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb", closefd=True) as file:
        mode = os.fstat(handle).st_mode
        return (file.read(), mode) if stat.S_ISREG(mode) else None

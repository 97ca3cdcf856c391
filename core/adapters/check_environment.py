"""What a check gets to know: a scrubbed environment, and the user's tools instead of ours."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

LOCALE = re.compile(r"^(LANG|LC_[A-Z]+|TZ)$")

NEVER = re.compile(
    r"(_KEY|_TOKEN|_SECRET|PASSWORD|CREDENTIALS)S?$|^(GIT_|PYTHON|LD_|DYLD_|SSH_AUTH_SOCK)",
    re.IGNORECASE,
)
"""Variables that are not passed even when the user names them."""

FIXED = {
    "TERM": "dumb",
    "CI": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

ENVIRONMENTS = (".venv", "venv")
"""Folders of a project's own Python environment, the first that exists counts."""

INTERPRETED = frozenset({"python", "python3", "pytest", "py.test"})

TOOL_HOMES = {
    "RUSTUP_HOME": ".rustup",
    "CARGO_HOME": ".cargo",
    "GOMODCACHE": "go/pkg/mod",
    "PYENV_ROOT": ".pyenv",
}
"""Where tools keep themselves below the home folder; set for a check because its home is empty."""

TOOL_FOLDERS = (
    ".cargo/bin",
    ".cargo/registry",
    ".cargo/git",
    ".rustup",
    "go/pkg/mod",
    ".pyenv",
    ".local/share/uv/python",
    ".local/share/mise",
    ".asdf",
    ".nvm",
    ".volta",
    ".bun/bin",
    ".sdkman",
    ".m2/repository",
    "miniconda3",
    "anaconda3",
    "miniforge3",
)
"""Parts of the home folder that stay readable under bwrap: tool chains, nothing with secrets."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one check."""

    root: Path
    """The user's repository."""
    tree: Path
    home: Path
    temporary: Path


class CheckEnvironment:
    """Derives the environment and command lines of checks from the user's own environment."""

    def __init__(self, user: Mapping[str, str], folders: Folders, passed: Iterable[str]) -> None:
        self._user = user
        self._folders = folders
        self.refused = tuple(name for name in passed if NEVER.search(name))
        """Variables that the user named and that are withheld all the same."""
        self._passed = tuple(name for name in passed if not NEVER.search(name))

    @property
    def home(self) -> Path:
        """The user's own home folder."""
        return Path(self._user.get("HOME") or "/nonexistent").resolve()

    def variables(self) -> dict[str, str]:
        """The whole environment of a check: started empty, nothing secret in it."""
        folders = self._folders
        kept = {k: v for k, v in self._user.items() if LOCALE.match(k)}
        kept |= {k: self._user[k] for k in self._passed if k in self._user}
        homes = {k: self._user.get(k) or str(self.home / v) for k, v in TOOL_HOMES.items()}
        kept |= {name: path for name, path in homes.items() if Path(path).is_dir()}
        sources = [folders.tree / "src", folders.tree]
        return (
            kept
            | FIXED
            | {
                "PATH": ":".join(self.path()),
                "HOME": str(folders.home),
                "TMPDIR": str(folders.temporary),
                "PYTHONPATH": ":".join(str(s) for s in sources if s.is_dir()),
                "GIT_CEILING_DIRECTORIES": str(folders.tree.parent),
            }
        )

    def path(self) -> list[str]:
        """Where commands are found: the project's own environment first, ours not at all.

        A folder of the repository stands for the same folder of the tree.
        """
        found = [str(self._folders.tree / name / "bin") for name in self._own_environments()]
        entries = users_path(self._user, self._folders.root).split(":")
        return list(dict.fromkeys((*found, *(self._in_tree(entry) for entry in entries))))

    def command(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The command line as it is run: paths into the repository lead into the tree.

        `python` falls back to `python3`, which is the only name on some systems.
        """
        first = self._in_tree(argv[0])
        if first in INTERPRETED:
            names = {"python": ("python", "python3"), "py.test": ("py.test", "pytest")}
            first = self._find(names.get(first, (first,))) or first
        return (first, *argv[1:])

    def interpreter(self) -> str:
        """The Python that a check would use; empty if there is none."""
        return self._find(("python3", "python"))

    def readable(self, shared: Iterable[str]) -> tuple[Path, ...]:
        """Folders that must be seen even where the home folder is hidden."""
        root = self._folders.root
        found = [(root / name).resolve() for name in shared]
        found += [Path(entry) for entry in self.path()]
        found += [self.home / name for name in TOOL_FOLDERS]
        for name in self._own_environments():
            found.append((root / name / "bin" / "python3").resolve().parent.parent)
        return tuple(p for p in dict.fromkeys(found) if p.is_dir())

    def _own_environments(self) -> list[str]:
        return [n for n in ENVIRONMENTS if (self._folders.root / n / "bin").is_dir()]

    def _find(self, names: tuple[str, ...]) -> str:
        for name in names:
            for folder in self.path():
                candidate = Path(folder, name)
                if candidate.is_file() and candidate.stat().st_mode & 0o111:
                    return str(candidate)
        return ""

    def _in_tree(self, text: str) -> str:
        root = str(self._folders.root)
        inside = text == root or text.startswith(f"{root}/")
        return str(self._folders.tree) + text[len(root) :] if inside else text


def users_path(user: Mapping[str, str], root: Path) -> str:
    """The user's PATH without relative entries and without our own environment.

    Ours stays if it is the project's: then it is the user's as well.
    """
    own = Path(sys.prefix)
    ours = ""
    if sys.prefix != sys.base_prefix and not own.is_relative_to(root):
        ours = str((own / "bin").resolve())
    entries = user.get("PATH", SYSTEM_PATH).split(":")
    return ":".join(e for e in entries if e.startswith("/") and str(Path(e).resolve()) != ours)

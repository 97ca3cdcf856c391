"""The one caller of git. Nothing that a repository configures runs from here.

Hooks, fsmonitor, filters, external diff and textconv are off; no lock is taken; no index is
refreshed. Output is bytes.
"""

import secrets
import subprocess
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from core.domain.errors import RelaypairError
from core.domain.repository import Commit, RepositoryState

OFF = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "diff.autoRefreshIndex": "false",
    "diff.external": "",
    "gc.auto": "0",
}
"""Settings that win over the repository's own (git 2.31 and newer read them from the environment).
"""

TIMEOUT = 60.0
"""Seconds for one git call."""


class GitFault(RelaypairError):
    """git refused or failed; its own first line is part of the sentence."""


class Git:
    """git in one folder, with a cleaned environment."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], extra: Mapping[str, str] | None = None
    ) -> None:
        """`extra` variables are added last, for authors and dates of commits we make."""
        self.folder = folder
        self._extra = dict(extra or {})
        self._base = dict(environment)

    @cached_property
    def _environment(self) -> dict[str, str]:
        """Our settings, and every filter driver the repository names switched off (filters survive
        other settings).
        """
        cleaned = clean_environment(self._base, OFF)
        listed = subprocess.run(
            ["git", "config", "--name-only", "-z", "--get-regexp", r"^filter\."],
            cwd=self.folder,
            env=cleaned,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        ).stdout.decode("utf-8", "surrogateescape")
        drivers = {key.rpartition(".")[0] for key in listed.split("\0") if key}
        silent = {
            f"{d}.{part}": "" for d in sorted(drivers) for part in ("clean", "smudge", "process")
        }
        needless = {f"{d}.required": "false" for d in sorted(drivers)}
        return clean_environment(self._base, OFF | silent | needless) | self._extra

    def run(
        self, *arguments: str, stdin: bytes | None = None, fine: Collection[int] = (0,)
    ) -> bytes:
        """Standard output of one git command. Raises `GitFault` for an exit code not in `fine`."""
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=self._environment,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise GitFault("git is not installed; history and diffs are off without it.") from error
        except subprocess.TimeoutExpired as error:
            raise GitFault(
                f"git {arguments[0]} took more than {TIMEOUT:.0f} s in {self.folder}; try again."
            ) from error
        if done.returncode not in fine:
            said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
            raise GitFault(f"git {arguments[0]} failed in {self.folder}: {said}")
        return done.stdout

    def text(self, *arguments: str) -> str:
        """Output as text, without the final line end."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def try_text(self, *arguments: str) -> str:
        """Output as text, or an empty string if git refuses."""
        try:
            return self.text(*arguments)
        except GitFault:
            return ""


def clean_environment(
    environment: Mapping[str, str], settings: Mapping[str, str]
) -> dict[str, str]:
    """The environment for git: no `GIT_*` of the user's, these settings on top."""
    kept = {k: v for k, v in environment.items() if not k.startswith("GIT_")}
    for i, (key, value) in enumerate(settings.items()):
        kept |= {f"GIT_CONFIG_KEY_{i}": key, f"GIT_CONFIG_VALUE_{i}": value}
    return kept | {
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "LC_ALL": "C",
    }


def find_root(folder: Path) -> tuple[Path, bool]:
    """The working tree that a folder is in, and whether git keeps it.

    Raises `GitFault` for a bare repository.
    """
    import git

    try:
        with git.Repo(folder, search_parent_directories=True) as repo:
            if repo.working_tree_dir is None:
                raise GitFault(f"{folder} is a bare repository without files; open a clone of it.")
            return Path(repo.working_tree_dir).resolve(), True
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return folder.resolve(), False


_CONDITIONS = (
    ("MERGE_HEAD", "merge"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
)


def repository_state(git: Git) -> RepositoryState:
    """Head, branch and condition of a repository."""
    head = git.try_text("rev-parse", "--verify", "-q", "HEAD")
    branch = git.try_text("symbolic-ref", "-q", "--short", "HEAD")
    folder = Path(git.try_text("rev-parse", "--absolute-git-dir"))
    condition = next((word for name, word in _CONDITIONS if (folder / name).exists()), "")
    if not condition:
        dirty = git.try_text("status", "--porcelain", "-uno", "--ignore-submodules=all")
        condition = (
            "unborn" if not head else "detached" if not branch else "dirty" if dirty else "clean"
        )
    return RepositoryState(str(git.folder), "git", head, branch, condition)


def listed_files(git: Git) -> list[str]:
    """Tracked and untracked-but-not-ignored paths."""
    raw = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return [p for p in raw.decode("utf-8", "surrogateescape").split("\0") if p]


def gitlinks(git: Git) -> tuple[str, ...]:
    """Paths of submodules, as the index has them."""
    raw = git.run("ls-files", "-z", "--stage").decode("utf-8", "surrogateescape")
    return tuple(row.split("\t", 1)[1] for row in raw.split("\0") if row.startswith("160000 "))


def history(git: Git, limit: int) -> tuple[Commit, ...]:
    """The newest commits reachable from HEAD, with the files each one touched."""
    mark = secrets.token_hex(8)
    try:
        raw = git.run(
            "log",
            "-z",
            "-n",
            str(limit),
            "--no-renames",
            "--name-only",
            "--no-show-signature",
            f"--format=%x00{mark}%x00%H%x00%s%x00%b%x00",
        )
    except GitFault:
        return ()
    return tuple(commit_of(record) for record in raw.split(f"\0{mark}\0".encode())[1:])


def former_paths(git: Git, path: str) -> list[str]:
    """What a file was called before, newest first: by a move that is staged, then by commits."""
    try:
        staged = git.run("diff", "--cached", "-M", "--name-status", "-z", "HEAD")
        words = staged.decode("utf-8", "surrogateescape").split("\0")
        moved = {words[n + 2]: words[n + 1] for n in range(len(words) - 2) if words[n][:1] == "R"}
        before = moved.get(path, path)
        raw = git.run("log", "--follow", "--name-only", "--format=", "-z", "--", before)
    except GitFault:
        return []
    named = raw.decode("utf-8", "surrogateescape").replace("\n", "").split("\0")
    return [name for name in dict.fromkeys([before, *named]) if name and name != path]


def commit_of(record: bytes) -> Commit:
    """One record of `git log` as asked for here: messages and names hold no NUL, and the names
    come after an empty line.
    """
    sha, subject, body, rest = record.split(b"\0", 3)
    names = rest.lstrip(b"\0").removeprefix(b"\n").decode("utf-8", "surrogateescape")
    return Commit(
        sha.decode(),
        subject.decode("utf-8", "replace"),
        body.decode("utf-8", "replace").strip(),
        tuple(name for name in names.split("\0") if name),
    )


def changed_paths(git: Git, old: str, new: str | None) -> list[str]:
    """Paths that differ between two trees, or between a tree and the working files.

    A working file that was only touched is named as well, since no index is refreshed.
    """
    trees = (old,) if new is None else (old, new)
    raw = git.run(
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--ignore-submodules=all",
        *trees,
        "--",
    )
    return [p for p in raw.decode("utf-8", "surrogateescape").split("\0") if p]


def untracked(git: Git) -> list[str]:
    """Paths that git neither tracks nor ignores."""
    raw = git.run("ls-files", "-z", "--others", "--exclude-standard")
    return [p for p in raw.decode("utf-8", "surrogateescape").split("\0") if p]


def linked(git: Git, tree: str) -> frozenset[str]:
    """Paths that are symbolic links or other repositories in a tree."""
    raw = git.run("ls-tree", "-r", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
    rows = (row.split("\t", 1) for row in raw.split("\0") if row)
    return frozenset(path for meta, path in rows if meta.startswith(("120000", "160000")))


def contents(git: Git, tree: str, paths: Iterable[str]) -> dict[str, tuple[bytes, bool]]:
    """Bytes and executable bit of files in a tree, unfiltered; files that it does not hold are left
    out.
    """
    wanted = list(paths)
    if not wanted:
        return {}
    raw = git.run("ls-tree", "-r", "-z", "--full-tree", tree)
    entries: dict[str, tuple[str, str]] = {}
    for row in raw.decode("utf-8", "surrogateescape").split("\0"):
        if row:
            meta, path = row.split("\t", 1)
            mode, kind, oid = meta.split(" ")
            if kind == "blob" and mode != "120000":
                entries[path] = (oid, mode)
    found = {path: entries[path] for path in wanted if path in entries}
    blobs = _batch(git, [oid for oid, _ in found.values()])
    return {path: (blobs[oid], mode == "100755") for path, (oid, mode) in found.items()}


def _batch(git: Git, oids: list[str]) -> dict[str, bytes]:
    if not oids:
        return {}
    raw = git.run("cat-file", "--batch", stdin="".join(f"{o}\n" for o in oids).encode())
    out: dict[str, bytes] = {}
    position = 0
    while position < len(raw):
        end = raw.index(b"\n", position)
        oid, _kind, size = raw[position:end].decode().split(" ")
        start = end + 1
        out[oid] = raw[start : start + int(size)]
        position = start + int(size) + 1
    return out


def resolve(git: Git, revision: str) -> str:
    """The commit or tree id of a revision. Raises `GitFault` when there is no such revision."""
    if revision.startswith("-"):
        raise GitFault(f"{revision} is not a revision.")
    found = git.try_text("rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{tree}}")
    if not found:
        raise GitFault(f"There is no revision and no patch file {revision} in {git.folder}.")
    return found

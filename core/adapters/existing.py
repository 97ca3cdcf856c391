"""An existing change, ready for hunk review: the working tree's, a revision range's, or a patch
file's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.adapters import git as git_door
from core.adapters.repo import WorkingRepo
from core.domain.edit import FileVersion
from core.domain.errors import Refused
from core.domain.hunk import FileEdit, FileOp, Refusal, Run
from core.edits.annotate import Annotate
from core.edits.differing import PlainDiffer
from core.edits.hunks import derive_hunks
from core.edits.intent import ParseFault
from core.edits.needs import link
from core.edits.parse.unified_diff import parse_unified_diff
from core.edits.snapshot import Snapshot, Unreadable, empty_snapshot, read_snapshot
from core.edits.staging import Staged, Wish, stage
from core.ports import Blobs, Differ

Pair = tuple[str, FileVersion | None, FileVersion | None]
"""Path, before, after."""

SOURCE = "existing change"

_PLAIN = PlainDiffer()


def find_change(
    repo: WorkingRepo,
    change: str,
    patch: bytes,
    annotate: Annotate,
    blobs: Blobs,
    differ: Differ = _PLAIN,
) -> tuple[str, Staged]:
    """What a word on the command line names, and what to call it.

    Bases are kept in `blobs`. Raises `Refused`.
    """
    keeping = _Keeping(repo, blobs, differ)
    if not change:
        return "the working tree", from_working_tree(keeping, annotate)
    if change == "-":
        return "a patch", from_patch(keeping, _text("the patch", patch), annotate)
    if ".." not in change and Path(change).is_file():
        return change, from_patch(keeping, _text(change, Path(change).read_bytes()), annotate)
    return change, from_revision(keeping, change, annotate)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """A repository whose file versions are kept as they are read, so that hunks can be composed
    later.
    """

    repo: WorkingRepo
    blobs: Blobs
    differ: Differ

    @property
    def git(self) -> git_door.Git:
        """git, which an existing diff needs. Raises `Refused`."""
        if self.repo.git is None:
            raise Refused(
                "This folder is not a git repository, so there is no diff; give a patch file "
                "instead."
            )
        return self.repo.git

    def read(self, path: str) -> FileVersion | None:
        """A file as it is now, kept."""
        return self.keep(self.repo.read(path))

    def keep(self, version: FileVersion | None) -> FileVersion | None:
        """The version itself, its bytes stored."""
        if version is not None:
            self.blobs.put(version.data)
        return version


def from_working_tree(repo: _Keeping, annotate: Annotate) -> Staged:
    """What differs from HEAD, untracked files included. Raises `Refused` without git."""
    head = git_door.repository_state(repo.git).head
    return _since(repo, head or repo.git.text("hash-object", "-t", "tree", "/dev/null"), annotate)


def from_revision(repo: _Keeping, revision: str, annotate: Annotate) -> Staged:
    """`A..B`: what B changed since A; a single revision: what the working tree changed since it."""
    git = repo.git
    old, dots, new = revision.partition("..")
    if not dots:
        return _since(repo, git_door.resolve(git, revision), annotate)
    trees = git_door.resolve(git, old or "HEAD"), git_door.resolve(git, new.lstrip(".") or "HEAD")
    paths = git_door.changed_paths(git, *trees)
    before, after = (git_door.contents(git, tree, paths) for tree in trees)
    pairs = [(p, repo.keep(_version(p, before.get(p))), _version(p, after.get(p))) for p in paths]
    return _staged(repo, pairs, annotate)


def from_patch(repo: _Keeping, text: str, annotate: Annotate) -> Staged:
    """A patch against the files as they are. Raises `Refused` for text that is no patch."""
    try:
        intents = parse_unified_diff(text)
    except ParseFault as fault:
        raise Refused(f"The patch cannot be reviewed: {fault}.") from fault
    if not intents:
        raise Refused("The patch holds no hunks; give the output of git diff.")
    return stage([Wish("T1", SOURCE, intents, in_order=True)], repo.read, annotate, repo.differ)


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 text, so it is not reviewed as a patch.") from error


def _since(repo: _Keeping, tree: str, annotate: Annotate) -> Staged:
    git = repo.git
    paths = sorted({*git_door.changed_paths(git, tree, None), *git_door.untracked(git)})
    before = git_door.contents(git, tree, paths)
    links = git_door.linked(git, tree)
    pairs = [(p, repo.keep(_version(p, before.get(p))), repo.read(p)) for p in paths]
    return _staged(repo, pairs, annotate, links)


def _staged(
    repo: _Keeping, pairs: Iterable[Pair], annotate: Annotate, links: frozenset[str] = frozenset()
) -> Staged:
    changes, refusals = [], []
    for path, before, after in pairs:
        if path in links or (repo.repo.root / path).is_symlink():
            refusals.append(Refusal(path, "the path is a symbolic link; it stays as it is"))
            continue
        if (before.data if before else None) == (after.data if after else None):
            continue
        try:
            changes.append(_change(repo, path, before, after))
        except Unreadable as error:
            refusals.append(Refusal(path, f"the file {error}; it stays as it is"))
    runs = repo.differ.runs([(c.before.lines, c.after.lines) for c in changes])
    found = [_with_hunks(c, own, annotate) for c, own in zip(changes, runs, strict=True)]
    linked = link(
        [f for f in found if f.hunks],
        {c.edit.path: "".join(c.before.lines) for c in changes},
        {c.edit.path: "".join(c.after.lines) for c in changes},
    )
    return Staged(linked, tuple(refusals))


@dataclass(frozen=True, slots=True)
class _Change:
    """One file of the change, read and not yet cut into hunks."""

    edit: FileEdit
    before: Snapshot
    after: Snapshot


def _change(
    repo: _Keeping, path: str, before: FileVersion | None, after: FileVersion | None
) -> _Change:
    old = read_snapshot(before) if before else empty_snapshot(path)
    new = read_snapshot(after) if after else empty_snapshot(path)
    op = FileOp.CREATE if before is None else FileOp.DELETE if after is None else FileOp.MODIFY
    current = repo.read(path)
    now = current.hash if current else ""
    wanted, base = (after.hash if after else ""), (before.hash if before else "")
    if now not in (wanted, base):
        raise Unreadable("holds something else on disk than either side of the change")
    edit = FileEdit(
        path=path,
        op=op,
        base=base,
        expected=now,
        executable=bool((before or after or current or FileVersion(path, b"")).executable),
        hunks=(),
        present=now == wanted,
    )
    return _Change(edit, old, new)


def _with_hunks(change: _Change, runs: Sequence[Run], annotate: Annotate) -> FileEdit:
    hunks = derive_hunks(change.before, change.after.lines, change.edit.op, runs)
    own = (annotate(replace(h, task="T1", model=SOURCE)) for h in hunks)
    return replace(change.edit, hunks=tuple(own))


def _version(path: str, found: tuple[bytes, bool] | None) -> FileVersion | None:
    return FileVersion(path, found[0], found[1]) if found else None

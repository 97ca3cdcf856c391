"""What a scratch tree holds and where it came from, so that only differing files are written."""

import json
import os
import stat
from dataclasses import dataclass

from core.domain.edit import digest

VERSION = 1
"""Of the stored form; another one means: begin again."""

Stamp = tuple[int, int, int, int, int]
"""Size, mtime and ctime in nanoseconds, mode, inode: whatever writes to a file changes one."""

FINE_WINDOW = 50_000_000
"""Nanoseconds: a file this young when it was read may change again and keep its stamp."""

COARSE_WINDOW = 2_000_000_000
"""The same where the file system keeps whole seconds (FAT keeps two)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the tree."""

    source: Stamp | None
    """Stamp of the user's file when it was read; None when it proves nothing."""
    source_sha: str
    own: Stamp
    """Stamp of our copy after it was written."""
    own_sha: str


Manifest = dict[str, Entry]
"""Path to entry."""


def stamp(info: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_mode, info.st_ino


def settled(taken: Stamp, now: int) -> Stamp | None:
    """The stamp, or None if the file was written so shortly before `now` that it may not tell."""
    window = COARSE_WINDOW if taken[1] % 1_000_000_000 == 0 else FINE_WINDOW
    return taken if max(taken[1], taken[2]) + window < now else None


def is_executable(taken: Stamp) -> bool:
    """Whether the owner may execute the file."""
    return bool(taken[3] & stat.S_IXUSR)


def encode(root: str, manifest: Manifest) -> bytes:
    """The stored form: a line with version, hash and root, then the rows."""
    entries = {p: (e.source, e.source_sha, e.own, e.own_sha) for p, e in manifest.items()}
    rows = json.dumps(entries).encode()
    head = {"version": VERSION, "sha256": digest(rows), "root": root}
    return json.dumps(head).encode() + b"\n" + rows


def decode(root: str, data: bytes) -> Manifest:
    """What `encode` stored; empty for anything else, damaged bytes and other roots included."""
    head, _, rows = data.partition(b"\n")
    try:
        if json.loads(head) != {"version": VERSION, "sha256": digest(rows), "root": root}:
            return {}
        return {path: _entry(row) for path, row in json.loads(rows).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _entry(row: list[object]) -> Entry:
    source, source_sha, own, own_sha = row
    return Entry(_stamp(source) if source else None, str(source_sha), _stamp(own), str(own_sha))


def _stamp(values: object) -> Stamp:
    if not isinstance(values, list):
        raise TypeError(values)
    size, modified, changed, mode, inode = values
    return size, modified, changed, mode, inode

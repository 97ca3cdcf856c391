"""Hunks placed again on a file that changed meanwhile: only where the change left them alone."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.edit import FileVersion
from core.domain.hunk import FileEdit, FileOp, Hunk, Run
from core.edits.differing import differing
from core.edits.hunks import CONTEXT
from core.edits.snapshot import Snapshot, Unreadable, read_snapshot


class NotRebased(ValueError):
    """A file whose hunks have no certain place any more; the message is a clause."""


def rebased(file: FileEdit, base: bytes, now: FileVersion | None) -> FileEdit:
    """The same hunks on what the file holds now; their ids, and so their decisions, stay.

    A hunk moves with the unchanged lines around it. Raises `NotRebased` where a line that changed
    is a hunk's own or stands directly beside it, and for what is decided of whole files.
    """
    whole = [h for h in file.hunks if h.op in (FileOp.CREATE, FileOp.DELETE)]
    if now is None or whole or file.present or file.expected != file.base:
        raise NotRebased("changed on disk since it was reviewed")
    path = file.source or file.path
    try:
        old, new = read_snapshot(FileVersion(path, base)), read_snapshot(now)
    except Unreadable as error:
        raise NotRebased(str(error)) from error
    runs = differing(old.lines, new.lines)
    hunks = tuple(_moved(h, runs, new) for h in file.hunks)
    return replace(file, base=now.hash, expected=now.hash, executable=now.executable, hunks=hunks)


def _moved(hunk: Hunk, runs: Sequence[Run], now: Snapshot) -> Hunk:
    if hunk.op is FileOp.RENAME:
        return hunk
    end = hunk.start + len(hunk.old)
    shift = 0
    for i, j, k, m in runs:
        if j < hunk.start:
            shift = m - j
        elif i <= end:
            raise NotRebased(f"changed on disk at line {k + 1}, where a hunk changes it too")
    start = hunk.start + shift
    end += shift
    return replace(
        hunk,
        start=start,
        context_before=now.lines[max(0, start - CONTEXT) : start],
        context_after=now.lines[end : end + CONTEXT],
    )

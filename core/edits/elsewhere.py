"""Whether text that is not in its file is in another one: said, never acted on."""

from collections.abc import Callable, Iterable

from core.domain.edit import FileVersion
from core.edits.intent import Intent
from core.edits.snapshot import Snapshot, Unreadable, bare, read_snapshot, split_lines

MOST_FILES = 200
"""Files that are looked into for one refusal."""

Reader = Callable[[str], FileVersion | None]


class OtherFiles:
    """The files that a text may be in instead."""

    def __init__(self, paths: Iterable[str], read: Reader) -> None:
        """Look into `paths`, at most `MOST_FILES` of them, once they are asked for."""
        self._paths = tuple(paths)[:MOST_FILES]
        self._read = read
        self._snapshots: dict[str, Snapshot | None] = {}

    def __call__(self, intent: Intent) -> str:
        """The one other file that holds the intent's lines exactly once; empty for none."""
        old = [bare(line) for line in split_lines(intent.old)]
        if not any(line.strip() for line in old):
            return ""
        found = [p for p in self._paths if p != intent.path and self._holds(p, old)]
        return found[0] if len(found) == 1 else ""

    def _holds(self, path: str, old: list[str]) -> bool:
        if path not in self._snapshots:
            self._snapshots[path] = self._snapshot(path)
        snapshot = self._snapshots[path]
        return snapshot is not None and len(snapshot.exact.places(old)) == 1

    def _snapshot(self, path: str) -> Snapshot | None:
        version = self._read(path)
        try:
            return read_snapshot(version) if version else None
        except Unreadable:
            return None

"""A repository held in memory: for tests, and for trying an engine on a few files."""

from collections.abc import Mapping
from pathlib import Path

from core.domain.edit import FileVersion
from core.domain.repository import Commit, RepositoryState


class MemoryRepo:
    """`Repo` over a mapping of relative paths to contents; text is stored as UTF-8.

    The mapping is read at every call, so a caller that changes its own mapping changes the files.
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes],
        *,
        root: Path = Path("/nowhere"),
        commits: tuple[Commit, ...] = (),
    ) -> None:
        self.root = root
        self._files = files
        self._commits = commits

    def state(self) -> RepositoryState:
        """A plain directory without version control."""
        return RepositoryState(root=str(self.root), vcs="none")

    def files(self) -> tuple[str, ...]:
        """The paths, sorted."""
        return tuple(sorted(self._files))

    def read(self, path: str) -> FileVersion | None:
        """The content of a path, or None."""
        content = self._files.get(path)
        if content is None:
            return None
        return FileVersion(path, content.encode() if isinstance(content, str) else content)

    def history(self, limit: int) -> tuple[Commit, ...]:
        """The first `limit` commits it was given."""
        return self._commits[:limit]

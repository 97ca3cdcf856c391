"""What a goal says of packages: their locked versions, their installed source, what is missing."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.adapters.installed import Installed
from core.domain.context import ContextItem, Trust
from core.retrieval.corpus import lane
from core.retrieval.locks import MAX_BYTES, Locked, is_lock_file, locked
from core.retrieval.packages import absent, named, version_items
from core.retrieval.query import parse_query

if TYPE_CHECKING:
    from core.ports import Repo

QUOTED = 2
"""Packages whose source is quoted."""
TOKENS = 400
"""Of each one's source."""
MOST_LOCK_FILES = 20


class Dependencies:
    """The packages of one root, read from its lock files when they have changed."""

    def __init__(self, repo: "Repo", environment: Mapping[str, str]) -> None:
        self._repo = repo
        self._installed = Installed(repo.root, environment)
        self._read: dict[str, tuple[str, tuple[Locked, ...]]] = {}

    def facts(self, goal: str, paths: Sequence[str]) -> tuple[ContextItem, ...]:
        """Versions of the packages that a goal names, and what it names of their source.

        `paths` are the files of the root.
        """
        meant = named(goal, self._locked(paths))
        names = parse_query(goal).names
        sources = (self._installed.items(one, names, TOKENS) for one in meant[:QUOTED])
        return (*version_items(meant), *(item for items in sources for item in items))

    def missing(self, goal: str, paths: Sequence[str]) -> str:
        """Which packages a goal names that no lock file holds, as a clause; empty for none."""
        held = self._locked(paths)
        gone = absent(goal, held)
        if gone:
            own = {part for path in paths for part in PurePosixPath(path).with_suffix("").parts}
            gone = absent(goal, held, own)
        return f"no lock file here holds {', '.join(f'`{name}`' for name in gone)}" if gone else ""

    def _locked(self, paths: Sequence[str]) -> list[Locked]:
        """Test data has lock files too: these say nothing of the project."""
        files = [p for p in paths if is_lock_file(p) and lane(p) is not Trust.TEST]
        return [one for path in files[:MOST_LOCK_FILES] for one in self._of(path)]

    def _of(self, path: str) -> tuple[Locked, ...]:
        version = self._repo.read(path)
        if version is None or len(version.data) > MAX_BYTES:
            return ()
        known = self._read.get(path)
        if known is None or known[0] != version.hash:
            known = version.hash, locked(path, version.data.decode("utf-8", "replace"))
            self._read[path] = known
        return known[1]

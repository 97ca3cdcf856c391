"""The texts of a repository as the engine reads them: once each, and only while it is wanted."""

import re
from collections.abc import Iterator
from threading import Event

from core.ports import Repo
from core.syntax.languages import language_of, unix
from core.syntax.outline import Symbol, outline

MAX_FILE_BYTES = 2_000_000
"""Larger files are data or generated: they are never rewritten here."""

DOCUMENTS = (".md", ".markdown", ".rst", ".txt", ".adoc")
"""Endings of files whose mentions are documentation."""

_VENDORED = re.compile(r"(^|/)(node_modules|vendor|\.venv|venv|__pycache__|site-packages)/")


class Stopped(Exception):
    """The caller no longer wants the answer."""


class Sources:
    """Files of a repository, decoded on demand; every read looks at the stop signal first."""

    def __init__(self, repo: Repo, stop: Event | None = None) -> None:
        self._repo = repo
        self._stop = stop or Event()
        self._texts: dict[str, str | None] = {}
        self.paths = tuple(path for path in repo.files() if not _VENDORED.search(path))

    def text(self, path: str) -> str | None:
        """A file with `\\n` line ends; None for a missing, linked, binary or too large one."""
        if self._stop.is_set():
            raise Stopped
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        version = self._repo.read(path)
        if version is None or version.is_link or len(version.data) > MAX_FILE_BYTES:
            return None
        if b"\0" in version.data[:8192]:
            return None
        try:
            return unix(version.data.decode("utf-8"))
        except UnicodeDecodeError:
            return None

    def holding(self, word: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        """Paths and texts in which a pattern occurs, in order."""
        for path in self.paths:
            text = self.text(path)
            if text is not None and word.search(text):
                yield path, text

    def languages(self) -> tuple[str, ...]:
        """The bundled languages present, the most frequent first."""
        counts: dict[str, int] = {}
        for path in self.paths:
            if language := language_of(path):
                counts[language] = counts.get(language, 0) + 1
        return tuple(sorted(counts, key=lambda name: -counts[name]))

    def symbols(self, limit: int = 3_000) -> Iterator[Symbol]:
        """Definitions of up to `limit` files, for suggestions."""
        for path in self.paths[:limit]:
            if language_of(path) not in (None, "json", "yaml", "markdown", "css", "html"):
                text = self.text(path)
                if text is not None:
                    yield from outline(path, text)

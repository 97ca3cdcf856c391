"""The texts of a repository as the engine reads them: once each, and only while it is wanted."""

import re
from collections.abc import Iterator
from threading import Event

from core.ports import Repo
from core.syntax.languages import language_of, unix
from core.syntax.outline import Symbol, outline
from core.syntax.sites import word

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
            text = unix(version.data.decode("utf-8"))
        except UnicodeDecodeError:
            return None
        return None if _is_minified(text) else text

    def holding(self, name: str) -> Iterator[tuple[str, str]]:
        """Paths and texts in which a name occurs as a whole word, in order."""
        pattern = word(name)
        for path in self.paths:
            text = self.text(path)
            if text is not None and name in text and pattern.search(text):
                yield path, text

    def languages(self) -> tuple[str, ...]:
        """The bundled languages present, the most frequent first."""
        counts: dict[str, int] = {}
        for path in self.paths:
            if language := language_of(path):
                counts[language] = counts.get(language, 0) + 1
        return tuple(sorted(counts, key=lambda name: -counts[name]))

    def symbols(self, limit: int = 4_000_000) -> Iterator[Symbol]:
        """Definitions in up to `limit` characters of code, some two seconds, for suggestions."""
        for path in self.paths:
            if language_of(path) in (None, "json", "yaml", "markdown", "css", "html"):
                continue
            text = self.text(path) or ""
            limit -= len(text)
            if limit < 0:
                return
            yield from outline(path, text)


def _is_minified(text: str) -> bool:
    """Whether a text is made for machines: lines of more than 1,000 characters on average."""
    return len(text) > 20_000 and len(text) > 1_000 * (text.count("\n") + 1)

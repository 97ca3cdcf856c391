"""The words of documents, read once a process for each content."""

from collections import Counter
from threading import Lock

from core.retrieval.corpus import Document
from core.retrieval.tokenise import terms

MOST = 1_000_000
"""Terms kept in all, some 100 MB; beyond it everything is forgotten and read again."""


class Bags:
    """Counted terms by content hash. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[str, Counter[str]] = {}
        self._size = 0
        self._lock = Lock()

    def of(self, document: Document) -> Counter[str]:
        """The terms of a document; not to be changed."""
        with self._lock:
            known = self._kept.get(document.hash)
        if known is not None:
            return known
        found = terms(document.text)
        with self._lock:
            if self._size + len(found) > MOST:
                self._kept.clear()
                self._size = 0
            self._kept[document.hash] = found
            self._size += len(found)
        return found


BAGS = Bags()

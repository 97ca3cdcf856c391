"""Posting lists: which chunks hold a term and how often, packed in 32 bits each.

The upper 24 bits are the number of the chunk, the lower 8 how often the term stands in it, at
most 255. Lists of one term only grow at their end, so joining two is joining their bytes.
"""

import sys
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain

from core.retrieval.chunks import Chunk, Definition, cut
from core.retrieval.corpus import MAX_BYTES, is_generated, is_printed
from core.retrieval.tokenise import parts, words_of

MOST_CHUNKS = 1 << 24
"""Numbers of chunks end here; the index is built again before."""
MOST_TIMES = 255
LONGEST_WORD = 80
"""Longer ones are data, not words."""


class Field(IntEnum):
    """What a posting list counts."""

    BODY = 0
    """Words of a chunk."""
    SYMBOL = 1
    """Words of the names that a file defines, by its first chunk."""
    COMMIT = 2
    """Words of a commit's message; the number is the commit's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed text, as it is kept."""

    first: int
    """Number of its first chunk."""
    lengths: "array[int]"
    """Words of each chunk."""
    spans: tuple[Chunk, ...]
    definitions: tuple[Definition, ...]
    symbols: int
    """Words of all its definitions."""
    is_generated: bool = False
    """Whether its head says that a program wrote it."""


@dataclass
class Postings:
    """The posting lists of one batch, in memory."""

    next: int
    """Number of the next chunk."""
    lists: dict[Field, dict[str, list[int]]] = field(
        default_factory=lambda: {kind: defaultdict(list) for kind in Field}
    )
    _parts: "_Parts" = field(default_factory=lambda: _Parts())

    def add(self, path: str, text: str) -> Entry:
        """Index one text under the next numbers."""
        made = cut(path, "" if is_printed(path, text) else text[:MAX_BYTES])
        first, lengths = self.next, array("H")
        for chunk in made.chunks:
            words = "\n".join(made.lines[chunk.start : chunk.end])
            lengths.append(self._count(Field.BODY, words))
            self.next += 1
        symbols = 0
        if made.chunks and made.definitions:
            names = " ".join(d.name for d in made.definitions)
            symbols = self._count(Field.SYMBOL, names, first)
        return Entry(first, lengths, made.chunks, made.definitions, symbols, is_generated(text))

    def add_message(self, number: int, text: str) -> None:
        """Index a commit's message."""
        self._count(Field.COMMIT, text, number)

    def _count(self, kind: Field, text: str, number: int | None = None) -> int:
        """Add a text's terms to the lists; how many words it has, at most 65,535."""
        words = words_of(text)
        counts = Counter(chain.from_iterable(map(self._parts.__getitem__, words)))
        at = (self.next if number is None else number) << 8
        lists = self.lists[kind]
        for term, n in counts.items():
            lists[term].append(at | (n if n < MOST_TIMES else MOST_TIMES))
        return min(len(words), 65_535)


class _Parts(dict[str, tuple[str, ...]]):
    """The terms of each word of a batch; a word that comes again takes no call."""

    def __missing__(self, word: str) -> tuple[str, ...]:
        found = self[word] = parts(word) if len(word) <= LONGEST_WORD else ()
        return found


def packed(postings: list[int]) -> bytes:
    """A list as little-endian bytes."""
    return _little(array("I", postings)).tobytes()


def unpacked(data: bytes) -> "array[int]":
    """What `packed` made. Raises ValueError for bytes that it did not make."""
    found = array("I")
    found.frombytes(data)
    return _little(found)


def _little(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers

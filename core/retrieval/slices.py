"""Slices of ranked files inside a token budget: the definitions that a goal speaks of.

Every ranked file gets its best definition first, cut to a few lines around what matches; what is
left of the budget makes those whole and adds the next ones, by what they are worth a token.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.domain.context import Candidate, Trust
from core.retrieval.chunks import Chunk, Cut, Definition, cut
from core.retrieval.snapshot import K1, B
from core.retrieval.snippets import CHARACTERS_PER_TOKEN, estimate
from core.retrieval.tokenise import WORD, parts

FIRST = 75
"""Tokens of the first look into a file."""
NEXT = 50
"""Tokens of the first look at a further definition of it."""
PER_FILE = 0.5
"""Share of the budget that one file may take."""
DEFINITIONS = 8
"""Definitions of one file that are quoted at most."""
FADING = 0.7
"""What a file is worth beside the one ranked before it."""
NAMED = 2.0
"""How much more a definition is worth whose own name holds words of the goal."""
QUOTED = {Trust.CODE: 10, Trust.TEST: 2, Trust.DOCS: 1}
"""Files of each lane that are quoted; a lane that the goal speaks of gets as many as source."""
_SPEAKS_OF = {
    Trust.TEST: ("test", "tests", "spec", "specs"),
    Trust.DOCS: ("docs", "documentation", "document", "readme", "changelog", "guide", "tutorial"),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of lines of one file."""

    file: int
    """Place of the file in what was given."""
    start: int
    """0-based."""
    end: int
    """0-based, half open."""
    symbol: str
    """Dotted name of the definition, or empty."""
    heads: tuple[str, ...] = ()
    """First lines of the definitions around it, outermost first, that it does not hold itself."""
    is_best: bool = True
    """Whether nothing else of the file matters more."""


@dataclass(slots=True)
class _Piece:
    """A chunk of a file on its way to becoming a slice."""

    file: int
    one: Cut
    chunk: Chunk
    worth: float
    start: int
    end: int
    cost: int = 0
    """Tokens of these lines and of the heads above them."""
    is_best: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all of the chunk is quoted."""
        return (self.start, self.end) == (self.chunk.start, self.chunk.end)

    def take(self, start: int, end: int) -> None:
        """Quote these lines."""
        self.start, self.end = start, end
        text = "\n".join((*_heads(start, self.one), *self.one.lines[start:end]))
        self.cost = estimate(text)


def to_quote(
    goal: str, candidates: Sequence[Candidate], *, is_wide: bool = False
) -> tuple[Candidate, ...]:
    """Which candidates are worth quoting, in their order; with `is_wide` as many of each lane."""
    alike = QUOTED if is_wide else spoken_of(goal)
    room = QUOTED | dict.fromkeys(alike, QUOTED[Trust.CODE])
    chosen = []
    for candidate in candidates:
        if room.get(candidate.trust, 0) > 0:
            room[candidate.trust] -= 1
            chosen.append(candidate)
    return tuple(chosen)


def spoken_of(goal: str) -> tuple[Trust, ...]:
    """The lanes besides source that a goal speaks of."""
    words = {word.lower() for word in WORD.findall(goal)}
    return tuple(lane for lane, said in _SPEAKS_OF.items() if words.intersection(said))


def slices(
    files: Sequence[tuple[str, str]], terms: Mapping[str, float], budget: int
) -> tuple[Slice, ...]:
    """What to quote of `(path, text)`s, ranked best first, for terms with what each is worth.

    All slices with their heads have at most `budget` tokens. Those of one file stand together in
    the order of its lines and do not overlap.
    """
    share = PER_FILE if len(files) > 1 else 1.0
    looked = [_looked(number, cut(path, text), terms) for number, (path, text) in enumerate(files)]
    board = _Board(budget, [0] * len(files))
    for pieces in looked:
        if pieces:
            board.offer(pieces[0], _narrowed(pieces[0], terms, FIRST), share=1.0)
    waiting = [(-_gain(p), n, p) for n, p in enumerate(_further(looked))]
    heapq.heapify(waiting)
    while waiting:
        _, n, piece = heapq.heappop(waiting)
        if piece.cost:
            board.offer(piece, (piece.chunk.start, piece.chunk.end), share)
        elif board.offer(piece, _narrowed(piece, terms, NEXT), share):
            heapq.heappush(waiting, (-_gain(piece), n, piece))
    return tuple(_joined(board.chosen))


@dataclass(slots=True)
class _Board:
    """What has been chosen, and what it has cost."""

    budget: int
    spent: list[int]
    chosen: list[_Piece] = field(default_factory=list)

    def offer(self, piece: _Piece, lines: tuple[int, int], share: float) -> bool:
        """Quote these lines of a piece if there is room for them; whether there was."""
        before, old = piece.cost, (piece.start, piece.end)
        piece.take(*lines)
        more = piece.cost - before
        room = min(self.budget - sum(self.spent), share * self.budget - self.spent[piece.file])
        if more > room:
            piece.start, piece.end, piece.cost = *old, before
            return False
        self.spent[piece.file] += more
        if not before:
            self.chosen.append(piece)
        return True


def _looked(number: int, one: Cut, terms: Mapping[str, float]) -> list[_Piece]:
    """The chunks of a file that matter most, best first; its first definition if none does."""
    if not one.chunks:
        return []
    sizes = [len(WORD.findall("\n".join(one.lines[c.start : c.end]))) for c in one.chunks]
    mean = max(1.0, sum(sizes) / len(sizes))
    fade = FADING**number
    pieces = []
    for chunk, size in zip(one.chunks, sizes, strict=True):
        counts: dict[str, int] = {}
        for line in one.lines[chunk.start : chunk.end]:
            for term in _held(line, terms):
                counts[term] = counts.get(term, 0) + 1
        norm = K1 * (1 - B + B * size / mean)
        worth = sum(terms[t] * n * (K1 + 1) / (n + norm) for t, n in counts.items())
        if chunk.symbol and any(t in terms for w in WORD.findall(chunk.symbol) for t in parts(w)):
            worth *= NAMED
        pieces.append(_Piece(number, one, chunk, worth * fade, chunk.start, chunk.start))
    pieces.sort(key=lambda p: (-p.worth, not p.chunk.symbol, p.chunk.start))
    pieces[0].is_best = True
    return [p for p in pieces[:DEFINITIONS] if p.worth > 0] or pieces[:1]


def _held(line: str, terms: Mapping[str, float]) -> Iterator[str]:
    for word in WORD.findall(line):
        for part in parts(word):
            if part in terms:
                yield part


def _further(looked: Iterable[list[_Piece]]) -> Iterator[_Piece]:
    """What is not quoted whole yet."""
    return (piece for pieces in looked for piece in pieces if not (piece.cost and piece.is_whole))


def _gain(piece: _Piece) -> float:
    """What the next lines of a piece are worth a token."""
    chunk = piece.chunk
    whole = estimate("\n".join(piece.one.lines[chunk.start : chunk.end]))
    return piece.worth / max(NEXT, whole - piece.cost)


def _narrowed(piece: _Piece, terms: Mapping[str, float], budget: int) -> tuple[int, int]:
    """The run of a chunk's lines that holds most of the terms for so many tokens."""
    chunk = piece.chunk
    lines = piece.one.lines[chunk.start : chunk.end]
    sizes = [len(line) + 1 for line in lines]
    room = budget * CHARACTERS_PER_TOKEN
    if sum(sizes) <= room:
        return chunk.start, chunk.end
    worth = [sum(terms[t] for t in set(_held(line, terms))) for line in lines]
    best, at = (-1.0, 0), (0, 1)
    start = used = 0
    value = 0.0
    for end, size in enumerate(sizes):
        used += size
        value += worth[end]
        while used > room and start < end:
            used -= sizes[start]
            value -= worth[start]
            start += 1
        if (value, -start) > best:
            best, at = (value, -start), (start, end + 1)
    return chunk.start + at[0], chunk.start + at[1]


def _joined(chosen: Iterable[_Piece]) -> Iterator[Slice]:
    """Pieces of a file that touch are one slice, under the name of the first."""
    runs: list[_Piece] = []
    for piece in sorted(chosen, key=lambda p: (p.file, p.start)):
        last = runs[-1] if runs else None
        if last and last.file == piece.file and last.end >= piece.start:
            last.end = max(last.end, piece.end)
            last.is_best = last.is_best or piece.is_best
        else:
            runs.append(piece)
    for run in runs:
        filled = [row for row in range(run.start, run.end) if run.one.lines[row].strip()]
        if filled:
            start, end = filled[0], filled[-1] + 1
            heads = tuple(_heads(start, run.one))
            yield Slice(run.file, start, end, run.chunk.symbol, heads, run.is_best)


def _heads(row: int, one: Cut) -> Iterator[str]:
    """The lines that name the definitions around a row, without the row's own."""
    around = [d for d in one.definitions if d.start - 1 < row < d.end]
    for definition in sorted(around, key=lambda d: (d.start, -d.end)):
        at = _named_at(definition, one.lines)
        if at < row:
            yield one.lines[at].strip()


def _named_at(definition: Definition, lines: Sequence[str]) -> int:
    """The row of a definition's name: decorators stand before it."""
    rows = range(definition.start - 1, min(definition.end, definition.start + 9, len(lines)))
    return next((row for row in rows if definition.name in lines[row]), definition.start - 1)

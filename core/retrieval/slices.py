"""Slices of ranked files inside a token budget: the definitions that a goal speaks of.

Every ranked file gets its best definition first, cut to a few lines around what matches; what is
left of the budget makes those whole and adds the next ones, by what they are worth a token.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(slots=True)
class _Piece:
    """A chunk of a file on its way to becoming a slice."""

    file: int
    chunk: Chunk
    worth: float
    start: int
    end: int
    is_whole: bool


def to_quote(goal: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Which candidates are worth quoting, in their order."""
    words = set(goal.lower().replace(".", " ").split())
    room = dict(QUOTED)
    for lane, said in _SPEAKS_OF.items():
        if words.intersection(said):
            room[lane] = room[Trust.CODE]
    chosen = []
    for candidate in candidates:
        if room.get(candidate.trust, 0) > 0:
            room[candidate.trust] -= 1
            chosen.append(candidate)
    return tuple(chosen)


def slices(
    files: Sequence[tuple[str, str]], terms: Mapping[str, float], budget: int
) -> tuple[Slice, ...]:
    """What to quote of `(path, text)`s, ranked best first, for terms with what each is worth.

    Slices of one file stand together in the order of its lines and do not overlap.
    """
    cuts = [cut(path, text) for path, text in files]
    looked = [_looked(number, one, terms) for number, one in enumerate(cuts)]
    chosen: list[_Piece] = []
    spent = [0] * len(files)
    for pieces, one in zip(looked, cuts, strict=True):
        if pieces:
            piece = pieces[0]
            _narrow(piece, one, terms, FIRST)
            cost = _cost(piece, one)
            if sum(spent) + cost <= budget:
                chosen.append(piece)
                spent[piece.file] += cost
    waiting = [(-_gain(p, cuts[p.file]), n, p) for n, p in enumerate(_further(looked, chosen))]
    heapq.heapify(waiting)
    while waiting:
        _, _, piece = heapq.heappop(waiting)
        one, known = cuts[piece.file], piece in chosen
        before = _cost(piece, one) if known else 0
        old = piece.start, piece.end
        if known:
            piece.start, piece.end, piece.is_whole = piece.chunk.start, piece.chunk.end, True
        else:
            _narrow(piece, one, terms, NEXT)
        cost = _cost(piece, one) - before
        if sum(spent) + cost > budget or spent[piece.file] + cost > PER_FILE * budget:
            piece.start, piece.end = old
            continue
        spent[piece.file] += cost
        if not known:
            chosen.append(piece)
            if not piece.is_whole:
                heapq.heappush(waiting, (-_gain(piece, one), len(waiting), piece))
    return tuple(_joined(chosen, cuts))


def _looked(number: int, one: Cut, terms: Mapping[str, float]) -> list[_Piece]:
    """The chunks of a file that matter most, best first; its first one if none holds a term."""
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
        pieces.append(_Piece(number, chunk, worth * fade, chunk.start, chunk.end, True))
    pieces.sort(key=lambda p: (-p.worth, p.start))
    return [p for p in pieces[:DEFINITIONS] if p.worth > 0] or pieces[:1]


def _held(line: str, terms: Mapping[str, float]) -> Iterator[str]:
    for word in WORD.findall(line):
        for part in parts(word):
            if part in terms:
                yield part


def _further(looked: Iterable[list[_Piece]], chosen: Sequence[_Piece]) -> Iterator[_Piece]:
    for pieces in looked:
        yield from (p for p in pieces if p not in chosen or not p.is_whole)


def _gain(piece: _Piece, one: Cut) -> float:
    """What the next lines of a piece are worth a token."""
    whole = estimate("\n".join(one.lines[piece.chunk.start : piece.chunk.end]))
    return piece.worth / max(NEXT, whole - (0 if piece.is_whole else _cost(piece, one)))


def _narrow(piece: _Piece, one: Cut, terms: Mapping[str, float], budget: int) -> None:
    """Cut a piece to the run of its lines that holds most for so many tokens."""
    chunk = piece.chunk
    lines = one.lines[chunk.start : chunk.end]
    sizes = [len(line) + 1 for line in lines]
    room = budget * CHARACTERS_PER_TOKEN
    if sum(sizes) <= room:
        return
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
    piece.start, piece.end = chunk.start + at[0], chunk.start + at[1]
    piece.is_whole = False


def _cost(piece: _Piece, one: Cut) -> int:
    return estimate("\n".join(one.lines[piece.start : piece.end]))


def _joined(chosen: Iterable[_Piece], cuts: Sequence[Cut]) -> Iterator[Slice]:
    """Pieces of a file that touch are one slice, under the name of the first."""
    runs: list[_Piece] = []
    for piece in sorted(chosen, key=lambda p: (p.file, p.start)):
        last = runs[-1] if runs else None
        if last and last.file == piece.file and last.end >= piece.start:
            last.end = max(last.end, piece.end)
        else:
            runs.append(piece)
    for run in runs:
        one = cuts[run.file]
        filled = [row for row in range(run.start, run.end) if one.lines[row].strip()]
        if filled:
            start, end = filled[0], filled[-1] + 1
            yield Slice(run.file, start, end, run.chunk.symbol, tuple(_heads(start, one)))


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

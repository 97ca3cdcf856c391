"""All edits of one reply to one file: each in its one place, or refused with a reason."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from core.domain.hunk import Refusal
from core.edits import refusing
from core.edits.board import Board
from core.edits.intent import Intent, Op
from core.edits.literal import literal_places, literal_splices
from core.edits.locate import Found, Place, Tier, find, without_outer_blanks
from core.edits.narrow import agrees, hinted, narrowed, ordered, under
from core.edits.pieces import elided
from core.edits.similar import similar
from core.edits.snapshot import Snapshot, bare, split_lines
from core.edits.splice import NoIndent, Splice, applied, block_splices, with_ends


@dataclass(frozen=True, slots=True)
class Located:
    """An intent in its place: what it changes there."""

    intent: Intent
    tier: Tier
    splices: tuple[Splice, ...]
    start: int
    """0-based first line of the text that was found, in the file as it was."""
    end: int
    final: bool | None = None
    """Whether the file's last line has an end afterwards, where the edit says so."""
    doubt: str = ""
    """Why a person must confirm the place."""
    after: int = 0
    """The number of the edit on whose text it was found; 0 for none."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the intents of one file."""

    lines: tuple[str, ...]
    """The file afterwards."""
    located: tuple[Located, ...] = ()
    refusals: tuple[Refusal, ...] = ()


MANY = 20
"""Refusals of one file after which no nearest text is looked for."""

Elsewhere = Callable[[Intent], str]
"""Names the other file that holds an intent's text, if exactly one does."""


def nowhere(_intent: Intent) -> str:
    """An `Elsewhere` that knows no other file."""
    return ""


def place(
    intents: Sequence[Intent],
    snapshot: Snapshot,
    *,
    in_order: bool = False,
    fuzzy: bool = False,
    elsewhere: Elsewhere = nowhere,
) -> Placed:
    """Place edits, replacements and exact sites against one snapshot.

    All are matched against the snapshot; what is found only in text that another one made is
    placed after it. `in_order`: the format promises file order. `fuzzy`: what is nowhere may be
    proposed at the one place that is very much alike, with a doubt.
    """
    search = lru_cache(maxsize=64)(lambda old: find(old, snapshot))
    wants = [_wanted(intent, snapshot, search, in_order=in_order) for intent in intents]
    _choose(wants, snapshot, in_order=in_order)
    board = Board(snapshot)
    located: list[Located] = []
    refusals: list[Refusal] = []
    open_wants: list[_Want] = []
    placed: dict[tuple[Intent, tuple[Place, ...]], Intent] = {}
    for want in wants:
        key = (replace(want.intent, number=0), want.places)
        if len(want.places) == 1 and key in placed:
            refusals.append(refusing.repeated(want.intent, placed[key]))
            continue
        placed[key] = want.intent
        found = want.refusal or _located(want, snapshot)
        if found is None:
            open_wants.append(want)
            continue
        _keep(found, board, located, refusals)
    if fuzzy:
        open_wants = [w for w in open_wants if not _proposed(w, board, located, refusals)]
    lines = board.applied(_final(located))
    for want in open_wants:
        second = _on_new_text(want, snapshot, lines, located)
        if second:
            lines, late = second
            located.append(late)
        else:
            many = len(refusals) >= MANY
            refusals.append(
                refusing.not_found(
                    want.intent, want.old, want.new, snapshot, elsewhere, is_one_of_many=many
                )
            )
    return Placed(lines, tuple(located), tuple(sorted(refusals, key=_number)))


_ENDING = re.compile(r"[\s;,:)\]}{]*(?:$|#|//|/\*|--|<!--)")
"""What may follow an edited end of a line: closing marks and a remark."""


@dataclass(slots=True)
class _Want:
    """An intent on its way to a place."""

    intent: Intent
    old: tuple[str, ...]
    new: tuple[str, ...]
    tier: Tier = Tier.EXACT
    places: tuple[Place, ...] = ()
    refusal: Refusal | None = None


def _wanted(
    intent: Intent,
    snapshot: Snapshot,
    search: Callable[[tuple[str, ...]], Found],
    *,
    in_order: bool,
) -> _Want:
    old = tuple(bare(line) for line in split_lines(intent.old))
    new = tuple(bare(line) for line in split_lines(intent.new))
    refusal = refusing.before_looking(intent, old, snapshot, in_order=in_order)
    want = _Want(intent, old, new, refusal=refusal)
    if want.refusal or intent.op is Op.SITE or not old:
        return want
    if intent.op is Op.REPLACE:
        want.places = literal_places(intent, snapshot)
        if want.places:
            return want
        want.new = new or (() if intent.old.endswith("\n") else ("",))
    found = search(old)
    want.tier, want.places = found.tier, found.places
    if found.tier is Tier.PART:
        want.places = tuple(p for p in found.places if not _misjudges_the_end(p, want, snapshot))
    if found.trimmed:
        want.old, want.new = _without_shared_blanks(want.old, want.new)
    return want


def _misjudges_the_end(place: Place, want: _Want, snapshot: Snapshot) -> bool:
    """Whether an edit adds to the end of a line that goes on there in the file: its author took the
    line to end, and `total = price * 2` for `total = price` would make `total = price * 2 * 3`.
    """
    last, line = want.old[-1], snapshot.bare[place.end - 1]
    added = want.new[-1].removeprefix(last) if want.new and want.new[-1].startswith(last) else ""
    begins = (place.column or 0) if len(want.old) == 1 else 0
    tail = line[begins + len(last) :]
    return bool(added.strip()) and not line[:begins].strip() and not _ENDING.match(tail)


def _without_shared_blanks(
    old: tuple[str, ...], new: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A block without its outer blank lines, which the file does not have."""
    inner = without_outer_blanks(old)
    top = next(i for i, line in enumerate(old) if line.strip())
    bottom = len(old) - top - len(inner)
    lines = list(new)
    while top and lines and not lines[0].strip():
        del lines[0]
        top -= 1
    while bottom and lines and not lines[-1].strip():
        del lines[-1]
        bottom -= 1
    return inner, tuple(lines)


def _choose(wants: Sequence[_Want], snapshot: Snapshot, *, in_order: bool) -> None:
    """Narrow the places of every intent by what the reply says of them."""
    single = [w for w in wants if not w.intent.everywhere]
    for want in single:
        said = want.intent
        want.places = narrowed(want.places, snapshot, said.scopes, at_end=said.at_end)
    known = [(w.places[0].start + 1, w.intent.line) for w in single if len(w.places) == 1]
    offsets = [row - line for row, line in known if line is not None]
    for want in single:
        if len(want.places) > 1 and want.intent.line is not None:
            told = hinted(want.places, want.intent.line, offsets, is_diff=in_order)
            want.places = told or want.places
    _share_out(single)
    scoped = [w.intent.scopes for w in single if w.intent.scopes]
    edges = in_order and all(under(scopes, snapshot) for scopes in scoped)
    rows = ordered([w.places for w in single], edges=edges)
    for want, places in zip(single, rows, strict=True):
        want.places = places


def _share_out(wants: Sequence[_Want]) -> None:
    """Equal edits that are as many as their places take one each."""
    groups: dict[tuple[str, str], list[_Want]] = {}
    for want in wants:
        if len(want.places) > 1:
            groups.setdefault((want.intent.old, want.intent.new), []).append(want)
    for group in groups.values():
        places = group[0].places
        apart = all(a.end <= b.start for a, b in pairwise(places))
        if len(group) == len(places) and apart and all(w.places == places for w in group):
            for want, one in zip(group, places, strict=True):
                want.places = (one,)


def _located(want: _Want, snapshot: Snapshot) -> Located | Refusal | None:
    """The change at the chosen place; None for text that is nowhere."""
    intent = want.intent
    if intent.op is Op.SITE:
        row = (intent.line or 1) - 1
        return Located(intent, Tier.SITE, (), row, row + intent.old.count("\n") + 1)
    if not want.old:
        return _appended(want, snapshot)
    if len(want.places) > 1 and not intent.everywhere:
        return refusing.ambiguous(intent, want.tier, want.places)
    if not want.places:
        pieces = elided(intent, want.old, want.new, snapshot)
        if isinstance(pieces, tuple):
            return Located(intent, Tier.ELISION, pieces, pieces[0].start, pieces[-1].end)
        return pieces
    if intent.op is Op.REPLACE and want.places[0].column is not None and not want.places[0].wanted:
        splices, final = literal_splices(intent, want.places, snapshot)
        if not splices and final is None:
            return refusing.no_change(intent)
        if "\n" not in intent.old and len(want.places) == 1:
            # Characters of one line: others of the same line may change too.
            row, column = want.places[0].start, want.places[0].column
            site = replace(intent, op=Op.SITE, line=row + 1, column=column)
            return Located(site, want.tier, (), row, row + 1)
        return Located(intent, want.tier, splices, want.places[0].start, want.places[-1].end, final)
    return _at(want, want.places[0], snapshot)


def _at(want: _Want, spot: Place, snapshot: Snapshot) -> Located | Refusal:
    if not agrees(spot, want.intent.scopes, snapshot):
        return refusing.out_of_scope(want.intent, spot.start)
    final = _end_change(want.intent, spot, snapshot)
    if want.old == want.new and final is None:
        return refusing.no_change(want.intent)
    if refusing.is_there_already(spot, want.old, want.new, snapshot):
        return refusing.already_applied(want.intent, spot.start)
    try:
        splices = block_splices(spot, want.new, snapshot)
    except NoIndent as error:
        return refusing.cannot_adapt(want.intent, spot, str(error))
    return Located(want.intent, want.tier, splices, spot.start, spot.end, final)


def _end_change(intent: Intent, spot: Place, snapshot: Snapshot) -> bool | None:
    """A diff can say that the file's last line gains or loses its end; blocks never do."""
    had, has = intent.old.endswith("\n"), intent.new.endswith("\n")
    touches = spot.end == len(snapshot.lines) and spot.column is None
    if intent.op is not Op.EDIT or not touches or had == has or not intent.new:
        return None
    return has


def _appended(want: _Want, snapshot: Snapshot) -> Located | Refusal:
    """New text for an empty file, or at a file's end."""
    rows = len(snapshot.lines)
    if not want.new:
        return refusing.no_change(want.intent)
    final = want.intent.new.endswith("\n") if not rows else None
    splice = Splice(rows, rows, with_ends(want.new, rows, rows, snapshot))
    return Located(want.intent, Tier.EXACT, (splice,), rows, rows, final)


def _keep(
    found: Located | Refusal, board: Board, located: list[Located], refusals: list[Refusal]
) -> None:
    """Put a change on the board, unless it contradicts one that is there."""
    if isinstance(found, Refusal):
        refusals.append(found)
        return
    if found.intent.op is Op.SITE:
        clash = board.add_site(found.intent)
    else:
        clash = board.add(found.intent, found.splices, found.start, found.end)
    if clash:
        refusals.append(clash)
    else:
        located.append(found)


def _proposed(want: _Want, board: Board, located: list[Located], refusals: list[Refusal]) -> bool:
    """Put text that is nowhere where it is very much alike, if there is one such place."""
    alike = similar(want.old, want.new, board.snapshot)
    if alike is None:
        return False
    splices, start, end, doubt = alike
    proposal = Located(want.intent, Tier.SIMILAR, splices, start, end, doubt=doubt)
    _keep(proposal, board, located, refusals)
    return True


def _final(located: Sequence[Located]) -> bool | None:
    return next((x.final for x in located if x.final is not None), None)


def _number(refusal: Refusal) -> int:
    return refusal.number


def _on_new_text(
    want: _Want, snapshot: Snapshot, lines: tuple[str, ...], located: Sequence[Located]
) -> tuple[tuple[str, ...], Located] | None:
    """An edit of text that exists only since an earlier edit of the reply."""
    if not located or not want.old:
        return None
    changed = replace(snapshot, lines=lines)
    intent = want.intent
    if intent.op is Op.REPLACE:
        places = literal_places(intent, changed)
    else:
        found = find(want.old, changed)
        strict = found.tier in (Tier.EXACT, Tier.PART) and not found.trimmed
        places = found.places if strict else ()
    makers = _makers(places[0], located) if len(places) == 1 else []
    if not makers or any(x.intent.number > intent.number for x in makers):
        return None
    if intent.op is Op.REPLACE:
        splices, final = literal_splices(intent, places, changed)
        after = applied(changed, splices, final)
    else:
        after = applied(changed, block_splices(places[0], want.new, changed))
    first, last = makers[0], makers[-1]
    late = Located(intent, Tier.EXACT, (), first.start, last.end, after=first.intent.number)
    return after, late


def _makers(spot: Place, located: Sequence[Located]) -> list[Located]:
    """The edits whose new lines are at a place of the changed file, in file order."""
    rows = [(s, x) for x in located for s in x.splices]
    rows += [(Splice(x.start, x.end, ("",)), x) for x in located if not x.splices]
    found = []
    shift = 0
    for splice, owner in sorted(rows, key=lambda row: (row[0].start, row[0].end)):
        first = splice.start + shift
        shift += len(splice.lines) - (splice.end - splice.start)
        if first < spot.end and spot.start < first + len(splice.lines):
            found.append(owner)
    return found

"""Replacements of characters: as the string functions of any language do it, but only once."""

from core.edits.intent import Intent
from core.edits.locate import Place
from core.edits.snapshot import Snapshot
from core.edits.splice import Splice, text_splices
from core.edits.view import occurrences


def literal_places(intent: Intent, snapshot: Snapshot) -> tuple[Place, ...]:
    """Where the characters `old` are. For a text with line feeds, whole lines are stricter.

    With `everywhere` all places that do not overlap.
    """
    view, old = snapshot.exact, intent.old
    size = len(view.text) if _is_terminated(snapshot) else len(view.text) - 1
    found = _apart(view.text, old) if intent.everywhere else occurrences(view.text, old)
    spots = [at for at in found if at >= 1 and at + len(old) <= size]
    if not intent.everywhere and len(spots) > 1 and "\n" in old:
        lined = [at for at in spots if _is_lined(view.text, at, old)]
        spots = lined or spots
    places = []
    for at in spots:
        row = view.row(at)
        places.append(Place(row, view.row(at + len(old) - 1) + 1, column=at - view.starts[row]))
    return tuple(places)


def literal_splices(
    intent: Intent, places: tuple[Place, ...], snapshot: Snapshot
) -> tuple[tuple[Splice, ...], bool | None]:
    """What changes at the places, and whether the file's last line has an end afterwards (None:
    as before).
    """
    view, old = snapshot.exact, intent.old
    rows = len(snapshot.lines)
    splices: list[Splice] = []
    final: bool | None = None
    for start, end, offsets in _regions(places, snapshot, old):
        region = view.text[view.starts[start] : view.starts[end]]
        ends = [0, *(at + len(old) for at in offsets)]
        kept = [region[a:b] for a, b in zip(ends, [*offsets, len(region)], strict=True)]
        text = intent.new.join(kept)
        if end == rows and not text.endswith("\n"):
            final = False if text or start else None
        splices += text_splices(start, end, text, snapshot)
    return tuple(splices), final


def _regions(
    places: tuple[Place, ...], snapshot: Snapshot, old: str
) -> list[tuple[int, int, list[int]]]:
    """Whole lines around the places, joined where they meet: first, end, offsets of the text."""
    regions: list[tuple[int, int, list[int]]] = []
    starts = snapshot.exact.starts
    for place in places:
        end = place.end
        if old.endswith("\n") and end < len(snapshot.lines):
            # The replaced line feed may join the next line.
            end += 1
        at = starts[place.start] + (place.column or 0)
        if regions and place.start <= regions[-1][1]:
            first, last, offsets = regions[-1]
            offsets.append(at - starts[first])
            regions[-1] = (first, max(last, end), offsets)
        else:
            regions.append((place.start, end, [at - starts[place.start]]))
    return regions


def _is_terminated(snapshot: Snapshot) -> bool:
    return bool(snapshot.lines) and snapshot.lines[-1] != snapshot.bare[-1]


def _is_lined(text: str, at: int, old: str) -> bool:
    """Whether the characters are whole lines."""
    end = at + len(old)
    return text[at - 1] == "\n" and (old.endswith("\n") or text[end : end + 1] == "\n")


def _apart(text: str, wanted: str) -> list[int]:
    """Every occurrence that does not overlap the one before it, however many."""
    found: list[int] = []
    at = text.find(wanted, 1)
    while at >= 0:
        found.append(at)
        at = text.find(wanted, at + len(wanted))
    return found

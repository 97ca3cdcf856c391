"""What a hunk takes along when it is decided, and what is missing when it is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.domain.hunk import FileEdit, Hunk, HunkState, Need


def closure(hunk_id: str, hunks: Sequence[Hunk]) -> tuple[str, ...]:
    """The hunk and all it needs, directly or not, in the order of `hunks`."""
    return _reached(hunk_id, {h.id: [n.id for n in h.needs] for h in hunks})


def dependents(hunk_id: str, hunks: Sequence[Hunk]) -> tuple[str, ...]:
    """The hunk and all that need it, directly or not, in the order of `hunks`."""
    back: dict[str, list[str]] = {h.id: [] for h in hunks}
    for hunk in hunks:
        for need in hunk.needs:
            if need.id in back:
                back[need.id].append(hunk.id)
    return _reached(hunk_id, back)


def _reached(first: str, edges: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found = {first}
    ahead = [first]
    while ahead:
        fresh = [i for i in edges.get(ahead.pop(), ()) if i in edges and i not in found]
        found.update(fresh)
        ahead += fresh
    return tuple(i for i in edges if i in found)


def unmet(
    hunks: Sequence[Hunk], decisions: Mapping[str, HunkState]
) -> tuple[tuple[str, Need], ...]:
    """Accepted hunks, each with a need of it that is staged too and not accepted."""
    staged = {h.id for h in hunks}
    taken = (HunkState.ACCEPTED, HunkState.LANDED)
    return tuple(
        (hunk.id, need)
        for hunk in hunks
        if hunk.needs and decisions.get(hunk.id) is HunkState.ACCEPTED
        for need in hunk.needs
        if need.id in staged and decisions.get(need.id) not in taken
    )


def unmet_in(
    files: Iterable[FileEdit], decisions: Mapping[str, HunkState]
) -> tuple[tuple[str, Need], ...]:
    """`unmet` over whole files: of a change that is on disk already, what is not rejected stays."""
    taken = dict(decisions)
    hunks: list[Hunk] = []
    for file in files:
        hunks += file.hunks
        if file.present:
            taken |= {h.id: HunkState.ACCEPTED for h in file.kept(decisions)}
    return unmet(hunks, taken)


def lacking(files: Sequence[FileEdit], decisions: Mapping[str, HunkState]) -> str:
    """One sentence about accepted hunks that need others which are not; empty for none."""
    missing = unmet_in(files, decisions)
    if not missing:
        return ""
    names = dict.fromkeys(name for name, _ in missing)
    hunk = next(h for f in files for h in f.hunks if h.id == missing[0][0])
    many = f"{len(names)} accepted hunks need" if len(names) > 1 else "One accepted hunk needs"
    return (
        f"{many} what is not accepted: {hunk.path} line {hunk.start + 1} {missing[0][1].why}; "
        "Y accepts a hunk with all it needs."
    )


def followed(hunks: Iterable[Hunk], gone: str, parts: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks, those that needed `gone` needing every one of its parts instead."""
    return tuple(_following(h, gone, parts) if h.needs else h for h in hunks)


def _following(hunk: Hunk, gone: str, parts: Sequence[str]) -> Hunk:
    if all(n.id != gone for n in hunk.needs):
        return hunk
    needs: dict[str, Need] = {}
    for need in hunk.needs:
        for name in parts if need.id == gone else (need.id,):
            needs.setdefault(name, replace(need, id=name))
    return replace(hunk, needs=tuple(needs.values()))

"""A repository in a few lines: its parts, and what of each the rest uses most."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.project import Part

PARTS = 8
"""Parts that are told."""
NAMES = 4
"""Names that each is told with."""
LARGEST = 0.6
"""A folder with a larger share of all files says nothing; its own folders are told instead."""


@dataclass(frozen=True, slots=True)
class Used:
    """A definition, and how often its name is spelt."""

    name: str
    path: str
    times: float


def architecture(paths: Sequence[str], used: Iterable[Used]) -> tuple[Part, ...]:
    """The parts of a source tree, largest first; `paths` are source files only."""
    part_of = {path: part for part, inside in _parts(paths).items() for path in inside}
    names: dict[str, dict[str, float]] = defaultdict(dict)
    for one in used:
        if one.path in part_of:
            names[part_of[one.path]][one.name] = one.times
    sizes = Counter(part_of.values())
    rows = []
    for part, size in sorted(sizes.items(), key=lambda row: (-row[1], row[0]))[:PARTS]:
        best = sorted(names[part].items(), key=lambda row: (-row[1], row[0]))[:NAMES]
        rows.append(Part(part, size, tuple(name for name, _ in best)))
    return tuple(rows)


def _parts(paths: Sequence[str]) -> dict[str, list[str]]:
    """Files by the folders that tell them apart best: too large ones are split."""
    parts = _split("", paths)
    while len(parts) < PARTS:
        name, inside = max(parts.items(), key=lambda row: len(row[1]), default=("", []))
        finer = _split(name, inside)
        if len(inside) <= LARGEST * len(paths) or set(finer) <= {name}:
            break
        del parts[name]
        parts |= finer
    return parts


def _split(folder: str, paths: Iterable[str]) -> dict[str, list[str]]:
    """Files by the next folder below one; those directly in it under its own name."""
    depth = len(folder.split("/")) if folder not in ("", ".") else 0
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        steps = path.split("/")[:-1]
        found["/".join(steps[: depth + 1]) or "."].append(path)
    return found

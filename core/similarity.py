"""Fuzzy comparison of words and texts: the one door to rapidfuzz."""

from collections.abc import Iterable, Sequence


def near_matches(
    word: str, choices: Iterable[str], limit: int = 3, floor: float = 60.0
) -> tuple[str, ...]:
    """The choices most like a word, best first. `floor` is a rapidfuzz score from 0 to 100."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        word,
        list(choices),
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=limit,
        score_cutoff=floor,
    )
    return tuple(choice for choice, _score, _index in found)


def partial_matches(part: str, texts: Sequence[str], limit: int) -> list[int]:
    """Places of the texts that hold something like `part`, best first."""
    from rapidfuzz import fuzz, process

    found = process.extract(part, texts, scorer=fuzz.partial_ratio, limit=limit, score_cutoff=70)
    return [place for _text, _score, place in found]


def best_window(wanted: Sequence[str], lines: Sequence[str]) -> tuple[int, float]:
    """0-based start and mean similarity of the run of lines most like `wanted`; (-1, 0.0) where
    there are none.
    """
    from rapidfuzz.distance import Indel

    if not wanted or not lines:
        return -1, 0.0
    target = "\n".join(line.strip() for line in wanted)
    stripped = [line.strip() for line in lines]
    size = len(wanted)
    best, score = -1, 0.0
    for start in range(max(1, len(lines) - size + 1)):
        window = "\n".join(stripped[start : start + size])
        likeness = Indel.normalized_similarity(target, window, score_cutoff=score)
        if likeness > score:
            best, score = start, likeness
    return best, score


def likeness(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1."""
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other))


def best_windows(
    wanted: Sequence[str], lines: Sequence[str], slack: int
) -> tuple[tuple[int, int, float], float]:
    """The run of lines most like `wanted`, up to `slack` lines longer or shorter: its 0-based
    start, its size and its similarity from 0 to 1; and the similarity of the next best run that
    shares no line with it.
    """
    from rapidfuzz.distance import Indel

    target = "\n".join(line.strip() for line in wanted)
    stripped = [line.strip() for line in lines]
    best, scores = (0, 0, 0.0), []
    for size in range(max(1, len(wanted) - slack), len(wanted) + slack + 1):
        for start in range(len(lines) - size + 1):
            window = "\n".join(stripped[start : start + size])
            score = Indel.normalized_similarity(target, window, score_cutoff=0.5)
            if score:
                scores.append((start, size, score))
                best = max(best, scores[-1], key=lambda row: row[2])
    first, last = best[0], best[0] + best[1]
    others = (s for start, size, s in scores if start >= last or start + size <= first)
    return best, max(others, default=0.0)

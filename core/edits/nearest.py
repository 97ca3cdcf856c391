"""The most similar text of a file, for refusals and the one retry. It is shown, never acted on."""

from collections.abc import Sequence

from core.edits.snapshot import split_lines
from core.similarity import best_window

SHOWN = 0.5
"""Below this similarity a nearest text misleads more than it helps."""

LOOKED_AT = 20
"""Lines of the wanted text that are compared: more cost seconds in a large file and find no better
place.
"""


def nearest_text(wanted: str, lines: Sequence[str]) -> tuple[str, int]:
    """The text most like `wanted` and its 1-based line; two empties when nothing is alike."""
    block = split_lines(wanted)
    start, score = best_window(block[:LOOKED_AT], lines)
    if score < SHOWN:
        return "", 0
    return "\n".join(lines[start : start + len(block)]), start + 1

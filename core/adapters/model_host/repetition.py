"""Noticing a model that has begun to say the same thing for ever."""

_WINDOWS = (4_000, 16_000)
"""Characters. A loop must fill the shorter window, so that tables of zeros pass."""
_REPEATS = 8
_STEP = 2_000
"""New characters between two looks: a full look costs some milliseconds."""
_PROBE = 64
"""Characters. Unless the last ones stood a block's length earlier too, nothing loops."""


class RepetitionWatch:
    """Fed the text as it streams; says when its end is one block over and over.

    The rule: the last 4,000 (or 16,000) characters are one block, of at most 500 (or 2,000)
    characters, repeated back to back at least 8 times. A loop with a running number in it is
    not seen; the byte and time limits end that one.
    """

    def __init__(self) -> None:
        self._tail = ""
        self._since = 0

    def loops(self, text: str) -> bool:
        """Whether the text so far, with this piece added, ends in a loop."""
        self._tail = (self._tail + text)[-_WINDOWS[-1] :]
        self._since += len(text)
        if self._since < _STEP:
            return False
        self._since = 0
        if self._tail[-_PROBE:] not in self._tail[-_WINDOWS[-1] // _REPEATS - _PROBE : -1]:
            return False
        borders = _borders(self._tail[::-1])
        return any(
            len(borders) >= window and window - borders[window - 1] <= window // _REPEATS
            for window in _WINDOWS
        )


def _borders(text: str) -> list[int]:
    """For each prefix, the length of its longest proper border; length minus border = period."""
    borders = [0] * len(text)
    length = 0
    for index in range(1, len(text)):
        while length and text[index] != text[length]:
            length = borders[length - 1]
        if text[index] == text[length]:
            length += 1
        borders[index] = length
    return borders

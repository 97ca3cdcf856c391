"""How far something is that takes a while."""

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called with what is done and what there is to do."""


def unwatched(_done: int, _total: int) -> None:
    """An `OnProgress` that tells nobody."""

"""Words of a command line."""

import shlex

from core.domain.errors import Refused


def split_command(text: str) -> tuple[str, ...]:
    """A command as a list of words; no shell ever sees it. Raises `Refused`."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise Refused(
            f"The check {text!r} cannot be split into words ({error}); mind its quotes."
        ) from error
    if not words:
        raise Refused("An empty check proves nothing; name a command.")
    return words

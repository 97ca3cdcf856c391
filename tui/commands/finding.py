"""One line of what `doctor` finds."""

from typing import NamedTuple

OK, WARN, BAD = "ok", "warn", "bad"


class Finding(NamedTuple):
    """How it is, and in a sentence what it is and what to do."""

    mark: str
    text: str

"""Words that sentences everywhere are made of."""


def counted(number: int, noun: str) -> str:
    """`1 hunk`, `3 hunks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(text: str, most: int) -> str:
    """A text in at most so many characters, on one line, cut between words where there are some."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    start, space, _ = plain[:most].rpartition(" ")
    return f"{start if space and len(start) > most // 2 else plain[: most - 1]}…"

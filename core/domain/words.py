"""Words that sentences everywhere are made of."""


def counted(number: int, noun: str) -> str:
    """`1 hunk`, `3 hunks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

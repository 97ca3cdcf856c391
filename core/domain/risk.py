"""How much a wrong change to a place could cost."""

from enum import IntEnum


class RiskTier(IntEnum):
    """Ordered, so that the strictest of several is their `max`."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    FORBIDDEN = 3

    @property
    def word(self) -> str:
        """The tier as a lower-case word for screens and files."""
        return self.name.lower()

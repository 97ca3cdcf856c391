"""Files as bytes, and the changes proposed to them."""

from dataclasses import dataclass, field
from hashlib import sha256


def digest(data: bytes) -> str:
    """The sha256 of some bytes, in hex: how file contents are named everywhere."""
    return sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One file at one moment."""

    path: str
    data: bytes = field(repr=False)
    executable: bool = False
    is_link: bool = False
    """Whether the path itself is a symbolic link; `data` is then what it leads to inside the root.
    """

    @property
    def hash(self) -> str:
        """sha256 of the bytes."""
        return digest(self.data)

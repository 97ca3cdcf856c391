"""A file as it was read: lines that keep their own ends, so that untouched bytes stay untouched."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core.domain.edit import FileVersion

BOM = "\ufeff"
MAX_EDITABLE = 1_000_000
"""Bytes. Larger files are listed, never edited as text."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_LFS = b"version https://git-lfs.github.com/spec/"


class Unreadable(ValueError):
    """A file that is not text we edit; the message is a clause: `is binary`."""


def split_lines(text: str) -> tuple[str, ...]:
    r"""Lines with their ends. Only `\r\n`, `\n` and `\r` end a line, unlike `str.splitlines`."""
    return tuple(_LINE.findall(text))


def ending(line: str) -> str:
    """The line end of a line, empty for an unterminated one."""
    return line[len(line.rstrip("\r\n")) :]


def bare(line: str) -> str:
    """A line without its end."""
    return line.rstrip("\r\n")


def indent(line: str) -> int:
    """Columns before the first character, tabs to the next multiple of four."""
    plain = line.expandtabs(4)
    return len(plain) - len(plain.lstrip())


@dataclass(frozen=True)
class Snapshot:
    """The text of one file version."""

    path: str
    lines: tuple[str, ...]
    bom: bool = False

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The lines without their ends: what matching looks at."""
        return tuple(bare(line) for line in self.lines)

    @cached_property
    def eol(self) -> str:
        r"""The commonest line end of the file, `\n` where there is none."""
        counts = Counter(ending(line) for line in self.lines if ending(line))
        return counts.most_common(1)[0][0] if counts else "\n"

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """For each line the nearest one above it that is indented less; -1 where there is none."""
        found: list[int] = []
        open_rows: list[tuple[int, int]] = []
        for row, line in enumerate(self.bare):
            depth = indent(line)
            while line.strip() and open_rows and open_rows[-1][0] >= depth:
                open_rows.pop()
            found.append(open_rows[-1][1] if open_rows else -1)
            if line.strip():
                open_rows.append((depth, row))
        return tuple(found)

    def encode(self, lines: Iterable[str]) -> bytes:
        """Bytes of these lines in the file's encoding, its BOM kept."""
        return ((BOM if self.bom else "") + "".join(lines)).encode("utf-8")


def read_snapshot(version: FileVersion) -> Snapshot:
    """Decode a file strictly. Raises `Unreadable` for what must not be edited as text."""
    data = version.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is UTF-16, which is not edited")
    if b"\0" in data[:8192]:
        raise Unreadable("is binary")
    if len(data) > MAX_EDITABLE:
        raise Unreadable(
            f"has {len(data):,} bytes, more than the {MAX_EDITABLE:,} that are edited as text"
        )
    if data.startswith(_LFS):
        raise Unreadable("is a Git LFS pointer")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 (byte {error.start})") from error
    has_bom = text.startswith(BOM)
    return Snapshot(version.path, split_lines(text.removeprefix(BOM)), has_bom)


def empty_snapshot(path: str) -> Snapshot:
    """A file that does not exist yet."""
    return Snapshot(path, ())

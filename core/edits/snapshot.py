"""A file as it was read: lines that keep their own ends, so that untouched bytes stay untouched."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core.domain.edit import FileVersion
from core.edits.view import View

BOM = "\ufeff"
MAX_WHOLE = 1_000_000
"""Bytes. A larger file is changed by edits of its parts only, never given whole."""
MAX_EDITABLE = 64_000_000
"""Bytes. A larger file is listed, never edited."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_LFS = b"version https://git-lfs.github.com/spec/"
_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""PEP 263, which Python, Ruby and editors' first lines share."""


class Unreadable(ValueError):
    """A file that is not text we edit; the message is a clause: `is binary`."""


def split_lines(text: str) -> tuple[str, ...]:
    r"""Lines with their ends. Only `\r\n`, `\n` and `\r` end a line, unlike `str.splitlines`."""
    if "\r" in text:
        return tuple(_LINE.findall(text))
    *whole, last = text.split("\n")
    lines = [line + "\n" for line in whole]
    return (*lines, last) if last else tuple(lines)


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
    encoding: str = "utf-8"

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The lines without their ends: what matching looks at."""
        text = "".join(self.lines)
        if "\r" in text:
            return tuple(bare(line) for line in self.lines)
        return tuple(text.removesuffix("\n").split("\n")) if text else ()

    @cached_property
    def exact(self) -> View:
        """The lines as they are."""
        return View(self.bare)

    @cached_property
    def unpadded(self) -> View:
        """The lines without trailing blanks."""
        return View([line.rstrip(" \t") for line in self.bare])

    @cached_property
    def stripped(self) -> View:
        """The lines without blanks on either side."""
        return View([line.strip(" \t") for line in self.bare])

    @cached_property
    def known(self) -> frozenset[str]:
        """Every stripped line."""
        return frozenset(self.stripped.lines)

    @cached_property
    def folded(self) -> View:
        """The stripped lines with typographic dashes, quotes and spaces as plain ones."""
        return View([fold(line).strip(" \t") for line in self.bare])

    @cached_property
    def eol(self) -> str:
        r"""The commonest line end of the file, `\n` where there is none."""
        text = "".join(self.lines)
        both = text.count("\r\n")
        counts = {"\n": text.count("\n") - both, "\r\n": both, "\r": text.count("\r") - both}
        return max(counts, key=counts.__getitem__)

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
        """Bytes of these lines in the file's encoding, its BOM kept.

        Raises UnicodeEncodeError for characters that the encoding lacks.
        """
        return ((BOM if self.bom else "") + "".join(lines)).encode(self.encoding)


_FOLDS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys(
            "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
        ),
    }
)


def fold(line: str) -> str:
    """The line with typographic dashes, quotes and spaces as plain ones, character by character."""
    return line.translate(_FOLDS)


def read_snapshot(version: FileVersion) -> Snapshot:
    """Decode a file strictly. Raises `Unreadable` for what must not be edited as text."""
    data = version.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is UTF-16, which is not edited")
    if b"\0" in data[:8192]:
        raise Unreadable("is binary")
    if len(data) > MAX_EDITABLE:
        raise Unreadable(f"has {len(data):,} bytes, more than the {MAX_EDITABLE:,} that are edited")
    if data.startswith(_LFS):
        raise Unreadable("is a Git LFS pointer")
    encoding = "utf-8"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        encoding = _declared(data)
        if not encoding:
            raise Unreadable(f"is not UTF-8 (byte {error.start})") from error
        text = _decoded(data, encoding)
    has_bom = text.startswith(BOM)
    return Snapshot(version.path, split_lines(text.removeprefix(BOM)), has_bom, encoding)


def _declared(data: bytes) -> str:
    """The encoding that one of the first two lines names; empty for none that Python knows."""
    for line in data.split(b"\n", 2)[:2]:
        if found := _DECLARED.match(line):
            try:
                name = codecs.lookup(found[1].decode("ascii")).name
            except LookupError:
                return ""
            return "" if name.startswith(("utf", "idna", "punycode", "raw")) else name
    return ""


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
        whole = text.encode(encoding) == data
    except (UnicodeError, LookupError) as error:
        raise Unreadable(f"is not {encoding}, which it declares") from error
    if not whole:
        raise Unreadable(f"does not survive a round trip through {encoding}, which it declares")
    return text


def empty_snapshot(path: str) -> Snapshot:
    """A file that does not exist yet."""
    return Snapshot(path, ())

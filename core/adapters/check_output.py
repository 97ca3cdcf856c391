"""What a check prints: kept at both ends, cleaned of everything a terminal would obey."""

import re
from collections import deque

from core.domain.model import OnText

HEAD = TAIL = 64 * 1024
"""Bytes kept of the beginning and of the end (faults.md, row 110)."""

MARKED = 32 * 1024
"""Bytes kept of lines that name a failure, wherever they stand."""

MARKED_UP_TO = 16 * 1024 * 1024
"""Bytes after which no more failing names are looked for: a flood names none."""

_NAMES_A_FAILURE = re.compile(
    rb"^[ \t]*(?:not ok \d|FAIL(?:ED)?\b|ERROR:|--- FAIL|test .* FAILED|\d+\) "
    rb"|\xe2\x9c[\x95-\x98]).*",
    re.MULTILINE,
)
"""TAP, unittest, pytest, go, cargo, mocha and node's spec reporter."""

LIVE_SECONDS = 0.1
LIVE_BYTES = 4096
"""How often, and how much at most each time, output is shown while it arrives."""

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"
    r"|[\x90\x98\x9d\x9e\x9f].*?(?:\x07|\x1b\\|\x9c|$)"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]?",
    re.MULTILINE,
)
"""Escape sequences of ECMA-48: CSI, then strings (OSC, DCS, …) to their end or the line's."""

_OVERWRITTEN = re.compile(r"^.*\r(?!$)", re.MULTILINE)
"""What a progress bar wrote before it went back to the start of its line."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Controls, and the characters that turn text around. Tab and line end stay."""


def clean(data: bytes) -> str:
    """Bytes as plain text: undecodable ones replaced, sequences and controls taken out."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    text = _SEQUENCE.sub("", text)
    return _CONTROL.sub("", _OVERWRITTEN.sub("", text))


class Output:
    """Collects what one run prints."""

    def __init__(self, on_text: OnText) -> None:
        """`on_text` gets cleaned whole lines, a few times a second, and not all of a flood."""
        self._on_text = on_text
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._line = b""
        self._marked: list[tuple[int, bytes]] = []
        self._marked_size = 0
        self._live = bytearray()
        self._shown = float("-inf")
        self.total = 0
        """Bytes printed."""

    def feed(self, data: bytes, now: float) -> None:
        """Take in what arrived at `now` (seconds, monotonic)."""
        self._mark(data)
        self.total += len(data)
        room = HEAD - len(self._head)
        self._head += data[:room]
        if rest := data[room:]:
            self._tail.append(rest)
            self._tail_size += len(rest)
            while self._tail_size - len(self._tail[0]) >= TAIL:
                self._tail_size -= len(self._tail.popleft())
        self._live += data
        if len(self._live) > 2 * LIVE_BYTES:
            del self._live[: len(self._live) - LIVE_BYTES]
        if now - self._shown >= LIVE_SECONDS:
            end = self._live.rfind(b"\n") + 1
            if end or len(self._live) >= LIVE_BYTES:
                self._show(end or len(self._live))
                self._shown = now

    def finish(self) -> str:
        """Everything that was kept, cleaned; the last lines are shown as well."""
        if self._live:
            self._show(len(self._live))
        tail = b"".join(self._tail)
        dropped = len(tail) - TAIL
        lost = self.total - len(self._head) - min(len(tail), TAIL)
        if lost <= 0:
            return clean(bytes(self._head) + tail)
        gap = f"\n… {lost:,} bytes of {self.total:,} were not kept, but for failing names …\n"
        lost_part = range(len(self._head), len(self._head) + lost)
        named = b"".join(line + b"\n" for at, line in self._marked if at in lost_part)
        return clean(bytes(self._head)) + gap + clean(named + tail[max(dropped, 0) :])

    def _mark(self, data: bytes) -> None:
        """Remember where lines begin that name a failure."""
        if self.total > MARKED_UP_TO:
            return
        block = self._line + data
        at = self.total - len(self._line)
        end = block.rfind(b"\n") + 1
        for found in _NAMES_A_FAILURE.finditer(block, 0, end):
            if self._marked_size + len(found[0]) <= MARKED:
                self._marked.append((at + found.start(), found[0]))
                self._marked_size += len(found[0])
        self._line = block[end:][:LIVE_BYTES]

    def _show(self, end: int) -> None:
        text = clean(bytes(self._live[:end]))
        del self._live[:end]
        if text:
            self._on_text(text)

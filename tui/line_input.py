"""Where the line mode's lines come from and where its text goes: a plain stream, or a terminal."""

import asyncio
import os
import threading
from collections.abc import Callable
from typing import Protocol

Suggest = Callable[[str], tuple[str, ...]]
"""What the last word of a typed line may become."""

LARGEST_LINE = 100_000
"""Characters of one line that are read; a longer one is no command."""


class Interrupted(Exception):
    """ctrl+c; `draft` is what was typed and not sent."""

    def __init__(self, draft: str = "") -> None:
        super().__init__(draft)
        self.draft = draft


class Lines(Protocol):
    """A source of typed lines and a place to print. Everything printed stays."""

    is_live: bool
    """Whether a person types, while the relay runs; a script's lines wait for it instead."""

    async def read(self, prompt: str, draft: str = "") -> str:
        """The next line. Raises EOFError at the end and `Interrupted` for ctrl+c."""
        ...

    def write(self, text: str) -> None:
        """Print whole lines, above a prompt that is open."""
        ...

    def interrupt(self) -> bool:
        """End an open `read` with `Interrupted`; whether one was open."""
        ...


class PlainLines:
    """Lines of a stream: a pipe, a file, or a terminal that can do nothing but print."""

    def __init__(self, source: int, write: Callable[[str], None], *, is_live: bool) -> None:
        """`source` is a file descriptor; `write` prints text as it is."""
        self.is_live = is_live
        self._source = source
        self._write = write
        self._queue: asyncio.Queue[str | Exception] = asyncio.Queue()
        self._prompt = ""
        self._reading = False
        self._started = False
        self._reprompting: asyncio.Handle | None = None

    async def read(self, prompt: str, draft: str = "") -> str:
        """The next line; only a person is shown the prompt."""
        self._start()
        if self.is_live:
            self._prompt = prompt
            self._write(prompt)
        self._reading = True
        try:
            item = await self._queue.get()
        finally:
            self._prompt, self._reading = "", False
        if isinstance(item, Exception):
            raise item
        return item

    def write(self, text: str) -> None:
        """Print lines; an open prompt is left where it is and printed again below them."""
        self._write(f"\n{text}\n" if self._prompt and not self._reprompting else f"{text}\n")
        if self._prompt and not self._reprompting:
            self._reprompting = asyncio.get_running_loop().call_later(0.05, self._reprompt)

    def _reprompt(self) -> None:
        self._reprompting = None
        if self._prompt:
            self._write(self._prompt)

    def interrupt(self) -> bool:
        """End an open `read`; whether one was open."""
        if self._reading:
            self._queue.put_nowait(Interrupted())
        return self._reading

    def _start(self) -> None:
        if not self._started:
            self._started = True
            arguments = (asyncio.get_running_loop(), self._source, self._queue)
            threading.Thread(target=_pump, args=arguments, daemon=True).start()


def _pump(
    loop: asyncio.AbstractEventLoop, source: int, queue: "asyncio.Queue[str | Exception]"
) -> None:
    """Hand lines to the loop until the stream ends. `os.read` holds no lock when we exit."""

    def put(item: str | Exception) -> bool:
        try:
            loop.call_soon_threadsafe(queue.put_nowait, item)
        except RuntimeError:
            return False
        return True

    rest = b""
    while data := _read(source):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            if not put(_text(line)):
                return
    if rest:
        put(_text(rest))
    put(EOFError())


def _read(source: int) -> bytes:
    try:
        return os.read(source, 65_536)
    except OSError:
        return b""


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removesuffix("\r")[:LARGEST_LINE]

"""What a program said: bytes to lines, lines to JSON objects, objects to one account."""

import codecs
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Said = Mapping[str, Any]
"""One JSON object."""

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
)
"""Escape sequences of ECMA-48: CSI, OSC, the other strings, and the short ones."""

_MOST_TRIES = 200
"""Places in noise where the beginning of an object is tried."""


@dataclass
class Heard:
    """The account so far. Whatever is told twice, the last counts."""

    text: str = ""
    """The reply as the program gives it at the end."""
    pieces: list[str] = field(default_factory=list)
    """The reply as it streamed."""
    error: str = ""
    status: int = 0
    """HTTP status that the program reports, or 0."""
    stop: str = ""
    """Why the model stopped, in the provider's word."""
    model: str = ""
    tokens_in: int | None = None
    """Cached ones included."""
    tokens_out: int | None = None
    tokens_cached: int = 0
    cost: float | None = None
    """Dollars."""
    is_done: bool = False
    """Whether the program said that this is the end."""

    @property
    def streamed(self) -> str:
        """Everything that streamed."""
        return "".join(self.pieces)

    @property
    def reply(self) -> str:
        """The reply, whichever way it came."""
        return self.text or self.streamed

    def succeed(self, text: str) -> None:
        """The program ended well; an error before that was overcome."""
        self.text, self.error, self.status, self.is_done = text, "", 0, True

    def fail(self, error: object, status: object = 0) -> None:
        """The program reports an error."""
        self.error = sentence(error) or "an error without a word"
        self.status = status if isinstance(status, int) and 100 <= status < 600 else 0


Reader = Callable[[Heard, Said], str]
"""Enters one object into the account; the text that is new in it, for showing."""


def read_nothing(_heard: Heard, _said: Said) -> str:
    """The reader of programs that print the reply itself."""
    return ""


class Lines:
    """Bytes to lines without escape sequences, however they are cut up."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun: list[str] = []

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete now, ends included."""
        text = self._decoder.decode(data)
        if "\n" not in text:
            self._begun.append(text)
            return []
        whole, _, rest = ("".join(self._begun) + text).rpartition("\n")
        self._begun = [rest]
        return [plain(line) + "\n" for line in whole.split("\n")]

    def finish(self) -> list[str]:
        """The last line, if it had no end."""
        rest = "".join(self._begun) + self._decoder.decode(b"", final=True)
        self._begun = []
        return [plain(rest)] if rest else []


def plain(text: str) -> str:
    """Text without escape sequences and byte order mark, `\\r` at line ends dropped."""
    return _ANSI.sub("", text).lstrip("\ufeff").removesuffix("\r")


def object_in(line: str) -> Said | None:
    """The object that is all of a line but for noise before it."""
    beginnings = _beginnings(line, 0, len(line))
    if not beginnings:
        return None
    try:
        found = json.loads(line[beginnings[-1] :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def objects_in(text: str) -> Iterator[Said]:
    """Every whole object that begins a line or follows noise on it, also those in an array.

    Lines that begin with white space or a quote are the inside of something.
    """
    decoder, at, tries = json.JSONDecoder(), 0, 0
    while at < len(text) and tries < _MOST_TRIES:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        for start in _beginnings(text, at, end):
            tries += 1
            try:
                found, at = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                continue
            yield from (one for one in _listed(found) if isinstance(one, dict))
            break
        else:
            at = end + 1


def _beginnings(text: str, start: int, end: int) -> list[int]:
    if start < end and text[start] in ' \t"}],':
        return []
    brace = text.find("{", start, end)
    array = [start] if start < end and text[start] == "[" else []
    return [*array, brace] if brace >= 0 else array


def _listed(found: object) -> list[object]:
    return found if isinstance(found, list) else [found]


def sentence(error: object) -> str:
    """The words of an error: a text, an object with a message, or such an object as text."""
    if isinstance(error, Mapping):
        inner = next((error[k] for k in ("message", "detail", "error") if error.get(k)), "")
        return sentence(inner)
    if isinstance(error, list):
        return "; ".join(filter(None, map(sentence, error)))
    text = error.strip() if isinstance(error, str) else ""
    if text.startswith("{"):
        inside = object_in(text)
        return (sentence(inside) if inside else "") or text
    return text


def dollars(value: object) -> float | None:
    """A price, or None for anything else: JSON may hold `NaN`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < math.inf else None


def number(value: object) -> int | None:
    """A count, or None for anything else."""
    found = dollars(value)
    return None if found is None else int(found)

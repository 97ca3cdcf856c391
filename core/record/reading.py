"""The texts of a run's events become the values that figures need, as few of them as will do.

It leans on what the codec writes: compact JSON that begins with the event's name, in which a quote
inside a text is escaped, so that no text looks like a key.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from core.record.late import LateText, Plain, read
from core.record.run import IDLE, NEEDED

_HEAD = '{"type":"'
_START = len(_HEAD)
_NOTHING: Plain = {}
_LATER: Plain = {"": "read with all others of the run"}


def events_in(rows: Iterable[tuple[float, str]]) -> list[tuple[str, float, Plain | None]]:
    """Name, time and values of the events that matter, from times and texts in order.

    Values are empty where only the name matters, and None for what cannot be read.
    """
    found: list[tuple[str, float, Plain | None]] = []
    texts: list[str] = []
    for at, text in rows:
        name = text[_START : text.find('"', _START)] if text[:_START] == _HEAD else _name_in(text)
        if name in NEEDED:
            if short := _SHORT.get(name):
                values = short(text)
                if values is not None:
                    found.append((name, at, values))
                    continue
            elif name == "RouteChanged" and '"keystroke"' not in text:
                continue
            found.append((name, at, _LATER))
            texts.append(text)
        elif name not in IDLE:
            found.append((name, at, _NOTHING if name else None))
    whole = iter(_read_all(texts))
    return [(name, at, next(whole) if v is _LATER else v) for name, at, v in found]


def _name_in(text: str) -> str:
    """The name of an event that does not begin with it; empty for what is no event."""
    try:
        return str(read(text)["type"])
    except (ValueError, KeyError, RecursionError):
        return ""


def _read_all(texts: Sequence[str]) -> Sequence[Plain | None]:
    """All at once, which is twice as fast as each by itself, unless one is damaged."""
    try:
        values = json.loads(f"[{','.join(texts)}]")
    except (ValueError, RecursionError):
        values = []
    if len(values) == len(texts):
        return [value if isinstance(value, dict) else None for value in values]
    return [_read_or_none(text) for text in texts]


def _read_or_none(text: str) -> Plain | None:
    try:
        return read(text)
    except (ValueError, RecursionError):
        return None


def _staged(text: str) -> Plain:
    return {
        "count": text.count('"matched_by":'),
        "event": LateText(text),
    }  # every hunk has that key


def _checked(text: str) -> Plain | None:
    found, subset = _CHECK.search(text), _SUBSET.match(text, text.rfind(',"subset":'))
    if found is None or subset is None:
        return None
    return {"subset": subset[1], "result": {"outcome": found[1], "seconds": float(found[2])}}


def _passed(text: str) -> Plain | None:
    phase, seconds = _PHASE.match(text), _SECONDS.match(text, text.rfind(',"seconds":'))
    if phase and seconds:
        return {"phase": phase[1], "seconds": float(seconds[1]), "event": LateText(text)}
    whole = _read_or_none(text)
    return whole and {**whole, "event": LateText(text)}


_CHECK = re.compile(r'"outcome":"([a-z ]+)","seconds":([0-9]+(?:\.[0-9]+)?),')
_SUBSET = re.compile(r',"subset":"([a-z]+)"}\Z')
_PHASE = re.compile(r'{"type":"PhasePassed","phase":"([a-z]+)",')
_SECONDS = re.compile(r',"seconds":([0-9]+(?:\.[0-9]+)?)}\Z')

_SHORT: Mapping[str, Callable[[str], Plain | None]] = {
    "EditsStaged": _staged,
    "CheckFinished": _checked,
    "PhasePassed": _passed,
}
"""What is read of the long kinds; None where the text looks otherwise and is read as a whole."""

"""JSON pairs of old and new text, in the spellings that edit tools use."""

import json
import re
from collections.abc import Iterator
from typing import Any

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import closes_fence, opens_fence
from core.edits.parse.paths import path_before
from core.edits.parse.tidy import tidy

_OLD = (
    "old",
    "old_string",
    "oldString",
    "oldText",
    "old_text",
    "old_str",
    "oldStr",
    "search",
    "find",
)
_NEW = ("new", "new_string", "newString", "newText", "new_text", "new_str", "newStr", "replace",
        "replacement")  # fmt: skip
_PATH = ("path", "file_path", "filePath", "file", "filename", "fileName", "filepath", "target_file")
_ALL = ("all", "replace_all", "replaceAll")
_LISTS = ("edits", "changes", "replacements")
_SPELLED = re.compile(
    r"[\"'](?:old(?:_?string|_?text|_?str)?|search|find|edits|changes|replacements)[\"'][ \t\n]*+:",
    re.IGNORECASE,
)
_OPENS = re.compile(r"\{(?=\s{0,200}[\"'{}\[])|\[(?=\s{0,200}[\"'{\[])")
_BLANK = re.compile(r"[ \t]*+")
_GAP = re.compile(r"[ \t,;]*+")
_DECODER = json.JSONDecoder(strict=False)
_GLANCE, _LOOKED_AT = 300, 100_000
"""Characters of broken JSON in which a spelling of this format is looked for, least and most."""
_MOST_FAILURES = 100
"""Broken values that are not this format, after which a reply is not JSON: telling where one
breaks costs time that grows with the reply.
"""
_LONGEST_INDENT = 200
"""Characters before a fence."""


def parse_replacements(reply: str, wanted: bool = False) -> tuple[Intent, ...]:
    """An edit for each pair, in order; an empty `old` creates, `all` means every place.

    Texts are exactly those of the JSON. Values that hold no pair are not this format and passed
    over. Raises `ParseFault` for JSON that is cut or wrong, saying where, and for an edit that
    lacks a part.
    """
    found: list[Intent] = []
    if not wanted and not _SPELLED.search(reply):
        return ()
    for value, path in _Values(reply, wanted):
        if is_edit(value) and (wanted or not path.endswith((".json", ".jsonl"))):
            for item, outer in _items(value, path):
                found.append(tidy(_intent(item, outer, len(found) + 1), len(found) + 1))
    return tuple(found)


def is_edit(value: object) -> bool:
    """Whether a JSON value is an edit of this format, or holds one at its top."""
    if isinstance(value, list):
        return any(isinstance(item, dict) and is_edit(item) for item in value)
    if not isinstance(value, dict):
        return False
    if any(isinstance(value.get(name), list) and is_edit(value[name]) for name in _LISTS):
        return True
    return any(name in value for name in _OLD) and (
        any(name in value for name in _NEW) or any(name in value for name in _PATH)
    )


class _Values:
    """Every JSON object and array that begins a line, with the path above its fence if any."""

    def __init__(self, reply: str, wanted: bool) -> None:
        self.reply = reply
        self.wanted = wanted
        self.failures = 0
        self.fence: tuple[str, int] | None = None
        self.path = ""
        self.above: list[str] = []

    def __iter__(self) -> Iterator[tuple[object, str]]:
        place = 0
        while place < len(self.reply):
            if self.reply[place] == "\n":
                place += 1
                continue
            start = _BLANK.match(self.reply, place).end()  # type: ignore[union-attr]
            while _OPENS.match(self.reply, start):
                value, stop = self._value(start)
                if stop == start:
                    break
                if value is not None:
                    yield value, self.path
                start = _GAP.match(self.reply, stop).end()  # type: ignore[union-attr]
            end = self.reply.find("\n", start)
            end = len(self.reply) if end < 0 else end
            self._line(self.reply[place:end] if start - place < _LONGEST_INDENT else "")
            place = end + 1
        if self.fence and self.wanted:
            raise ParseFault("the fence around the JSON is never closed; the reply seems cut")

    def _value(self, start: int) -> tuple[object | None, int]:
        """The value at `start`, None for text that is no JSON, and where to read on: `start`
        itself where nothing was read.
        """
        if self.failures > _MOST_FAILURES:
            return None, start
        try:
            return _DECODER.raw_decode(self.reply, start)
        except json.JSONDecodeError as error:
            self.failures += 1
            seen = min(max(error.pos, start + _GLANCE), start + _LOOKED_AT)
            if self.wanted or _SPELLED.search(self.reply, start, seen):
                raise ParseFault(
                    f"the JSON is wrong or cut at line {error.lineno}, column {error.colno} "
                    f"({error.msg})"
                ) from None
            return None, start
        except (ValueError, RecursionError):
            raise ParseFault("the JSON is nested too deeply or holds too long a number") from None

    def _line(self, line: str) -> None:
        if line.lstrip(" \t")[:3] in ("```", "~~~"):
            if self.fence and closes_fence(line, *self.fence):
                self.fence, self.path = None, ""
            elif opening := opens_fence(line):
                self.fence = opening[2], len(opening[1])
                self.path = path_before([*self.above, line], len(self.above) + 1)
        self.above = [*self.above[-4:], line] if line or self.above else self.above


def _items(value: object, path: str) -> Iterator[tuple[object, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _items(item, path)
        return
    if isinstance(value, dict):
        own = _text(value, _PATH)
        for name in _LISTS:
            if isinstance(value.get(name), list):
                for item in value[name]:
                    yield from _items(item, own or path)
                return
    yield value, path


def _intent(item: object, outer: str, number: int) -> Intent:
    if not isinstance(item, dict):
        raise ParseFault(f"edit {number} is not an object; give `old` and `new`")
    old, new = (_part(item, names, number) for names in (_OLD, _NEW))
    everywhere = next((item[name] for name in _ALL if name in item), False)
    if not isinstance(everywhere, bool):
        raise ParseFault(f"edit {number} says neither true nor false for `all`; give one of them")
    path = _text(item, _PATH) or outer
    if not old:
        return Intent(path, Op.CREATE, new=new)
    return Intent(path, Op.REPLACE, old, new, everywhere=everywhere)


def _part(item: dict[str, Any], names: tuple[str, ...], number: int) -> str:
    given = [item[name] for name in names if name in item]
    if not given or any(not isinstance(text, str) for text in given):
        raise ParseFault(f"edit {number} has no text for `{names[0]}`; give it as a string")
    if len(set(given)) > 1:
        raise ParseFault(f"edit {number} gives `{names[0]}` twice, differently; give it once")
    return str(given[0]).replace("\r\n", "\n")


def _text(item: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((item[n] for n in names if isinstance(item.get(n), str) and item[n]), "")

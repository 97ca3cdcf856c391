"""Patterns over changed text whose work is bounded, whoever wrote them."""

import re
from functools import lru_cache

MOST_WAYS = 1_000
"""Ways in which a pattern of a settings file may match from one place: times the length of a text
they bound the work, because Python's engine goes back over each of them.
"""
LONGEST = 600
"""Characters of a pattern."""

_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")


class PatternFault(ValueError):
    """A pattern that is not used; the message is one clause that says what to write instead."""


@lru_cache(maxsize=512)
def bounded(text: str) -> re.Pattern[str]:
    """The compiled pattern; `^` and `$` stand at every line. Raises `PatternFault`.

    There is no `*`, `+` or open count, no look-around and no back-reference, and a group is never
    repeated: so nothing grows with the text but the number of places to begin at.
    """
    if len(text) > LONGEST:
        raise PatternFault(f"has more than {LONGEST} characters; make two patterns of it")
    if not text.strip():
        raise PatternFault("is empty; write what a changed line holds")
    ways(text)
    try:
        return re.compile(text, re.MULTILINE)
    except re.error as error:
        raise PatternFault(f"is no regular expression ({error})") from error


def ways(text: str) -> int:
    """In how many ways at most the pattern matches from one place: a product, summed over
    alternatives. Raises `PatternFault` for what would have no bound.
    """
    frames = [[0, 1]]
    at = 4 if text.startswith("(?i)") else 0
    after_group = False
    while at < len(text):
        char, width, was_group = text[at], 1, after_group
        after_group = False
        if char == "\\":
            if text[at + 1 : at + 2].isdigit():
                raise PatternFault("refers back to a group; write the text out")
            width = 2
        elif char == "[":
            width = _class_end(text, at) - at
        elif char == "(":
            width = _group_start(text, at)
            frames.append([0, 1])
        elif char == ")" and len(frames) > 1:
            done, now = frames.pop()
            frames[-1][1] *= done + now
            after_group = True
        elif char == "|":
            frames[-1] = [sum(frames[-1]), 1]
        elif char in "*+":
            raise PatternFault(f"repeats without end; write {{0,80}} in place of {char}")
        elif char == "?":
            frames[-1][1] *= 2
        elif char == "{" and (count := _COUNT.match(text, at)):
            if was_group:
                raise PatternFault("repeats a group; write the group out")
            frames[-1][1] *= _counted(count)
            width = count.end() - at
        at += width
    return sum(frames[0])


def _counted(count: re.Match[str]) -> int:
    least, comma, most = count.groups()
    if comma and not most:
        raise PatternFault("repeats without end; write {0,80} in place of an open count")
    return int(most or least or 0) - int(least or 0) + 1


def _class_end(text: str, at: int) -> int:
    end = at + 2 if text[at + 1 : at + 2] == "^" else at + 1
    end += text[end : end + 1] == "]"
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    return end + 1


def _group_start(text: str, at: int) -> int:
    if text[at + 1 : at + 2] != "?":
        return 1
    if text.startswith("(?:", at):
        return 3
    raise PatternFault(
        "looks around or sets options inside; only (?: ) and a leading (?i) are used"
    )

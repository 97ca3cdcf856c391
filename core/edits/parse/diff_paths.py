"""The paths in the headers of a diff, as git and diff write them."""

import re

from core.edits.intent import ParseFault

NOTHING = "/dev/null"

_PREFIXES = frozenset({("a", "b"), ("i", "w"), ("c", "i"), ("c", "w"), ("o", "w"), ("1", "2")})
"""What git puts before old and new paths: its default, `diff.mnemonicPrefix`, `--no-index`."""
_SAVED = (".orig", ".old", ".bak")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_ESCAPE = re.compile(rb'\\(?:([0-3][0-7]{2})|([abtnvfr"\\]))')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


def header_path(text: str) -> str:
    """The path after `--- ` or `+++ `, its prefix kept, a timestamp after a tab taken off.

    Raises `ParseFault` for a quoted name that is not UTF-8.
    """
    if text.startswith('"') and (quoted := _QUOTED.match(text)):
        return _plain(unquoted(quoted[1]))
    return _plain(text.partition("\t")[0].rstrip(" ").strip("`"))


def _plain(path: str) -> str:
    return NOTHING if path in (NOTHING, "a/dev/null", "b/dev/null") else path


def unquoted(text: str) -> str:
    """A name as git quotes it, without its quotes: octal bytes and C escapes."""
    raw = _ESCAPE.sub(_escaped, text.encode("utf-8", "surrogatepass"))
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseFault(f"the diff names a file that is not UTF-8 ({text[:80]})") from None
    if "\n" in name or "\r" in name:
        raise ParseFault(f"the diff names a file with a line break ({text[:80]}); rename it")
    return name


def _escaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) if found[1] else _LETTERS[found[2][0]]])


def git_paths(rest: str) -> tuple[str, str]:
    """The two paths of `diff --git OLD NEW`, without prefixes; empty where they cannot be told."""
    if rest.startswith('"') or rest.endswith('"'):
        first = _QUOTED.match(rest)
        old = unquoted(first[1]) if first else rest.partition(" ")[0]
        tail = rest[first.end() :].strip() if first else rest.partition(" ")[2]
        second = _QUOTED.fullmatch(tail)
        new = unquoted(second[1]) if second else tail
    elif len(rest) % 2 and rest[len(rest) // 2] == " ":
        old, new = rest[: len(rest) // 2], rest[len(rest) // 2 + 1 :]
    else:
        old, _, new = rest.partition(" ")
    if rest.count(" ") > 1 and _bare(old) != _bare(new):
        middle = rest.find(" b/")
        old, new = (rest[:middle], rest[middle + 1 :]) if rest.count(" b/") == 1 else ("", "")
    if (old[:1], new[:1]) in _PREFIXES and old[1:2] == new[1:2] == "/":
        return old[2:], new[2:]
    return old, new


def _bare(path: str) -> str:
    return path.partition("/")[2]


def paired(old: str, new: str) -> tuple[str, str] | None:
    """The paths of a `---` and `+++` pair without their prefixes; None where they are two files.

    A prefix goes only where both sides carry one; a saved copy (`x.orig`) stands for its file.
    """
    if NOTHING in (old, new):
        made = old if new == NOTHING else new
        mark = "a/" if new == NOTHING else "b/"
        bare = made.removeprefix(mark)
        return (bare, NOTHING) if new == NOTHING else (NOTHING, bare)
    if (old[:1], new[:1]) in _PREFIXES and old[1:2] == new[1:2] == "/":
        old, new = old[2:], new[2:]
    if old == new:
        return old, new
    for mark in ("a/", "b/"):
        if old.removeprefix(mark) == new or new.removeprefix(mark) == old:
            bare = min(old, new, key=len)
            return bare, bare
    if any(old == new + ending for ending in _SAVED):
        return new, new
    return None


def looks_paired(old: str, new: str) -> bool:
    """Whether two header-like lines are a header: one path on both sides, or nothing on one."""
    before, after = header_path(old[4:]), header_path(new[4:])
    if NOTHING in (before, after):
        return before != after
    return paired(before, after) is not None

"""A change of a commit, told again as a model would have written it, in each format."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.history import Change, GitHunk

NEAR_OFF = (1, 5)
"""Lines by which the numbers of `unified_diff:wrong` are off, either way."""
FAR_OFF = (6, 60)
"""Lines by which the numbers of `unified_diff:drift` and `:stale` are off, either way."""

NO_BLOB, EMPTY_BLOB = "0000000", "e69de29"
"""What git calls an absent and an empty file on its `index` line."""

_MARKER = re.compile(r"\s*(?:<{5,9}|>{5,9}|={5,9}\s*$|-{5,9} SEARCH|\+{5,9} REPLACE)")
_TICKS = re.compile(r"^\s*(`{3,})", re.MULTILINE)


class Inexpressible(ValueError):
    """A change that a format has no words for; the message is the reason, as it is counted."""


@dataclass(frozen=True, slots=True)
class Block:
    """A hunk as the model sees the file: without byte order mark, all line ends alike."""

    start: int
    """0-based."""
    new_start: int
    rows: tuple[tuple[str, str], ...]
    header: str
    old_ends: bool
    new_ends: bool
    is_last: bool
    """Whether its old lines are the last of the file."""

    @property
    def old(self) -> list[str]:
        """The lines before."""
        return [text for sign, text in self.rows if sign in " -"]

    @property
    def new(self) -> list[str]:
        """The lines after."""
        return [text for sign, text in self.rows if sign in " +"]


@dataclass(frozen=True, slots=True)
class Told:
    """A change at one width of context, in the model's view."""

    kind: str
    path: str
    target: str
    before: str
    after: str
    blocks: tuple[Block, ...]


def seen(text: str) -> str:
    r"""The text as a model sees it: `\n` line ends, no byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def lines_of(text: str) -> list[str]:
    r"""Lines without ends; only `\n` ends one."""
    return text.removesuffix("\n").split("\n") if text else []


def told(change: Change, context: int) -> Told:
    """The change in the model's view, proven: its blocks at their true places give the after-text.

    Raises `Inexpressible` for what no model can say, seeing this text.
    """
    before, after = seen(change.before), seen(change.after)
    if "\r" in before + after:
        raise Inexpressible("a carriage return inside a line")
    if change.before.startswith("\ufeff") != change.after.startswith("\ufeff") and (
        change.kind not in ("created", "deleted")
    ):
        raise Inexpressible("a byte order mark comes or goes")
    hunks = change.hunks[context]
    if change.kind in ("modified", "renamed") and any(_changes_ends(h) for h in hunks):
        raise Inexpressible("line ends change")
    if change.kind == "created" and change.after != after:
        raise Inexpressible("a created file with other line ends, or a byte order mark")
    rows = lines_of(before)
    blocks = tuple(_block(hunk, len(rows)) for hunk in hunks)
    _prove(change, rows, blocks, lines_of(after))
    return Told(change.kind, change.path, change.target, before, after, blocks)


def _block(hunk: GitHunk, total: int) -> Block:
    tops = {
        next((i for i, (mark, _) in enumerate(hunk.rows) if mark in (" ", s)), -1) for s in "-+"
    }
    is_top = hunk.start == 0
    rows = tuple(
        (sign, (text.removeprefix("\ufeff") if is_top and i in tops else text).removesuffix("\r"))
        for i, (sign, text) in enumerate(hunk.rows)
    )
    last = hunk.start + sum(sign in " -" for sign, _ in rows) == total
    place = hunk.start, hunk.new_start
    return Block(*place, rows, hunk.header, hunk.old_ends, hunk.new_ends, last)


def _changes_ends(hunk: GitHunk) -> bool:
    """Whether a line is removed and added with nothing but another end."""
    removed = {text for sign, text in hunk.rows if sign == "-"}
    added = {text for sign, text in hunk.rows if sign == "+"}
    gone, come = removed - added, added - removed
    return bool({t.removesuffix("\r") for t in gone} & {t.removesuffix("\r") for t in come})


def _prove(
    change: Change, before: Sequence[str], blocks: Sequence[Block], after: Sequence[str]
) -> None:
    lines: list[str] = []
    row = 0
    for block in blocks:
        lines += before[row : block.start]
        lines += block.new
        row = block.start + len(block.old)
        if list(before[block.start : row]) != block.old:
            raise AssertionError(f"{change.path}: a hunk does not stand at line {block.start + 1}")
    lines += before[row:]
    if lines != list(after):
        raise AssertionError(f"{change.path}: its hunks do not give the text after")


@dataclass(frozen=True, slots=True)
class Manner:
    """What all the pieces of one reply share."""

    random: Random
    fence: str
    """Longer than any run of backticks that begins a line of the files."""


Teller = Callable[[Told, Manner], str]


def _blocks(change: Told) -> Iterator[Block]:
    """The blocks of a format that cannot speak of the final newline."""
    for block in change.blocks:
        if block.old_ends != block.new_ends and block.old and block.new:
            raise Inexpressible("the final newline comes or goes")
        yield block


def _whole_text(change: Told) -> str:
    if not change.after:
        raise Inexpressible("an empty file")
    if not change.after.endswith("\n") and change.kind == "created":
        raise Inexpressible("a created file without a final newline")
    return change.after if change.after.endswith("\n") else change.after + "\n"


def _fence(texts: Sequence[str]) -> str:
    runs = [len(run) + 1 for text in texts for run in _TICKS.findall(text)]
    return "`" * max([3, *runs])


def search_replace(change: Told, manner: Manner) -> str:
    """SEARCH/REPLACE blocks, each under its path and in a fence of its own."""
    path = change.path
    if change.kind == "deleted":
        return f"*** Delete File: {path}\n"
    if change.kind == "created":
        return _search_block(path, "", _whole_text(change), manner.fence)
    moved = f"*** Rename File: {path} -> {change.target}\n\n" if change.kind == "renamed" else ""
    pieces = [
        _search_block(change.target, _joined(block.old), _joined(block.new), manner.fence)
        for block in _blocks(change)
    ]
    return moved + "\n".join(pieces)


def _joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _search_block(path: str, old: str, new: str, fence: str) -> str:
    if any(_MARKER.match(line) for line in (old + new).split("\n")):
        raise Inexpressible("the text holds a marker of the format")
    body = f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE"
    return f"{path}\n{fence}\n{body}\n{fence}\n"


def bare_diff(change: Told, _manner: Manner) -> str:
    """A unified diff whose hunks begin with `@@` and nothing else."""
    return _diff(change, lambda _block: "@@", named=change.kind != "modified")


def numbered_diff(change: Told, _manner: Manner) -> str:
    """What git writes."""
    return _diff(change, lambda block: _numbers(block, 0, 0), named=True)


def wrong_diff(change: Told, manner: Manner) -> str:
    """Line numbers a few lines off, counts wrong, empty context lines without their blank."""
    text = _diff(
        change, lambda block: _numbers(block, _off(manner.random, NEAR_OFF), 2), named=False
    )
    return re.sub(r"^ $", "", text, flags=re.MULTILINE)


def drifted_diff(change: Told, manner: Manner) -> str:
    """Line numbers far off, each hunk's by itself; half of the counts wrong."""
    draw = manner.random

    def opening(block: Block) -> str:
        return _numbers(block, _off(draw, FAR_OFF), draw.choice((0, 1)))

    return _diff(change, opening, named=False)


def stale_diff(change: Told, manner: Manner) -> str:
    """What git writes against a file that had other lines above: all numbers off by as much."""
    off = _off(manner.random, FAR_OFF)
    return _diff(change, lambda block: _numbers(block, off, 0), named=True)


def _off(random: Random, reach: tuple[int, int]) -> int:
    return random.randint(*reach) * random.choice((-1, 1))


def _numbers(block: Block, off: int, more: int) -> str:
    old, new = len(block.old), len(block.new)
    start = block.start + (1 if old else 0)
    new_start = block.new_start + (1 if new else 0)
    if (off or more) and old and new:
        start, new_start = max(1, start + off), max(1, new_start + off)
        old, new = old + more, new + more
    return f"@@ -{start},{old} +{new_start},{new} @@ {block.header}".rstrip(" ")


def _diff(change: Told, opening: Callable[[Block], str], *, named: bool) -> str:
    old, new = f"a/{change.path}", f"b/{change.target}"
    head = [f"diff --git {old} {new}"] if named or change.kind != "modified" else []
    if change.kind == "created":
        head.append("new file mode 100644")
        old = "/dev/null"
    elif change.kind == "deleted":
        head.append("deleted file mode 100644")
        new = "/dev/null"
    elif change.kind == "renamed":
        head += [f"rename from {change.path}", f"rename to {change.target}"]
    if not change.blocks and change.kind in ("created", "deleted"):
        head.append("index " + "..".join((NO_BLOB, EMPTY_BLOB)[:: 1 if old == "/dev/null" else -1]))
    if change.blocks:
        head += [
            f"{sign} {name}" + "\t" * (" " in name) for sign, name in (("---", old), ("+++", new))
        ]
    body = [row for block in change.blocks for row in (opening(block), *_rows(block))]
    return "\n".join([*head, *body]) + "\n"


def _rows(block: Block) -> Iterator[str]:
    last = {
        sign: max((i for i, (mark, _) in enumerate(block.rows) if mark in (" ", sign)), default=-1)
        for sign in "-+"
    }
    for i, (sign, text) in enumerate(block.rows):
        yield sign + text
        old = i == last["-"] and sign in " -" and not block.old_ends
        if old or (i == last["+"] and sign in " +" and not block.new_ends):
            yield "\\ No newline at end of file"


def plain_envelope(change: Told, _manner: Manner) -> str:
    """The sections of one file in a patch envelope; chunks begin with a bare `@@`."""
    return _envelope(change, scoped=False)


def scoped_envelope(change: Told, _manner: Manner) -> str:
    """The same with the line that git names above a hunk, and the end-of-file anchor."""
    return _envelope(change, scoped=True)


def _envelope(change: Told, *, scoped: bool) -> str:
    if change.kind == "deleted":
        return f"*** Delete File: {change.path}\n"
    if change.kind == "created":
        added = "".join(f"+{line}\n" for line in lines_of(_whole_text(change)))
        return f"*** Add File: {change.path}\n{added}"
    moved = f"*** Move to: {change.target}\n" if change.kind == "renamed" else ""
    chunks = []
    for block in _blocks(change):
        scope = f"@@ {block.header}".rstrip() if scoped else "@@"
        end = "*** End of File\n" if scoped and block.is_last else ""
        chunks.append(f"{scope}\n" + "".join(f"{a}{b}\n" for a, b in block.rows) + end)
    return f"*** Update File: {change.path}\n{moved}{''.join(chunks)}"


def replace_pairs(change: Told, _manner: Manner) -> str:
    """JSON objects, to be joined into one list."""
    if change.kind in ("deleted", "renamed"):
        raise Inexpressible("the format has no word for deleting or renaming")
    if change.kind == "created":
        if not change.after:
            raise Inexpressible("an empty file")
        return json.dumps({"path": change.path, "old": "", "new": change.after}, ensure_ascii=False)
    pairs = []
    for block in _blocks(change):
        old, new = "\n".join(block.old), "\n".join(block.new)
        if not old or not new:
            old, new = _joined(block.old), _joined(block.new)
        pairs.append({"path": change.path, "old": old, "new": new})
    return ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs)


def whole_file(change: Told, manner: Manner) -> str:
    """The whole text after, in a fence under its path."""
    if change.kind in ("deleted", "renamed"):
        raise Inexpressible("the format has no word for deleting or renaming")
    if change.kind == "modified" and change.before.endswith("\n") != change.after.endswith("\n"):
        raise Inexpressible("the final newline comes or goes")
    return f"{change.path}\n{manner.fence}\n{_whole_text(change)}{manner.fence}\n"


TELLERS: dict[str, Teller] = {
    "search_replace": search_replace,
    "unified_diff": bare_diff,
    "unified_diff:numbered": numbered_diff,
    "unified_diff:wrong": wrong_diff,
    "unified_diff:drift": drifted_diff,
    "unified_diff:stale": stale_diff,
    "envelope": plain_envelope,
    "envelope:scoped": scoped_envelope,
    "replace": replace_pairs,
    "whole_file": whole_file,
}
"""By the name of the variant: a format, or a format and what is peculiar to it."""


def reply(changes: Sequence[Told], variant: str, random: Random) -> str:
    """One reply that makes all the changes. Raises `Inexpressible`."""
    fence = _fence([text for change in changes for text in (change.before, change.after)])
    manner = Manner(random, fence)
    pieces = [TELLERS[variant](change, manner) for change in changes]
    match variant.partition(":")[0]:
        case "unified_diff":
            return f"The changes:\n\n{fence}diff\n{''.join(pieces)}{fence}\n"
        case "envelope":
            return f"*** Begin Patch\n{''.join(pieces)}*** End Patch\n"
        case "replace":
            return f"[{','.join(pieces)}]\n"
        case _:
            return "The changes:\n\n" + "\n".join(pieces)

"""Unified diffs, from git or from a model: counts and line numbers are hints, never trusted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import closes_fence, opens_fence, rows_of
from core.edits.parse.diff_paths import NOTHING, git_paths, header_path, paired, unquoted
from core.edits.parse.hunk_body import HunkText, bare_hunk, is_change, is_header, read_hunk
from core.edits.parse.paths import path_before
from core.edits.parse.tidy import tidy

_LINK, _SUBMODULE = "120000", "160000"
_EXECUTABLE = "100755"
_NO_BYTES = ("..e69de29", "..473a0f4")
"""How git names the empty file, by SHA-1 and by SHA-256."""


@dataclass(slots=True)
class _File:
    """What the headers of one file say, and its hunks."""

    old: str = ""
    new: str = ""
    is_git: bool = False
    has_pair: bool = False
    is_empty: bool = False
    """Whether git says that the created file holds nothing."""
    modes: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    hunks: list[HunkText] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.old if self.new == NOTHING else self.new

    def lacks_text(self) -> bool:
        """Whether the header promises hunks that are not there."""
        if self.hunks or self.new == NOTHING or self.moved.get("to"):
            return False
        return self.has_pair or (self.old == NOTHING and not self.is_empty)


def parse_unified_diff(text: str) -> tuple[Intent, ...]:
    """One intent a hunk, creation, deletion or rename.

    Hunks that no header and no line above their fence gives a file have the path "". Raises
    `ParseFault` for binary patches, copies, changes of mode, merges, changed lines outside every
    hunk, and a diff that seems cut.
    """
    reader = _Reader(rows_of(text.replace("\r\n", "\n")))
    files = reader.files()
    found = [intent for file in files for intent in _intents(file)]
    return tuple(tidy(intent, number) for number, intent in enumerate(found, 1))


class _Reader:
    """Walks over the lines that are no hunk's."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.done: list[_File] = []
        self.file = _File()
        self.fence: tuple[str, int] | None = None
        self.fence_row = -1
        self.close_to_hunk = False
        """Whether a changed line here would be one that its hunk lost."""
        self.last_hunk_row = -1
        self.at_end = False
        """Whether the last hunk ends the text."""

    def files(self) -> list[_File]:
        row = 0
        while row < len(self.lines):
            row = self._step(row) if self.lines[row] or self.close_to_hunk else row + 1
        self._finish()
        hunks = [hunk for file in self.done for hunk in file.hunks]
        if self.fence and hunks and self.fence_row < self.last_hunk_row:
            raise ParseFault("the fence around the diff is never closed; the reply seems cut")
        if self.at_end and self._last_is_cut(hunks):
            raise ParseFault("the diff seems cut: its last hunk has fewer lines than it counts")
        if self.done and self.done[-1].lacks_text():
            raise ParseFault(
                f"the diff seems cut: nothing follows the header of {self.done[-1].path}"
            )
        return self.done

    def _last_is_cut(self, hunks: list[HunkText]) -> bool:
        counted = [hunk for hunk in hunks[:-1] if hunk.counts]
        gone = self.done and self.done[-1].new == NOTHING
        return not gone and all(hunk.exact for hunk in counted) and hunks[-1].seems_cut()

    def _step(self, row: int) -> int:
        line = self.lines[row]
        mark = line[:1]
        if mark == "@" and line.startswith("@@"):
            return self._hunk(row, *read_hunk(self.lines, row))
        if not line.strip():
            self.close_to_hunk &= self.fence is not None
            return row + 1
        if line.lstrip(" \t")[:3] in ("```", "~~~"):
            return self._fence(row)
        if mark == "-" and line.startswith("--- ") and (after := self._header(row)):
            return after
        if mark == "+" and line.startswith("+++ ") and self._below(row).startswith("@@"):
            return self._pair(row, header_path(line[4:]), header_path(line[4:]), 1)
        if mark in ("+", "-") and self.close_to_hunk and is_change(line):
            raise ParseFault(
                f"line {row + 1} changes something outside every hunk; begin every "
                "line of a hunk with a blank, + or -"
            )
        self._extended(line)
        return row + 1

    def _below(self, row: int) -> str:
        return self.lines[row + 1] if row + 1 < len(self.lines) else ""

    def _hunk(self, row: int, hunk: HunkText, end: int) -> int:
        if hunk.rows or hunk.counts:
            if not self.file.path and self.fence_row >= 0:
                self.file.old = self.file.new = path_before(self.lines, self.fence_row + 1)
            self.file.hunks.append(hunk)
            self.last_hunk_row = row
            rest = end
            while rest < len(self.lines) and not self.lines[rest].strip():
                rest += 1
            self.at_end = rest == len(self.lines)
            self.close_to_hunk = True
        return end

    def _fence(self, row: int) -> int:
        line = self.lines[row]
        # A fence that a changed line follows is a line of the hunk that lost its blank.
        self.close_to_hunk &= self.fence is not None and is_change(self._below(row))
        if self.fence and closes_fence(line, *self.fence):
            self.fence = None
            return row + 1
        opening = opens_fence(line)
        if opening and not self.close_to_hunk:
            self.fence, self.fence_row = (opening[2], len(opening[1])), row
            path = path_before(self.lines, row + 1, max(0, self.last_hunk_row))
            if path and self.file.hunks:
                self._finish()
            if path and not self.file.path:
                self.file.old = self.file.new = path
        return row + 1

    def _header(self, row: int) -> int:
        """The row after the header on `row`; 0 if it is none."""
        old = header_path(self.lines[row][4:])
        if is_header(self.lines, row) or (
            self._below(row).startswith("+++ ") and not self.close_to_hunk
        ):
            return self._pair(row, old, header_path(self._below(row)[4:]), 2)
        return self._pair(row, old, old, 1) if self._below(row).startswith("@@") else 0

    def _pair(self, row: int, old: str, new: str, count: int) -> int:
        if self.file.hunks or self.file.has_pair or not self.file.is_git:
            self._finish()
        found = paired(old, new)
        if self.file.is_git and self.file.path in (old, new):
            found = old, new
        if old == new:
            bare = old[2:] if old[:2] in ("a/", "b/") and count == 1 else old
            found = bare, bare
        if self.file.moved.get("from"):
            found = self.file.moved["from"], self.file.moved.get("to", "")
        if found is None:
            raise ParseFault(
                f"the diff gives one file two paths, {old} and {new}; give the same path on both, "
                "or `rename from` and `rename to`"
            )
        self.file.old, self.file.new = found
        self.file.has_pair = True
        self.close_to_hunk = False
        below = row + count
        if below < len(self.lines) and self.lines[below][:1] in (" ", "+", "-"):
            return self._hunk(below, *bare_hunk(self.lines, below))
        return below

    def _extended(self, line: str) -> None:
        """Git's extended header lines."""
        if line.startswith("diff --git "):
            self._finish()
            self.file.is_git, self.close_to_hunk = True, False
            self.file.old, self.file.new = git_paths(line[11:].strip())
        elif line.startswith(("diff --cc ", "diff --combined ")):
            raise ParseFault("the diff shows a merge; give the diff against one parent")
        elif line.startswith(("GIT binary patch", "Binary files ")) and (
            self.file.is_git or line.endswith(" differ")
        ):
            raise ParseFault("the diff holds a binary patch, which is not reviewed as text")
        elif self.file.is_git and not self.file.hunks:
            self._extension(line)

    def _extension(self, line: str) -> None:
        words = line.split(" ")
        if " ".join(words[:-1]) in ("old mode", "new mode", "new file mode", "deleted file mode"):
            self.file.modes[" ".join(words[:-1])] = words[-1]
            if words[0] == "deleted":
                self.file.new = NOTHING
            elif words[1] == "file":
                self.file.old = NOTHING
        elif line.startswith(("rename from ", "rename to ")):
            name = line.split(" ", 2)[2]
            quoted = name.startswith('"') and name.endswith('"') and len(name) > 1
            self.file.moved[words[1]] = unquoted(name[1:-1]) if quoted else name
        elif words[0] == "index" and any(name in line for name in _NO_BYTES):
            self.file.is_empty = True
        elif line.startswith(("copy from ", "copy to ")):
            raise ParseFault(
                f"the diff copies a file ({line.split(' ', 2)[2]}); create the copy with its text"
            )

    def _finish(self) -> None:
        file = self.file
        if file.hunks or file.is_git or file.has_pair or file.new == NOTHING or file.old == NOTHING:
            self.done.append(file)
        self.file = _File()


def _intents(file: _File) -> Iterator[Intent]:
    _refuse_modes(file)
    if len(file.moved) == 1:
        raise ParseFault(f"the diff seems cut: it lacks one of the two names of {file.path}")
    old, new = file.moved.get("from", file.old), file.moved.get("to", file.new)
    if new == NOTHING:
        yield Intent(old, Op.DELETE, "".join(hunk.side("-") for hunk in file.hunks))
        return
    if old == NOTHING:
        yield _creation(new, file)
        return
    if old != new:
        if not file.moved:
            raise ParseFault(f"the diff renames {old} to {new}; add `rename from` and `rename to`")
        yield Intent(old, Op.RENAME, target=new)
    for hunk in file.hunks:
        if not hunk.rows:
            continue
        before, after = hunk.side("-"), hunk.side("+")
        told = hunk.exact and hunk.start
        line = hunk.start if told or not before else None
        scopes = (hunk.scope,) if hunk.scope.strip() else ()
        yield Intent(old, Op.EDIT, before, after, line=line, scopes=scopes)


def _creation(path: str, file: _File) -> Intent:
    if any(row.startswith("-") for hunk in file.hunks for row in hunk.rows):
        raise ParseFault(f"the diff creates {path} but removes lines from it; begin each with +")
    text = "".join(hunk.side("+") for hunk in file.hunks)
    executable = file.modes.get("new file mode") == _EXECUTABLE
    return Intent(path, Op.CREATE, new=text, executable=executable)


def _refuse_modes(file: _File) -> None:
    modes = file.modes
    if modes.get("old mode") != modes.get("new mode"):
        raise ParseFault(
            f"the diff changes the mode of {file.path}, which is not done here; leave that out"
        )
    if modes.get("new file mode") in (_LINK, _SUBMODULE):
        raise ParseFault(f"the diff makes {file.path} a link; only regular files are created")

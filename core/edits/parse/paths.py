"""The path a reply gives for a block, in the spellings that models use."""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.edits.parse.blocks import INVISIBLE, opens_fence

LONGEST_PATH = 300
"""Characters. A longer line names no file."""
NEAR = 6
"""Lines above a block, blank lines and fences included, where its path stands by itself."""
FAR = 40
"""Lines above a block that are read for a single path named in prose."""

_BARE_NAMES = frozenset(
    [
        "makefile",
        "gnumakefile",
        "dockerfile",
        "containerfile",
        "license",
        "licence",
        "copying",
        "notice",
        "authors",
        "readme",
        "changelog",
        "contributing",
        "codeowners",
        "jenkinsfile",
        "procfile",
        "gemfile",
        "rakefile",
        "vagrantfile",
        "brewfile",
        "justfile",
        "pipfile",
        "podfile",
        "tiltfile",
        "earthfile",
        "version",
        "build",
        "workspace",
        "kconfig",
        "kbuild",
    ]
)
"""File names without a dot or slash that are taken for files even unquoted (lower case)."""
_EXTENSIONS = frozenset(
    [
        "py",
        "pyi",
        "js",
        "jsx",
        "ts",
        "tsx",
        "mjs",
        "cjs",
        "go",
        "rs",
        "java",
        "kt",
        "c",
        "h",
        "cc",
        "cpp",
        "hpp",
        "cs",
        "rb",
        "php",
        "swift",
        "scala",
        "sh",
        "bash",
        "lua",
        "pl",
        "r",
        "sql",
        "html",
        "css",
        "scss",
        "vue",
        "svelte",
        "md",
        "rst",
        "txt",
        "json",
        "jsonl",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "xml",
        "proto",
        "gradle",
        "tf",
        "ex",
        "exs",
        "erl",
        "hs",
        "ml",
        "clj",
        "dart",
        "zig",
        "nim",
        "lock",
        "csv",
        "ipynb",
        "diff",
        "patch",
    ]
)
"""Endings that make a word in prose a file name."""

_TAG = re.compile(r"^<(?:path|file_?path|file_?name|file)>([^<>]+)</", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?:path|file|file_?path|file_?name|title|name)=(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'>]+))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:#{1,6}\s*|//\s*|/\*+\s*|<!--\s*|--\s+|;+\s+|%+\s+|[-*+>]\s+|\d{1,3}[.)]\s+)"
)
_TRAIL = re.compile(r"\s*(?:\*/|-->)$")
_LABEL = re.compile(
    r"^[*_]{0,2}(?:(?:new|updated|modified|target|source)\s+)?(?:file(?:\s?name|\s?path)?|path)"
    r"[*_]{0,2}\s*[:=]\s*[*_]{0,2}\s*",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\s+\((?:new|new file|updated?|modified|created?|edit(?:ed)?|changed?|lines? [0-9, -]+)\)$",
    re.IGNORECASE,
)
_WRAPS = ("**", "__", "`", '"', "'", "*")
_PLAIN = re.compile(r"^[^\s`\"'<>|*?;,!]+$")
_VERSION = re.compile(r"^v?[0-9]+(?:\.[0-9]+)*$")
_TICKED = re.compile(r"`([^`\s]{1,300})`")
_PASSED_OVER = re.compile(r"^</?(?:diff|content|edit|edits|code|change|changes)>$", re.IGNORECASE)


@lru_cache(maxsize=2048)  # telling the format and reading it look at the same lines
def path_in(line: str, known: frozenset[str] = frozenset()) -> str:
    """The path that a line names and nothing else, as `src/a.py`, `**src/a.py**`,
    `### File: src/a.py`, `# src/a.py`, `<path>src/a.py</path>`; empty if none.

    One of the `known` files is a path however it looks.
    """
    if len(line) > LONGEST_PATH:
        return ""
    text = line.strip().strip(INVISIBLE).strip()
    if text in known:
        return text
    if text.startswith("<") and not text.startswith("<!--"):
        return _tagged(text)
    for _ in range(3):
        text, stripped = _LEAD.subn("", text, count=1)
        if not stripped:
            break
    text = _TRAIL.sub("", text)
    text, labelled = _LABEL.subn("", text, count=1)
    text, quoted = _unwrapped(text)
    if text in known:
        return text
    return _as_path(text, labelled=bool(labelled), quoted=quoted)


@lru_cache(maxsize=256)
def path_in_info(info: str) -> str:
    """The path in what follows a fence, as `python src/a.py`, `src/a.py`, `py:src/a.py`,
    `python title="src/a.py"`; empty if none.
    """
    if not info.strip() or len(info) > LONGEST_PATH:
        return ""
    if found := _ATTRIBUTE.search(info):
        return _as_path(found[1] or found[2] or found[3], quoted=True)
    first, *others = info.split()
    for word in (*others, first.partition(":")[2]):
        if found_path := _as_path(word.strip("`\"'()")):
            return found_path
    return _as_path(first) if "/" in first or _ends_like_a_file(first) else ""


def path_before(
    lines: Sequence[str], row: int, floor: int = 0, known: frozenset[str] = frozenset()
) -> str:
    """The path that stands by itself above a block; blank lines and fences are passed over.

    Nothing at or above `floor` is read.
    """
    fences = 0
    for line in reversed(lines[max(floor, row - NEAR) : row]):
        if fence := opens_fence(line):
            fences += 1
            if fence[3] and (found := path_in_info(fence[3])):
                return found
            if fences > 1:
                return ""
            continue
        if line and (found := path_in(line, known)):
            return found
        if line.strip() and not _PASSED_OVER.match(line.strip()):
            return ""
    return ""


def path_told(
    lines: Sequence[str], row: int, floor: int = 0, known: frozenset[str] = frozenset()
) -> str:
    """The path for a block: the one directly above, or the only one named above it at all."""
    if found := path_before(lines, row, floor, known):
        return found
    named = set()
    for line in lines[max(floor, row - FAR) : row]:
        if line.strip() and not opens_fence(line):
            own = path_in(line, known)
            named |= {own} if own else set(mentioned(line))
    return named.pop() if len(named) == 1 else ""


def mentioned(line: str) -> list[str]:
    """The file names that a sentence holds, in backticks, or bare when it ends with a colon."""
    if len(line) > LONGEST_PATH:
        return []
    words = _TICKED.findall(line)
    if line.rstrip().endswith(":"):
        words += [word.strip("`*\"'():,") for word in line.split()]
    return [w for w in words if _ends_like_a_file(w) and _as_path(w)]


def named_path(text: str) -> str:
    """A path given after a keyword, `*** Delete File: x`: quotes and closing stars taken off."""
    text = text.strip()
    if text.endswith("***"):
        text = text[:-3].rstrip()
    return _unwrapped(text)[0].replace("\\", "/") if "/" not in text else _unwrapped(text)[0]


def _tagged(text: str) -> str:
    if found := _TAG.match(text):
        return _as_path(found[1].strip(), quoted=True)
    if found := _ATTRIBUTE.search(text):
        return _as_path((found[1] or found[2] or found[3]).strip(), quoted=True)
    return ""


def _unwrapped(text: str) -> tuple[str, bool]:
    """The text without stars, quotes, notes and colons around it; whether it was quoted."""
    quoted = False
    for _ in range(4):
        before = text
        text = _NOTE.sub("", text.strip())
        if len(text) > 1:
            text = text.removesuffix(":")
        for wrap in _WRAPS:
            if len(text) > 2 * len(wrap) and text.startswith(wrap) and text.endswith(wrap):
                text = text[len(wrap) : -len(wrap)]
                quoted |= wrap in ("`", '"', "'")
                break
        if text == before:
            break
    return text, quoted


def _as_path(text: str, *, labelled: bool = False, quoted: bool = False) -> str:
    text = text.strip()
    if not text or text.endswith((".", "…", "/", "\\")) or "://" in text or "`" in text:
        return ""
    if any(ord(c) < 32 for c in text) or not any(c.isalnum() or c == "_" for c in text):
        return ""
    if "\\" in text and "/" not in text:
        text = text.replace("\\", "/")
    if not _PLAIN.match(text):
        return text if quoted and ("/" in text or _ends_like_a_file(text)) else ""
    if _VERSION.match(text) or (text.endswith((")", "()")) and "/" not in text):
        return ""
    known = text.casefold() in _BARE_NAMES
    return text if labelled or quoted or known or "/" in text or "." in text else ""


def _ends_like_a_file(text: str) -> bool:
    name = text.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    if "/" in text and dot and re.match(r"^\w{1,10}$", ending):
        return True
    return bool(stem) and ending.casefold() in _EXTENSIONS

"""Names of a text in any other language: definitions from its outline, uses as words."""

import re
from collections.abc import Collection

from core.edits.names import Bound, Names
from core.syntax.languages import language_of
from core.syntax.outline import outline

WORD = re.compile(r"[^\W\d]\w*")

_IMPORT = re.compile(
    r"\s*(?:pub\s+)?(?:import|use|using|from|require|include|#\s*include|export\s+.*\bfrom\b)\b"
    r"|.*=\s*require\s*\("
)

_DATA = frozenset({"css", "hcl", "html", "json", "markdown", "nix", "yaml"})
"""Languages whose outlines name sections and keys, which nothing calls."""

_FAMILIES = {
    **dict.fromkeys(("javascript", "tsx", "typescript"), "javascript"),
    **dict.fromkeys(("c", "cpp"), "c"),
    **dict.fromkeys(("java", "kotlin", "scala"), "jvm"),
}
"""Languages whose files name one another's definitions."""

SHORTEST = 3
"""Characters of a name that is told apart by its spelling alone."""


def family(path: str) -> str:
    """The languages a path's names are known in; empty for text and data."""
    language = language_of(path) or ""
    return "" if language in _DATA else _FAMILIES.get(language, language)


def word_names(path: str, text: str, rows: Collection[int], lines: list[str]) -> Names:
    """Definitions and imports of a text, and the words in these rows of it."""
    names = Names()
    kind = family(path)
    for symbol in outline(path, text):
        row = next(
            (
                r
                for r in range(symbol.start_line - 1, min(symbol.end_line, len(lines)))
                if lines[r].strip()[:200] == symbol.signature
            ),
            symbol.start_line - 1,
        )
        name = symbol.name.rpartition(".")[2]
        if len(name) >= SHORTEST:
            names.bound.setdefault(("word", kind, name), Bound(row, "defines"))
    for row in sorted(rows):
        words = WORD.findall(lines[row]) if row < len(lines) else []
        is_import = bool(words) and _IMPORT.match(lines[row]) is not None
        for word in words:
            if len(word) < SHORTEST:
                continue
            names.used.append((row, ("word", kind, word)))
            if is_import:
                names.bound.setdefault(("scope", path, "", word), Bound(row, "imports"))
            names.used.append((row, ("scope", path, "", word)))
    return names

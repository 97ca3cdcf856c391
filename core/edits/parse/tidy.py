"""What holds for the intents of every format."""

from functools import lru_cache

from core.domain.path import one_spelling
from core.edits.intent import Intent, ParseFault


def tidy(intent: Intent, number: int) -> Intent:
    """The intent with its number, and its paths in their one spelling.

    Raises `ParseFault` for text that no file can hold.
    """
    for text in (intent.path, intent.target, intent.old, intent.new):
        if not text.isascii() and not _encodes(text):
            raise ParseFault(f"edit {number} holds half a character; write it as UTF-8")
    path, target = _spelled(intent.path), _spelled(intent.target)
    if (path, target, number) == (intent.path, intent.target, intent.number):
        return intent
    # Written out: `replace` would take most of the time that a reply of many small edits costs.
    return Intent(
        path,
        intent.op,
        intent.old,
        intent.new,
        intent.line,
        intent.column,
        intent.doubt,
        number,
        intent.scopes,
        intent.at_end,
        intent.everywhere,
        target,
        intent.executable,
    )


@lru_cache(maxsize=1024)
def _spelled(path: str) -> str:
    return one_spelling(path) if path else ""


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

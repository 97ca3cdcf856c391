"""Sentences that name keys of the app, said with command words where there are no keys."""

import re

from core.domain import events as e
from tui.wording import sentence

_WORDS = (
    (r"press \. to start", "`run` carries it on, `step` runs one phase"),
    (r"press \. to go on", "`run` goes on"),
    (r"\bV checks\b", "`verify` checks"),
    (r"\bL lands\b", "`land` lands"),
    (r"\bU brings\b", "`undo` brings"),
    (r"\bU restores\b", "`undo` restores"),
    (r"\bwith U\b", "with `undo`"),
    (r"(?<![\w.])\. (runs|takes)\b", r"`step` \1"),
    (r"\bP pauses after it, P again cancels\b", "`pause` stops after it, `cancel` cancels"),
    (r"\bP pauses it, P again cancels\b", "`pause` pauses it, `cancel` cancels"),
    (r"\bP again cancels\b", "`cancel` cancels"),
    (r"\by accepts a hunk, A a whole file\b", "`review` goes through the hunks"),
    (r"\be edits it\b", "`edit` edits it"),
    (r"\btype one in the goal prompt \(0\)", "`goal TEXT` takes one up"),
    (r"\bpress m to choose\b", "`model PHASE NAME` chooses"),
    (r"\bpress m\b", "say `model PHASE NAME`"),
    (r"\braise it \(\$\)", "raise it (`budget 2.00`)"),
    (r" \([A-Za-z0!.]\)", ""),
)
"""Pattern and what is said instead. A test looks for keys in core that are missing here."""

_COMPILED = tuple((re.compile(pattern), words) for pattern, words in _WORDS)

_IN_THE_USERS_WORDS = (e.RunStarted, e.GoalChanged, e.NoteAdded, e.RerunAsked)


def keyless(text: str) -> str:
    """One of our own sentences with command words in the place of keys."""
    for pattern, words in _COMPILED:
        text = pattern.sub(words, text)
    return text


def keyless_sentence(event: e.Event) -> str:
    """`sentence`, without keys; what the user wrote stays as it is."""
    text = sentence(event)
    return text if isinstance(event, _IN_THE_USERS_WORDS) else keyless(text)

"""Sentences that name keys of the app, said with what there is where there are no keys: words of
the line mode, or options of the command line.
"""

import re

from core.domain import events as e
from tui.wording import sentence

_WORDS = (
    (
        r"press \. to start",
        "`run` carries it on, `step` runs one phase",
        "`relaypair resume` carries it on",
    ),
    (r"press \. to go on", "`run` goes on", "`relaypair resume` goes on"),
    (r"\bV checks\b", "`verify` checks", "`relaypair resume --land` checks"),
    (r"\bL lands\b", "`land` lands", "--land lands"),
    (r"\bU brings\b", "`undo` brings", "`relaypair undo` brings"),
    (r"\bU restores\b", "`undo` restores", "`relaypair undo` restores"),
    (r"\bwith U\b", "with `undo`", "with `relaypair undo`"),
    (r"(?<![\w.])\. (runs|takes)\b", r"`step` \1", r"`relaypair resume` \1"),
    (
        r"\bP pauses after it, P again cancels\b",
        "`pause` stops after it, `cancel` cancels",
        "ctrl+c cancels",
    ),
    (
        r"\bP pauses it, P again cancels\b",
        "`pause` pauses it, `cancel` cancels",
        "ctrl+c cancels it",
    ),
    (r"\bP again cancels\b", "`cancel` cancels", "ctrl+c cancels"),
    (
        r"\by accepts a hunk, A a whole file\b",
        "`review` goes through the hunks",
        "--accept low-risk or all accepts hunks",
    ),
    (r"\be edits it\b", "`edit` edits it", "the app edits it"),
    (
        r"\btype one in the goal prompt \(0\)",
        "`goal TEXT` takes one up",
        "`relaypair run GOAL` takes one up",
    ),
    (r"\bpress m to choose\b", "`model PHASE NAME` chooses", "--model NAME chooses"),
    (r"\bpress m\b", "say `model PHASE NAME`", "say --model NAME"),
    (r"\braise it \(\$\)", "raise it (`budget LIMITS`)", "raise it (--budget LIMITS)"),
    (
        r"say in the goal which file or name you mean, or add a file to the context \(o\), and "
        r"rerun \(r\)",
        "say in the goal (`goal TEXT`) which file or name you mean, or `context add` one, and "
        "`run`",
        "say in another goal which file or name you mean",
    ),
    (r" \([A-Za-z0!.]\)", "", ""),
)
"""Pattern, then what is said instead: a word, an option. A test looks for keys in core that are
missing here.
"""

_COMPILED = tuple((re.compile(pattern), word, option) for pattern, word, option in _WORDS)

_IN_THE_USERS_WORDS = (e.RunStarted, e.GoalChanged, e.NoteAdded, e.RerunAsked)


def keyless(text: str, *, options: bool = False) -> str:
    """One of our own sentences with command words in the place of keys, or `options`."""
    for pattern, word, option in _COMPILED:
        text = pattern.sub(option if options else word, text)
    return text


def keyless_sentence(event: e.Event, *, options: bool = False) -> str:
    """`sentence`, without keys; what the user wrote stays as it is."""
    text = sentence(event)
    if isinstance(event, _IN_THE_USERS_WORDS):
        return text
    return keyless(text, options=options)

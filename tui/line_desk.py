"""What the words of the line mode work with: the session, the terminal, and what is selected."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from core.domain import events as e
from core.domain.commands import Command
from core.domain.hunk import Hunk, HunkState
from core.domain.phase import Phase
from core.domain.state import RunState
from tui.editor import edited
from tui.line_input import Lines
from tui.sanitise import text_lines
from tui.session_port import SessionPort
from tui.tally import first_hunk, hunk_by_id

TAIL = 200
"""Lines of streamed text that are kept for `tail`."""

LOG = 2_000
"""Sentences that are kept for `events`; the journal has them all."""


class LineSession(SessionPort, Protocol):
    """A session whose quiet can be waited for, and that can be taken up again."""

    async def idle(self) -> None:
        """Wait until nothing runs."""
        ...

    def resume(self) -> None:
        """Take up the journaled run."""
        ...


@dataclass
class Desk:
    """One line mode at work."""

    session: LineSession
    lines: Lines
    editor: tuple[str, ...] = ()
    hunk: str = ""
    """Id of the hunk that words without a number mean."""
    models: tuple[str, ...] = ()
    """Ids as `models` numbered them last."""
    items: tuple[str, ...] = ()
    """Ids of context items as `context` numbered them last."""
    paths: tuple[str, ...] = ()
    tail: deque[str] = field(default_factory=lambda: deque([""], maxlen=TAIL))
    log: deque[str] = field(default_factory=lambda: deque(maxlen=LOG))
    drafts: dict[str, str] = field(default_factory=dict)
    """By the text that was edited, what of it was no receipt, to be opened again."""
    replies: list[e.ModelReplied] = field(default_factory=list)
    typed: str = ""
    """The line that is being carried out."""
    armed: str = ""
    """The line that, typed again, is carried out."""
    is_editing: bool = False
    is_leaving: bool = False

    @property
    def state(self) -> RunState:
        """The run."""
        return self.session.state

    def say(self, text: str) -> None:
        """Print lines, made safe."""
        self.lines.write("\n".join(text_lines(text)))

    async def send(self, command: Command) -> None:
        """Submit a command; its news is printed before this returns."""
        await self.session.submit(command)
        await asyncio.sleep(0)

    async def ask(self, prompt: str) -> str:
        """The next typed line, for a question of our own. Raises EOFError and `Interrupted`."""
        if self.lines.is_live:
            return await self.lines.read(prompt)
        line = await self.lines.read(prompt)
        await self.quiet()
        self.say(prompt + line)
        return line

    def text(self, digest: str) -> str:
        """Kept bytes as text; a sentence where they are gone."""
        try:
            return self.session.blob(digest).decode("utf-8", "replace")
        except KeyError:
            return "the kept text is no longer there"

    def keep(self, text: str) -> str:
        """Keep a text for a command that names it; its digest."""
        return self.session.keep(text.encode("utf-8", "surrogatepass"))

    async def quiet(self) -> None:
        """Wait until nothing runs and its news is printed."""
        await self.session.idle()
        await asyncio.sleep(0)

    def confirmed(self, promise: str) -> bool:
        """Whether this very line was typed before; else say what it will do and remember it."""
        if self.armed == self.typed:
            self.armed = ""
            return True
        self.armed = self.typed
        self.say(f"{promise} Type `{self.typed}` again to do it.")
        return False

    def current(self) -> Hunk | None:
        """The selected hunk; the first undecided one where none is selected."""
        if hunk_by_id(self.state, self.hunk) is None:
            self.hunk = first_hunk(self.state)
        return hunk_by_id(self.state, self.hunk)

    def place(self, hunk: Hunk) -> int:
        """The number of a hunk, from 1."""
        return [h.id for h in self.state.hunks].index(hunk.id) + 1

    def undecided(self) -> tuple[Hunk, ...]:
        """The hunks that wait for a decision."""
        return self.state.hunks_in(HunkState.PENDING)

    async def edit(self, text: str, suffix: str) -> str | None:
        """The text after the user's editor ended; None where it was left as it was."""
        if not (self.editor and self.lines.is_live):
            self.say("There is no terminal for an editor here.")
            return None
        self.is_editing = True
        try:
            return await asyncio.to_thread(edited, self.editor, text, suffix)
        except OSError as error:
            self.say(f"{self.editor[0]} cannot be started ({error.strerror}); set EDITOR.")
            return None
        finally:
            self.is_editing = False


def phase_named(word: str) -> Phase | None:
    """The phase that a word means: its name, its setting's name, or its three letters."""
    lowered = word.casefold()
    return next((p for p in Phase if lowered in (p.value, p.knob, p.short.casefold())), None)

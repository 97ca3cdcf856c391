"""Lines typed at a terminal: prompt-toolkit's editing, history in memory, completion with tab."""

import asyncio
import sys
from collections.abc import Iterable

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle, PromptSession

from tui.line_input import Interrupted, Suggest

GATHER = 0.05
"""Seconds in which news is gathered, so that the prompt is drawn again once."""


class PromptLines:
    """`Lines` at a terminal. News is printed above the prompt; nothing printed is drawn again."""

    is_live = True

    def __init__(self, suggest: Suggest) -> None:
        self._history = InMemoryHistory()
        self._prompt: PromptSession[str] = PromptSession(
            history=self._history,
            completer=_Words(suggest),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            reserve_space_for_menu=0,
            key_bindings=self._bindings(),
            enable_suspend=True,
            output=_plain_output(),
        )
        self._waiting: list[str] = []

    async def read(self, prompt: str, draft: str = "") -> str:
        """The next line; lines pasted together are one."""
        try:
            text = await self._prompt.prompt_async(prompt, default=draft, handle_sigint=False)
        except Interrupted as interrupted:
            if interrupted.draft:
                self._history.append_string(interrupted.draft)
            raise
        finally:
            self._emit()
        return " ".join(text.splitlines())

    def write(self, text: str) -> None:
        """Print now, or above the open prompt in a moment."""
        if not self._prompt.app.is_running:
            print(text, flush=True)
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(GATHER, self._flush)
        self._waiting.append(text)

    def interrupt(self) -> bool:
        """End an open `read`; whether one was open."""
        reading = self._prompt.app.is_running
        if reading:
            self._prompt.app.exit(exception=Interrupted(self._prompt.default_buffer.text))
        return reading

    def _flush(self) -> None:
        if self._prompt.app.is_running:
            run_in_terminal(self._emit)
        else:
            self._emit()

    def _emit(self) -> None:
        texts, self._waiting = self._waiting, []
        if texts:
            print("\n".join(texts), flush=True)

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c")
        def _(event: KeyPressEvent) -> None:
            self.interrupt()

        return keys


def _plain_output() -> Vt100_Output:
    """Without colour, and without asking the terminal where its cursor is: some never answer."""
    output = Vt100_Output.from_pty(sys.stdout, default_color_depth=ColorDepth.DEPTH_1_BIT)
    output.enable_cpr = False
    return output


class _Words(Completer):
    def __init__(self, suggest: Suggest) -> None:
        self._suggest = suggest

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Ways to finish the last word."""
        typed = document.text_before_cursor
        last = typed.split(" ")[-1]
        for word in self._suggest(typed):
            yield Completion(word, start_position=-len(last))

"""The goal prompt: one line of input that a paste cannot overrun."""

from typing import ClassVar

from textual import events
from textual.message import Message
from textual.widgets import Input

from tui.sanitise import one_line

GOAL_LIMIT = 4_000
"""Characters; a longer paste is cut and the user told."""

HISTORY = 50
"""Goals and drafts that up and down bring back."""


class GoalPrompt(Input):
    """Posts `Given` on enter and `Typed` at every change."""

    BINDINGS: ClassVar = [
        ("up", "recall(-1)", "earlier"),
        ("down", "recall(1)", "later"),
    ]

    class Given(Message):
        """A goal was entered."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Typed(Message):
        """The text changed under the user's hands."""

    class TooLong(Message):
        """A paste was cut to `GOAL_LIMIT`."""

        def __init__(self, length: int) -> None:
            super().__init__()
            self.length = length

    def __init__(self, text: str = "") -> None:
        super().__init__(
            value=one_line(text)[:GOAL_LIMIT],
            id="goal",
            max_length=GOAL_LIMIT,
            compact=True,
            select_on_focus=False,
        )
        self._past: list[str] = []
        self._place = 0

    def keep(self, text: str) -> None:
        """Remember a goal or a draft for `up`."""
        if text and (not self._past or self._past[-1] != text):
            self._past = [*self._past, text][-HISTORY:]
        self._place = len(self._past)

    def action_recall(self, step: int) -> None:
        """Bring back an earlier or later text."""
        if self._past:
            self._place = min(max(self._place + step, 0), len(self._past))
            self.value = (*self._past, "")[self._place]
            self.cursor_position = len(self.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell that somebody types."""
        event.stop()
        self.post_message(self.Typed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the goal on; an empty one is nothing."""
        event.stop()
        text = one_line(self.value).strip()
        if text:
            self.keep(text)
            self.value = ""
            self.post_message(self.Given(text))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = one_line(event.text[: GOAL_LIMIT + 1])
        if len(event.text) > GOAL_LIMIT:
            self.post_message(self.TooLong(len(event.text)))
        self.insert_text_at_cursor(text[:GOAL_LIMIT])

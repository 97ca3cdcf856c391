"""Reading a provider's stream a second time, for the facts litellm makes up or drops."""

import json
from typing import Any

_FINISH_KEYS = ("finish_reason", "finishReason", "stop_reason", "done_reason")
_END_TYPES = frozenset({"message_stop", "message-end", "response.completed", "response.incomplete"})
_USAGE_KEYS = ("usage", "usageMetadata")
_IN_KEYS = (
    "prompt_tokens",
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "promptTokenCount",
    "prompt_eval_count",
)
_OUT_KEYS = ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count")
_HEAD = 4_000
"""Bytes kept of a body that is not a stream, to show what came instead."""
_DEPTH = 5


class Evidence:
    """What the bytes of one reply really said.

    litellm invents `stop` for a stream that just ends, and token counts for one that sent none.
    Feeding the raw bytes here tells the two apart for server-sent events (OpenAI, Anthropic,
    Gemini and what imitates them) and for JSON lines (Ollama). Not detectable: a binary stream
    (Bedrock's event stream, an unasked-for `br`), for which `opaque` is set and litellm's word is
    taken, and a provider that says it finished in the middle of a sentence.
    """

    def __init__(self, max_line: int) -> None:
        self.opaque = False
        self.events = 0
        """Events with a JSON object in them; keep-alives do not count."""
        self.finish = ""
        """The last finish reason on the wire, in the provider's word."""
        self.ended = False
        """Whether the end marker came: `[DONE]`, `message_stop`, `"done": true`."""
        self.model = ""
        """The model name in the reply, where there is one."""
        self.error = ""
        """What an error event said."""
        self.broken = ""
        """The first event that was not JSON."""
        self.refusal = ""
        self.head = b""
        """The first bytes outside any event: a web page, a JSON body."""
        self._max_line = max_line
        self._rest = b""
        self._data: list[bytes] = []
        self._is_start = False
        self._has_in = False
        self._has_out = False

    @property
    def has_usage(self) -> bool:
        """Whether the wire carried token counts above zero, both of prompt and of reply."""
        return self._has_in and self._has_out

    @property
    def is_complete(self) -> bool:
        """Whether the provider itself said that it was done."""
        return self.opaque or self.ended or bool(self.finish)

    def feed(self, data: bytes) -> bool:
        """Read on; False when a single line has outgrown the limit."""
        if self.opaque:
            return True
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.strip())
        return len(self._rest) <= self._max_line

    def close(self) -> None:
        """The body ended: judge what is left over."""
        if not self.opaque:
            self._line(self._rest.strip())
            self._line(b"")
            self._rest = b""
            body = None if self.events else _parsed(self.head)
            if body and body.get("error"):
                self.error = _said(body["error"])

    def _line(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].strip())
        elif not line:
            if self._data:
                self._event(b"\n".join(self._data))
                self._data = []
        elif line.startswith(b"{") and not self._data:
            self._bare(line)
        elif not line.startswith((b":", b"event:", b"id:", b"retry:")):
            self.head = (self.head + line + b" ")[:_HEAD]

    def _bare(self, line: bytes) -> None:
        """A JSON line, or the first line of a body that is no stream."""
        event = _parsed(line)
        if event is None or "choices" in event or "content" in event:
            self.head = (self.head + line + b" ")[:_HEAD]
        if event is not None:
            self._note(event)

    def _event(self, data: bytes) -> None:
        if data == b"[DONE]":
            self.ended = True
            return
        event = _parsed(data)
        if event is None:
            self.broken = self.broken or data[:_HEAD].decode("utf-8", "replace")
            return
        self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        self.events += 1
        kind = event.get("type")
        self.ended = self.ended or event.get("done") is True or kind in _END_TYPES
        if kind == "error" or event.get("error"):
            self.error = self.error or _said(event.get("error") or event)
        self._is_start = kind == "message_start"
        self._count(event)
        self._search(event, _DEPTH)

    def _search(self, value: object, depth: int) -> None:
        if isinstance(value, list) and depth:
            for item in value:
                self._search(item, depth - 1)
        if not isinstance(value, dict) or not depth:
            return
        for key, inner in value.items():
            if key in _FINISH_KEYS and isinstance(inner, str) and inner:
                self.finish = inner
            elif key in _USAGE_KEYS and isinstance(inner, dict):
                self._count(inner)
            elif key == "model" and isinstance(inner, str):
                self.model = inner
            elif key == "refusal" and isinstance(inner, str):
                self.refusal += inner
            elif isinstance(inner, dict | list):
                self._search(inner, depth - 1)

    def _count(self, usage: dict[str, Any]) -> None:
        """Note token counts; Anthropic opens with a made-up count of output, which is not one."""
        self._has_in = self._has_in or any(usage.get(key) for key in _IN_KEYS)
        if not self._is_start:
            self._has_out = self._has_out or any(usage.get(key) for key in _OUT_KEYS)


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _said(error: object) -> str:
    """The provider's words, its error type included: `overloaded_error: Overloaded`."""
    if not isinstance(error, dict):
        return str(error)
    words = [str(error[k]) for k in ("type", "code", "message") if error.get(k)]
    return ": ".join(dict.fromkeys(words)) or "error"

"""What the three known programs say in JSON, every documented version of it.

claude: the messages of Claude Code's `--output-format json` and `stream-json` as `types.py` of
anthropics/claude-agent-sdk-python lists them; `cost_usd` is an older name, and `json` with
`--verbose` is one array. codex: the events of `codex exec --json` in openai/codex
`codex-rs/exec/src/exec_events.rs`, and the `{"id", "msg"}` lines before them. gemini:
google-gemini/gemini-cli `packages/core/src/output/types.ts`, both formats.
"""

from collections.abc import Mapping
from typing import Any

from core.adapters.cli_models.heard import Heard, Said, dollars, number

_SYNTHETIC = "<synthetic>"
"""claude's name for messages that no model wrote."""


def read_claude(heard: Heard, said: Said) -> str:
    """One message of Claude Code."""
    kind = said.get("type")
    if kind == "stream_event":
        return _claude_event(heard, _table(said, "event"))
    if kind == "assistant" and not said.get("parent_tool_use_id"):
        return _claude_message(heard, said)
    if kind == "result":
        _claude_result(heard, said)
    return ""


def _claude_event(heard: Heard, event: Said) -> str:
    delta = _table(event, "delta")
    heard.stop = _word(delta, "stop_reason") or heard.stop
    if event.get("type") != "content_block_delta" or delta.get("type") != "text_delta":
        return ""
    return _word(delta, "text")


def _claude_message(heard: Heard, said: Said) -> str:
    message = _table(said, "message")
    model = _word(message, "model")
    blocks = message.get("content")
    texts = [
        _word(block, "text")
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, Mapping) and block.get("type") == "text"
    ]
    text = "".join(texts)
    if model == _SYNTHETIC or said.get("error"):
        heard.fail(text or said.get("error"))
        return ""
    heard.model = model or heard.model
    heard.stop = _word(message, "stop_reason") or heard.stop
    heard.text = text or heard.text
    return "" if heard.pieces else text


def _claude_result(heard: Heard, said: Said) -> None:
    subtype = _word(said, "subtype")
    _claude_usage(heard, said)
    heard.stop = _word(said, "stop_reason") or heard.stop
    if said.get("is_error") or subtype.startswith("error"):
        errors = said.get("errors")
        named = subtype if subtype.startswith("error") else ""
        heard.fail(said.get("result") or errors or named, said.get("api_error_status"))
        heard.is_done = True
    else:
        heard.succeed(_word(said, "result"))


def _claude_usage(heard: Heard, said: Said) -> None:
    usage = _table(said, "usage")
    cached = number(usage.get("cache_read_input_tokens")) or 0
    written = number(usage.get("cache_creation_input_tokens")) or 0
    fresh = number(usage.get("input_tokens"))
    if fresh is not None:
        heard.tokens_in, heard.tokens_cached = fresh + cached + written, cached
        heard.tokens_out = number(usage.get("output_tokens"))
    heard.cost = dollars(said.get("total_cost_usd", said.get("cost_usd")))
    models = _table(said, "modelUsage")
    most = max(models, key=lambda name: _out(models[name]), default="")
    heard.model = heard.model or most


def _out(entry: object) -> int:
    return number(entry.get("outputTokens")) or 0 if isinstance(entry, Mapping) else 0


def read_codex(heard: Heard, said: Said) -> str:
    """One event of `codex exec --json`."""
    kind = said.get("type")
    if kind == "item.completed":
        return _codex_item(heard, _table(said, "item"))
    if kind == "turn.completed":
        _codex_usage(heard, _table(said, "usage"))
        heard.succeed(heard.text)
    elif kind == "turn.failed":
        heard.fail(said.get("error"))
        heard.is_done = True
    elif kind == "error":
        heard.fail(said.get("message"))
    elif isinstance(said.get("msg"), Mapping):
        return _codex_old(heard, _table(said, "msg"))
    return ""


def _codex_item(heard: Heard, item: Said) -> str:
    kind = item.get("type", item.get("item_type"))
    if kind == "error":
        heard.fail(item.get("message"))
    if kind not in ("agent_message", "assistant_message"):
        return ""
    heard.text = _word(item, "text")
    return heard.text


def _codex_old(heard: Heard, message: Said) -> str:
    kind = message.get("type")
    if kind == "agent_message_delta":
        return _word(message, "delta")
    if kind == "agent_message":
        heard.text = _word(message, "message")
        return "" if heard.pieces else heard.text
    if kind == "token_count":
        _codex_usage(heard, _table(_table(message, "info"), "total_token_usage") or message)
    elif kind == "task_complete":
        heard.succeed(_word(message, "last_agent_message") or heard.text)
    elif kind == "error":
        heard.fail(message.get("message"))
    return ""


def _codex_usage(heard: Heard, usage: Said) -> None:
    if number(usage.get("input_tokens")) is not None:
        heard.tokens_in = number(usage["input_tokens"])
        heard.tokens_out = number(usage.get("output_tokens"))
        heard.tokens_cached = number(usage.get("cached_input_tokens")) or 0


def read_gemini(heard: Heard, said: Said) -> str:
    """The one object of `json`, or one event of `stream-json`."""
    kind = said.get("type")
    if kind == "init":
        heard.model = _word(said, "model")
    elif kind == "message" and said.get("role") == "assistant":
        return _word(said, "content")
    elif kind == "error" and said.get("severity") != "warning":
        heard.fail(said.get("message"))
    elif kind == "result":
        _gemini_stats(heard, _table(said, "stats"))
        if said.get("status") == "error":
            heard.fail(said.get("error"))
            heard.is_done = True
        elif said.get("status") == "success":
            heard.succeed("")
    elif kind is None:
        _gemini_whole(heard, said)
    return ""


def _gemini_whole(heard: Heard, said: Said) -> None:
    _gemini_stats(heard, _table(said, "stats"))
    error = said.get("error")
    if error:
        heard.fail(error, error.get("code") if isinstance(error, Mapping) else 0)
        heard.is_done = True
    elif isinstance(said.get("response"), str):
        heard.succeed(said["response"])


def _gemini_stats(heard: Heard, stats: Said) -> None:
    """Tokens of every model together: the program may ask a small one on the way."""
    models = [(k, v) for k, v in _table(stats, "models").items() if isinstance(v, Mapping)]
    rows = [_table(v, "tokens") for _, v in models if "tokens" in v]
    if rows:
        heard.tokens_in = sum(number(row.get("prompt")) or 0 for row in rows)
        made = ("candidates", "thoughts")
        heard.tokens_out = sum(number(row.get(k)) or 0 for row in rows for k in made)
        heard.tokens_cached = sum(number(row.get("cached")) or 0 for row in rows)
    elif number(stats.get("input_tokens")) is not None:
        heard.tokens_in = number(stats["input_tokens"])
        heard.tokens_out = number(stats.get("output_tokens"))
        heard.tokens_cached = number(stats.get("cached")) or 0
    if not heard.model and len(models) == 1:
        heard.model = models[0][0]


def _table(said: Said, key: str) -> Mapping[str, Any]:
    value = said.get(key)
    return value if isinstance(value, Mapping) else {}


def _word(said: Said, key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""

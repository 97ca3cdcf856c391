"""The exact-sites format: one fenced block, one JSON object per place."""

import json
import re
from collections.abc import Iterable
from typing import Any

from core.edits.intent import Intent, Op, ParseFault
from core.edits.parse.blocks import fenced

_OPEN = re.compile(r"^(```)sites[ \t]*$", re.M)
_FIELDS = {"path": str, "line": int, "column": int, "old": str, "new": str}


def render_sites(intents: Iterable[Intent]) -> str:
    """The fenced block that `parse_sites` reads back to the same intents."""
    rows = [json.dumps(_row(intent), ensure_ascii=False) for intent in intents]
    return "\n".join(["```sites", *rows, "```", ""])


def parse_sites(reply: str) -> tuple[Intent, ...]:
    """The places of every sites block, numbered from 1. Raises ParseFault naming the row."""
    bodies = fenced(reply, _OPEN)
    blocks = [body for body in bodies if body is not None]
    if len(blocks) != len(bodies):
        raise ParseFault("The sites block does not end; close it with ``` on a line of its own.")
    if not blocks:
        raise ParseFault("There is no ```sites block in the reply; put one object per line in one.")
    rows = [row for block in blocks for row in block.split("\n") if row.strip()]
    return tuple(_intent(number, row) for number, row in enumerate(rows, 1))


def _row(intent: Intent) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": intent.path,
        "line": intent.line,
        "column": intent.column,
        "old": intent.old,
        "new": intent.new,
    }
    return row | ({"doubt": intent.doubt} if intent.doubt else {})


def _intent(number: int, row: str) -> Intent:
    try:
        raw = json.loads(row)
    except (ValueError, RecursionError):
        raise ParseFault(f"Row {number} of the sites block is not a JSON object.") from None
    if not isinstance(raw, dict):
        raise ParseFault(f"Row {number} of the sites block is not a JSON object.")
    for name, kind in _FIELDS.items():
        if not isinstance(raw.get(name), kind) or isinstance(raw.get(name), bool):
            raise ParseFault(f"Row {number} of the sites block has no valid `{name}`.")
    if raw["line"] < 1 or raw["column"] < 0 or not raw["path"] or not raw["old"]:
        raise ParseFault(f"Row {number} of the sites block names no place in a file.")
    doubt = str(raw.get("doubt") or "")
    return Intent(
        raw["path"], Op.SITE, raw["old"], raw["new"], raw["line"], raw["column"], doubt, number
    )

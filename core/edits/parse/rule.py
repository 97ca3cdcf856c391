"""Replies that answer with rules: one fenced `rule` block, or several."""

import re

from core.edits.intent import ParseFault
from core.edits.rules import Rule, parse_rules

_FENCE = re.compile(
    r"^(?P<mark>`{3,}|~{3,})[ \t]*rules?[ \t]*\n(?P<body>.*?)^(?P=mark)[ \t]*$", re.S | re.M
)


def has_rules(reply: str) -> bool:
    """Whether a reply holds a complete fenced `rule` block."""
    return _FENCE.search(reply.replace("\r\n", "\n")) is not None


def parse_rule_reply(reply: str) -> tuple[Rule, ...]:
    """The rules of every fenced `rule` block. Raises ParseFault."""
    blocks = [found["body"] for found in _FENCE.finditer(reply.replace("\r\n", "\n"))]
    if not blocks:
        raise ParseFault("There is no ```rule block in the reply; put the rule's YAML in one.")
    return parse_rules("\n---\n".join(blocks))

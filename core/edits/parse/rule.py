"""Replies that answer with rules: one fenced `rule` block, or several."""

import re

from core.edits.intent import ParseFault
from core.edits.parse.blocks import fenced
from core.edits.rules import Rule, parse_rules

_OPEN = re.compile(r"^(`{3,}+|~{3,}+)[ \t]*rules?[ \t]*$")


def has_rules(reply: str) -> bool:
    """Whether a reply holds a complete fenced `rule` block."""
    return any(body is not None for body in fenced(reply, _OPEN))


def parse_rule_reply(reply: str) -> tuple[Rule, ...]:
    """The rules of every fenced `rule` block. Raises ParseFault."""
    blocks = [body for body in fenced(reply, _OPEN) if body is not None]
    if not blocks:
        raise ParseFault("There is no ```rule block in the reply; put the rule's YAML in one.")
    return parse_rules("\n---\n".join(blocks))

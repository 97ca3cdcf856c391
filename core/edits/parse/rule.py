"""Replies that answer with rules: one fenced `rule` block, or several."""

import re

from core.edits.intent import ParseFault
from core.edits.parse.blocks import fenced
from core.edits.rules import Rule, parse_rules

_OPEN = re.compile(r"^(`{3,}+|~{3,}+)[ \t]*rules?[ \t]*$")
_OPEN_YAML = re.compile(r"^(`{3,}+|~{3,}+)[ \t]*ya?ml[ \t]*$")
_PARTS = ("language:", "rule:", "fix:")
"""What every rule has at its margin."""


def has_rules(reply: str) -> bool:
    """Whether a reply holds a fenced `rule` block, complete or not, or a rule in a YAML fence."""
    return bool(fenced(reply, _OPEN)) or any(map(is_rule, fenced(reply, _OPEN_YAML)))


def is_rule(text: str | None) -> bool:
    """Whether a text has the parts of a rule at its margin."""
    lines = [line.removeprefix("- ") for line in (text or "").split("\n")]
    return all(any(line.startswith(part) for line in lines) for part in _PARTS)


def parse_rule_reply(reply: str) -> tuple[Rule, ...]:
    """The rules of every fenced `rule` block. Raises ParseFault, for a block without end too."""
    bodies = fenced(reply, _OPEN) or [b for b in fenced(reply, _OPEN_YAML) if is_rule(b)]
    blocks = [body for body in bodies if body is not None]
    if blocks and len(blocks) != len(bodies):
        raise ParseFault("A rule block does not end; close it with ``` on a line of its own.")
    if not blocks:
        raise ParseFault("There is no ```rule block in the reply; put the rule's YAML in one.")
    return parse_rules("\n---\n".join(blocks))

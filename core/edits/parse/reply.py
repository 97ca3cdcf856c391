"""A reply in any format to intents and rules; the format is told from the text."""

import re
from dataclasses import dataclass, replace

from core.domain.path import one_spelling
from core.edits.intent import Intent, ParseFault
from core.edits.parse.rule import has_rules, parse_rule_reply
from core.edits.parse.search_replace import has_blocks, parse_search_replace
from core.edits.parse.sites import has_sites, parse_sites
from core.edits.parse.unified_diff import has_diff, parse_unified_diff
from core.edits.parse.whole_file import parse_whole_files
from core.edits.rules import Rule

_BLOCK = re.compile(r"^[ \t]*(?:`{3,}|~{3,}|<{5,}|-{5,} SEARCH|diff --git |--- )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What a reply asks for."""

    intents: tuple[Intent, ...]
    rules: tuple[Rule, ...] = ()
    prose: str = ""
    """What it says before the first block."""

    @property
    def blocks(self) -> int:
        """Edits and rules together."""
        return len(self.intents) + len(self.rules)


def parse_reply(text: str) -> ParsedReply:
    """Read a generate reply. Raises `ParseFault` with the sentence that goes back to the model."""
    prose = _BLOCK.split(text, maxsplit=1)[0].strip()
    if has_sites(text):
        return ParsedReply(parse_sites(text), prose=prose)
    rules = parse_rule_reply(text) if has_rules(text) else ()
    if has_blocks(text):
        intents = parse_search_replace(text)
    elif has_diff(text):
        intents = parse_unified_diff(text)
    elif rules:
        intents = ()
    else:
        intents = parse_whole_files(text)
    if not intents and not rules:
        raise ParseFault("no edit blocks in the reply")
    return ParsedReply(tuple(replace(i, path=one_spelling(i.path)) for i in intents), rules, prose)

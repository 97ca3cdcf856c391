"""A reply in any format to intents and rules; the format is told from the text where unknown."""

import re
from dataclasses import dataclass, replace

from core.edits.intent import Intent, ParseFault
from core.edits.parse.blocks import rows_of
from core.edits.parse.envelope import parse_envelope
from core.edits.parse.old_new import parse_replacements
from core.edits.parse.outline import Format, formats_of
from core.edits.parse.rule import has_rules, is_rule, parse_rule_reply
from core.edits.parse.search_replace import parse_search_replace
from core.edits.parse.sites import parse_sites
from core.edits.parse.unified_diff import parse_unified_diff
from core.edits.parse.whole_file import parse_whole_files
from core.edits.rules import Rule, parse_rules

_BLOCK = re.compile(
    r"^[ \t]*+(?:`{3}|~{3}|<{5}|-{5,9} SEARCH|\*\*\* |diff --git |--- |<file |[{\[])", re.MULTILINE
)
_THOUGHT = re.compile(r"\s*+<(think|thinking)>", re.IGNORECASE)
_YAML = re.compile(r"^(`{3,}+|~{3,}+)[ \t]*(?:rules?|ya?ml)?[ \t]*$")


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What a reply asks for."""

    intents: tuple[Intent, ...]
    rules: tuple[Rule, ...] = ()
    prose: str = ""
    """What it says before the first block."""
    in_order: bool = False
    """Whether the format promises that the edits of a file are in file order."""

    @property
    def blocks(self) -> int:
        """Edits and rules together."""
        return len(self.intents) + len(self.rules)


def parse_reply(text: str, wanted: str = "", known: frozenset[str] = frozenset()) -> ParsedReply:
    """Read a reply of the `wanted` format, told from the text where that is none of the formats.

    A reply that holds nothing of the wanted format is read for the others, whole files aside. The
    `known` paths are files, however they look: `CHANGES`, `two words.txt`.
    Raises `ParseFault` with the clause that goes back to the model.
    """
    text = _readable(text)
    prose = _BLOCK.split(text, maxsplit=1)[0].strip()
    found = _wanted(text, wanted, known)
    if found is None or not (found.intents or found.rules):
        found = _told(text, known, whole=found is None)
    if not found.intents and not found.rules:
        raise ParseFault("no edit blocks in the reply")
    return replace(found, prose=prose)


def _readable(text: str) -> str:
    """The reply without byte order mark, carriage returns at line ends, and thoughts before it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    thought = _THOUGHT.match(text)
    if not thought:
        return text
    close = re.compile(f"</{thought[1]}>", re.IGNORECASE).search(text, thought.end())
    if not close:
        raise ParseFault("the reply ends inside its thoughts; give the edits after them")
    return text[close.end() :].removeprefix("\n")


def _wanted(text: str, wanted: str, known: frozenset[str]) -> ParsedReply | None:
    """What the one format says; None for no format at all."""
    match wanted:
        case Format.RULE:
            return ParsedReply((), _rules(text))
        case Format.ENVELOPE:
            return ParsedReply(parse_envelope(text), in_order=True)
        case Format.SEARCH_REPLACE:
            return ParsedReply(parse_search_replace(text, wanted=True, known=known))
        case Format.UNIFIED_DIFF:
            return ParsedReply(parse_unified_diff(text), in_order=True)
        case Format.REPLACE:
            return ParsedReply(parse_replacements(text, wanted=True))
        case Format.WHOLE_FILE if not _has_edits_only(text, known):
            return ParsedReply(parse_whole_files(text, wanted=True, known=known))
    return None


def _ruled(text: str, formats: set[Format]) -> tuple[Rule, ...]:
    """The rules of a reply in which nothing says which format it has."""
    if Format.RULE in formats or (not formats and has_rules(text)):
        return parse_rule_reply(text)
    return parse_rules(text) if not formats and is_rule(text) else ()


def _has_edits_only(text: str, known: frozenset[str]) -> bool:
    """Whether what should be whole files is edits: their marks must never become a file's text."""
    formats = formats_of(rows_of(text), known)
    return bool(formats & _EDITS) and Format.WHOLE_FILE not in formats


_EDITS = frozenset({Format.ENVELOPE, Format.SEARCH_REPLACE, Format.UNIFIED_DIFF})
_WORDS = {
    Format.ENVELOPE: "an envelope",
    Format.SEARCH_REPLACE: "SEARCH/REPLACE blocks",
    Format.UNIFIED_DIFF: "a unified diff",
    Format.REPLACE: "JSON pairs",
    Format.WHOLE_FILE: "a whole file",
}


def _refuse_mixtures(formats: set[Format]) -> None:
    """Two formats in one reply: reading one of them would leave the other out silently."""
    found = formats & set(_WORDS)
    if len(found) > 1 and found != {Format.SEARCH_REPLACE, Format.WHOLE_FILE}:
        told = " and ".join(_WORDS[f] for f in sorted(found))
        raise ParseFault(f"the reply mixes {told}; give all edits in one format")


def _rules(text: str) -> tuple[Rule, ...]:
    """The rules of fenced blocks, or of a text that is nothing else."""
    if has_rules(text):
        return parse_rule_reply(text)
    return parse_rules("\n".join(line for line in rows_of(text) if not _YAML.match(line)))


def _told(text: str, known: frozenset[str], *, whole: bool) -> ParsedReply:
    """What the outermost structures say; rules may stand beside edits."""
    formats = formats_of(rows_of(text), known)
    if Format.SITES in formats:
        return ParsedReply(parse_sites(text))
    _refuse_mixtures(formats)
    rules = _ruled(text, formats)
    if Format.ENVELOPE in formats:
        return ParsedReply(parse_envelope(text), rules, in_order=True)
    if Format.SEARCH_REPLACE in formats:
        return ParsedReply(parse_search_replace(text, known=known), rules)
    if Format.UNIFIED_DIFF in formats:
        return ParsedReply(parse_unified_diff(text), rules, in_order=True)
    pairs = parse_replacements(text)
    if pairs or rules or not whole:
        return ParsedReply(pairs, rules)
    return ParsedReply(parse_whole_files(text, known=known))

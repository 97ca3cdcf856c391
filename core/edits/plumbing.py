"""One reply against given files, all or nothing: the edit engine for other programs.

Without models, without proposals: every edit has exactly one place, or the whole reply is refused.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.domain.edit import FileVersion
from core.domain.hunk import FileOp, Refusal, RefusalKind
from core.domain.path import UnsafePath, safe_path
from core.edits.elsewhere import OtherFiles
from core.edits.intent import Intent, Op, ParseFault
from core.edits.outcome import Outcome, outcome
from core.edits.parse.reply import ParsedReply, parse_reply
from core.edits.rules import rule_intents
from core.edits.snapshot import Snapshot, Unreadable, bare, read_snapshot, split_lines

FORMATS = ("search_replace", "unified_diff", "envelope", "whole_file", "replace", "rule")


class Refused(Exception):
    """A reply of which nothing holds."""

    def __init__(self, sentence: str, refusals: tuple[Refusal, ...] = ()) -> None:
        """Why, in one sentence, and edit by edit."""
        super().__init__(sentence)
        self.sentence = sentence
        self.refusals = refusals


def answer_lines(lines: Iterable[str]) -> Iterator[str]:
    """One JSON answer for every JSON request, in order; blank lines are passed over."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(line.removeprefix("\ufeff")))


def answer(line: str) -> dict[str, Any]:
    """`{"files": {path: text}}`, or `{"error": sentence, "refusals": [{path, reason, lines}]}`."""
    try:
        files, output, wanted = _request(line)
        return {"files": resulting(files, output, wanted)}
    except Refused as refused:
        rows = [
            {"path": r.path, "reason": r.reason, "lines": list(r.lines)} for r in refused.refusals
        ]
        return {"error": refused.sentence, "refusals": rows}


def _request(line: str) -> tuple[dict[str, str], str, str]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise Refused("The request is not a JSON object on one line.") from None
    files = raw.get("files") if isinstance(raw, dict) else None
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise Refused("The request has no `files`, an object of path to text.")
    if not isinstance(raw.get("output"), str):
        raise Refused("The request has no `output`, the text of a reply.")
    return files, raw["output"], str(raw.get("format") or "")


def resulting(files: Mapping[str, str], output: str, wanted: str = "") -> dict[str, str]:
    """All files after a reply, those it deletes left out. Raises `Refused`; then nothing holds."""
    try:
        parsed = parse_reply(output, wanted if wanted in FORMATS else "", frozenset(files))
        intents = [*parsed.intents]
        if parsed.rules:
            texts = {path: text for path, text in files.items() if _is_unicode(text)}
            intents += rule_intents(parsed.rules, texts)[0]
    except ParseFault as fault:
        raise Refused(_sentence(str(fault))) from None
    intents = [_named(i, files, output) for i in intents]
    read = _Reader(files)
    outcomes = _outcomes(intents, parsed, files, read)
    refusals = [r for o in outcomes for r in o.refusals]
    serious = tuple(r for r in refusals if not r.is_harmless)
    if serious or not any(o.is_change for o in outcomes):
        raise Refused(_summary(serious or tuple(refusals)), serious or tuple(refusals))
    return _written(files, outcomes)


class _Reader:
    """The given texts as file versions and snapshots, each made once."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._snapshots: dict[str, Snapshot] = {}

    def __call__(self, path: str) -> FileVersion | None:
        text = self._files.get(path)
        return None if text is None else FileVersion(path, text.encode("utf-8", "surrogatepass"))

    def snapshot(self, path: str) -> Snapshot | None:
        """The file's lines; None for no file. Raises `Refused` for what is not edited."""
        version = self(path)
        if version is None:
            return None
        try:
            return read_snapshot(version)
        except Unreadable as error:
            refusal = Refusal(path, f"the file {error}", kind=RefusalKind.NOT_TEXT)
            raise Refused(_summary((refusal,)), (refusal,)) from None


def _named(intent: Intent, files: Mapping[str, str], output: str) -> Intent:
    """The intent with its path, safe and in its one spelling."""
    if not intent.path:
        if len(files) != 1:
            refusal = _refusal(intent, "it names no file, and not exactly one file is given")
            raise Refused(_summary((refusal,)), (refusal,))
        path, text = next(iter(files.items()))
        if intent.op is Op.WHOLE and "```" not in output and "~~~" not in output:
            _refuse_prose(intent, text)
        return replace(intent, path=path)
    try:
        target = safe_path(intent.target) if intent.target else ""
        path = intent.path if intent.path in files else safe_path(intent.path)
    except UnsafePath as error:
        refusal = _refusal(intent, f"the path {error}")
        raise Refused(_summary((refusal,)), (refusal,)) from None
    return replace(intent, path=path, target=target)


def _refuse_prose(intent: Intent, text: str) -> None:
    """A reply without any block is taken for a file only when it is mostly that file."""
    known = {bare(line).strip() for line in split_lines(text)} - {""}
    given = {bare(line).strip() for line in split_lines(intent.new)} - {""}
    if len(known & given) * 2 < len(known):
        refusal = _refusal(intent, "the reply is no file: it shares too little with the one given")
        raise Refused(_summary((refusal,)), (refusal,))


def _outcomes(
    intents: list[Intent], parsed: ParsedReply, files: Mapping[str, str], read: _Reader
) -> list[Outcome]:
    moved = {i.target: i.path for i in intents if i.op is Op.RENAME}
    rows: dict[str, list[Intent]] = {}
    for intent in intents:
        path = moved.get(intent.path, intent.path) if intent.path not in files else intent.path
        rows.setdefault(path, []).append(replace(intent, path=path))
    look = OtherFiles(files, read)
    return [
        outcome(
            path,
            wanted,
            read.snapshot(path),
            is_there=files.__contains__,
            in_order=parsed.in_order,
            elsewhere=look,
        )
        for path, wanted in rows.items()
    ]


def _written(files: Mapping[str, str], outcomes: list[Outcome]) -> dict[str, str]:
    after = dict(files)
    made: set[str] = set()
    for result in outcomes:
        if result.op is FileOp.DELETE:
            after.pop(result.before.path, None)
            continue
        if result.source:
            after.pop(result.source, None)
        if result.path in made:
            refusal = Refusal(result.path, "two edits make this file", kind=RefusalKind.CONFLICT)
            raise Refused(_summary((refusal,)), (refusal,))
        made.add(result.path)
        after[result.path] = ("\ufeff" if result.before.bom else "") + "".join(result.lines)
    return after


def _is_unicode(text: str) -> bool:
    """Whether a text has no halves of characters, which JSON can say and no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(intent: Intent, reason: str) -> Refusal:
    return Refusal(intent.path, f"edit {intent.number}: {reason}", number=intent.number)


def _summary(refusals: tuple[Refusal, ...]) -> str:
    if not refusals:
        return "The edits change nothing."
    first = refusals[0]
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    place = f"{first.path}: " if first.path else ""
    return f"Nothing was applied: {place}{first.reason}{more}."


def _sentence(clause: str) -> str:
    text = clause.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."

import json
from dataclasses import fields
from pathlib import Path

import pytest

from core.edits.intent import Intent, ParseFault
from core.edits.parse.reply import parse_reply

CASES = sorted((Path(__file__).parent.parent / "cases" / "parse").glob("*.md"))
DIVISION = "\n%%%% expected\n"
DEFAULTS = {f.name: f.default for f in fields(Intent)}


def plain(intent: Intent) -> dict[str, object]:
    said = {
        name: value
        for name, default in DEFAULTS.items()
        if name != "number" and (value := getattr(intent, name)) != default
    }
    return {
        **said,
        "op": intent.op.value,
        **({"scopes": [*intent.scopes]} if intent.scopes else {}),
    }


def outcome(reply: str, wanted: str) -> dict[str, object]:
    try:
        parsed = parse_reply(reply, wanted)
    except ParseFault as fault:
        return {"fault": str(fault)}
    assert [i.number for i in parsed.intents] == [*range(1, len(parsed.intents) + 1)]
    found: dict[str, object] = {"intents": [plain(i) for i in parsed.intents]}
    return {**found, "rules": len(parsed.rules)} if parsed.rules else found


def without_defaults(intent: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in intent.items() if k == "path" or v != DEFAULTS[k]}


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_a_reply_is_read_as_its_case_says(case: Path) -> None:
    reply, tail = case.read_bytes().decode().split(DIVISION)
    expected = json.loads(tail)
    if "intents" in expected:
        expected["intents"] = [without_defaults(i) for i in expected["intents"]]
    assert outcome(reply, expected.pop("wanted", "")) == expected


def test_there_are_cases_of_every_format() -> None:
    names = [case.stem.partition("_")[0] for case in CASES]
    assert len(CASES) >= 90
    assert all(names.count(kind) >= 15 for kind in ("sr", "ud", "env", "wf", "js"))

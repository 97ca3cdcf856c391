# A case marks its expected sites: «certain», «?doubtful»; everything else must be left alone.

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.adapters.builtin.engine import BuiltinRewrite
from core.adapters.memory_repo import MemoryRepo
from core.domain.errors import FaultKind, ModelFault
from core.domain.metrics import CostBasis
from core.domain.model import ModelRequest
from core.domain.phase import Phase
from core.edits.intent import Intent
from core.edits.parse.sites import parse_sites

FOLDER = Path(__file__).parent.parent / "cases" / "builtin"
MARK = re.compile(r"«(\??)([^»]*)»")
Place = tuple[str, int, int, str, bool]


def load_cases() -> list[Any]:
    cases = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load_all(file.read_text("utf-8")):
            if "skip" not in case:
                cases.append(pytest.param(case, id=f"{file.stem}: {case['name']}"))
    return cases


def plain(text: str) -> str:
    return MARK.sub(lambda found: found[2], text)


def marked(path: str, text: str) -> list[Place]:
    places = []
    for found in MARK.finditer(text):
        before = plain(text[: found.start()])
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1)
        places.append((path, line, column, found[2], bool(found[1])))
    return places


def files_of(case: dict[str, Any]) -> dict[str, bytes]:
    made = {}
    for path, text in case["files"].items():
        data = plain(text)
        if case.get("crlf"):
            data = "\ufeff" + data.replace("\n", "\r\n")
        made[path] = data.encode()
    return made


def ask(files: dict[str, bytes], goal: str, phase: Phase) -> str:
    engine = BuiltinRewrite(MemoryRepo(files))
    request = ModelRequest(phase, "builtin/rewrite", "", "", goal=goal)
    reply = asyncio.run(engine.complete(request))
    assert reply.usage.basis is CostBasis.FREE and reply.usage.cost == 0.0
    return reply.text


def place(intent: Intent) -> Place:
    return (intent.path, intent.line or 0, intent.column or 0, intent.old, bool(intent.doubt))


@pytest.mark.parametrize("case", load_cases())
def test_sites_are_exactly_the_marked_ones(case: dict[str, Any]) -> None:
    files = files_of(case)
    if "cannot" in case:
        with pytest.raises(ModelFault) as caught:
            ask(files, case["goal"], Phase.GENERATE)
        assert (caught.value.kind, str(caught.value)) == (FaultKind.CANNOT, case["cannot"])
        return

    intents = parse_sites(ask(files, case["goal"], Phase.GENERATE))

    expected = [p for path, text in case["files"].items() for p in marked(path, text)]
    assert sorted(map(place, intents)) == sorted(expected)
    if "reasons" in case:
        assert {i.doubt for i in intents if i.doubt} == set(case["reasons"])
    if "after" in case:
        assert [i.new for i in intents] == case["after"]


@pytest.mark.parametrize("case", [c for c in load_cases() if "cannot" not in c.values[0]])
def test_plan_names_exactly_the_files_with_sites(case: dict[str, Any]) -> None:
    text = ask(files_of(case), case["goal"], Phase.PLAN)

    plan = yaml.safe_load(text.removeprefix("```json\n").removesuffix("```\n"))
    expected = {path for path, text in case["files"].items() if MARK.search(text)}
    assert set(plan["tasks"][0]["files"]) == expected
    assert len(plan["open_questions"]) == case.get("questions", len(plan["open_questions"]))

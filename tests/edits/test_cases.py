"""Replies as models write them, against files as they are: each lands exactly or is refused.

A case is a text file of sections; a section begins with a line `%%% NAME`:

    %%% reply            the reply; `reply FORMAT` gives the format as `relaypair edits` takes it
    %%% file PATH        a file before
    %%% after PATH       the same file afterwards; a file without this section is unchanged
    %%% deleted PATH     a file that is gone afterwards
    %%% refused          each line a part of the reason, or `lines: 3, 7`; then nothing changes

Behind the path, in brackets, separated by commas: `crlf` (its lines end so), `no end` (its last
line has no end), `bom`, `literal` (the text is a Python string).
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.edits.plumbing import Refused, resulting

CASES = sorted((Path(__file__).parents[1] / "cases" / "edits").rglob("*.txt"))
HEAD = re.compile(r"^%%% (reply|file|after|deleted|refused)\b[ ]*(.*?)[ ]*(?:\(([a-z ,]+)\))?$")


@dataclass
class Case:
    reply: str = ""
    wanted: str = ""
    files: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read(path: Path) -> Case:
    case = Case()
    sections: list[tuple[re.Match[str], list[str]]] = []
    for line in path.read_bytes().decode().split("\n"):
        if head := HEAD.match(line):
            sections.append((head, []))
        elif sections:
            sections[-1][1].append(line)
    for head, rows in sections:
        kind, name, options = head[1], head[2], (head[3] or "").split(", ")
        text = "\n".join(rows) if rows and rows[-1] == "" else "\n".join([*rows, ""])
        text = ast.literal_eval(text.strip()) if "literal" in options else text
        text = text.replace("\n", "\r\n") if "crlf" in options else text
        text = text.rstrip("\r\n") if "no end" in options else text
        text = "\ufeff" + text if "bom" in options else text
        if kind == "reply":
            case.reply, case.wanted = text, name
        elif kind == "deleted":
            case.deleted.append(name)
        elif kind == "refused":
            case.refused = [row for row in rows if row.strip()]
        else:
            (case.files if kind == "file" else case.after)[name] = text
    return case


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_reply_lands_exactly_or_is_refused_for_the_stated_reason(path: Path) -> None:
    case = read(path)
    assert bool(case.refused) != bool(case.after or case.deleted), "a case says what comes of it"
    if not case.refused:
        expected = {p: t for p, t in (case.files | case.after).items() if p not in case.deleted}
        assert resulting(case.files, case.reply, case.wanted) == expected
        return
    with pytest.raises(Refused) as refused:
        resulting(case.files, case.reply, case.wanted)
    told = "\n".join([refused.value.sentence, *(r.reason for r in refused.value.refusals)])
    lines = {n for r in refused.value.refusals for n in r.lines}
    for part in case.refused:
        if part.startswith("lines: "):
            assert lines == {int(n) for n in part.removeprefix("lines: ").split(", ")}
        else:
            assert part in told

"""The export in the Agent Trace form, held against what its specification asks of a record."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.adapters.differ import GitDiffer
from core.domain import commands as c
from core.domain.hunk import HunkState
from core.edits.snapshot import split_lines
from core.engine.agent_trace import TracedFile, trace_records
from core.engine.provenance import landings, origins
from tests.playing import EDITS, GREETING, PLAN, Played, make_repository, open_played, routes

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
REVISION = "a" * 40


class Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Contributor(Exact):
    type: Literal["human", "ai", "mixed", "unknown"]
    model_id: Annotated[str, Field(max_length=250)] = "-"


class Range(Exact):
    start_line: Annotated[int, Field(ge=1)]
    end_line: Annotated[int, Field(ge=1)]
    content_hash: str


class Conversation(Exact):
    contributor: Contributor
    ranges: Annotated[list[Range], Field(min_length=1)]


class File(Exact):
    path: str
    conversations: list[Conversation]


class Vcs(Exact):
    type: Literal["git", "jj", "hg", "svn"]
    revision: str


class Tool(Exact):
    name: str
    version: str


class Record(Exact):
    """The fields of a record of version 0.1.0, and the four that it requires."""

    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    id: UUID
    timestamp: datetime
    vcs: Vcs | None = None
    tool: Tool
    files: list[File]
    metadata: dict[str, Any]


async def played(folder: Path, model: str = "x/writer", edits: str = EDITS) -> Played:
    run = open_played(
        make_repository(folder / "r", GREETING),
        folder / "s",
        PLAN,
        edits,
        approved=False,
        models=routes(plan="x/planner", generate=model),
    )
    await run.play("let `greet` take a loud flag, password hunter2")
    return run


async def land(run: Played) -> None:
    ids = tuple(h.id for h in run.state.hunks)
    await run.do(c.DecideHunk(ids, HunkState.ACCEPTED), c.Land(unverified=True))
    assert run.state.last_landing is not None


def exported(run: Played, revision: str = "") -> list[dict[str, Any]]:
    journal, differ = run.journal, GitDiffer(PATH)
    found = [x for one in journal.runs_that_landed() for x in landings(journal.read(one))]
    files = []
    for path in ("app/greet.py", "tests/test_greet.py"):
        text = (run.root / path).read_text()
        known = origins(text, [path], found, journal, differ)
        files.append(TracedFile(path, split_lines(text), known, revision))
    return trace_records(files, "1.2.3")


def contributors(records: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    return {
        file["path"]: [one["contributor"] for one in file["conversations"]]
        for record in records
        for file in record["files"]
    }


async def test_a_record_is_what_the_specification_asks_for(tmp_path: Path) -> None:
    run = await played(tmp_path)
    await land(run)
    [record] = exported(run, REVISION)
    [told] = TypeAdapter(list[Record]).validate_python([record])
    assert (told.version, told.tool) == ("0.1.0", Tool(name="relaypair", version="1.2.3"))
    assert told.timestamp.timestamp() == 1_000
    assert told.vcs == Vcs(type="git", revision=REVISION)
    assert told.files[0].path == "app/greet.py"
    assert [(r.start_line, r.end_line) for r in told.files[0].conversations[0].ranges] == [
        (1, 1),
        (6, 7),
    ]
    landing = run.state.landings[0]
    assert told.metadata["relaypair"] == {"run": "run1", "landing": landing.id, "verified": False}
    assert "hunter2" not in str(record)
    assert "I add the flag" not in str(record)


async def test_a_hunk_that_the_user_edited_is_mixed_and_names_the_model_that_drafted_it(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path)
    hunk = next(h for h in run.state.hunks if "upper()" in "".join(h.new))
    await run.do(c.EditHunk(hunk.id, "".join(hunk.new).replace("upper()", "swapcase()")))
    await land(run)
    assert contributors(exported(run)) == {
        "app/greet.py": [
            {"type": "ai", "model_id": "x/writer"},
            {"type": "mixed", "model_id": "x/writer"},
        ],
        "tests/test_greet.py": [{"type": "ai", "model_id": "x/writer"}],
    }


async def test_lines_of_different_hunks_are_different_ranges(tmp_path: Path) -> None:
    run = await played(tmp_path)
    hunk = next(h for h in run.state.hunks if "upper()" in "".join(h.new))
    await run.do(c.SplitHunk(hunk.id))
    await land(run)
    ranges = exported(run)[0]["files"][0]["conversations"][0]["ranges"]
    assert [(r["start_line"], r["end_line"]) for r in ranges] == [(1, 1), (6, 6), (7, 7)]


async def test_lines_that_a_person_wrote_since_are_in_no_range(tmp_path: Path) -> None:
    run = await played(tmp_path)
    await land(run)
    file = run.root / "app/greet.py"
    file.write_text("import os\n" + file.read_text().replace('text = f"Hello', 'text = f"Hi'))
    [record] = exported(run)
    ranges = record["files"][0]["conversations"][0]["ranges"]
    assert [(r["start_line"], r["end_line"]) for r in ranges] == [(2, 2), (8, 8)]
    assert "vcs" not in record


async def test_a_name_that_is_too_long_for_a_record_is_left_out(tmp_path: Path) -> None:
    run = await played(tmp_path, model="x/" + "w" * 249)
    await land(run)
    assert contributors(exported(run))["app/greet.py"] == [{"type": "ai"}]


async def test_ids_stay_while_nothing_changes_and_differ_when_something_does(
    tmp_path: Path,
) -> None:
    run = await played(tmp_path)
    await land(run)
    first = exported(run)
    assert exported(run) == first
    assert exported(run, REVISION)[0]["id"] != first[0]["id"]

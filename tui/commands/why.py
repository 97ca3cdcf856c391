"""`relaypair why FILE:LINE`: who wrote a line, for which goal, and who accepted it. With `--export`
every line that landed and still stands, as records of Agent Trace.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from core.adapters.git import Git, contents, former_paths
from core.bootstrap import Workspace
from core.domain.errors import Refused
from core.edits.snapshot import split_lines
from core.engine.agent_trace import TracedFile, trace_records
from core.engine.provenance import Landed, Origin, landings, origins
from tui.commands.opening import open_workspace
from tui.exit_codes import ExitCode
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """Say it in a few lines, or as JSON. Raises `Refused` for what names no line."""
    if options.export:
        if options.place:
            raise Refused("--export tells every line that landed, so it takes no FILE:LINE.")
        return _export(open_workspace(options, interactive=False))
    found = re.fullmatch(r"(.+):(\d+)", options.place)
    if found is None:
        raise Refused(f"{options.place!r} names no line; give a file and a line, as in a.py:3.")
    workspace = open_workspace(options, interactive=False)
    path = found[1].replace("\\", "/").removeprefix("./")
    origin = workspace.origin(path, int(found[2]))
    if origin is None:
        print(f"No landed hunk wrote {one_line(options.place)}.", file=sys.stderr)
        return int(ExitCode.FAILED)
    told = facts(origin)
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for name, value in told.items():
            if value not in ("", None, False, []):
                print(f"{name.replace('_', ' '):<14} {one_line(_shown(value))}")
    return int(ExitCode.DONE)


def facts(origin: Origin) -> dict[str, Any]:
    """Everything that is known of a line's origin, in the order in which it is told."""
    hunk, landed, task = origin.hunk, origin.landed, origin.task
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(landed.at))
    return {
        "line": f"{origin.path}:{origin.line} as it landed",
        "landed": at,
        "run": landed.state.run_id,
        "landing": landed.landing.id,
        "verified": landed.landing.verified,
        "goal": landed.state.goal.text,
        "task": f"{task.id} {task.title}" if task else hunk.task,
        "intent": task.intent if task else "",
        "model": origin.model,
        "said": origin.rationale,
        "placed": hunk.matched_by,
        "repaired_by": hunk.repaired_by,
        "edited_by_user": origin.is_edited,
        "accepted_by": landed.decided.get(hunk.id, ""),
        "risk": hunk.risk.word,
        "rule": hunk.rule,
        "hunk": hunk.id,
    }


def _shown(value: object) -> str:
    return "yes" if value is True else str(value)


def _export(workspace: Workspace) -> int:
    """Print a record for each landing that stands; say on stderr what was left out."""
    journal = workspace.journal
    landed = [one for run in journal.runs_that_landed() for one in landings(journal.read(run))]
    landed.sort(key=lambda one: -one.at)
    files = [*_traced(workspace, landed)]
    for record in trace_records(files, _version()):
        print(json.dumps(record))
    standing = {(o.landed.landing.id, o.hunk.id) for f in files for o in f.origins.values()}
    told = {(one.landing.id, name) for one in landed for name in one.landing.hunk_ids}
    lines = sum(len(f.origins) for f in files)
    print(
        f"{lines} lines of {len(standing)} landed hunks; {len(told - standing)} hunks wrote no "
        "line that is still there.",
        file=sys.stderr,
    )
    return int(ExitCode.DONE)


def _traced(workspace: Workspace, landed: list[Landed]) -> Iterator[TracedFile]:
    """The files as they are now in which something landed, by path."""
    repo, git = workspace.repo, workspace.repo.git
    paths = {_today(workspace, f.path) for one in landed for f in one.landing.files}
    head = repo.state().head
    held = contents(git, head, sorted(paths)) if git and head else {}
    for path in sorted(paths):
        version = repo.read(path)
        if version is None:
            continue
        text = version.data.decode("utf-8", "replace")
        names = [path, *(former_paths(git, path) if git else ())]
        found = origins(text, names, landed, workspace.journal, workspace.differ)
        is_held = path in held and held[path][0] == version.data
        yield TracedFile(path, split_lines(text), found, head if is_held else "")


def _today(workspace: Workspace, path: str) -> str:
    """What a file is called now, by a move that is staged or by commits; else its old name."""
    git, seen = workspace.repo.git, {path}
    while git and workspace.repo.read(path) is None:
        staged = _moves(git, "diff", "--cached", "HEAD")
        last = git.try_text(
            "log", "-1", "--format=%H", "--diff-filter=D", "--no-renames", "--", path
        )
        committed = _moves(git, "show", "--format=", last) if last else {}
        path = staged.get(path) or committed.get(path, path)
        if path in seen:
            break
        seen.add(path)
    return path


def _moves(git: Git, *command: str) -> dict[str, str]:
    """The moves that a comparison shows: from the old path to the new one."""
    told = git.try_text(*command, "-M", "--diff-filter=R", "--name-status", "-z")
    words = told.lstrip("\n").split("\0")
    return dict(zip(words[1::3], words[2::3], strict=False))


def _version() -> str:
    try:
        return metadata.version("relaypair")
    except metadata.PackageNotFoundError:
        return "unknown"

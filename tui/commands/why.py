"""`relaypair why FILE:LINE`: who wrote a line, for which goal, and who accepted it."""

import argparse
import json
import re
import sys
import time
from typing import Any

from core.domain.errors import Refused
from core.engine.provenance import Origin
from tui.commands.opening import open_workspace
from tui.exit_codes import ExitCode
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """Say it in a few lines, or as JSON. Raises `Refused` for what names no line."""
    found = re.fullmatch(r"(.+):(\d+)", options.place)
    if found is None:
        raise Refused(f"{options.place} names no line; give a file and a line, as in a.py:3.")
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
        "model": hunk.model,
        "said": origin.rationale,
        "placed": hunk.matched_by,
        "repaired_by": hunk.repaired_by,
        "edited_by_user": hunk.id in landed.edited,
        "accepted_by": landed.decided.get(hunk.id, ""),
        "risk": hunk.risk.word,
        "rule": hunk.rule,
        "hunk": hunk.id,
    }


def _shown(value: object) -> str:
    return "yes" if value is True else str(value)

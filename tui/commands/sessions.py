"""`relaypair sessions`: the runs of this repository."""

import argparse
import sys
import time

from core.codec import recorded_to_json
from tui.commands.opening import open_workspace
from tui.commands.resume import named_run
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """List runs, newest first, or print one as JSON lines. Raises `Refused` for an unknown run."""
    workspace = open_workspace(options, interactive=False)
    if options.export:
        for item in workspace.journal.read(named_run(workspace, options.export)):
            print(recorded_to_json(item))
        return 0
    rows = workspace.runs()
    if not rows:
        print("There is no run in this repository yet; `relaypair` begins one.", file=sys.stderr)
    for row in rows:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started))
        print(f"{row.id}  {when}  {row.outcome or 'open':<10}  {one_line(row.goal)}")
    return 0

"""`relaypair sessions`: the runs of this repository."""

import argparse
import time

from core.codec import recorded_to_json
from core.domain.errors import Refused
from tui.commands.opening import open_workspace
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """List runs, newest first, or print one as JSON lines. Raises `Refused` for an unknown run."""
    workspace = open_workspace(options, interactive=False)
    if options.export:
        recorded = list(workspace.journal.read(options.export))
        if not recorded:
            raise Refused(f"There is no run {options.export} in this repository.")
        for item in recorded:
            print(recorded_to_json(item))
        return 0
    for row in workspace.runs():
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.started))
        print(f"{row.id}  {when}  {row.outcome or 'open':<10}  {one_line(row.goal)}")
    return 0

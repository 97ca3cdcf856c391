"""`relaypair resume`: take up a run where it was left."""

import argparse
import asyncio

from core.domain.errors import Refused
from tui.commands.opening import headless_options, open_workspace, run_app, wants_screen
from tui.headless import Headless


def main(options: argparse.Namespace) -> int:
    """Resume in the app, or headless with `--accept`, `--land` or `--json`.

    Raises `Refused` for an unknown run.
    """
    screen = wants_screen(options)
    workspace = open_workspace(options, interactive=screen)
    ids = [row.id for row in workspace.runs()]
    wanted = options.run or (ids[0] if ids else "")
    matching = [i for i in ids if i.startswith(wanted)]
    if not wanted or not matching:
        raise Refused(
            f"There is no run {options.run} in this repository; `relaypair sessions` lists "
            "them.".replace("  ", " ")
        )
    session = workspace.session(matching[0])
    if screen:
        session.resume()
        return run_app(workspace, session)
    return asyncio.run(Headless(session, headless_options(options)).run(resume=True))

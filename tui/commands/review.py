"""`relaypair review`: hunk review, checks and landing for a change that exists already."""

import argparse
import asyncio
import sys

from core.domain.errors import Refused
from tui.commands.opening import headless_options, open_workspace, run_app, wants_screen
from tui.headless import Headless


def main(options: argparse.Namespace) -> int:
    """Review in the app, by lines with `--line`, or headless with `--accept`, `--land`, `--json`.

    Raises `Refused` when there is no such change.
    """
    screen = wants_screen(options) and options.change != "-"
    if options.line and options.change == "-":
        raise Refused("Lines and a patch cannot both come from stdin; give the patch as a file.")
    workspace = open_workspace(options, interactive=screen or options.line)
    patch = sys.stdin.buffer.read() if options.change == "-" else b""
    session = workspace.review(options.change, patch)
    if options.line:
        from tui.commands.line import run_line

        return run_line(workspace, session)
    if screen:
        return run_app(workspace, session)
    return asyncio.run(Headless(session, headless_options(options)).run())

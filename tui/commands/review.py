"""`relaypair review`: hunk review, checks and landing for a change that exists already."""

import argparse
import asyncio
import sys

from tui.commands.opening import headless_options, open_workspace, run_app, wants_screen
from tui.headless import Headless


def main(options: argparse.Namespace) -> int:
    """Review in the app, or headless with `--accept`, `--land` or `--json`."""
    screen = wants_screen(options) and options.change != "-"
    workspace = open_workspace(options, interactive=screen)
    patch = sys.stdin.buffer.read() if options.change == "-" else b""
    session = workspace.review(options.change, patch)
    if screen:
        return run_app(workspace, session)
    return asyncio.run(Headless(session, headless_options(options)).run())

"""`relaypair app`: the Textual app."""

import argparse

from core.domain.errors import Refused
from tui.commands.opening import has_screen, open_workspace, run_app


def main(options: argparse.Namespace) -> int:
    """Open the app. Raises `Refused` without a terminal."""
    if not has_screen():
        raise Refused("There is no terminal to draw on; `relaypair run GOAL` runs without one.")
    workspace = open_workspace(options, interactive=True)
    return run_app(workspace, workspace.session(), options.goal)

"""`relaypair app`: the Textual app."""

import argparse
from pathlib import Path

from core.config import environment
from tui.commands.screen import has_screen, is_dumb, run_screen
from tui.session_port import SessionPort


def main(options: argparse.Namespace) -> int:
    """Open the app; a terminal that can only print gets the line mode. Raises `Refused`."""
    if has_screen() and is_dumb(environment()):
        from tui.commands.line import main as line

        return line(options)
    return run_screen(options.repo, lambda: _open(options), options.goal)


def _open(options: argparse.Namespace) -> tuple[Path, SessionPort]:
    from tui.commands.opening import open_workspace

    workspace = open_workspace(options, interactive=True)
    return workspace.repo.root, workspace.session()

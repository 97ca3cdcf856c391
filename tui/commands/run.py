"""`relaypair run GOAL`: the relay without a screen."""

import argparse
import asyncio

from tui.commands.opening import headless_options, open_workspace
from tui.headless import Headless


def main(options: argparse.Namespace) -> int:
    """Run a goal to its end and print it."""
    workspace = open_workspace(options, interactive=False)
    return asyncio.run(Headless(workspace.session(), headless_options(options)).run(options.goal))

"""`relaypair demo`: a recorded relay on the bundled sample repository."""

import argparse
import asyncio

from core.adapters.sample import GOAL, MODELS, make_sample
from core.bootstrap import Workspace
from core.config import Flags, environment
from tui.commands.opening import has_screen, run_app
from tui.headless import Accept, Headless, HeadlessOptions

CHECK = ("python3", "-m", "unittest", "-q")


def main(options: argparse.Namespace) -> int:
    """Open the app on a throwaway copy; without a terminal print the same relay, landed and
    undoable.
    """
    env = environment()
    folder = make_sample(env)
    flags = Flags(models=MODELS, checks=(CHECK,))
    screen = has_screen() and not options.headless
    workspace = Workspace.open(folder, env, flags, detects_checks=screen)
    print(f"A recorded relay: no model is asked. The sample repository is {folder}.")
    if screen:
        return run_app(workspace, workspace.session(), GOAL)
    wanted = HeadlessOptions(accept=Accept.ALL, land=True)
    return asyncio.run(Headless(workspace.session(), wanted).run(GOAL))

"""`relaypair demo`: a recorded relay on the bundled sample repository."""

import argparse
import asyncio

from core.adapters.sample import GOAL, MODELS, make_sample
from core.bootstrap import Workspace
from core.config import Flags, environment
from core.engine.session import Session
from tui.commands.opening import has_screen, run_app
from tui.headless import Accept, Headless, HeadlessOptions

CHECK = ("python3", "-m", "unittest", "-q")


def main(options: argparse.Namespace) -> int:
    """Open the app on a throwaway copy; without a terminal print the same relay, and land it."""
    screen = has_screen() and not options.headless
    workspace = sample_workspace()
    print(f"A recorded relay: no model is asked. The sample repository is {workspace.repo.root}.")
    if screen:
        return run_app(workspace, workspace.session(), GOAL)
    wanted = HeadlessOptions(accept=Accept.ALL, land=True)
    return asyncio.run(Headless(workspace.session(), wanted).run(GOAL))


def sample_workspace() -> Workspace:
    """A fresh copy of the sample repository with the recorded models and its own check."""
    env = environment()
    return Workspace.open(make_sample(env), env, Flags(models=MODELS, checks=(CHECK,)))


def recorded_session() -> tuple[Session, str]:
    """A session over a fresh copy, and the goal that was recorded."""
    return sample_workspace().session(), GOAL

"""`relaypair demo`: a recorded relay on the bundled sample repository."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from core.config import Flags, environment
from tui.commands.screen import has_screen, run_screen
from tui.session_port import SessionPort

if TYPE_CHECKING:
    from core.bootstrap import Workspace

GOAL = "add a --json flag to `tally report` that prints the sums as JSON"
MODELS = {
    "plan": "demo/planner",
    "generate": "demo/coder",
    "retrieve": "local",
    "apply": "local",
    "verify": "demo/reviewer",
    "summary": "demo/summary",
}
"""The recorded models of the goal."""

CHECK = ("python3", "-m", "unittest", "-q")
LABEL = "A recorded relay: no model is asked. The sample repository is"


def main(options: argparse.Namespace) -> int:
    """Open the app on a throwaway copy; without a terminal print the same relay, and land it."""
    if has_screen() and not options.headless:
        return run_screen(Path(), _open, GOAL)
    from tui.headless import Accept, Headless, HeadlessOptions

    workspace = sample_workspace()
    print(f"{LABEL} {workspace.repo.root}.")
    wanted = HeadlessOptions(accept=Accept.ALL, land=True)
    return asyncio.run(Headless(workspace.session(), wanted).run(GOAL))


def _open() -> tuple[Path, SessionPort]:
    workspace = sample_workspace()
    workspace.notices.append(f"{LABEL} {workspace.repo.root}.")
    return workspace.repo.root, workspace.session()


def sample_workspace() -> "Workspace":
    """A fresh copy of the sample repository with the recorded models and its own check."""
    from core.adapters.sample import make_sample
    from core.bootstrap import Workspace

    env = environment()
    return Workspace.open(make_sample(env), env, Flags(models=MODELS, checks=(CHECK,)))

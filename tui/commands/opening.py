"""What every command does first: open the repository with the settings of this call."""

import argparse

from core.bootstrap import Workspace
from core.config import environment
from core.engine.session import Session
from tui.cli import flags_of
from tui.commands.screen import has_screen, is_dumb, run_screen
from tui.headless import Accept, HeadlessOptions


def open_workspace(options: argparse.Namespace, *, interactive: bool) -> Workspace:
    """The repository named by `--repo`. Raises `Refused`."""
    return Workspace.open(
        options.repo, environment(), flags_of(options), detects_checks=interactive
    )


def wants_screen(options: argparse.Namespace) -> bool:
    """Whether nothing on the command line asks for a run without a person."""
    return has_screen() and not (options.accept or options.land or options.json)


def headless_options(options: argparse.Namespace) -> HeadlessOptions:
    """The headless part of a command line."""
    return HeadlessOptions(
        plan_only=getattr(options, "plan_only", False),
        accept=Accept(options.accept or "none"),
        land=options.land,
        unverified=options.unverified,
        json=options.json,
    )


def run_app(workspace: Workspace, session: Session, goal: str = "") -> int:
    """Open the app on a session, or the line mode on a terminal that can only print."""
    if is_dumb(workspace.settings.environment):
        from tui.commands.line import run_line

        return run_line(workspace, session, goal)
    root = workspace.repo.root
    begun = bool(session.state.goal.text)
    return run_screen(root, lambda: (root, session), goal, begun=begun)

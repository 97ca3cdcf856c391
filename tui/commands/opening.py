"""What every command does first: open the repository with the settings of this call."""

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from core.bootstrap import Workspace
from core.config import environment
from core.engine.session import Session
from tui.cli import flags_of
from tui.headless import Accept, HeadlessOptions


def open_workspace(options: argparse.Namespace, *, interactive: bool) -> Workspace:
    """The repository named by `--repo`. Raises `Refused`."""
    return Workspace.open(
        options.repo, environment(), flags_of(options), detects_checks=interactive
    )


def has_screen() -> bool:
    """Whether there is a terminal to draw on and to type at."""
    return sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()


def is_dumb(env: Mapping[str, str]) -> bool:
    """Whether the terminal can do nothing but print."""
    return env.get("TERM", "") in ("", "dumb", "unknown")


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


def elsewhere(workspace: Workspace) -> str:
    """The option that names this repository, where the current folder does not."""
    root = workspace.repo.root
    return "" if Path.cwd().resolve().is_relative_to(root) else f" --repo {shlex.quote(str(root))}"


def run_app(workspace: Workspace, session: Session, goal: str = "") -> int:
    """Open the app on a session and say afterwards how to come back.

    A terminal that can only print gets the line mode.
    """
    if is_dumb(workspace.settings.environment):
        from tui.commands.line import run_line

        return run_line(workspace, session, goal)
    from tui.app import RelaypairApp
    from tui.cockpit import AppOptions

    settings = workspace.settings
    app = RelaypairApp(
        session,
        AppOptions(
            goal=goal,
            ascii=settings.ascii,
            no_colour=settings.no_colour,
            editor=tuple(settings.editor.split()),
        ),
    )
    leave = app.run()
    if leave:
        print("\n".join(leave.lines) + elsewhere(workspace))
    return app.return_code or 0

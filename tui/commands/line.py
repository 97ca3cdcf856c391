"""`relaypair line`: the relay, line by line."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

from core.bootstrap import Workspace
from core.engine.session import Session
from tui.commands.opening import open_workspace
from tui.commands.screen import elsewhere, is_dumb
from tui.line import LineMode
from tui.line_input import Lines, PlainLines, Suggest


def main(options: argparse.Namespace) -> int:
    """Take up a goal, or wait for one."""
    workspace = open_workspace(options, interactive=True)
    return run_line(workspace, workspace.session(), options.goal)


def run_line(
    workspace: Workspace, session: Session, goal: str = "", *, resume: bool = False
) -> int:
    """Drive a session by lines of a terminal or of a pipe; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return int(asyncio.run(_run(workspace, session, goal, resume)))


async def _run(workspace: Workspace, session: Session, goal: str, resume: bool) -> int:
    settings = workspace.settings
    mode: LineMode | None = None

    def suggest(typed: str) -> tuple[str, ...]:
        return mode.suggest(typed) if mode else ()

    lines = _lines(settings.environment, suggest)
    mode = LineMode(session, lines, tuple(settings.editor.split()), elsewhere(workspace.repo.root))
    return int(await mode.run(goal, resume=resume))


def _lines(env: Mapping[str, str], suggest: Suggest) -> Lines:
    typed = os.isatty(0) and sys.stdout.isatty()
    if typed and not is_dumb(env):
        from tui.line_prompt import PromptLines

        return PromptLines(suggest)
    return PlainLines(0, _write, is_live=typed)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

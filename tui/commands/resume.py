"""`relaypair resume`: take up a run where it was left."""

import argparse
import asyncio

from core.bootstrap import Workspace
from core.domain.errors import Refused
from tui.commands.opening import headless_options, open_workspace, run_app, wants_screen
from tui.headless import Headless


def main(options: argparse.Namespace) -> int:
    """Resume in the app, by lines with `--line`, or headless with `--answer`, `--accept`,
    `--land`, `--json`.

    Raises `Refused` for an unknown run.
    """
    screen = wants_screen(options) and not options.answer
    workspace = open_workspace(options, interactive=screen or options.line)
    session = workspace.session(named_run(workspace, options.run))
    if options.line and not options.answer:
        from tui.commands.line import run_line

        return run_line(workspace, session, resume=True)
    if screen:
        session.resume()
        return run_app(workspace, session)
    headless = Headless(session, headless_options(options))
    return asyncio.run(headless.run(resume=True, answer=options.answer))


def named_run(workspace: Workspace, wanted: str) -> str:
    """The id that begins like this; the newest for an empty one. Raises `Refused`."""
    ids = [row.id for row in workspace.runs()]
    if not ids:
        raise Refused("There is no run in this repository yet; `relaypair` begins one.")
    found = [wanted] if wanted in ids else [i for i in ids if i.startswith(wanted)]
    if not found:
        raise Refused(
            f"There is no run {wanted} in this repository; `relaypair sessions` lists them."
        )
    if wanted and len(found) > 1:
        raise Refused(f"{wanted} may be any of {', '.join(found)}; give more of it.")
    return found[0]

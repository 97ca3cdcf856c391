"""`relaypair undo`: restore every byte of the last landing."""

import argparse
import asyncio

from core.bootstrap import Workspace
from core.domain.commands import UndoLanding
from core.domain.errors import Refused
from core.engine.session import Session
from tui.commands.opening import open_workspace
from tui.exit_codes import ExitCode
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """Say what undoing would do, or with `--yes` do it.

    Raises `Refused` when nothing was landed.
    """
    workspace = open_workspace(options, interactive=False)
    return int(asyncio.run(_undo(workspace, yes=options.yes)))


async def _undo(workspace: Workspace, *, yes: bool) -> ExitCode:
    session = _newest_landing(workspace)
    landing = session.state.last_landing
    assert landing is not None
    paths = ", ".join(one_line(f.path) for f in landing.files)
    if not yes:
        print(
            f"Would restore {paths} as before `{one_line(session.state.goal.text)}`; add --yes "
            "to do it."
        )
        await session.close()
        return ExitCode.DONE
    await session.submit(UndoLanding())
    await session.idle()
    undone = landing.id in session.state.undone
    print(one_line(session.state.waiting))
    await session.close()
    return ExitCode.DONE if undone else ExitCode.REFUSED


def _newest_landing(workspace: Workspace) -> Session:
    for row in workspace.runs():
        session = workspace.session(row.id)
        session.resume()
        if session.state.last_landing:
            return session
    raise Refused(
        "Nothing that Relaypair landed in this repository stands, so there is nothing to undo."
    )

"""`relaypair undo`: restore every byte of the last landing."""

import argparse
import asyncio
import sys

from core.bootstrap import Workspace
from core.domain.commands import UndoLanding
from core.domain.errors import Refused
from core.domain.events import EditsLanded, Recorded
from core.domain.hunk import Landing
from core.domain.state import RunState
from core.engine.reduce import fold
from tui.commands.opening import open_workspace
from tui.exit_codes import ExitCode
from tui.sanitise import one_line


def main(options: argparse.Namespace) -> int:
    """Say what undoing would do, or with `--yes` do it.

    Raises `Refused` when nothing was landed.
    """
    workspace = open_workspace(options, interactive=False)
    run, landing = _newest_landing(workspace)
    if options.yes:
        return int(asyncio.run(_undo(workspace, run, landing)))
    paths = one_line(", ".join(f.path for f in landing.files))
    print(f"Would restore {paths} as before `{one_line(run.goal.text)}`; add --yes to do it.")
    return int(ExitCode.DONE)


async def _undo(workspace: Workspace, run: RunState, landing: Landing) -> ExitCode:
    session = workspace.session(run.run_id)
    session.resume()
    await session.submit(UndoLanding())
    await session.idle()
    undone = landing.id in session.state.undone
    print(one_line(session.state.waiting), file=sys.stdout if undone else sys.stderr)
    await session.close()
    return ExitCode.DONE if undone else ExitCode.REFUSED


def _newest_landing(workspace: Workspace) -> tuple[RunState, Landing]:
    """Read from the journal alone: looking changes nothing."""
    found: list[tuple[float, RunState, Landing]] = []
    for row in workspace.runs():
        recorded = tuple(workspace.journal.read(row.id))
        run = fold(recorded)
        if landing := run.last_landing:
            found.append((_landed_at(recorded, landing), run, landing))
    if not found:
        raise Refused(
            "Nothing that Relaypair landed in this repository stands, so there is nothing to undo."
        )
    _, run, landing = max(found, key=lambda item: item[0])
    return run, landing


def _landed_at(recorded: tuple[Recorded, ...], landing: Landing) -> float:
    return max(
        r.at for r in recorded if isinstance(r.event, EditsLanded) and r.event.landing == landing
    )

"""Plays a relay in a process of its own that ends itself with SIGKILL right after the Nth journal
append.

usage: crashing_child.py ROOT STATE LOG N      (N = 0: play to the end)
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.adapters.journal import SqliteJournal
from core.domain import commands as c
from core.domain.events import Recorded
from core.domain.hunk import HunkState
from core.domain.model import ModelRequest
from core.domain.phase import Phase
from tests.playing import EDITS, PLAN, Played, open_played, routes

REPLIES = {
    Phase.PLAN: PLAN,
    Phase.GENERATE: EDITS,
    Phase.VERIFY: '{"decision": "approve"}',
    Phase.REVIEW: "Let greet shout",
}


class CrashingJournal(SqliteJournal):
    appends_left = 0

    def append(self, recorded: Recorded) -> None:
        super().append(recorded)
        if self.appends_left:
            self.appends_left -= 1
            if not self.appends_left:
                os.kill(os.getpid(), signal.SIGKILL)


def logged(log: Path):  # type: ignore[no-untyped-def]  # a line for ScriptedClient
    def reply(request: ModelRequest) -> str:
        with log.open("a") as file:
            file.write(f"{request.phase.value} {hash_of(request)}\n")
        return REPLIES[request.phase]

    return reply


def hash_of(request: ModelRequest) -> str:
    from core.domain.edit import digest

    return digest(f"{request.model}{request.system}{request.prompt}".encode())


async def drive(played: Played) -> None:
    """Carry the run on from wherever it is, as a user would."""
    if not played.state.goal.text:
        await played.do(c.StartRun("let `greet` take a loud flag"))
    while played.state.cursor:
        await played.do(c.RunOn())
    first, second, third = played.state.hunks
    if played.state.last_landing is None:
        await played.do(
            c.DecideHunk((first.id, second.id), HunkState.ACCEPTED),
            c.DecideHunk((third.id,), HunkState.REJECTED),
            c.VerifyAccepted(),
            c.Land(),
        )


async def main(root: Path, state: Path, log: Path, kill_after: int) -> None:
    played = open_played(
        root,
        state,
        *[logged(log)] * 8,
        models=routes(plan="x/p", generate="x/g", verify="x/v", summary="x/s"),
        journal=CrashingJournal(state / "journal.sqlite"),
    )
    assert isinstance(played.journal, CrashingJournal)
    if any(played.journal.read("run1")):
        played.session.resume()
    played.journal.appends_left = kill_after
    await drive(played)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))

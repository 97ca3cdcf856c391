"""The relay without a screen: JSON lines or sentences on stdout, diagnostics on stderr, honest exit
codes.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum

from core.codec import recorded_to_json
from core.domain import commands as c
from core.domain import events as e
from core.domain.hunk import Hunk, HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.risk import RiskTier
from core.domain.state import RunState
from core.engine.session import Session
from tui.exit_codes import ExitCode
from tui.keyless import keyless, keyless_sentence
from tui.patch import as_patch
from tui.sanitise import one_line, text_lines


class Accept(StrEnum):
    """Which hunks are accepted without a person."""

    NONE = "none"
    LOW_RISK = "low-risk"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class HeadlessOptions:
    """What the command line asked for."""

    plan_only: bool = False
    accept: Accept = Accept.NONE
    land: bool = False
    unverified: bool = False
    json: bool = False


class Headless:
    """Drives one session to its end and prints it."""

    def __init__(
        self, session: Session, options: HeadlessOptions, write: Callable[[str], None] = print
    ) -> None:
        self._session = session
        self._options = options
        self._write = write

    async def run(self, goal: str = "", *, resume: bool = False) -> ExitCode:
        """Carry a goal (or a run that has begun) as far as was asked."""
        for recorded in () if resume else self._session.past():
            self._show(recorded)
        reader = asyncio.create_task(self._print(self._session.events()))
        try:
            if resume:
                self._session.resume()
            if goal:
                await self._session.submit(c.StartRun(goal))
            code = await self._drive()
            await self._session.submit(c.Finish())
        finally:
            await self._session.close()
            await reader
        return code

    async def _drive(self) -> ExitCode:
        until = Phase.PLAN if self._options.plan_only else Phase.REVIEW
        await self._run_on(until)
        state = self._session.state
        if state.question:
            return ExitCode.ASKED
        if self._failed(state):
            return ExitCode.FAILED
        if self._options.plan_only:
            return ExitCode.DONE
        if state.cursor:
            return ExitCode.ASKED
        self._show_hunks()
        return await self._land() if self._options.land else self._unlanded()

    async def _run_on(self, until: Phase) -> None:
        """Run to `until`; a plan's questions do not stop a run that nobody can answer."""
        for _ in Phase:
            before = self._session.state.cursor, self._session.state.decisions
            await self._session.submit(c.RunOn(until))
            await self._session.idle()
            await self._decide()
            state = self._session.state
            done = state.phases[until].state is PhaseState.PASSED or state.cursor is None
            stuck = (state.cursor, state.decisions) == before
            if done or self._failed(state) or state.asked or state.question or stuck:
                return

    @staticmethod
    def _failed(state: RunState) -> bool:
        return any(run.state is PhaseState.FAILED for run in state.phases.values())

    async def _decide(self) -> None:
        ids = tuple(
            h.id for h in self._session.state.hunks_in(HunkState.PENDING) if self._accepts(h)
        )
        if ids:
            by = f"--accept {self._options.accept.value}"
            await self._session.submit(c.DecideHunk(ids, HunkState.ACCEPTED, by))

    def _accepts(self, hunk: Hunk) -> bool:
        """Doubtful hunks and those with invisible characters are for a person."""
        if (
            hunk.doubt
            or "invisible characters" in hunk.flags
            or self._options.accept is Accept.NONE
        ):
            return False
        return self._options.accept is Accept.ALL or (hunk.risk is RiskTier.LOW and not hunk.flags)

    async def _land(self) -> ExitCode:
        await self._session.submit(c.VerifyAccepted())
        await self._session.idle()
        state = self._session.state
        if not state.hunks_in(HunkState.ACCEPTED) and not state.is_verified:
            return ExitCode.REJECTED
        check = state.accepted_check
        failed = any(subset == "accepted" and not r.passed for subset, r in state.checks)
        if failed and not self._options.unverified:
            return ExitCode.FAILED
        if not (check and check.passed) and not self._options.unverified:
            self._diagnose("Landing needs a check (--check CMD) or the word --unverified.")
            return ExitCode.UNVERIFIED
        await self._session.submit(c.Land(unverified=self._options.unverified))
        await self._session.idle()
        landing = self._session.state.last_landing
        if landing is None:
            return ExitCode.REFUSED
        return ExitCode.DONE if landing.verified else ExitCode.UNVERIFIED

    def _unlanded(self) -> ExitCode:
        if not self._session.state.files:
            return ExitCode.REJECTED
        return ExitCode.DONE

    def _show_hunks(self) -> None:
        if self._options.json:
            return
        state = self._session.state
        for hunk in state.hunks:
            why = f"  ({one_line(hunk.doubt)})" if hunk.doubt else ""
            self._write(f"\n[{state.decision(hunk.id).value}]{why}")
            self._write("\n".join(text_lines(as_patch(hunk))))

    async def _print(self, events: AsyncIterator[e.Recorded]) -> None:
        async for recorded in events:
            self._show(recorded)

    def _show(self, recorded: e.Recorded) -> None:
        if isinstance(recorded.event, e.CommandRefused):
            self._diagnose(recorded.event.reason)
        elif recorded.seq == 0:
            return
        elif self._options.json:
            self._write(recorded_to_json(recorded))
        elif text := keyless_sentence(recorded.event):
            self._write(text)

    def _diagnose(self, text: str) -> None:
        print(keyless(one_line(text)), file=sys.stderr)

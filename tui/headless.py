"""The relay without a screen: JSON lines or sentences on stdout, diagnostics on stderr, honest exit
codes.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.codec import recorded_to_json
from core.domain import commands as c
from core.domain import events as e
from core.domain.errors import Refused
from core.domain.hunk import Hunk, HunkState
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from core.domain.risk import RiskTier
from core.domain.state import RunState
from core.engine.session import Session
from tui.commands.screen import elsewhere, program
from tui.exit_codes import ExitCode
from tui.keyless import keyless, keyless_sentence
from tui.leaving import undecided, way_on
from tui.patch import as_patch
from tui.question_words import by_option, is_settled
from tui.sanitise import one_line, text_lines
from tui.standing import offered_commit, unseen


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
        self._has_landed = False

    async def run(self, goal: str = "", *, resume: bool = False, answer: str = "") -> ExitCode:
        """Carry a goal (or a run that has begun) as far as was asked, after the `answer` to what it
        stopped to ask. Raises `Refused` where no question with that answer is open.
        """
        for recorded in () if resume else self._session.past():
            self._show(recorded)
        reader = asyncio.create_task(self._print(self._session.events()))
        try:
            if resume:
                self._session.resume()
            if goal:
                await self._session.submit(c.StartRun(goal))
            is_done = bool(answer) and await self._answer(answer)
            code = ExitCode.REJECTED if is_done else await self._drive()
            await self._session.submit(c.Finish())
        finally:
            await self._session.close()
            await reader
        self._say_way_on()
        return code

    def _say_way_on(self) -> None:
        state = self._session.state
        place = elsewhere(Path(state.repository.root)) if state.repository else ""
        told = undecided if self._has_landed else way_on
        for text in told(state, f"{program()} resume {state.run_id}{place}"):
            self._diagnose(text)

    async def _answer(self, answer: str) -> bool:
        """Give the answer; whether that was all, since it leaves nothing to go on with."""
        question = self._session.state.question
        if question is None or is_settled(self._session.state):
            raise Refused(f"No question waits in this run, so {answer} answers nothing.")
        choice = Choice(answer.replace("-", " "))
        if choice not in question.choices:
            raise Refused(f"{answer} is no answer to what waits; say {by_option(question)}.")
        await self._session.submit(c.AnswerQuestion(question.id, choice))
        await self._session.idle()
        return choice is Choice.REFUSE

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
            stuck = (state.cursor, state.decisions) == before or bool(unseen(state))
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
        if not self._session.state.is_verified:
            await self._session.submit(c.VerifyAccepted())
            await self._session.idle()
        state = self._session.state
        if not state.hunks_in(HunkState.ACCEPTED) and not state.is_verified:
            return ExitCode.REJECTED
        failed = not state.is_verified and any(
            subset == "accepted" and not r.passed for subset, r in state.checks
        )
        if failed and not self._options.unverified:
            return ExitCode.FAILED
        if not state.is_verified and not self._options.unverified:
            self._diagnose("Landing needs a check (--check CMD) or the word --unverified.")
            return ExitCode.UNVERIFIED
        await self._session.submit(c.Land(unverified=self._options.unverified))
        await self._session.idle()
        landing = self._session.state.last_landing
        if landing is None:
            return ExitCode.REFUSED
        self._has_landed = True
        if not self._options.json:
            self._write(offered_commit(self._session.state))
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
        elif text := keyless_sentence(recorded.event, options=True):
            self._write(text)

    def _diagnose(self, text: str) -> None:
        print(keyless(one_line(text), options=True), file=sys.stderr)

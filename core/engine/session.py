"""The facade: one run over one repository.

Commands in, events out, and nothing else for a front end to hold.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from core.domain import commands as c
from core.domain import events as e
from core.domain.check import CheckCommand
from core.domain.context import ContextItem, Definition
from core.domain.errors import NotWritten, Refused, RelaypairError
from core.domain.goal import Budget, Goal, LimitChange, Scope
from core.domain.model import ModelInfo
from core.domain.phase import Phase
from core.domain.question import Choice
from core.domain.risk import RiskTier
from core.domain.route import Route
from core.domain.state import RunState
from core.domain.task import TaskSpec
from core.edits.annotate import find_owners
from core.engine.adding import pieces
from core.engine.bus import Bus
from core.engine.landing import Lander
from core.engine.outcome import outcome_of
from core.engine.pipeline import Pipeline
from core.engine.resuming import approvals_told, instead, routes_told, unanswered
from core.engine.runner import Outside
from core.engine.steering import is_pure, need_run, need_short, steer
from core.engine.watched import WatchedFinder
from core.phases.plan import risk_of_task
from core.ports import Journal, Worktree


@dataclass(frozen=True, slots=True)
class Start:
    """What a run begins with, from settings."""

    routes: Mapping[Phase, Route]
    scope: Scope
    budget: Budget
    notices: tuple[str, ...] = ()
    approved: frozenset[str] = frozenset()
    """Commands that need no further answer: the user's own, and those allowed in this repository
    before.
    """
    checks: tuple[CheckCommand, ...] = ()
    """Those that the command line named."""
    limits: tuple[LimitChange, ...] = ()
    """What the command line said of the budget; it holds for a run that is taken up again too."""


class Session:
    """One run of the program. Use it from one event loop."""

    def __init__(
        self, bus: Bus, outside: Outside, worktree: Worktree, journal: Journal, start: Start
    ) -> None:
        self._bus = bus
        self._outside = outside
        self._journal = journal
        self._start = start
        self._pipeline = Pipeline(bus, outside)
        self._lander = Lander(bus, outside, worktree)
        self._work: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def state(self) -> RunState:
        """The fold of every event so far."""
        return self._bus.state

    def events(self) -> AsyncIterator[e.Recorded]:
        """Every event from this call on, journaled first."""
        return self._bus.subscribe()

    def past(self) -> tuple[e.Recorded, ...]:
        """What the journal holds of this run, oldest first."""
        return tuple(self._journal.read(self._bus.run_id))

    def blob(self, digest: str) -> bytes:
        """Kept bytes. Raises KeyError."""
        return self._outside.blobs.get(digest)

    def keep(self, data: bytes) -> str:
        """Keep bytes for a command that names them; their digest."""
        return self._outside.blobs.put(data)

    async def models(self) -> tuple[ModelInfo, ...]:
        """Local engines first, then what the model host knows and is not retired."""
        clients = self._outside.clients
        try:
            listed = await clients.catalogue.models()
            return (*clients.local_models, *(m for m in listed if not m.is_retired))
        except RelaypairError as fault:
            self._bus.publish(e.CommandRefused("models", str(fault)))
            return clients.local_models

    async def paths(self) -> tuple[str, ...]:
        """Repository paths."""
        return await asyncio.to_thread(self._outside.repo.files)

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Where a name is defined, the best first. A fault is news, and then there are none."""
        try:
            return await self._outside.finder.definitions(name, limit)
        except RelaypairError as fault:
            self._bus.publish(e.CommandRefused("definitions", str(fault)))
            return ()

    async def pieces(self, wanted: c.AddContext) -> tuple[ContextItem, ...]:
        """What this command would add. Raises `RelaypairError` where it would add nothing."""
        out = self._outside
        return await pieces(out.repo, out.finder, self.state.goal.text, wanted)

    async def index(self) -> None:
        """Bring the search index up to date, so that the first search need not wait.

        A fault is news, no error. A review searches nothing.
        """
        if self.state.kind == "review":
            return
        try:
            await WatchedFinder(self._outside.finder, self._bus).refresh()
        except RelaypairError as fault:
            if not self._is_closed:
                self._bus.publish(e.CommandRefused("index", str(fault)))

    async def open(self) -> None:
        """A session is open from the start."""

    async def warm(self) -> bool:
        """Start the model host if a route needs it; whether it runs. A fault is news, no error."""
        start = self._outside.clients.warm
        if start is None or not self._needs_host():
            return False
        self._bus.publish(e.HostChanged("warming"))
        try:
            await start()
        except RelaypairError as fault:
            self._bus.publish(e.HostChanged("dead"))
            self._bus.publish(e.CommandRefused("warm", str(fault)))
            return False
        self._bus.publish(e.HostChanged("ready"))
        return True

    def _needs_host(self) -> bool:
        routes = self.state.routes or self._start.routes
        return any(map(self._outside.clients.needs_host, routes.values()))

    async def idle(self) -> None:
        """Wait until nothing runs."""
        while self._work and not self._work.done():
            await asyncio.wait([self._work])

    def resume(self) -> None:
        """Take up a journaled run: settle a cut landing, mark an interrupted phase."""
        self._bus.replay()
        self._lander.recover()
        running = self.state.running
        if running:
            self._bus.publish(
                e.PhaseCancelled(
                    running, "was interrupted; . takes it up, calls already paid for are kept"
                )
            )
            for lost in unanswered(self.past()):
                self._bus.publish(lost)
        at = f"resumed at {self.state.cursor.value if self.state.cursor else 'review'}"
        for notice in instead(self.state, self._start.routes, self._start.checks):
            self._bus.publish(e.NoticeGiven(notice))
        self._bus.publish(e.RunResumed(at, self._start.checks))
        budget = self.state.goal.budget.changed(self._start.limits)
        if budget != self.state.goal.budget and self.state.goal.text:
            self._bus.publish(e.BudgetChanged(budget))
        self._announce(is_resumed=True)

    async def submit(self, command: c.Command) -> None:
        """Carry out a command, or publish `CommandRefused` with the reason."""
        try:
            self._settle_interrupted()
            if is_pure(command):
                for event in steer(self.state, command, self._judged):
                    self._bus.publish(event)
                    self._remember(event)
                if isinstance(command, c.RerunPhase):
                    self._work_on(command, self._pipeline.step)
                if isinstance(command, c.ApproveCommand | c.AnswerQuestion):
                    self._go_on(command)
            else:
                await self._carry_out(command)
        except (Refused, NotWritten) as refusal:
            self._refuse(command, str(refusal))
        except RelaypairError as fault:
            self._refuse(command, str(fault))

    def _settle_interrupted(self) -> None:
        """A phase that broke off untold (its news could not be journaled) is not running."""
        if self.state.running and not self.is_busy:
            self._bus.publish(
                e.PhaseCancelled(
                    self.state.running,
                    "broke off; . takes it up, calls already paid for are kept",
                )
            )

    async def _carry_out(self, command: c.Command) -> None:
        match command:
            case c.StartRun():
                await self._begin(command.goal)
            case c.Step():
                self._work_on(command, self._pipeline.step)
            case c.RunOn():
                self._work_on(command, lambda: self._pipeline.run_on(command.until))
            case c.Pause():
                await self._pause()
            case c.CancelCall():
                await self._cancel()
            case c.VerifyAccepted():
                self._work_on(command, self._lander.verify_accepted)
            case c.Land():
                self._work_on(command, lambda: self._lander.land(unverified=command.unverified))
            case c.UndoLanding():
                self._work_on(command, self._lander.undo)
            case c.AddContext():
                await self._add_context(command)
            case c.Finish():
                self._finish()
            case _:
                raise Refused(f"{type(command).__name__} is not known here.")

    def _finish(self) -> None:
        self._bus.publish(e.RunFinished(outcome_of(self.state)))
        self._journal.finish(self._bus.run_id, self.state.outcome, self._outside.clock.now())

    async def _begin(self, text: str) -> None:
        goal = " ".join(text.split())
        if not goal:
            raise Refused("An empty goal starts nothing; type what is to be done.")
        need_short(text)
        if self.is_busy:
            raise Refused("The run before it is still going on; P pauses it, P again cancels.")
        checks = self.state.named_checks or self._start.checks
        if self.state.goal.text:
            self._finish()
            self._bus.begin(secrets.token_hex(3))
        repository = await asyncio.to_thread(self._outside.repo.state)
        self._journal.begin(self._bus.run_id, goal, "relay", self._outside.clock.now())
        taken_up = Goal(text.strip(), self._start.scope, self._start.budget)
        self._bus.publish(e.RunStarted(taken_up, repository, checks=checks))
        if repository.condition == "dirty":
            self._bus.publish(
                e.NoticeGiven(
                    "The files hold changes that are not committed; they are the base and stay "
                    "as they are."
                )
            )
        self._announce()

    def _announce(self, *, is_resumed: bool = False) -> None:
        """Routes, remembered approvals and notices, at the start of a run or of its resumption.

        A journal holds every route of its run, also those that were chosen before it began, and
        every approval of a check.
        """
        start, state = self._start, self.state
        for event in routes_told(state, start.routes, is_resumed=is_resumed):
            self._bus.publish(event)
        for event in approvals_told(state, self._outside.proposed(), start.approved, start.checks):
            self._bus.publish(event)
        for notice in self._start.notices:
            self._bus.publish(e.NoticeGiven(notice))

    def begin_review(self, goal: str, events: list[e.Event]) -> None:
        """Start a run over edits that exist already: an existing diff, ready for hunk review."""
        self._journal.begin(self._bus.run_id, goal, "review", self._outside.clock.now())
        for event in events:
            if isinstance(event, e.RunStarted):
                event = replace(event, checks=self._start.checks)
            self._bus.publish(event)
        self._announce()

    def _go_on(self, command: c.Command) -> None:
        """Take up what the question stopped, once every question is answered; a rejected reply
        leaves it to the user what follows.
        """
        held, self._pipeline.held = self._pipeline.held, None
        if isinstance(command, c.AnswerQuestion) and command.choice is Choice.REFUSE:
            return
        if self.state.asked:
            self._pipeline.held = held
        elif not self.is_busy and (held or isinstance(command, c.AnswerQuestion)):
            # A run that was taken up again holds nothing: the reply is used, and it stops there.
            self._work_on(command, held or self._pipeline.step)

    @property
    def is_busy(self) -> bool:
        """Whether a phase, a check or a landing is under way."""
        return self._work is not None and not self._work.done()

    def _work_on(self, command: c.Command, work: Callable[[], Awaitable[None]]) -> None:
        if self.is_busy:
            doing = self.state.running.value if self.state.running else "a check"
            raise Refused(f"{doing} is running; P pauses after it, P again cancels.")
        need_run(self.state)
        self._pipeline.pause_asked = False
        self._work = asyncio.create_task(self._guarded(command, work))

    async def _guarded(self, command: c.Command, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except RelaypairError as fault:
            self._refuse(command, str(fault))
        except (OSError, LookupError, ValueError) as fault:
            what = f"{type(fault).__name__}: {fault}"
            self._refuse(command, f"This broke down ({what}); please report it.")
        with contextlib.suppress(RelaypairError):  # the list of runs is a convenience
            now = self._outside.clock.now()
            self._journal.finish(self._bus.run_id, outcome_of(self.state), now)

    async def _pause(self) -> None:
        if self._work is None or not self.is_busy:
            raise Refused("Nothing is running.")
        if self._pipeline.pause_asked:
            await self._cancel()
            return
        self._pipeline.pause_asked = True
        self._bus.publish(
            e.NoticeGiven("The relay pauses after this phase; P again cancels the call.")
        )

    async def _cancel(self) -> None:
        if self._work is None or not self.is_busy:
            raise Refused("Nothing is running.")
        self._work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._work
        if self.state.running:
            self._bus.publish(
                e.PhaseCancelled(self.state.running, "was cancelled; . runs it again")
            )
        else:
            self._bus.publish(e.NoticeGiven("Stopped; what was told until then holds."))

    async def _add_context(self, command: c.AddContext) -> None:
        need_run(self.state)
        for item in await self.pieces(command):
            self._bus.publish(e.ContextAdded(item))

    def _remember(self, event: e.Event) -> None:
        if isinstance(event, e.ApprovalGiven) and event.granted:
            command = next((x for x in self._outside.proposed() if x.id == event.command_id), None)
            if command:
                self._journal.approve(command.id, command.line, self._outside.clock.now())

    def _judged(self, task: TaskSpec) -> RiskTier:
        owners = find_owners(self._outside.repo.read)
        return risk_of_task(task, self._outside.policy, owners)

    def _refuse(self, command: c.Command, reason: str) -> None:
        self._bus.publish(e.CommandRefused(type(command).__name__, reason))

    async def close(self) -> None:
        """Stop what runs, end children, end the stream. The journal keeps everything."""
        self._is_closed = True
        if self._work and not self._work.done():
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
        clients = self._outside.clients
        await asyncio.gather(
            clients.host.close(),
            self._outside.finder.close(),
            *(x.close() for x in clients.local.values()),
            *([clients.programs.close()] if clients.programs else []),
            return_exceptions=True,
        )
        self._bus.close()

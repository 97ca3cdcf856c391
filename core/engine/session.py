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
from core.domain.context import ContextItem, Definition
from core.domain.errors import NotWritten, Refused, RelaypairError
from core.domain.goal import Budget, Goal, Scope
from core.domain.hunk import HunkState
from core.domain.model import ModelInfo
from core.domain.phase import Phase, PhaseState
from core.domain.question import Choice
from core.domain.risk import RiskTier
from core.domain.route import LOCAL, Layer, Route
from core.domain.state import RunState
from core.domain.task import TaskSpec
from core.edits.annotate import find_owners
from core.engine.adding import pieces
from core.engine.bus import Bus
from core.engine.landing import Lander
from core.engine.pipeline import Pipeline
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
    dollars: float | None = None
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

    async def models(self) -> tuple[ModelInfo, ...]:
        """Local engines first, then what the model host knows."""
        clients = self._outside.clients
        try:
            return (*clients.local_models, *await clients.catalogue.models())
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
        models = [m for route in routes.values() for m in route.models]
        clients = self._outside.clients
        return any(
            m != LOCAL and not clients.is_free(m) and not clients.is_program(m) for m in models
        )

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
        self._bus.publish(
            e.RunResumed(f"resumed at {self.state.cursor.value if self.state.cursor else 'review'}")
        )
        if self._start.dollars is not None and self.state.goal.text:
            budget = replace(self.state.goal.budget, dollars=self._start.dollars)
            if budget != self.state.goal.budget:
                self._bus.publish(e.BudgetChanged(budget))
        self._announce()

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
        if self.state.goal.text:
            self._finish()
            self._bus.begin(secrets.token_hex(3))
        repository = await asyncio.to_thread(self._outside.repo.state)
        self._journal.begin(self._bus.run_id, goal, "relay", self._outside.clock.now())
        self._bus.publish(
            e.RunStarted(Goal(text.strip(), self._start.scope, self._start.budget), repository)
        )
        if repository.condition == "dirty":
            self._bus.publish(
                e.NoticeGiven(
                    "The files hold changes that are not committed; they are the base and stay "
                    "as they are."
                )
            )
        self._announce()

    def _announce(self) -> None:
        """Routes, remembered approvals and notices, at the start of a run or of its resumption.

        A journal holds every route of its run, also those that were chosen before it began.
        """
        is_new = not any(run.attempt for run in self.state.phases.values())
        for phase, configured in self._start.routes.items():
            known = self.state.routes.get(phase)
            kept = known is not None and known.layer is Layer.KEYSTROKE
            route = known.governed_by(configured) if known and kept else configured
            if is_new or known != route:
                self._bus.publish(e.RouteChanged(route))
        for command in self._outside.proposed():
            if command.id in self._start.approved and command.id not in self.state.approvals:
                self._bus.publish(
                    e.ApprovalGiven(command.id, granted=True, by="settings or an earlier run")
                )
        for notice in self._start.notices:
            self._bus.publish(e.NoticeGiven(notice))

    def begin_review(self, goal: str, events: list[e.Event]) -> None:
        """Start a run over edits that exist already: an existing diff, ready for hunk review."""
        self._journal.begin(self._bus.run_id, goal, "review", self._outside.clock.now())
        for event in events:
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
        elif held and not self.is_busy:
            self._work_on(command, held)

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
            name = type(command).__name__
            self._refuse(
                command, f"{name} broke down ({type(fault).__name__}: {fault}); please report this."
            )
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


def outcome_of(state: RunState) -> str:
    """How a run stands, in one word.

    `landed`, `unverified` (landed without a check), `undone`, `failed`, `rejected` (every hunk
    was), `open` (hunks wait to be decided or landed), `asked` (phases are left to run).
    """
    landing = state.last_landing
    if landing:
        return "landed" if landing.verified else "unverified"
    if state.question:
        return "asked"
    if any(run.state is PhaseState.FAILED for run in state.phases.values()):
        return "failed"
    if state.asked or state.cursor:
        return "asked"
    if state.hunks_in(HunkState.PENDING, HunkState.ACCEPTED):
        return "open"
    return "undone" if state.landings else "rejected"

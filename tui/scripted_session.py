"""A session without an engine: it answers commands with the events a real one would publish."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any

from core.domain import commands as c
from core.domain import events as e
from core.domain.context import ContextItem, Definition, ItemState, Trust
from core.domain.edit import digest
from core.domain.goal import Goal
from core.domain.hunk import Hunk, HunkState, LandedFile, Landing
from core.domain.model import ModelInfo
from core.domain.phase import ORDER, Phase
from core.domain.receipt import AnyReceipt, PlanReceipt
from core.domain.route import Layer, Route
from core.domain.state import RunState
from core.edits.hunks import edit_hunk, split_hunk
from core.engine.reduce import reduce
from tui import sample
from tui.tally import file_of, hunk_by_id


class ScriptedSession:
    """A `SessionPort` that replays canned receipts. `submitted` lists what was asked of it."""

    def __init__(self, pace: float = 0.0, run_id: str = "3f2a") -> None:
        self.submitted: list[c.Command] = []
        self.receipts: dict[Phase, AnyReceipt] = sample.receipts()
        self.files = sample.files()
        self.pace = pace
        """Seconds between two pieces of streamed text."""
        self.hold: asyncio.Event | None = None
        """A phase waits for it before it passes, where it is set."""
        self.fail_with: dict[Phase, str] = {}
        self.asks = False
        """Whether verify asks before it runs the tests."""
        self.closed = False
        self.warmed = False
        self.indexed = False
        self.looks_up: asyncio.Event | None = None
        """A look-up of names waits for it, where it is set."""
        self._run_id = run_id
        self._state = RunState(routes=dict(sample.ROUTES))
        self._past: list[e.Recorded] = []
        self._queues: list[asyncio.Queue[e.Recorded | None]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> RunState:
        """The fold of every event so far."""
        return self._state

    @property
    def is_busy(self) -> bool:
        """Whether a phase runs."""
        return self._state.running is not None

    def past(self) -> tuple[e.Recorded, ...]:
        """Every lasting event until now."""
        return tuple(self._past)

    @property
    def listeners(self) -> int:
        """How many event streams are open."""
        return len(self._queues)

    async def events(self) -> AsyncIterator[e.Recorded]:
        """Every event from now on."""
        queue: asyncio.Queue[e.Recorded | None] = asyncio.Queue()
        self._queues.append(queue)
        try:
            while (item := await queue.get()) is not None:
                yield item
        finally:
            self._queues.remove(queue)

    async def submit(self, command: c.Command) -> None:
        """Carry out a command."""
        self.submitted.append(command)
        handler: Callable[[Any], Coroutine[Any, Any, None]] | None
        handler = getattr(self, f"_{type(command).__name__}", None)
        if handler is None:
            self._refuse(command, "the scripted session does not know this command")
        else:
            await handler(command)

    async def models(self) -> tuple[ModelInfo, ...]:
        """Canned models."""
        return sample.MODELS

    async def paths(self) -> tuple[str, ...]:
        """Canned paths."""
        return tuple(sorted({i.path for i in sample.items() if i.start} | {"core/session.py"}))

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Canned definitions whose name holds `name`, those that are named so first."""
        if self.looks_up:
            await self.looks_up.wait()
        low = name.lower()
        found = [d for d in sample.DEFINITIONS if low in d.name.lower()]
        return tuple(sorted(found, key=lambda d: d.name.lower() != low)[:limit])

    async def pieces(self, wanted: c.AddContext) -> tuple[ContextItem, ...]:
        """Canned text under the wanted name."""
        return (_added(wanted),)

    async def index(self) -> None:
        """Note that it was asked for."""
        self.indexed = True

    def blob(self, wanted: str) -> bytes:
        """A canned text for `reply-*` and `prompt-*`. Raises KeyError for others."""
        if not wanted.startswith(("reply-", "prompt-")):
            raise KeyError(wanted)
        return f"canned text of {wanted}\n".encode()

    def keep(self, data: bytes) -> str:
        """A digest; nothing reads the bytes again."""
        return digest(data)

    async def open(self) -> None:
        """It is open from the start."""

    async def warm(self) -> bool:
        """Say that the host is ready."""
        self.warmed = True
        self.publish(e.HostChanged("ready"))
        return True

    async def close(self) -> None:
        """End every stream."""
        self.closed = True
        await self._stop()
        for queue in self._queues:
            queue.put_nowait(None)

    def publish(self, event: e.Event) -> None:
        """Fold an event and hand it to every listener."""
        seq = 0 if isinstance(event, e.EPHEMERAL) else self._state.last_seq + 1
        recorded = e.Recorded(seq, time.time(), self._run_id, event)
        self._state = reduce(self._state, recorded)
        if seq:
            self._past.append(recorded)
        for queue in self._queues:
            queue.put_nowait(recorded)

    def _refuse(self, command: c.Command, reason: str) -> None:
        self.publish(e.CommandRefused(type(command).__name__, reason))

    async def _stop(self) -> None:
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # Driving the relay.

    async def _StartRun(self, command: c.StartRun) -> None:
        goal = Goal(command.goal, budget=sample.GOAL.budget)
        self.publish(e.RunStarted(goal, sample.REPOSITORY))

    async def _SetGoal(self, command: c.SetGoal) -> None:
        goal = self._state.goal
        reworded = replace(goal, text=command.goal, revision=goal.revision + 1)
        self.publish(e.GoalChanged(reworded))

    async def _Step(self, command: c.Step) -> None:
        phase = self._state.cursor
        if phase is None or self._state.running:
            self._refuse(command, "there is no phase to run")
            return
        self._task = asyncio.create_task(self._phases((phase,)))
        await asyncio.sleep(0)

    async def _RunOn(self, command: c.RunOn) -> None:
        cursor = self._state.cursor
        if cursor is None or self._state.running:
            self._refuse(command, "there is no phase to run")
            return
        self._task = asyncio.create_task(self._phases((cursor, *cursor.after)))
        await asyncio.sleep(0)

    async def _phases(self, phases: tuple[Phase, ...]) -> None:
        for phase in phases:
            if not await self._phase(phase):
                return
        self.publish(e.RunPaused("press . to go on"))

    async def _phase(self, phase: Phase) -> bool:
        model = self._state.routes[phase].model
        attempt = self._state.phases[phase].attempt + 1
        why = self._state.routes[phase].why
        self.publish(e.PhaseStarted(phase, attempt, model, why, self._state.key(phase)))
        if phase is Phase.VERIFY and self.asks and sample.PYTEST.id not in self._state.approvals:
            self.publish(e.ApprovalRequested(sample.PYTEST, "pyproject.toml proposes it"))
        await self._stream(phase, model)
        if self.hold:
            await self.hold.wait()
        if reason := self.fail_with.get(phase):
            self.publish(e.PhaseFailed(phase, reason))
            return False
        self._hand_on(phase, model)
        return True

    async def _stream(self, phase: Phase, model: str) -> None:
        for piece in ("Reading the receipt.\n", "Writing edits for ", f"{phase.value}.\n"):
            self.publish(e.TextStreamed(phase, piece, model))
            await asyncio.sleep(self.pace)

    def _hand_on(self, phase: Phase, model: str) -> None:
        usage = sample.USAGE.get(phase)
        if usage:
            kept = (f"reply-{phase.value}", f"prompt-{phase.value}")
            self.publish(e.ModelReplied(phase, "call", model, usage, 3.2, 0.4, *kept))
        key = self._state.key(phase)
        if phase is Phase.RETRIEVE:
            self.publish(e.ContextRetrieved(sample.items()))
        if phase is Phase.APPLY:
            self.publish(e.EditsStaged(self.files, sample.REFUSALS))
        if phase is Phase.VERIFY:
            self.publish(e.CheckFinished(sample.check(False)))
            self.publish(e.VerdictGiven(sample.VERDICT))
        self.publish(e.PhasePassed(phase, self.receipts[phase], key, 3.9 if usage else 0.4))

    async def _Pause(self, command: c.Pause) -> None:
        await self._CancelCall(c.CancelCall())

    async def _CancelCall(self, command: c.CancelCall) -> None:
        running = self._state.running
        if running is None:
            self._refuse(command, "nothing is running")
            return
        await self._stop()
        self.publish(e.PhaseCancelled(running, "cancelled by you"))

    async def _BackTo(self, command: c.BackTo) -> None:
        cursor = self._state.cursor or Phase.REVIEW
        target = command.phase or (cursor.before[-1] if cursor.before else cursor)
        self.publish(e.MovedBack(target))

    async def _RerunPhase(self, command: c.RerunPhase) -> None:
        self.publish(e.RerunAsked(command.phase, command.note))
        self._task = asyncio.create_task(self._phases((command.phase,)))

    async def _SkipPhase(self, command: c.SkipPhase) -> None:
        self.publish(e.PhaseSkipped(command.phase, command.reason))

    async def _SwapModel(self, command: c.SwapModel) -> None:
        for phase in ORDER if command.phase is None else (command.phase,):
            self.publish(e.RouteChanged(Route(phase, (command.model,), Layer.KEYSTROKE)))

    async def _ApproveCommand(self, command: c.ApproveCommand) -> None:
        self.publish(e.ApprovalGiven(command.command_id, command.granted))

    async def _AnswerQuestion(self, command: c.AnswerQuestion) -> None:
        self.publish(e.QuestionAnswered(command.question_id, command.choice))

    async def _AddNote(self, command: c.AddNote) -> None:
        self.publish(e.NoteAdded(command.text))

    async def _Finish(self, command: c.Finish) -> None:
        self.publish(e.RunFinished("asked"))

    # Plan and context.

    async def _EditPlan(self, command: c.EditPlan) -> None:
        receipt = self._state.phases[Phase.PLAN].receipt or self.receipts[Phase.PLAN]
        assert isinstance(receipt, PlanReceipt)
        edited = replace(receipt, tasks=command.tasks, edited_by_user=True)
        self.publish(e.OutputEdited(Phase.PLAN, edited))

    async def _PinContext(self, command: c.PinContext) -> None:
        self._mark(command.item_id, ItemState.PINNED)

    async def _DropContext(self, command: c.DropContext) -> None:
        self._mark(command.item_id, ItemState.DROPPED)

    def _mark(self, item_id: str, state: ItemState) -> None:
        current = next((i.state for i in self._state.items if i.id == item_id), None)
        wanted = ItemState.ACTIVE if current is state else state
        self.publish(e.ContextMarked(item_id, wanted))

    async def _AddContext(self, command: c.AddContext) -> None:
        self.publish(e.ContextAdded(_added(command)))

    # Hunks.

    async def _DecideHunk(self, command: c.DecideHunk) -> None:
        self.publish(e.HunkDecided(command.ids, command.state))

    async def _UndoDecision(self, command: c.UndoDecision) -> None:
        if not self._state.history:
            self._refuse(command, "there is no decision to take back")
            return
        ids, states = zip(*self._state.history[-1], strict=True)
        self.publish(e.DecisionUndone(tuple(ids), tuple(states)))

    async def _SplitHunk(self, command: c.SplitHunk) -> None:
        hunk = hunk_by_id(self._state, command.id)
        parts = split_hunk(hunk) if hunk else ()
        if not parts:
            self._refuse(command, "the hunk has no two lines to part")
            return
        self.publish(e.HunkSplit(command.id, parts))

    async def _EditHunk(self, command: c.EditHunk) -> None:
        hunk = hunk_by_id(self._state, command.id)
        if hunk is None:
            self._refuse(command, "the hunk is gone")
            return
        self.publish(e.HunkEdited(hunk.id, edit_hunk(hunk, command.text)))

    async def _VerifyAccepted(self, command: c.VerifyAccepted) -> None:
        if not self._state.accepted_key:
            self._refuse(command, "no hunk is accepted")
            return
        self.publish(e.CheckFinished(sample.check(True, "9c44"), "accepted"))
        key = self._state.accepted_key
        self.publish(e.AcceptedVerified("9c44", key, True, "41 passed in 2.1s"))

    async def _Land(self, command: c.Land) -> None:
        hunks = self._state.hunks_in(HunkState.ACCEPTED)
        if not hunks:
            self._refuse(command, "no hunk is accepted")
            return
        paths = sorted({h.path for h in hunks})
        landed = tuple(LandedFile(p, self._base(hunks, p), digest(p.encode())) for p in paths)
        ids = tuple(h.id for h in hunks)
        number = len(self._state.landings) + 1
        landing = Landing(f"L{number}", landed, ids, self._state.is_verified)
        self.publish(e.LandingIntended(landing))
        self.publish(e.EditsLanded(landing))

    def _base(self, hunks: tuple[Hunk, ...], path: str) -> str:
        first = next(h for h in hunks if h.path == path)
        file = file_of(self._state, first.id)
        return file.expected if file else ""

    async def _UndoLanding(self, command: c.UndoLanding) -> None:
        landing = self._state.last_landing
        if landing is None:
            self._refuse(command, "nothing has landed")
            return
        self.publish(e.LandingIntended(landing, undo=True))
        self.publish(e.LandingUndone(landing))


def _added(command: c.AddContext) -> ContextItem:
    lines = f":{command.start}-{command.end}" if command.start else ""
    return ContextItem(
        f"{command.path}{lines}",
        command.path,
        command.start,
        command.end,
        "added text\n",
        200,
        1.0,
        "added by the user",
        Trust.CODE,
        state=ItemState.PINNED,
    )


def sample_session(pace: float = 0.0) -> ScriptedSession:
    """A run after verify: 3 tasks, 8 items, 12 hunks over 4 files, a failing test, prices."""
    session = ScriptedSession(pace)
    session.publish(e.RunStarted(sample.GOAL, sample.REPOSITORY))
    for route in sample.ROUTES.values():
        session.publish(e.RouteChanged(route))
    for phase in ORDER[:5]:
        model = sample.SERVED[phase]
        session.publish(e.PhaseStarted(phase, 1, model, "default", session.state.key(phase)))
        session._hand_on(phase, model)
    first = session.files[0].hunks
    session.publish(e.HunkDecided(tuple(h.id for h in first), HunkState.ACCEPTED))
    session.publish(e.HunkDecided((session.files[1].hunks[0].id,), HunkState.REJECTED))
    session.publish(e.RunPaused("press . to go on"))
    return session


def large_session(hunks: int) -> ScriptedSession:
    """A run with that many staged hunks."""
    session = ScriptedSession()
    session.publish(e.RunStarted(sample.GOAL, sample.REPOSITORY))
    session.publish(e.EditsStaged(sample.many_files(hunks)))
    return session

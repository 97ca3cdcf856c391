"""The order of the relay: the next phase, its gates, sending back one step, pausing."""

from collections.abc import Awaitable, Callable
from functools import partial

from core.domain import events as e
from core.domain.phase import Phase
from core.engine.budget import nearing
from core.engine.bus import Bus
from core.engine.gate import gate_after, gate_before, pause_sentence
from core.engine.runner import Ended, Outside, Runner


class Pipeline:
    """Runs phases one after another until something asks it to stop."""

    def __init__(self, bus: Bus, outside: Outside) -> None:
        self._bus = bus
        self._outside = outside
        self._runner = Runner(bus, outside)
        self.pause_asked = False
        self.held: Callable[[], Awaitable[None]] | None = None
        """What an unanswered question stopped: the answer lets it go on."""

    async def step(self) -> None:
        """Run exactly the next phase."""
        self.pause_asked, self.held = False, None
        phase = self._bus.state.cursor
        if phase is None:
            self._pause(pause_sentence(self._bus.state))
        elif not self._gate_is_open(phase):
            self._hold(self.step)
        else:
            ended = await self._runner.run(phase)
            if ended is Ended.FAILED:
                self._hold(self.step)
            else:
                self._pause(self._after(ended, phase))

    async def run_on(self, until: Phase) -> None:
        """Run until `until` has passed, a gate, a failure, or a pause."""
        self.pause_asked, self.held = False, None
        ended, last = Ended.PASSED, until
        while (phase := self._bus.state.cursor) and phase not in until.after:
            if not self._gate_is_open(phase):
                self._hold(partial(self.run_on, until))
                return
            last = phase
            ended = await self._runner.run(phase)
            if ended is Ended.FAILED:
                self._hold(partial(self.run_on, until))
                return
            if near := self._near_budget():
                self._pause(near)
                return
            stop = self.pause_asked or (
                ended is Ended.PASSED and (phase is until or gate_after(self._bus.state, phase))
            )
            if stop:
                break
        self._pause(self._after(ended, last))

    def _hold(self, work: Callable[[], Awaitable[None]]) -> None:
        """Keep what was stopped, where a question stopped it."""
        state = self._bus.state
        self.held = work if state.asked or state.question else None

    def _near_budget(self) -> str:
        """Why the relay stops although it could go on: told once a run."""
        limit, used = nearing(self._bus.state)
        if not limit or self._bus.state.is_budget_told or self._bus.state.cursor is None:
            return ""
        self._bus.publish(e.BudgetNeared(limit, used))
        return f"{used} of {limit} are used; go on, or choose cheaper models (m)"

    def _gate_is_open(self, phase: Phase) -> bool:
        closed = gate_before(self._bus.state, phase, self._outside.proposed())
        for event in closed:
            self._bus.publish(event)
        return not closed

    def _after(self, ended: Ended, phase: Phase) -> str:
        state = self._bus.state
        if ended is Ended.SENT_BACK:
            to = state.cursor or Phase.GENERATE
            return f"{phase.value} sent the change back to {to.value}: {state.phases[phase].reason}"
        return gate_after(state, phase) or pause_sentence(state)

    def _pause(self, reason: str) -> None:
        self._bus.publish(e.RunPaused(reason))

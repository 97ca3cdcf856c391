"""Runs one phase: route, inputs, meter, the one content retry, and the events that tell of it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from core.domain import events as e
from core.domain.check import CheckCommand, CheckResult
from core.domain.context import ContextItem
from core.domain.errors import (
    FaultKind,
    ModelFault,
    NoSource,
    NotPassed,
    OutOfScope,
    RelaypairError,
)
from core.domain.keys import task_key
from core.domain.model import Timeouts
from core.domain.phase import Phase, PhaseState
from core.domain.receipt import (
    AnyReceipt,
    ApplyReceipt,
    ContextReceipt,
    GenerateReceipt,
    TaskOutput,
    VerifyReceipt,
)
from core.domain.risk_rules import RiskPolicy
from core.domain.route import Route
from core.domain.state import PhaseRun, RunState
from core.domain.task import TaskSpec, whole_goal
from core.edits.differing import PlainDiffer
from core.engine.asker import RoutedModel
from core.engine.bus import Bus
from core.engine.cascade import choice, judging_cost
from core.engine.clients import Clients
from core.engine.ladder import Step, is_up, next_step
from core.engine.merging import concerned, merge_outputs, settled_outputs
from core.engine.questions import about_scope, about_source
from core.engine.steering import answered
from core.engine.watched import WatchedChecker, WatchedFinder
from core.phases import PHASES
from core.phases.inputs import Inputs, PhasePorts
from core.ports import Blobs, Checker, Clock, Differ, Finder, Repo
from core.record.trust import TrackRecord

WALL = 1_800.0
"""Seconds that one attempt of a phase may take in all."""


class Ended(Enum):
    """How a phase ended."""

    PASSED = auto()
    FAILED = auto()
    SENT_BACK = auto()


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything outside that phases reach, put together by `bootstrap`."""

    repo: Repo
    blobs: Blobs
    checker: Checker
    finder: Finder
    clients: Clients
    clock: Clock
    timeouts: Timeouts
    proposed: Callable[[], tuple[CheckCommand, ...]]
    """Check commands that may be asked for, the user's own first."""
    differ: Differ = PlainDiffer()
    policy: RiskPolicy = RiskPolicy()
    record: Callable[[], TrackRecord] = TrackRecord
    """What this repository's runs say of its models."""
    trailers: bool = False
    """Whether the offered commit message has trailers."""


class Runner:
    """Carries a phase from its start to passed, failed or sent back."""

    def __init__(self, bus: Bus, outside: Outside) -> None:
        self._bus = bus
        self._outside = outside
        self._finished: GenerateReceipt | None = None

    async def run(self, phase: Phase) -> Ended:
        """Run one phase under its route of this moment. Never raises but when cancelled."""
        state = self._bus.state
        before = state.phases[phase]
        again = before.state is PhaseState.CANCELLED or (
            before.state is PhaseState.FAILED and before.fault
        )
        attempt = before.attempt if again and before.attempt else before.attempt + 1
        route = await self._first(phase, state.routes[phase])
        await self._outside.clients.ready_for(route)
        key = state.key(phase)
        self._bus.publish(e.PhaseStarted(phase, attempt, route.model, route.why, key))
        began = self._outside.clock.monotonic()
        self._finished = None
        try:
            async with asyncio.timeout(WALL):
                receipt = await self._receipt(phase, route, attempt, before)
        except NotPassed as fault:
            return self._not_passed(phase, fault)
        except ModelFault as fault:
            return self._failed(phase, fault.sentence, fault.kind.value)
        except TimeoutError:
            return self._failed(
                phase,
                f"{phase.value} took more than {WALL / 60:.0f} minutes; rerun it (r) or choose "
                "another model (m).",
                "timeout",
            )
        except RelaypairError as fault:
            return self._failed(phase, str(fault), "outside")
        except Exception as fault:  # a phase must never take the relay down
            return self._failed(
                phase,
                f"{phase.value} broke down ({type(fault).__name__}: {fault}); rerun it (r), and "
                "please report this.",
            )
        self._hand_on(phase, receipt, key, self._outside.clock.monotonic() - began)
        return Ended.PASSED

    async def _first(self, phase: Phase, route: Route) -> Route:
        """The route, begun one step up where the record says that this is cheaper."""
        if not route.up:
            return route
        record = await asyncio.to_thread(self._outside.record)
        verify = self._bus.state.routes.get(Phase.VERIFY)
        found = choice(route, phase, record, judging_cost(record, verify))
        setting = "; ".join(part for part in (route.setting, found.why) if part)
        return replace(route.stepped_up() if found.is_up else route, setting=setting)

    async def _receipt(
        self, phase: Phase, route: Route, attempt: int, before: PhaseRun
    ) -> AnyReceipt:
        if phase is not Phase.GENERATE:
            return await self._with_retry(phase, whole_goal(self._bus.state.goal), route, attempt)
        state = self._bus.state
        wanted = [t for t in state.tasks if t.included]
        plan = state.phases[Phase.PLAN]
        if not wanted and plan.receipt and plan.state is not PhaseState.SKIPPED:
            raise NotPassed("the plan has no task that is to be done; take one in, or add one (1)")
        wanted = wanted or [whole_goal(state.goal)]
        bases = {t.id: task_key(state, t) for t in wanted}
        earlier = before.receipt if _keeps_outputs(before, state.key(phase)) else None
        settled = settled_outputs(before.settled, bases)
        fresh: list[GenerateReceipt] = []
        self._finished = merge_outputs(fresh, earlier, wanted, bases)
        answered_it = before.state is PhaseState.PASSED
        evidence = "" if answered_it else before.evidence
        for task in concerned(wanted, bases, evidence, earlier):
            receipt = settled.get(task.id) or await self._with_retry(phase, task, route, attempt)
            assert isinstance(receipt, GenerateReceipt)
            fresh.append(receipt)
            self._finished = merge_outputs(fresh, earlier, wanted, bases)
        return self._finished

    async def _with_retry(
        self, phase: Phase, task: TaskSpec, route: Route, attempt: int
    ) -> AnyReceipt:
        """Ask until the pass rule holds or the ladder ends; each time with the rule's own sentence.

        A fault of an earlier phase is not retried here, nor is what checks said: each ran twice.
        """
        failures, violations = self._bus.state.phases[phase].failures(task.id), 0
        asked = route.stepped_up() if is_up(route, failures) else route
        model, feedback = self._model(phase, task, asked, attempt), ""
        seen: tuple[str, ...] = ()
        while True:
            try:
                return await self._call(phase, task, model, feedback, seen)
            except NotPassed as fault:
                seen = fault.asked or seen
                mine = fault.owner in (None, phase) and not isinstance(fault, NoSource)
                if not mine or fault.checks or (model.is_local and phase is not Phase.VERIFY):
                    raise
                failures, violations = failures + 1, violations + isinstance(fault, OutOfScope)
                step = next_step(route, failures, violations)
                if step is Step.ASK:
                    raise
                feedback = fault.reason
                if step is Step.AGAIN:
                    self._bus.publish(e.PhaseRetried(phase, feedback, task.id))
                    continue
                up = route.stepped_up()
                self._bus.publish(e.PhaseEscalated(phase, model.model, up.model, feedback, task.id))
                model = self._model(phase, task, up, attempt, calls=model.calls)

    async def _call(
        self,
        phase: Phase,
        task: TaskSpec,
        model: RoutedModel,
        feedback: str,
        seen: tuple[str, ...],
    ) -> AnyReceipt:
        checker = WatchedChecker(self._outside.checker, self._bus)
        out = self._outside
        finder = WatchedFinder(out.finder, self._bus)
        ports = PhasePorts(out.repo, model, out.blobs, checker, finder, out.differ)
        inputs = replace(self.inputs(phase), feedback=feedback)
        if seen:
            inputs = replace(inputs, asked={**inputs.asked, task.id: seen})
        try:
            return await PHASES[phase](task, inputs, ports)
        except ModelFault as fault:
            if fault.kind is not FaultKind.OVERFLOW or len(inputs.context) < 2:
                raise
            fewer = best_within(inputs.context, fault.excess)
            left_out = len(inputs.context) - len(fewer)
            self._bus.publish(
                e.NoticeGiven(
                    f"The request did not fit {fault.model}: the {left_out} lowest-ranked of "
                    f"{len(inputs.context)} pieces of context were left out."
                )
            )
            return await PHASES[phase](task, replace(inputs, context=fewer), ports)

    def inputs(self, phase: Phase) -> Inputs:
        """What a phase may know at this moment."""
        state = self._bus.state
        run = state.phases[phase]
        allowed, refused = answered(self._outside.proposed(), state.approvals)
        live = (PhaseState.PASSED, PhaseState.PENDING)
        return Inputs(
            goal=state.goal,
            context=state.context,
            outlines=state.outlines,
            receipts={
                p: r.receipt
                for p, r in state.phases.items()
                if r.receipt and p in phase.before and r.state in live
            },
            notes=state.notes,
            note=run.note,
            evidence=run.evidence,
            files=() if _is_older(state, phase) else state.files,
            decisions=state.decisions,
            asked=_asked(run.receipt),
            earlier=_sent_back(state, run),
            commands=allowed,
            unapproved=refused,
            was_sent_back=state.phases[Phase.GENERATE].sent_back > 0,
            answered=state.phases[Phase.GENERATE].evidence,
            reach=state.reach,
            policy=self._outside.policy,
            trailers_run=state.run_id if self._outside.trailers else "",
        )

    def _model(
        self, phase: Phase, task: TaskSpec, route: Route, attempt: int, calls: int = 0
    ) -> RoutedModel:
        out = self._outside
        goal = self._bus.state.goal
        return RoutedModel(
            phase,
            route,
            task,
            attempt,
            goal.text,
            out.clients,
            self._bus,
            out.blobs,
            out.clock,
            out.timeouts,
            calls=calls,
        )

    def _hand_on(self, phase: Phase, receipt: AnyReceipt, key: str, seconds: float) -> None:
        if isinstance(receipt, ContextReceipt):
            self._bus.publish(e.ContextRetrieved(receipt.items))
        elif isinstance(receipt, ApplyReceipt):
            self._bus.publish(e.EditsStaged(receipt.staged, receipt.refusals))
            receipt = replace(receipt, staged=())
        elif isinstance(receipt, VerifyReceipt):
            self._tell_checks(receipt.checks)
            if receipt.verdict:
                self._bus.publish(e.VerdictGiven(receipt.verdict))
        self._bus.publish(e.PhasePassed(phase, receipt, key, round(seconds, 3)))

    def _tell_checks(self, results: Iterable[CheckResult]) -> None:
        for result in results:
            self._bus.publish(e.CheckFinished(result))

    def _not_passed(self, phase: Phase, fault: NotPassed) -> Ended:
        self._tell_checks(fault.checks)
        if fault.items:
            self._bus.publish(e.ContextRetrieved(fault.items))
        owner = fault.owner
        if owner and owner is not phase and self._may_send_back(owner):
            self._bus.publish(e.SentBack(phase, owner, fault.reason, fault.evidence))
            return Ended.SENT_BACK
        ended = self._failed(phase, fault.reason)
        if isinstance(fault, OutOfScope) and fault.kept:
            question = about_scope(self._bus.state, fault.reason, fault.outside, fault.kept)
            self._bus.publish(e.QuestionAsked(question))
        elif isinstance(fault, NoSource):
            self._bus.publish(e.QuestionAsked(about_source(self._bus.state, fault)))
        return ended

    def _may_send_back(self, owner: Phase) -> bool:
        """While the ladder has a step left, and only to somebody who can answer otherwise: the
        builtin engine cannot.
        """
        state = self._bus.state
        run, tasks = state.phases[owner], [t.id for t in state.tasks if t.included] or ["T1"]
        failures = 1 + min(run.failures(task) for task in tasks)
        may = next_step(state.routes[owner], failures) is not Step.ASK
        return may and run.model.partition("/")[0] != "builtin"

    def _failed(self, phase: Phase, reason: str, fault: str = "") -> Ended:
        self._bus.publish(e.PhaseFailed(phase, reason, fault, self._finished))
        return Ended.FAILED


def _is_older(state: RunState, phase: Phase) -> bool:
    """Whether what is staged is of a reply before the one that generate answers for: apply sent
    that one back.
    """
    return phase is Phase.GENERATE and state.phases[Phase.APPLY].state is not PhaseState.PASSED


def _asked(receipt: AnyReceipt | None) -> dict[str, tuple[str, ...]]:
    outputs = receipt.outputs if isinstance(receipt, GenerateReceipt) else ()
    return {output.task: output.asked for output in outputs if output.asked}


def _sent_back(state: RunState, run: PhaseRun) -> dict[str, TaskOutput]:
    """By task, the output that evidence complains of, where the task is still the same."""
    if not run.evidence or not isinstance(run.receipt, GenerateReceipt):
        return {}
    bases = {task.id: task_key(state, task) for task in state.tasks or (whole_goal(state.goal),)}
    return {o.task: o for o in run.receipt.outputs if o.basis and o.basis == bases.get(o.task)}


def _keeps_outputs(before: PhaseRun, key: str) -> bool:
    """Whether tasks that nobody complained of keep their outputs: after a send-back, a failure, an
    answered question, or a change of some task, but not when the user wants the phase to run again.
    """
    if before.state is PhaseState.PASSED:
        return before.input_key != key
    return bool(before.evidence or before.settled) or before.state is PhaseState.FAILED


def best_within(items: tuple[ContextItem, ...], excess: int) -> tuple[ContextItem, ...]:
    """The first items, best first, that use `excess` tokens less; half of them if it is unknown."""
    total = sum(i.tokens for i in items)
    room = total - excess if 0 < excess < total else total // 2
    kept = 0
    while kept < len(items) - 1 and (room := room - items[kept].tokens) >= 0:
        kept += 1
    return items[:kept]

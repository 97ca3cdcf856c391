"""One run's events become its figures, one event at a time."""

from collections.abc import Callable, Mapping

from core.record.figures import CallFigures, PhaseFigures, RunFigures
from core.record.hunks import Hunks
from core.record.late import Plain
from core.record.tries import Result, Tries
from core.record.user import BURST, TOLD, User


class RunFold:
    """Give it every event in order; `figures` may be asked at any time."""

    def __init__(self, run_id: str) -> None:
        self._figures = RunFigures(run_id)
        self._calls: dict[tuple[str, int, str], CallFigures] = {}
        self._asked: dict[str, CallFigures] = {}
        """Calls whose end nobody told yet: what they were sent is paid for."""
        self._phases: dict[tuple[str, int], PhaseFigures] = {}
        self._running: dict[str, PhaseFigures] = {}
        """The newest attempt of each phase."""
        self._ended: tuple[PhaseFigures, float, float] | None = None
        """The last attempt to be cancelled, its wall time if the program had ended, and when."""
        self._was_checked = False
        self._tries = Tries()
        self._hunks = Hunks()
        self._user = User()

    def add(self, kind: str, at: float, body: Plain) -> None:
        """One more event: its name, when it was told, and its values as `events_in` gives them.

        Unknown events only end a wait; one that lacks what its kind has is counted and left out.
        """
        try:
            if self._user.is_watching or kind in TOLD:
                self._user.happened(kind, at, body)
            if handler := _HANDLERS.get(kind):
                handler(self, body, at)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self._figures.unread += 1
        self._figures.ended = at

    def skip(self) -> None:
        """One event that is no event at all."""
        self._figures.unread += 1

    def stands(self, outcome: str) -> None:
        """How the run stands, in a word, where something other than its events tells."""
        self._figures.outcome = outcome

    @property
    def figures(self) -> RunFigures:
        """The figures so far: one value that goes on changing, so read it before the next event."""
        figures = self._figures
        figures.calls = [*self._calls.values(), *self._asked.values()]
        figures.phases = list(self._phases.values())
        figures.tries = self._tries.all
        figures.hunks = self._hunks.counted()
        figures.landings = len(self._hunks.landings)
        figures.escapes = len(self._hunks.escaped)
        figures.interventions = {k: n for k, n in self._user.interventions.items() if n > 0}
        figures.waits = self._user.waits
        return figures

    def _run_started(self, body: Plain, at: float) -> None:
        self._figures.kind = body["kind"]
        self._figures.goal = body["goal"]["text"]
        self._figures.started = at

    def _run_resumed(self, body: Plain, at: float) -> None:
        if self._ended and at - self._ended[2] < BURST:
            phase, seconds, _ = self._ended
            phase.seconds = seconds

    def _run_finished(self, body: Plain, at: float) -> None:
        self._figures.outcome = body["outcome"]

    def _phase_started(self, body: Plain, at: float) -> None:
        phase, attempt = body["phase"], body["attempt"]
        self._tries.started(phase, attempt)
        key = (phase, attempt)
        if key not in self._phases:
            self._phases[key] = PhaseFigures(phase, attempt, body["model"])
        self._running[phase] = self._phases[key]
        self._running[phase].outcome = "open"
        self._figures.running_since, self._was_checked = at, False

    def _of(self, phase: str, model: str) -> CallFigures:
        key = (phase, self._running[phase].attempt, model)
        if (calls := self._calls.get(key)) is None:
            calls = self._calls[key] = CallFigures(*key)
        return calls

    def _call_asked(self, body: Plain, at: float) -> None:
        attempt = self._running[body["phase"]].attempt
        asked = CallFigures(body["phase"], attempt, body["model"])
        asked.count(body["usage"])
        self._asked[body["call"]] = asked

    def _model_replied(self, body: Plain, at: float) -> None:
        phase = body["phase"]
        self._asked.pop(body["call"], None)
        calls = self._of(phase, body["model"])
        calls.count(body["usage"])
        calls.seconds.append(body["seconds"])
        if body["first_token"] > 0:
            calls.first_tokens.append(body["first_token"])
        self._running[phase].tokens_read += body["usage"]["tokens_in"]
        self._tries.replied(body)

    def _call_lost(self, body: Plain, at: float) -> None:
        self._asked.pop(body.get("call", ""), None)
        calls = self._of(body["phase"], body["model"])
        calls.lost += 1
        calls.count(body["usage"])
        self._tries.lost(body)

    def _call_retried(self, body: Plain, at: float) -> None:
        self._of(body["phase"], body["model"]).transport += 1

    def _phase_retried(self, body: Plain, at: float) -> None:
        model = self._tries.not_passed(body["phase"], body.get("task", ""))
        if model is not None:
            whose = model or self._running[body["phase"]].model
            self._of(body["phase"], whose).retries += 1

    def _phase_escalated(self, body: Plain, at: float) -> None:
        if self._tries.not_passed(body["phase"], body.get("task", "")) is not None:
            self._of(body["phase"], body["model"]).escalations += 1

    def _sent_back(self, body: Plain, at: float) -> None:
        self._tries.ended(body["phase"], Result.PASSED)  # its own answer was as it should be
        self._close(body["phase"], at, "sent back")
        self._blame(body["to"])

    def _blame(self, phase: str) -> None:
        self._tries.found_wanting(phase)
        if phase in self._running:
            self._running[phase].sent_back += 1
        self._hunks.asked_again()

    def _phase_passed(self, body: Plain, at: float) -> None:
        phase = body["phase"]
        self._tries.passed(phase)
        run = self._running[phase]
        run.seconds += body["seconds"]
        run.outcome, self._figures.running_since = "passed", 0.0
        if run.tokens_read and phase != "retrieve":  # what that hands on is the context itself
            run.passed = body.get("event")

    def _phase_failed(self, body: Plain, at: float) -> None:
        phase, fault = body["phase"], body.get("fault", "")
        finished = body.get("finished") or {}
        tasks = {one["task"] for one in finished.get("outputs", ())}
        # The sentence does not say whose fault it was: checks that ran, or edits without a place,
        # are generate's.
        is_generates = not fault and (phase == "apply" or (phase == "verify" and self._was_checked))
        mine = Result.PASSED if is_generates and phase == "verify" else Result.FAILED
        self._tries.ended(phase, Result.UNFINISHED if fault else mine, tasks)
        self._close(phase, at, "failed")
        if is_generates:
            self._blame("generate")

    def _phase_cancelled(self, body: Plain, at: float) -> None:
        phase = body["phase"]
        self._tries.ended(phase, Result.UNFINISHED)
        run = self._running[phase]
        told = self._since_it_began(self._figures.ended)
        self._ended = (run, run.seconds + told, at)
        self._close(phase, at, "cancelled")

    def _close(self, phase: str, at: float, outcome: str) -> None:
        run = self._running[phase]
        run.seconds += self._since_it_began(at)
        run.outcome, self._figures.running_since = outcome, 0.0

    def _since_it_began(self, at: float) -> float:
        """Seconds of the attempt that runs; none where none does."""
        return max(0.0, at - (self._figures.running_since or at))

    def _asked_again(self, body: Plain, at: float) -> None:
        self._hunks.asked_again()

    def _edits_staged(self, body: Plain, at: float) -> None:
        self._hunks.staged(body["count"], body["event"])

    def _hunk_decided(self, body: Plain, at: float) -> None:
        self._hunks.decided(body["ids"], [body["state"]] * len(body["ids"]))

    def _decision_undone(self, body: Plain, at: float) -> None:
        self._hunks.decided(body["ids"], body["states"])

    def _hunk_split(self, body: Plain, at: float) -> None:
        self._hunks.split(body["id"], [part["id"] for part in body["parts"]])

    def _hunk_edited(self, body: Plain, at: float) -> None:
        self._hunks.edited(body["id"], body["hunk"]["id"])

    def _edits_landed(self, body: Plain, at: float) -> None:
        self._hunks.landed(body["landing"])

    def _landing_undone(self, body: Plain, at: float) -> None:
        self._hunks.taken_out(body["landing"])

    def _check_finished(self, body: Plain, at: float) -> None:
        if body["subset"] == "proposal":
            self._was_checked = True
        self._hunks.checked(body["result"]["outcome"])


_HANDLERS: Mapping[str, Callable[[RunFold, Plain, float], None]] = {
    "RunStarted": RunFold._run_started,
    "RunResumed": RunFold._run_resumed,
    "RunFinished": RunFold._run_finished,
    "PhaseStarted": RunFold._phase_started,
    "CallAsked": RunFold._call_asked,
    "ModelReplied": RunFold._model_replied,
    "CallLost": RunFold._call_lost,
    "CallRetried": RunFold._call_retried,
    "PhaseRetried": RunFold._phase_retried,
    "PhaseEscalated": RunFold._phase_escalated,
    "SentBack": RunFold._sent_back,
    "PhasePassed": RunFold._phase_passed,
    "PhaseFailed": RunFold._phase_failed,
    "PhaseCancelled": RunFold._phase_cancelled,
    "RerunAsked": RunFold._asked_again,
    "MovedBack": RunFold._asked_again,
    "EditsStaged": RunFold._edits_staged,
    "HunkDecided": RunFold._hunk_decided,
    "DecisionUndone": RunFold._decision_undone,
    "HunkSplit": RunFold._hunk_split,
    "HunkEdited": RunFold._hunk_edited,
    "CheckFinished": RunFold._check_finished,
    "EditsLanded": RunFold._edits_landed,
    "LandingUndone": RunFold._landing_undone,
}

NEEDED = frozenset(_HANDLERS) | TOLD
"""The kinds whose values are read; of all others it is only read that they happened."""

IDLE = frozenset({"ContextRetrieved", "VerdictGiven", "LandingIntended", "NoticeGiven"})
"""Kinds that may be left out altogether: none of them is the only sign of a command."""

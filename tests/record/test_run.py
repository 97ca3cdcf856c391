import pytest

from core.domain import events as e
from core.domain.check import CheckCommand, Outcome
from core.domain.hunk import HunkState
from core.domain.metrics import CostBasis
from core.domain.phase import ORDER, Phase
from core.domain.question import Choice, Question
from core.domain.route import Layer, Route
from tests.record.making import Made, check, hunk, landing, staged

ACCEPTED, REJECTED = HunkState.ACCEPTED, HunkState.REJECTED
GENERATE, PLAN, VERIFY = Phase.GENERATE, Phase.PLAN, Phase.VERIFY


def test_an_unknown_price_is_never_added_as_nothing() -> None:
    made = Made().ran(PLAN).ran(GENERATE, cost=None, basis=CostBasis.UNKNOWN)
    cost = made.figures.cost
    assert (cost.known, cost.dollars, cost.unpriced) == (None, 0.5, 1)
    assert cost.plain()["dollars"] is None


def test_an_estimated_part_makes_the_sum_an_estimate() -> None:
    assert Made().ran(PLAN, basis=CostBasis.ESTIMATED).ran(GENERATE).figures.cost.is_estimated
    assert not Made().ran(PLAN).figures.cost.is_estimated


def test_calls_are_kept_by_phase_attempt_and_model() -> None:
    made = Made().ran(PLAN).tell(e.RerunAsked(PLAN, "")).start(PLAN, 2).reply(PLAN)
    made.tell(e.CallRetried(PLAN, "x/one", "overloaded", 1.0, "x/two"))
    made.reply(PLAN, model="x/two").passed(PLAN)
    rows = [(c.attempt, c.model, c.calls, c.transport) for c in made.figures.calls]
    assert rows == [(1, "x/one", 1, 0), (2, "x/one", 1, 1), (2, "x/two", 1, 0)]
    first = made.figures.calls[0]
    assert (first.tokens_in, first.tokens_cached, first.tokens_out) == (1_000, 10, 100)
    assert (first.first_tokens, first.seconds) == ([0.5], [2.0])


def test_wall_time_of_failed_and_cancelled_attempts_counts() -> None:
    made = Made().start(PLAN).tell(e.PhaseFailed(PLAN, "no"), after=7.0)
    made.start(PLAN, 2).passed(PLAN, 3.0)
    made.start(GENERATE).tell(e.PhaseCancelled(GENERATE, "was cancelled"), after=5.0)
    assert [(p.seconds, p.outcome) for p in made.figures.phases] == [
        (7.0, "failed"),
        (3.0, "passed"),
        (5.0, "cancelled"),
    ]


def test_the_night_between_a_crash_and_its_resumption_is_no_wall_time() -> None:
    made = Made().start(PLAN)
    made.at += 4.0
    made.reply(PLAN)
    made.tell(e.PhaseCancelled(PLAN, "was interrupted"), e.RunResumed("resumed"), after=30_000.0)
    assert made.figures.seconds == 4.0
    assert made.figures.interventions == {}
    assert made.start(PLAN).passed(PLAN, 2.0).figures.seconds == 6.0


def test_hunks_staged_again_for_a_task_after_a_send_back_are_rework() -> None:
    made = Made().stage("a:T1", "b:T1", "c:T2")
    made.start(VERIFY).tell(e.SentBack(VERIFY, GENERATE, "red", "x"))
    made.stage("a:T1", "d:T1:x/two", "e:T3", attempt=2)
    assert dict(made.figures.hunks.again) == {"x/two": 1}
    assert made.figures.hunks.staged == 5


def test_hunks_staged_anew_for_another_goal_are_no_rework() -> None:
    made = Made().stage("a:T1").stage("b:T1", attempt=2)
    assert made.figures.hunks.rework == 0


def test_hunks_the_user_rewrote_are_rework_once_and_by_their_writer() -> None:
    made = Made().stage("a:T1", "b:T1")
    made.tell(e.HunkEdited("a", hunk("a1")), e.HunkEdited("a1", hunk("a2")))
    assert dict(made.figures.hunks.edited) == {"x/one": 1}
    assert made.figures.hunks.staged == 2
    assert made.decide(ACCEPTED, "a2").figures.hunks.accepted == 1


def test_only_what_is_on_offer_or_landed_counts_as_accepted() -> None:
    made = Made().stage("a:T1", "b:T1", "c:T1").decide(ACCEPTED, "a", "b").decide(REJECTED, "c")
    assert (made.figures.hunks.accepted, made.figures.hunks.rejected) == (2, 1)
    made.tell(e.DecisionUndone(("c",), (HunkState.PENDING,)))
    assert made.figures.hunks.rejected == 0
    made.tell(e.RerunAsked(GENERATE, "")).stage("a:T1", "z:T1", attempt=2)
    assert (made.figures.hunks.accepted, made.figures.hunks.staged) == (1, 4)


def test_parts_take_the_place_of_a_split_hunk() -> None:
    made = Made().stage("a:T1", "b:T1").decide(ACCEPTED, "a")
    made.tell(e.HunkSplit("a", (hunk("a1"), hunk("a2"))))
    assert (made.figures.hunks.staged, made.figures.hunks.accepted) == (3, 2)


def test_a_dollar_per_hunk_is_of_those_that_stand() -> None:
    made = Made().ran(GENERATE).stage("a:T1", "b:T1").decide(ACCEPTED, "a", "b")
    assert made.figures.cost_per_landed_hunk is None
    made.tell(e.EditsLanded(landing("a", "b")))
    assert made.figures.cost_per_landed_hunk == 0.25
    made.tell(e.LandingUndone(landing("a", "b")))
    assert made.figures.cost_per_landed_hunk is None
    assert (made.figures.hunks.accepted, made.figures.landings) == (2, 1)


@pytest.mark.parametrize(
    "after, escapes",
    [
        ([e.LandingUndone(landing("a"))], 1),
        ([check(Outcome.FAIL)], 1),
        ([check(Outcome.FAIL), e.LandingUndone(landing("a"))], 1),
        ([check(Outcome.NOT_FOUND), check(Outcome.PASS)], 0),
        ([staged("b:T1"), check(Outcome.FAIL)], 0),
    ],
)
def test_a_landing_that_is_undone_or_red_escaped_once(after: list[e.Event], escapes: int) -> None:
    made = Made().stage("a:T1").tell(check(Outcome.FAIL), e.EditsLanded(landing("a")), *after)
    assert made.figures.escapes == escapes


def test_what_the_user_changed_is_counted_by_command() -> None:
    made = Made().stage("a:T1", "b:T1")
    for phase in ORDER:
        made.tell(e.RouteChanged(Route(phase, ("y/new",), Layer.KEYSTROKE)))
    made.tell(e.RouteChanged(Route(PLAN, ("y/old",), Layer.FLAG)))
    made.decide(ACCEPTED, "a").decide(REJECTED, "b").decide(REJECTED, "a", by="--accept none")
    made.tell(e.NoteAdded("mind the tests"), e.RerunAsked(PLAN, ""), e.MovedBack(PLAN))
    assert made.figures.interventions == {"swap": 1, "reject": 1, "note": 1, "rerun": 1, "back": 1}
    made.tell(e.RouteChanged(Route(PLAN, ("y/newer",), Layer.KEYSTROKE)), after=0.1)
    assert made.figures.interventions["swap"] == 2


def test_a_wait_lasts_from_the_question_to_the_next_command() -> None:
    question = e.ApprovalRequested(CheckCommand(("t",), "x"), "")
    made = Made().tell(question, e.RunPaused("may t run?"))
    made.tell(e.ApprovalGiven("t", True), after=12.0)
    made.decide(ACCEPTED, "a", after=50.0)
    assert made.figures.waits == [12.0]


def test_a_question_that_follows_a_failure_is_the_same_wait() -> None:
    made = Made().start(PLAN).tell(e.PhaseFailed(PLAN, "outside"))
    made.tell(e.QuestionAsked(Question("q", "outside", (Choice.REFUSE,))))
    made.tell(e.QuestionAnswered("q", Choice.REFUSE), after=7.0)
    assert made.figures.waits == [7.0]


def test_checks_the_user_asked_for_are_no_wait() -> None:
    made = Made().tell(e.RunPaused("undecided"))
    made.tell(check(Outcome.PASS, "accepted", 2.0), check(Outcome.PASS, "accepted", 5.0), after=10)
    assert made.tell(e.NoteAdded("x")).figures.waits == [3.0]


@pytest.mark.parametrize("end", [e.RunFinished("asked"), e.RunResumed("resumed")])
def test_a_closed_program_waits_for_nobody(end: e.Event) -> None:
    assert Made().tell(e.RunPaused("?")).tell(end, after=9_000.0).figures.waits == []


def test_what_nobody_answered_by_hand_was_no_wait() -> None:
    made = Made().stage("a:T1").tell(e.RunPaused("?")).decide(ACCEPTED, "a", after=1, by="--accept")
    assert made.figures.waits == []


def test_another_run_begins_anew_and_streams_change_nothing() -> None:
    made = Made().ran(PLAN)
    made.live.add(e.Recorded(0, 0.0, "run1", e.TextStreamed(PLAN, "text")))
    assert (made.figures.id, made.figures.ended) == ("run1", 1_000.0)
    made.live.add(e.Recorded(1, 5.0, "run2", e.PhaseStarted(PLAN, 1, "m", "", "k")))
    assert (made.figures.id, made.figures.cost.dollars) == ("run2", 0.0)

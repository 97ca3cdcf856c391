from core.domain import events as e
from core.domain.check import Outcome
from core.domain.metrics import CostBasis, Usage
from core.domain.phase import Phase
from core.domain.receipt import GenerateReceipt, TaskOutput
from core.record.tries import Result
from tests.record.making import Made, check

GENERATE, PLAN, VERIFY, APPLY = Phase.GENERATE, Phase.PLAN, Phase.VERIFY, Phase.APPLY


def results(made: Made) -> list[tuple[str, str, str]]:
    return [(t.task, t.model, t.result.value) for t in made.figures.tries]


def test_a_reply_that_is_asked_again_did_not_pass_and_the_next_did() -> None:
    made = Made().start(PLAN).reply(PLAN)
    made.tell(e.PhaseRetried(PLAN, "no tasks", "T1")).reply(PLAN).passed(PLAN)
    assert results(made) == [("T1", "x/one", "failed"), ("T1", "x/one", "passed")]
    assert [(c.calls, c.retries) for c in made.figures.calls] == [(2, 1)]


def test_a_step_up_is_an_escalation_of_the_model_that_failed() -> None:
    made = Made().start(PLAN).reply(PLAN)
    made.tell(e.PhaseEscalated(PLAN, "x/one", "x/two", "no tasks", "T1"))
    made.reply(PLAN, model="x/two").passed(PLAN)
    assert results(made) == [("T1", "x/one", "failed"), ("T1", "x/two", "passed")]
    assert {c.model: c.escalations for c in made.figures.calls} == {"x/one": 1, "x/two": 0}


def test_a_reply_cut_off_counts_as_one_that_did_not_pass() -> None:
    lost = Usage(900, 50, cost=None, basis=CostBasis.UNKNOWN, calls=1)
    made = Made().start(PLAN).tell(e.CallLost(PLAN, "x/one", "the reply is cut", lost))
    made.tell(e.PhaseRetried(PLAN, "the reply is cut", "T1")).reply(PLAN).passed(PLAN)
    assert results(made) == [("T1", "x/one", "failed"), ("T1", "x/one", "passed")]
    assert made.figures.cost.known is None
    assert made.figures.cost.dollars == 0.5


def test_work_sent_back_did_not_pass_but_only_that_of_the_tasks_asked_again() -> None:
    made = Made().ran(PLAN).ran(GENERATE, tasks="T1 T2").stage("h:T1")
    made.start(VERIFY, model="local").tell(check(Outcome.FAIL))
    made.tell(e.SentBack(VERIFY, GENERATE, "red", "evidence"))
    made.ran(GENERATE, 2, tasks="T2")
    assert results(made)[1:] == [
        ("T1", "x/one", "passed"),
        ("T2", "x/one", "sent back"),
        ("T2", "x/one", "passed"),
    ]
    assert [p.sent_back for p in made.figures.phases if p.phase == GENERATE] == [1, 0]


def test_red_checks_with_no_step_left_speak_against_the_work_and_not_the_reviewer() -> None:
    made = Made().ran(GENERATE).stage("h:T1").start(VERIFY).reply(VERIFY)
    made.tell(check(Outcome.FAIL), e.PhaseFailed(VERIFY, "red"))
    assert results(made) == [("T1", "x/one", "sent back"), ("T1", "x/one", "passed")]


def test_work_that_a_later_check_proves_after_all_passed() -> None:
    made = Made().ran(GENERATE).stage("h:T1").start(VERIFY, model="local")
    made.tell(check(Outcome.FAIL), e.PhaseFailed(VERIFY, "red"))
    made.start(VERIFY, 2, "local").tell(check(Outcome.PASS)).passed(VERIFY)
    assert results(made) == [("T1", "x/one", "passed")]


def test_a_provider_that_fails_says_nothing_of_the_model() -> None:
    made = (
        Made()
        .start(GENERATE)
        .reply(GENERATE)
        .tell(e.PhaseFailed(GENERATE, "the key is refused", "auth"))
    )
    assert [t.result for t in made.figures.tries] == [Result.UNFINISHED]


def test_tasks_finished_before_a_failure_passed() -> None:
    kept = GenerateReceipt(outputs=(TaskOutput("T1", "r", "why", ("a.py",), 1),))
    made = Made().start(GENERATE).reply(GENERATE, "T1").reply(GENERATE, "T2")
    made.tell(e.PhaseFailed(GENERATE, "no edits", "", kept))
    assert results(made) == [("T1", "x/one", "passed"), ("T2", "x/one", "failed")]


def test_a_resumed_attempt_does_not_count_its_retries_again() -> None:
    made = Made().start(PLAN).reply(PLAN).tell(e.PhaseRetried(PLAN, "no", "T1")).reply(PLAN)
    made.tell(e.PhaseCancelled(PLAN, "was interrupted"), e.RunResumed("resumed"))
    made.start(PLAN).tell(e.PhaseRetried(PLAN, "no", "T1")).passed(PLAN)
    assert [t.result.value for t in made.figures.tries] == ["failed", "passed"]
    assert [c.retries for c in made.figures.calls] == [1]
    assert made.figures.discards == []


def test_a_cancelled_reply_that_nothing_takes_up_was_paid_for_nothing() -> None:
    made = Made().start(PLAN).reply(PLAN).tell(e.PhaseCancelled(PLAN, "was cancelled"))
    assert [t.cost.dollars for t in made.figures.discards] == [0.5]


def test_a_plan_made_anew_before_anybody_used_it_is_discarded() -> None:
    made = Made().ran(PLAN).tell(e.RerunAsked(PLAN, "smaller")).ran(PLAN, 2)
    assert [t.attempt for t in made.figures.discards] == [1]
    assert made.ran(GENERATE).figures.discards[0].attempt == 1


def test_a_plan_made_anew_after_it_was_used_is_not_discarded() -> None:
    made = Made().ran(PLAN).ran(GENERATE).tell(e.RerunAsked(PLAN, "smaller")).ran(PLAN, 2)
    assert made.figures.discards == []


def test_the_last_result_of_a_run_is_not_discarded() -> None:
    made = Made().ran(PLAN).tell(e.RunFinished("asked"))
    assert made.figures.discards == []


def test_the_first_try_of_edits_without_a_place_is_generates() -> None:
    made = Made().ran(GENERATE).start(APPLY, model="local")
    made.tell(e.PhaseFailed(APPLY, "2 edits have no place"))
    assert results(made) == [("T1", "x/one", "sent back")]


def test_a_reply_before_the_answer_asked_to_see_more() -> None:
    made = Made().start(Phase.GENERATE).reply(Phase.GENERATE).reply(Phase.GENERATE)
    made.reply(Phase.GENERATE, task="T2").passed(Phase.GENERATE)
    assert [one.asked_for_more for one in made.figures.tries] == [1, 0]

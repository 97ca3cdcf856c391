from pathlib import Path

import pytest

from core.domain.phase import Phase, PhaseState
from core.domain.receipt import PlanReceipt
from core.domain.rules import PASS_RULES, outcome
from core.domain.state import PhaseRun

DOCS = Path(__file__).resolve().parents[2] / "docs" / "routing.md"


def test_the_docs_list_the_rules_of_the_code() -> None:
    table = [f"| {phase.value} | {rule} |" for phase, rule in PASS_RULES.items()]
    assert "\n".join(table) in DOCS.read_text()
    assert set(PASS_RULES) == set(Phase)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (PhaseRun(), ""),
        (PhaseRun(PhaseState.PASSED, receipt=PlanReceipt(did=("2 tasks",))), "holds: 2 tasks"),
        (PhaseRun(PhaseState.SKIPPED), "not passed: skipped"),
        (PhaseRun(PhaseState.CANCELLED), "not passed: cancelled"),
        (PhaseRun(PhaseState.FAILED, reason="no tasks"), "not passed: no tasks"),
        (PhaseRun(PhaseState.RUNNING), ""),
    ],
)
def test_only_what_passed_holds(run: PhaseRun, said: str) -> None:
    assert outcome(Phase.PLAN, run) == said


def test_what_the_user_vouches_for_says_so() -> None:
    receipt = PlanReceipt(did=("2 tasks",), edited_by_user=True)
    run = PhaseRun(PhaseState.PASSED, receipt=receipt)
    assert outcome(Phase.PLAN, run) == "holds: 2 tasks, edited by you"

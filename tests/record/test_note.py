import json

import pytest

from core.codec import event_to_json
from core.domain.check import CheckCommand, CheckResult, Outcome
from core.domain.events import PhasePassed
from core.domain.hunk import Refusal
from core.domain.phase import Phase
from core.domain.receipt import (
    NOTE_CHARACTERS,
    AnyReceipt,
    ApplyReceipt,
    Decision,
    Finding,
    GenerateReceipt,
    HitCount,
    PlanReceipt,
    ReviewReceipt,
    TaskOutput,
    Verdict,
    VerifyReceipt,
)
from core.domain.task import TaskSpec
from core.record.note import CHARACTERS_PER_TOKEN, LONGEST, note_tokens
from core.retrieval import snippets

CHECK = CheckResult(CheckCommand(("pytest", "-q"), "x"), "t", Outcome.NO_TESTS, summary="none ran")
VERDICT = Verdict("revise", (Finding("a.py:1", "wrong", "line 1"),), (("it adds", "pass"),), "m")

RECEIPTS: list[AnyReceipt] = [
    PlanReceipt(
        summary="all",
        did=("read",),
        tasks=(
            TaskSpec("T1", "Add", "add", ("a.py", "b.py")),
            TaskSpec("T2", "No", "no", ("c.py",), included=False),
        ),
        decisions=(Decision("a flag", "callers stay"),),
        assumptions=("python 3",),
        open_questions=("which?",),
    ),
    PlanReceipt(),
    GenerateReceipt(outputs=(TaskOutput("T1", "r", "because", ("a.py", "b.py"), 3),)),
    ApplyReceipt(files=("a.py",), hunks=2, refusals=(Refusal("b.py", "not there"),)),
    VerifyReceipt(checks=(CHECK,), counts=(HitCount("old", 62, 0),), verdict=VERDICT),
    VerifyReceipt(),
    ReviewReceipt(summary="s", commit_message="Add\n\nBody", attention=("a.py",)),
]


@pytest.mark.parametrize("receipt", RECEIPTS, ids=lambda r: type(r).__name__)
def test_a_note_is_as_long_as_what_later_phases_read(receipt: AnyReceipt) -> None:
    plain = json.loads(event_to_json(PhasePassed(Phase.PLAN, receipt, "k", 1.0)))["receipt"]
    assert note_tokens(plain) == snippets.estimate(receipt.to_note())


def test_a_note_is_no_longer_than_the_cut() -> None:
    receipt = PlanReceipt(did=tuple("x" * 100 for _ in range(100)))
    plain = json.loads(event_to_json(PhasePassed(Phase.PLAN, receipt, "k", 1.0)))["receipt"]
    assert snippets.estimate(receipt.to_note()) <= note_tokens(plain) <= LONGEST / 3


def test_the_constants_are_those_of_the_notes_themselves() -> None:
    assert (LONGEST, CHARACTERS_PER_TOKEN) == (NOTE_CHARACTERS, snippets.CHARACTERS_PER_TOKEN)

import pytest

from core.domain.check import SYNTAX, CheckResult, Outcome
from core.domain.context import ContextItem, Trust
from core.domain.hunk import Refusal
from core.domain.receipt import (
    NOTE_CHARACTERS,
    AnyReceipt,
    ApplyReceipt,
    ContextReceipt,
    Decision,
    GenerateReceipt,
    PlanReceipt,
    ReviewReceipt,
    TaskOutput,
    VerifyReceipt,
)
from core.domain.task import TaskSpec

LONG = "a sentence of some length " * 40
MANY = tuple(f"{LONG} {n}" for n in range(50))
ITEM = ContextItem("a.py:1-9", "a.py", 1, 9, LONG, 300, 1.0, LONG, Trust.CODE)
CHECK = CheckResult(SYNTAX, "hash", Outcome.FAIL, summary=LONG, output=LONG * 100)

BIG: tuple[AnyReceipt, ...] = (
    ContextReceipt(items=(ITEM,) * 80, did=MANY),
    PlanReceipt(summary=LONG, tasks=tuple(TaskSpec(f"T{n}", LONG, LONG, MANY) for n in range(8))),
    GenerateReceipt(outputs=(TaskOutput("T1", "digest", LONG, MANY, 9),) * 9, assumptions=MANY),
    ApplyReceipt(files=MANY, refusals=(Refusal("a.py", LONG),) * 30),
    VerifyReceipt(checks=(CHECK,) * 20),
    ReviewReceipt(summary=LONG, attention=MANY, decisions=(Decision(LONG, LONG),) * 20),
)


@pytest.mark.parametrize("receipt", BIG, ids=lambda r: r.kind)
def test_no_receipt_hands_on_more_than_a_thousand_tokens(receipt: AnyReceipt) -> None:
    note = receipt.to_note()
    assert len(note) <= NOTE_CHARACTERS < 3 * 1_000
    assert note.endswith("(receipt cut here)")


def test_a_small_receipt_is_handed_on_whole() -> None:
    receipt = PlanReceipt(summary="Shout.", decisions=(Decision("a flag", "callers stay"),))
    assert receipt.to_note() == "Shout.\ndecided: a flag (because callers stay)"


def test_what_a_check_printed_is_never_handed_on() -> None:
    result = CheckResult(SYNTAX, "h", Outcome.PASS, output="PRINTED")
    assert "PRINTED" not in VerifyReceipt(checks=(result,)).to_note()

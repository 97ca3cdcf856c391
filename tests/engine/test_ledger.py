from core.domain.goal import Goal
from core.domain.phase import Phase
from core.domain.receipt import Decision, GenerateReceipt, PlanReceipt
from core.phases.inputs import Inputs
from core.phases.ledger import CUT, LEDGER_BYTES, ledger


def inputs(decisions: tuple[Decision, ...], *assumptions: str) -> Inputs:
    plan = PlanReceipt(decisions=decisions, assumptions=assumptions[:1])
    written = GenerateReceipt(assumptions=assumptions[1:])
    return Inputs(Goal("g"), receipts={Phase.GENERATE: written, Phase.PLAN: plan})


def test_what_was_decided_and_assumed_is_told_in_the_order_of_the_relay() -> None:
    told = ledger(inputs((Decision("names stay", "they are public"),), "UTC", "no tests"))
    assert told.split("\n") == [
        "decided: names stay (because they are public)",
        "assumed: UTC",
        "assumed: no tests",
    ]


def test_reasons_give_way_before_decisions_do() -> None:
    many = tuple(Decision(f"decision {n}", "a reason " * 9) for n in range(20))
    told = ledger(inputs(many, "an assumption"))
    assert told.count("decided: ") == 20
    assert "because" not in told
    assert len(told.encode()) <= LEDGER_BYTES


def test_it_is_never_longer_than_its_cap_and_says_when_it_was_cut() -> None:
    many = tuple(Decision("ü" * 700, "") for _ in range(20))
    told = ledger(inputs(many, "x" * 5_000))
    assert len(told.encode()) <= LEDGER_BYTES
    assert told.endswith(CUT)
    assert told.startswith("decided: ü")


def test_nothing_decided_is_nothing_said() -> None:
    assert ledger(inputs(())) == ""

"""How a run stands, where its state alone does not say it in a word."""

from core.domain.phase import Phase
from core.domain.receipt import ReviewReceipt
from core.domain.state import RunState


def unseen(run: RunState) -> int | None:
    """How many hunks a person must still decide before a check may run them; None where the relay
    did not stop for any.
    """
    if run.cursor is not Phase.VERIFY:
        return None
    from core.engine.gate import UNSEEN, undecided

    return len(undecided(run)) if UNSEEN in run.waiting else None


def commit_message(run: RunState) -> str:
    """What review offers for the commit; empty where it did not run."""
    receipt = run.phases[Phase.REVIEW].receipt
    return receipt.commit_message if isinstance(receipt, ReviewReceipt) else ""


def offered_commit(run: RunState) -> str:
    """What is printed after a landing: the message whole, below a line that says what it is for."""
    text = commit_message(run)
    return f"commit message, for `git commit -F -`:\n\n{text}\n" if text else ""

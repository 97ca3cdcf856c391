"""Which accepted hunks are proven: the tree that was checked decides, not how one came to it."""

from dataclasses import replace

from core.domain.keys import accepted_key, offered_key
from core.domain.receipt import AnyReceipt, VerifyReceipt
from core.domain.state import AcceptedCheck, RunState
from core.domain.words import counted


def proven(state: RunState, receipt: AnyReceipt) -> RunState:
    """With what verify passed on: all those hunks accepted are the tree that it checked.

    Syntax alone proves nothing.
    """
    key = offered_key(state)
    if not key or not isinstance(receipt, VerifyReceipt):
        return state
    lines = [check.command.line for check in receipt.checks]
    if len(lines) < 2 or not all(check.passed for check in receipt.checks):
        return state
    told = f"{counted(len(state.hunks), 'hunk')} checked by verify: {', '.join(lines)} passed"
    return replace(state, accepted_check=AcceptedCheck(key, receipt.tree_hash, True, told))


def renamed(before: RunState, state: RunState) -> RunState:
    """After a split: what was checked is the same tree under other names."""
    check = before.accepted_check
    for key in (accepted_key, offered_key):
        if check and check.key == key(before):
            return replace(state, accepted_check=replace(check, key=key(state)))
    return state

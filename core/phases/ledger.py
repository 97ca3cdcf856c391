"""The decision ledger: what was settled so far, for every phase and worker, in at most 1 KB.

A phase that does not know what was decided decides it again, otherwise.
"""

from collections.abc import Iterator, Sequence

from core.domain.phase import ORDER
from core.domain.receipt import Receipt
from core.phases.inputs import Inputs

LEDGER_BYTES = 1_024
LONGEST = 300
"""Characters of one entry."""
CUT = "(more was decided than fits here)"


def ledger(inputs: Inputs) -> str:
    """Decisions with their reasons, then what was assumed, of all receipts, the first ones first.

    Where that is too long reasons are left out, then assumptions, then the last decisions, and a
    line says so. What the user added is part of the goal and never left out.
    """
    receipts = [inputs.receipts[phase] for phase in ORDER if phase in inputs.receipts]
    whole = [*_decided(receipts, with_reasons=True), *_assumed(receipts)]
    if _size(whole) <= LEDGER_BYTES:
        return "\n".join(whole)
    kept: list[str] = []
    for line in (*_decided(receipts, with_reasons=False), *_assumed(receipts)):
        if _size([*kept, line, CUT]) > LEDGER_BYTES:
            break
        kept.append(line)
    return "\n".join((*kept, CUT))


def _size(lines: list[str]) -> int:
    return len("\n".join(lines).encode("utf-8", "surrogatepass"))


def _decided(receipts: Sequence[Receipt], *, with_reasons: bool) -> Iterator[str]:
    for receipt in receipts:
        for one in receipt.decisions:
            why = f" (because {one.why})" if with_reasons and one.why else ""
            yield f"decided: {one.what}{why}"[:LONGEST]


def _assumed(receipts: Sequence[Receipt]) -> Iterator[str]:
    for receipt in receipts:
        yield from (f"assumed: {text}"[:LONGEST] for text in receipt.assumptions)

"""Reading a ledger: dates, categories and amounts."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


class LedgerError(ValueError):
    """A line of a ledger that cannot be read."""


@dataclass(frozen=True)
class Entry:
    """One line of a ledger."""

    date: str
    category: str
    amount: Decimal


def read_ledger(lines):
    """Yield the entries of a ledger; comments and blank lines are passed over."""
    rows = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    for number, row in enumerate(rows, 1):
        try:
            amount = Decimal(row["amount"])
        except (InvalidOperation, KeyError, TypeError):
            raise LedgerError(f"entry {number}: {row.get('amount')!r} is not an amount")
        yield Entry(row["date"], row["category"].strip(), amount)

"""Reports over the entries of a ledger."""

from collections import defaultdict
from decimal import Decimal


def totals(entries):
    """The sum of each category, in alphabetical order."""
    sums = defaultdict(Decimal)
    for entry in entries:
        sums[entry.category] += entry.amount
    return dict(sorted(sums.items()))


def format_report(sums):
    """A table of sums with a total below."""
    rows = [f"{name:<10}{amount:>8.2f}" for name, amount in sums.items()]
    rows.append(f"{'total':<10}{sum(sums.values()):>8.2f}")
    return "\n".join(rows)

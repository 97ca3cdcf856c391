import unittest
from decimal import Decimal

from tally.ledger import LedgerError, read_ledger


class ReadLedger(unittest.TestCase):
    def test_comments_and_blank_lines_are_passed_over(self):
        lines = ["# June\n", "date,category,amount\n", "\n", "2026-06-03,food,24.90\n"]
        [entry] = read_ledger(lines)
        self.assertEqual(entry.category, "food")
        self.assertEqual(entry.amount, Decimal("24.90"))

    def test_a_bad_amount_is_named(self):
        with self.assertRaisesRegex(LedgerError, "entry 1: 'lots' is not an amount"):
            list(read_ledger(["date,category,amount\n", "2026-06-03,food,lots\n"]))

import unittest
from decimal import Decimal

from tally.ledger import Entry
from tally.report import format_report, totals


class Report(unittest.TestCase):
    def test_sums_are_by_category_in_order(self):
        entries = [Entry("d", "rent", Decimal(7)), Entry("d", "food", Decimal(1)), Entry("d", "food", Decimal(2))]
        self.assertEqual(list(totals(entries).items()), [("food", Decimal(3)), ("rent", Decimal(7))])

    def test_the_table_ends_in_a_total(self):
        text = format_report({"food": Decimal("3.5"), "rent": Decimal(7)})
        self.assertEqual(text.splitlines()[-1], "total        10.50")

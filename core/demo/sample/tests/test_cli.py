import io
import tempfile
import unittest
from pathlib import Path

from tally.cli import main


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.ledger = Path(self.folder.name) / "june.csv"
        self.ledger.write_text("date,category,amount\n2026-06-03,food,24.90\n2026-06-04,rent,700\n")

    def run_tally(self, *arguments):
        out = io.StringIO()
        self.assertEqual(main([*arguments], out=out), 0)
        return out.getvalue()

    def test_report_prints_a_table(self):
        self.assertIn("food         24.90", self.run_tally("report", str(self.ledger)))


if __name__ == "__main__":
    unittest.main()

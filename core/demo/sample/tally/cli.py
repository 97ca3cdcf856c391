"""The command line of tally."""

import argparse
import sys

from tally.ledger import LedgerError, read_ledger
from tally.report import format_report, totals


def build_parser():
    """The parser of every command."""
    parser = argparse.ArgumentParser(prog="tally")
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="sums by category")
    report.add_argument("file", help="a ledger in CSV")
    return parser


def main(arguments, out=sys.stdout):
    """Run one command; the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        with open(options.file, encoding="utf-8") as lines:
            sums = totals(read_ledger(lines))
    except (OSError, LedgerError) as error:
        print(f"tally: {error}", file=sys.stderr)
        return 1
    print(format_report(sums), file=out)
    return 0

"""`relaypair edits`: the edit engine for other programs, JSON lines in and out."""

import argparse
import sys
from io import TextIOWrapper

from core.edits.plumbing import answer_lines
from tui.exit_codes import ExitCode


def main(options: argparse.Namespace) -> int:
    """Answer every request of standard input, each as soon as it is read. Writes no file."""
    del options
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for line in answer_lines(sys.stdin):
        print(line, flush=True)
    return int(ExitCode.DONE)

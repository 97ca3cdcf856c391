"""`relaypair keys`: every key of the app, from the one registry."""

import argparse
import shutil

from tui.keymap import render_keys


def main(options: argparse.Namespace) -> int:
    """Print the table of keys."""
    print(render_keys(shutil.get_terminal_size((100, 24)).columns))
    return 0

"""The app over a staged change of many hunks, without an engine behind it."""

from tui.app import RelaypairApp
from tui.scripted_session import large_session


def main(hunks: int) -> None:
    """Run until ended."""
    RelaypairApp(large_session(hunks)).run()

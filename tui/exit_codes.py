"""Exit codes: what a script can tell from how a run ended."""

from enum import IntEnum


class ExitCode(IntEnum):
    """One number per outcome, stable between versions."""

    DONE = 0
    """Landed and verified, or everything that was asked for was done."""
    FAILED = 1
    """A phase or a check failed."""
    USAGE = 2
    """The command line or a settings file was not understood."""
    UNVERIFIED = 3
    """Landed, or ready to land, without a check that proves it."""
    REJECTED = 4
    """Nothing was accepted, so nothing was landed."""
    REFUSED = 5
    """Landing or undoing was refused: files changed, or cannot be written."""
    ASKED = 6
    """The run waits for an answer that only a person can give."""

"""From how a command ended and what it printed to an outcome, and the one line that says why."""

import errno
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.adapters.check_reports import MISSING, Report
from core.adapters.containment import Ended
from core.domain.check import CheckCommand, Outcome

NOT_EXECUTABLE = frozenset(
    {errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC, errno.EPERM, errno.ELOOP}
)
SHELL_NOT_FOUND = (126, 127)
"""Exit codes of a shell for a command that cannot be executed, and for one that is not there."""

PYTEST_NO_TESTS = 5
PYTEST_OWN_FAULTS = (3, 4)
"""pytest's exit codes for an internal error and for wrong usage."""

DEADLY = frozenset(
    128 + number
    for number in (
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGKILL,
        signal.SIGSEGV,
        signal.SIGTERM,
        signal.SIGXCPU,
        signal.SIGXFSZ,
    )
)
"""How a shell reports that its command was ended by a signal."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one command in one tree."""

    command: CheckCommand
    ended: Ended
    output: str = field(repr=False)
    output_bytes: int
    report: Report
    written: tuple[str, ...] = ()
    """Files it wrote in its tree."""

    @property
    def outcome(self) -> Outcome:
        """What this run alone says."""
        return _abnormal(self) or _by_code(self)

    @property
    def reason(self) -> str:
        """One line: counts, or why it is not a pass."""
        return _REASONS.get(self.outcome, _counted)(self)

    @property
    def names_all_failures(self) -> bool:
        """Whether every failing test is known by name, so that two runs can be compared."""
        failures = self.report.failures
        return bool(failures) and self.report.failed <= len(failures)

    def resembles(self, other: "Run") -> bool:
        """Whether two runs say the same."""
        same = self.outcome is other.outcome
        return same and set(self.report.failures) == set(other.report.failures)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check is found to say, once compared with the tree without the change."""

    outcome: Outcome
    summary: str
    known: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blames: bool = True


def compare(run: Run, base: Run) -> Verdict:
    """What a failing run says, given the same command on the tree without the change.

    Only failures that are not there already count, as long as all of them have names and something
    still passes.
    """
    known = tuple(n for n in run.report.failures if n in base.report.failures)
    new = tuple(n for n in run.report.failures if n not in base.report.failures)
    if base.outcome is not Outcome.FAIL:
        word = f"without the change: {base.outcome.value}" + (
            f" ({base.report.counts})" if base.report.counts else ""
        )
        return Verdict(Outcome.FAIL, run.reason, notes=(word,))
    if not run.names_all_failures:
        note = "it fails without the change as well, and names no tests that could be compared"
        return Verdict(Outcome.FAIL, f"{run.reason}; {note}", known, blames=False)
    if new:
        summary = f"{count(len(new), 'new failure')}: {listed(new)}"
        return Verdict(Outcome.FAIL, summary + (f"; {len(known)} known" if known else ""), known)
    if not run.report.passed:
        note = "nothing passes, with or without the change, so nothing is proved"
        return Verdict(Outcome.FAIL, f"{run.reason}; {note}", known, blames=False)
    summary = f"{count(len(known), 'known failure')}, no new ones ({run.report.counts})"
    return Verdict(Outcome.PASS, summary, known, _fewer(run, base))


def count(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def listed(names: Sequence[str], limit: int = 3) -> str:
    """The first names, and how many more there are."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def _fewer(run: Run, base: Run) -> tuple[str, ...]:
    now = run.report.passed + run.report.failed
    before = base.report.passed + base.report.failed
    return (f"{now} tests ran, {before} without the change",) if now < before else ()


def _abnormal(run: Run) -> Outcome | None:
    ended = run.ended
    if ended.timed_out:
        return Outcome.TIMEOUT
    if not ended.supervised:
        return Outcome.ERROR
    if ended.error:
        return Outcome.NOT_FOUND if ended.error in NOT_EXECUTABLE else Outcome.ERROR
    if ended.signal or ended.code in DEADLY:
        return Outcome.KILLED
    if ended.code in SHELL_NOT_FOUND:
        return Outcome.NOT_FOUND
    return None


def _by_code(run: Run) -> Outcome:
    code, line = run.ended.code, run.command.line
    if code == 0:
        return Outcome.NO_TESTS if run.report.ran_none else Outcome.PASS
    if code == PYTEST_NO_TESTS and (run.report.ran_none or "pytest" in line):
        return Outcome.NO_TESTS
    if MISSING.search(run.output) and not run.report.failures:
        return Outcome.NOT_FOUND
    if code in PYTEST_OWN_FAULTS and "pytest" in line:
        return Outcome.ERROR
    return Outcome.FAIL


def _counted(run: Run) -> str:
    return run.report.counts or "exit code 0, and no test counts that could be read"


def _failed(run: Run) -> str:
    head = run.report.counts or f"exit code {run.ended.code}"
    names = run.report.failures
    return f"{head}: {listed(names)}" if names else head


def _timed_out(run: Run) -> str:
    return f"ended after {run.command.timeout:g} s, its limit"


def _killed(run: Run) -> str:
    number = run.ended.signal or (run.ended.code or 128) - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"ended by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")


def _not_found(run: Run) -> str:
    missing = MISSING.search(run.output)
    if missing:
        return f"{missing.group().strip()}; install it for this project or set another check"
    return f"{run.command.argv[0]} cannot be executed here; install it or set another check"


def _no_tests(run: Run) -> str:
    if run.report.skipped:
        return f"all {run.report.skipped} tests were skipped, so nothing was proved"
    return "it ran no tests, so nothing was proved"


def _error(run: Run) -> str:
    last = [line.strip()[:200] for line in run.output.splitlines() if line.strip()]
    said = last[-1] if last else "it printed nothing"
    if not run.ended.supervised:
        return f"the process that watches it ended before it ({said}); verify again"
    if run.ended.error:
        return f"it could not be started ({errno.errorcode.get(run.ended.error, 'unknown')})"
    return f"exit code {run.ended.code}: {said}"


_REASONS = {
    Outcome.FAIL: _failed,
    Outcome.TIMEOUT: _timed_out,
    Outcome.KILLED: _killed,
    Outcome.NOT_FOUND: _not_found,
    Outcome.NO_TESTS: _no_tests,
    Outcome.ERROR: _error,
}

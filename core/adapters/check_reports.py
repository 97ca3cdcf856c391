"""What test runners print, read by small patterns: failing tests, counts, telling lines."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

EXCERPT = 1_500
"""Characters of a check's output that a model is sent at most."""

MAX_NAMES = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read one runner. Every pattern is searched line by line; counts are added up."""

    name: str
    mark: str
    """Output with this is the runner's."""
    failures: tuple[str, ...]
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    ran: tuple[str, ...] = ()
    """Patterns of a total, where passes are not counted by themselves."""
    last_only: bool = False
    """Whether only the last marked line is counted: a summary that other lines may imitate."""
    section: str = ""
    """Names are looked for after the last occurrence of this."""
    heading: str = ""
    """What else names a failure, where the summary names fewer than were counted."""


READERS = (
    Reader(
        "pytest",
        r"^(?:=+ )?(?:no tests ran|\d+ \w+(?:, \d+ \w+)*) in [\d.]+s",
        (r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$",),
        (r"\b(\d+) (?:passed|xfailed|xpassed)\b",),
        (r"\b(\d+) (?:failed|errors?)\b",),
        (r"\b(\d+) skipped\b",),
        last_only=True,
        section="short test summary info",
        heading=r"^_+ (?:ERROR (?:at (?:setup|teardown) of |collecting ))?(.+?) _+$",
    ),
    Reader(
        "unittest",
        r"^Ran \d+ tests? in ",
        (r"^(?:FAIL|ERROR): (.+)$",),
        failed=(r"^FAILED \(.*?failures=(\d+)", r"^FAILED \(.*?errors=(\d+)"),
        skipped=(r"\bskipped=(\d+)",),
        ran=(r"^Ran (\d+) tests? in ",),
    ),
    Reader(
        "cargo",
        r"^(?:running \d+ tests?|test result: )|^error(?:\[E\d+\])?: .*could not compile",
        (r"^test (\S+)(?: - .*)? \.\.\. FAILED", r"^error(?:\[E\d+\])?: .*\n\s+--> (\S+?:\d+)"),
        (r"^test result: .*? (\d+) passed",),
        (r"^test result: .*? (\d+) failed",),
        (r"^test result: .*? (\d+) ignored",),
    ),
    Reader(
        "go",
        r"^(?:ok|FAIL|\?)\s+\S+\s+(?:[\d.]+s|\(cached\)|\[)",
        (r"^\s*--- FAIL: (\S+)", r"^FAIL\s+(\S+) \[(?:build|setup) failed\]"),
        (r"^(ok)\s+\S+\s+(?!.*\[no tests to run\])",),
        (r"^(FAIL)\s+\S+\s",),
    ),
    Reader(
        "node",
        r"^(?:#|\u2139) tests \d+",
        (r"^\s*not ok \d+ - (.+?)(?: # .*)?$", r"^\s*✖ (.+?) \([\d.]+ms\)"),
        (r"^(?:#|\u2139) pass (\d+)",),
        (r"^(?:#|\u2139) fail (\d+)",),
        (r"^(?:#|\u2139) skipped (\d+)",),
    ),
    Reader(
        "jest",
        r"^\s*Tests:?\s+.*\d+ (?:total|passed|failed)",
        (r"^\s+● (.+ \u203a .+)$", r"^\s*(?:✕|\u00d7) (.+?)(?: \(?[\d.]+ ?m?s\)?)?$"),
        (r"^\s*Tests:?\s.*?(\d+) passed",),
        (r"^\s*Tests:?\s.*?(\d+) failed",),
        (r"^\s*Tests:?\s.*?(\d+) skipped",),
    ),
    Reader(
        "mocha",
        r"^\s+\d+ passing\b",
        (r"^\s+\d+\) (.+?):?$",),
        (r"^\s+(\d+) passing\b",),
        (r"^\s+(\d+) failing\b",),
        (r"^\s+(\d+) pending\b",),
    ),
)

MISSING = re.compile(
    r"No module named '?(?:pytest|nox|tox)\b|^npm (?:err|error)!? missing script",
    re.MULTILINE | re.IGNORECASE,
)
"""The runner itself is not there: not a failing test."""

_TELLING = re.compile(
    r"^E  |^\s*(?:assert|raise)\b|Error\b|Exception\b|\bpanicked at\b"
    r"|^\s*(?:left|right|got|want|expected|actual)\b.*:"
    r"|^\s*-->|^\S+?\.\w+:\d+:|^\s*\S+_test\.go:\d+|^\s*[-+]\s+(?:actual|expected)|^error"
    r"|^\s*at .*:\d+:\d+|^\s*File \".*\", line \d+|^(?:FAIL|FAILED|ERROR)\b",
)
"""Lines that say what was expected, what was found, and where."""


_SECTION = re.compile(r"(?m)^(?=(?:={40,}|_{3,} .+ _{3,}|-{40,}\nRan )$)")
"""Where unittest and pytest begin to speak of another failure."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run said about tests."""

    runner: str = ""
    """Names of the readers that understood it; empty when none did."""
    failures: tuple[str, ...] = ()
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def ran_none(self) -> bool:
        """Whether a runner was understood and says that no test ran."""
        return bool(self.runner) and self.passed + self.failed == 0 and not self.failures

    @property
    def counts(self) -> str:
        """For one line: `2 failed, 10 passed, 1 skipped`; empty when nothing was counted."""
        parts = ((self.failed, "failed"), (self.passed, "passed"), (self.skipped, "skipped"))
        return ", ".join(f"{n} {word}" for n, word in parts if n)


def read_report(output: str) -> Report:
    """The failing tests and counts in a run's output, by every reader whose mark is in it."""
    found = [_read(reader, output) for reader in READERS if _matches(reader.mark, output)]
    names = dict.fromkeys(name for report in found for name in report.failures)
    return Report(
        ", ".join(report.runner for report in found),
        tuple(names)[:MAX_NAMES],
        sum(report.passed for report in found),
        sum(report.failed for report in found),
        sum(report.skipped for report in found),
    )


def excerpt(output: str, failures: tuple[str, ...], counts: str) -> str:
    """Failing names and the telling lines, each once, at most `EXCERPT` characters."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if _TELLING.search(line)]
    chosen = list(dict.fromkeys(telling)) or lines[-15:]
    head = [f"failing: {name}" for name in failures[:5]]
    last = [counts] if counts else lines[-1:]
    room = EXCERPT - sum(len(line) + 1 for line in (*head, *last))
    kept: list[str] = []
    for line in chosen:
        short = line if len(line) <= 300 else f"{line[:300]}…"
        if short in head or short in last or len(short) + 1 > room:
            continue
        room -= len(short) + 1
        kept.append(short)
    return "\n".join((*head, *kept, *last))[:EXCERPT]


def without(output: str, known: tuple[str, ...]) -> str:
    """The output less the sections that unittest and pytest give to these failures."""
    short = {name.split()[0].rpartition("::")[2] for name in known if name.split()}
    sections = _SECTION.split(output)
    kept = [s for s in sections if not (_headings(s) & short)]
    return "".join(kept)


def _headings(section: str) -> set[str]:
    """The words of a section's first three lines: the rule, and what it is about."""
    return set(re.findall(r"[\w.\[\]-]+", "\n".join(section.split("\n")[:3])))


def _read(reader: Reader, output: str) -> Report:
    counted = output
    if reader.last_only:
        marks = [m.group() for m in re.finditer(reader.mark, output, re.MULTILINE)]
        counted = marks[-1]
    failed = _count(reader.failed, counted)
    skipped = _count(reader.skipped, counted)
    passed = _count(reader.passed, counted)
    if reader.ran:
        passed = max(_count(reader.ran, counted) - failed - skipped, 0)
    named = output.rpartition(reader.section)[2] if reader.section else output
    if reader.section and reader.section not in output:
        named = ""
    names = tuple(dict.fromkeys(_names(reader.failures, named)))
    if reader.heading and len(names) < failed:
        names = tuple(dict.fromkeys(_names((reader.heading,), output)))
    return Report(reader.name, names, passed, failed, skipped)


def _names(patterns: Iterable[str], output: str) -> Iterable[str]:
    for pattern in patterns:
        for match in re.finditer(pattern, output, re.MULTILINE):
            yield match.group(1).strip()


def _count(patterns: Iterable[str], text: str) -> int:
    found = (v for p in patterns for v in re.findall(p, text, re.MULTILINE))
    return sum(int(value) if value.isdigit() else 1 for value in found)


def _matches(pattern: str, output: str) -> bool:
    return re.search(pattern, output, re.MULTILINE) is not None

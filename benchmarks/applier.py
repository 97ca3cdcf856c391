"""A program that applies edits, spoken to in JSON lines, and the verdict on what it answers."""

import contextlib
import json
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

PATIENCE = 60.0
"""Seconds for one answer; then the program is ended and started anew."""

_AMBIGUITY = re.compile(r"ambigu|several|\d+ (?:places|times|matches)|more than one", re.I)


class Outcome(StrEnum):
    """How an answer compares with the commit."""

    EXACT = "exact"
    """Every file has the commit's bytes."""
    NEAR = "near"
    """Apart from blanks at the ends of lines, line ends, a byte order mark, the end of the file."""
    REFUSED = "refused"
    """An error, and nothing changed."""
    WRONG = "wrong"
    HALF = "half-applied"
    """Some files changed and others not, or files changed beside an error."""


@dataclass(frozen=True, slots=True)
class Case:
    """One reply over the files of one commit."""

    name: str
    group: str
    """The kind of change, or `whole commit`."""
    variant: str
    context: int
    """Lines; 0 for formats that have none."""
    files: Mapping[str, str]
    output: str
    truth: Mapping[str, str]
    is_repeated: bool
    """Whether the old lines of some block stand in more than one place."""
    longest: int
    """Lines of the longest file that changes."""

    def request(self, *, with_format: bool) -> dict[str, object]:
        """What the program is sent."""
        wanted = {"format": self.variant.partition(":")[0]} if with_format else {}
        return {"name": self.name, **wanted, "files": dict(self.files), "output": self.output}


Answer = Mapping[str, Any]


class Applier:
    """A program that reads a request a line and writes an answer a line."""

    def __init__(self, name: str, argv: Sequence[str]) -> None:
        self.name = name
        self._argv = list(argv)
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout

    def ask(self, request: Mapping[str, object]) -> tuple[Answer, float]:
        """The answer, and the milliseconds from the line's first byte to the answer's last.

        A program that ends, says no JSON or takes longer than `PATIENCE` has answered an error.
        """
        line = json.dumps(request).encode() + b"\n"
        watch = threading.Timer(PATIENCE, self._process.kill)
        watch.start()
        began = time.perf_counter()
        try:
            self._in.write(line)
            self._in.flush()
            said = self._out.readline()
        except OSError:
            said = b""
        spent = (time.perf_counter() - began) * 1000
        watch.cancel()
        try:
            answer = json.loads(said)
        except ValueError:
            self.end()
            self._start()
            return {"error": f"the program ended or said no JSON: {said[:80]!r}"}, spent
        return answer, spent

    def end(self) -> None:
        """End the program."""
        with contextlib.suppress(OSError):
            self._in.close()
        self._process.kill()
        self._process.wait()
        self._out.close()


def judge(case: Case, answer: Answer) -> Outcome:
    """What an answer is worth."""
    given = answer.get("files")
    if "error" in answer:
        touched = isinstance(given, dict) and given != dict(case.files)
        return Outcome.HALF if touched else Outcome.REFUSED
    if given == dict(case.truth):
        return Outcome.EXACT
    if not isinstance(given, dict):
        return Outcome.WRONG
    if given.keys() == case.truth.keys() and all(
        _settled(given[path]) == _settled(text) for path, text in case.truth.items()
    ):
        return Outcome.NEAR
    changing = {p for p in case.files.keys() | case.truth.keys() if _differs(case, p)}
    done = {p for p in changing if given.get(p) == case.truth.get(p)}
    left = {p for p in changing if given.get(p) == case.files.get(p)}
    return Outcome.HALF if done and left and done | left == changing else Outcome.WRONG


def _differs(case: Case, path: str) -> bool:
    return case.files.get(path) != case.truth.get(path)


def _settled(text: str) -> list[str]:
    lines = [line.rstrip(" \t") for line in re.split(r"\r\n|\n", text.removeprefix("\ufeff"))]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def hides_places(answer: Answer) -> bool:
    """Whether a refusal speaks of several places and lists none."""
    return any(
        not refusal.get("lines") and _AMBIGUITY.search(str(refusal.get("reason", "")))
        for refusal in answer.get("refusals", ())
    )

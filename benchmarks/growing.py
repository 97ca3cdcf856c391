"""What finished relays cost in tokens, and what the same replies would have cost as one growing
conversation, counted with the same tokenizer.

    python -m benchmarks.growing JOURNAL_OR_FOLDER...

A folder is searched for journals (`~/.local/state/relaypair` holds those of all repositories).

**The conversation.** One system prompt and the goal come first; then each question of the relay, in
order, each with everything before it: all earlier questions and all earlier replies. A piece of a
prompt (a fenced piece of the repository, or a paragraph) is sent once; what only restates an
earlier reply (receipts, the task, the staged diff) and the system prompts of later phases are left
out. So a repeated question costs what is new in it, and a check's output is sent as the relay cut
it. Nothing is added for tool calls, repository maps, or files that were read but not changed, and
no file is sent again after it changed. All of this favours the conversation. It holds, at choice

- `whole files`: no snippet of the relay; each file that the run changed, whole, from the first
  question on that quotes it or gives it to a task, as tools do in which files are added to a chat;
- `whole sources`: the same for source files only; tests and documents by the relay's snippets;
- `snippets`: no file, only what the relay itself quoted, which its local search had found for it.

`fewer turns` leaves out the questions that a conversation need not ask, with their replies: the
ranking, requests for lines, the reviewer with a clean context. The relay still pays for its own.

**Cached** is the part of a call's input that was the beginning of an earlier input or reply, where
it has 1,024 tokens or more; providers sell it for about a tenth. Both sides are given it.
"""

import argparse
import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core.adapters.journal import RunRow, SqliteJournal
from core.adapters.model_host.client import ModelHost
from core.adapters.records import journals_in
from core.config import environment
from core.domain.context import Trust
from core.domain.events import EditsStaged, ModelReplied
from core.phases.showing import needs
from core.retrieval.corpus import lane

LEAST_CACHED = 1_024
"""Tokens below which providers cache nothing."""
CACHED_PRICE = 0.1
"""Of a cached input token; Anthropic and OpenAI list between a tenth and a half."""
Count = Callable[[str], int]

_FENCE = re.compile(r"^(~~~[0-9a-f]{8}) ([^\n]*)\n.*?^\1$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"^(?:(.*) lines \d+-\d+|.*) \((?:repo|git|lock|dep):\w+\)$")
"""The label of a snippet that retrieval found, or that a model asked for."""
_RESTATED = re.compile(
    r"From \w+:\n|Your task, |Plan: |T\d+ must hold: |Your earlier edits, |You have been shown all "
)
"""How a paragraph begins that says again what a reply has said."""
_OWN = ("the change", "earlier edits")
"""Labels of fences that hold earlier replies."""
_MAP = ("the project", "Other files, with what they define:")


@dataclass(frozen=True, slots=True)
class Call:
    """One question and its reply."""

    phase: str
    prompt: str
    reply: str


@dataclass(frozen=True, slots=True)
class Run:
    """A finished relay."""

    name: str
    calls: tuple[Call, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    """The files that it changed, as they were before."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Tokens of some calls."""

    calls: int = 0
    tokens_in: int = 0
    cached: int = 0
    tokens_out: int = 0

    def __add__(self, other: "Bill") -> "Bill":
        """Both together."""
        return Bill(
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.cached + other.cached,
            self.tokens_out + other.tokens_out,
        )

    @property
    def priced(self) -> int:
        """Tokens in, the cached ones at their price."""
        return round(self.tokens_in - (1 - CACHED_PRICE) * self.cached)


def relay(run: Run, count: Count) -> dict[str, Bill]:
    """What was sent, phase by phase."""
    bills: dict[str, Bill] = {}
    sent: list[str] = []
    for call in run.calls:
        known = max((_shared(call.prompt, one) for one in sent), key=len, default="")
        bill = Bill(1, count(call.prompt), _cached(count(known)), count(call.reply))
        bills[call.phase] = bills.get(call.phase, Bill()) + bill
        sent.append(call.prompt)
    return bills


def _shared(text: str, other: str) -> str:
    """What both begin with."""
    pairs = enumerate(zip(text, other, strict=False))
    return text[: next((n for n, (a, b) in pairs if a != b), min(len(text), len(other)))]


def conversation(run: Run, whole: frozenset[Trust], count: Count, *, fewer: bool = False) -> Bill:
    """The same replies as one conversation in which the files of these kinds are held whole."""
    bill, held = Bill(), 0
    files = {path: text for path, text in run.files.items() if lane(path) in whole}
    for question, reply in _turns(run, files, whole, fewer):
        asked, said = held + count(question), count(reply)
        bill += Bill(1, asked, _cached(held), said)
        held = asked + said
    return bill


def _cached(tokens: int) -> int:
    return tokens if tokens >= LEAST_CACHED else 0


def _turns(
    run: Run, files: Mapping[str, str], whole: frozenset[Trust], fewer: bool
) -> Iterator[tuple[str, str]]:
    """Each question, as far as it is new, and its reply."""
    sent: set[str] = set()
    for call in run.calls:
        if fewer and _is_spared(call):
            continue
        system, pieces = _pieces(call.prompt)
        new = [] if sent else [system]
        sent.add(system)
        for path in _opened(call, files):
            pieces.append(("", f"{path}\n{files[path]}"))
        for label, text in pieces:
            if text not in sent and not _is_left_out(label, text, whole):
                new.append(text)
                sent.add(text)
        yield "\n\n".join(new), call.reply


def _is_spared(call: Call) -> bool:
    """Whether a conversation can do without the question."""
    asks = call.phase == "generate" and bool(needs(call.reply))
    return asks or call.phase in ("retrieve", "verify")


def _pieces(prompt: str) -> tuple[str, list[tuple[str, str]]]:
    """The system prompt, then each fence with its label and each paragraph without one."""
    found: list[tuple[str, str]] = []
    at = 0
    for fence in _FENCE.finditer(prompt):
        found += [("", text) for text in prompt[at : fence.start()].split("\n\n")]
        found.append((fence[2], fence[0]))
        at = fence.end()
    found += [("", text) for text in prompt[at:].split("\n\n")]
    texts = [(label, text.strip("\n")) for label, text in found if text.strip()]
    return texts[0][1], texts[1:]


def _opened(call: Call, files: Mapping[str, str]) -> list[str]:
    """The files that this question is the first to need, if no earlier one did."""
    quoted = {m[1] for fence in _FENCE.finditer(call.prompt) if (m := _QUOTED.match(fence[2]))}
    tasks = _FENCE.sub("", call.prompt) if call.phase == "generate" else ""
    return [path for path in files if path in quoted or path in tasks]


def _is_left_out(label: str, text: str, whole: frozenset[Trust]) -> bool:
    if label in _OWN or (not label and _RESTATED.match(text)):
        return True
    if not whole:
        return False
    if (label or text).startswith(_MAP):
        return True
    quoted = _QUOTED.match(label)
    return quoted is not None and (quoted[1] is None or lane(quoted[1]) in whole)


def runs_in(path: Path) -> list[Run]:
    """The relays of a journal in which edits were written, the oldest first."""
    journal = SqliteJournal(path)
    runs = [_run(row, journal, path.parent.name) for row in reversed(journal.runs())]
    journal.close()
    return [run for run in runs if any(call.phase == "generate" for call in run.calls)]


def _run(row: RunRow, journal: SqliteJournal, place: str) -> Run:
    calls: list[Call] = []
    files: dict[str, str] = {}

    def text(digest: str) -> str:
        return journal.get(digest).decode("utf-8", "replace")

    for event in (recorded.event for recorded in journal.read(row.id)):
        if isinstance(event, ModelReplied) and event.prompt:
            calls.append(Call(event.phase.value, text(event.prompt), text(event.text)))
        elif isinstance(event, EditsStaged):
            files = {file.path: text(file.base) for file in event.files if file.base}
    return Run(f"{place}: {' '.join(row.goal.split())[:60]}", tuple(calls), files)


HOLDING = {
    "whole files": frozenset({Trust.CODE, Trust.TEST, Trust.DOCS}),
    "whole sources": frozenset({Trust.CODE}),
    "snippets": frozenset[Trust](),
}


def report(run: Run, count: Count) -> str:
    """Two tables in Markdown: the relay by phase, and every conversation beside it."""
    bills = relay(run, count)
    total = sum(bills.values(), Bill())
    lines = [f"### {run.name}", "", "| phase | calls | tokens in | tokens out |"]
    lines += ["|---|---:|---:|---:|"]
    for phase, bill in (*bills.items(), ("together", total)):
        lines.append(f"| {phase} | {bill.calls} | {bill.tokens_in:,} | {bill.tokens_out:,} |")
    lines += ["", "| | calls | tokens in | relay / it | cached at a tenth | relay / it | out |"]
    lines += ["|---|---:|---:|---:|---:|---:|---:|", _line("relay", total, total)]
    for name, whole in HOLDING.items():
        for fewer in (False, True):
            bill = conversation(run, whole, count, fewer=fewer)
            lines.append(_line(f"{name}, fewer turns" if fewer else name, bill, total))
    return "\n".join(lines)


def _line(name: str, bill: Bill, relayed: Bill) -> str:
    return (
        f"| {name} | {bill.calls} | {bill.tokens_in:,} | {relayed.tokens_in / bill.tokens_in:.2f} "
        f"| {bill.priced:,} | {relayed.priced / bill.priced:.2f} | {bill.tokens_out:,} |"
    )


def main() -> None:
    """Print the tables of every run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growing", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("journals", nargs="+", type=Path, metavar="JOURNAL_OR_FOLDER")
    host = ModelHost(environment())
    with asyncio.Runner() as runner:
        count = cache(lambda text: runner.run(host.count(text)))
        for path in parser.parse_args().journals:
            for journal in journals_in(path) if path.is_dir() else [path]:
                for run in runs_in(journal):
                    print(report(run, count), end="\n\n")
        runner.run(host.close())


if __name__ == "__main__":
    main()

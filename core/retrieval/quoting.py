"""Files that hold a run of the goal's words just as it stands: a message, a remark, a line of code.

Postings do not know in which order words stand, so the first files are read for it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from core.retrieval.secrets import masked
from core.retrieval.signals import Scores, best_source
from core.retrieval.snapshot import Snapshot

RUN = 5
"""Words of a run: four stand together by chance, six miss what five find (docs/decisions/0009)."""
FILES = 10
"""First files that are read."""
MOST = 400
"""Runs that are looked for."""
_ENDS = "`.,:;!?()'\"*"
"""Marks around a quotation that do not belong to it."""
_ADDRESS = re.compile(r"https?://\S+")
_IMPORT = re.compile(r"\s*(?:import|from|use|using|#include|require)\b")
"""Lines that many files hold."""
_LETTER = re.compile(r"[^\W\d_]")

Run = tuple[str, ...]


def quoted(index: Snapshot, text: str, total: Scores) -> Mapping[int, str]:
    """The files that alone among the first hold a run of the goal, with that run; `total` is how
    they rank so far. No run holds a secret that the goal shows.
    """
    runs = list(_runs(masked(text)))
    found: dict[Run, list[int]] = {}
    for number in best_source(index, total, FILES) if runs else ():
        for run in _held(runs, index.lookups.text(index.paths[number])):
            found.setdefault(run, []).append(number)
    told: dict[int, str] = {}
    for run in runs:
        holders = found.get(run, [])
        if len(holders) == 1:
            told.setdefault(holders[0], _spelled(run))
    return told


def _runs(text: str) -> Iterator[Run]:
    """The first runs of words within a line, each word with a letter in it."""
    left = MOST
    for line in _ADDRESS.sub("\n", text).lower().split("\n"):
        if _IMPORT.match(line):
            continue
        words = line.split()
        for start in range(len(words) - RUN + 1):
            run = tuple(words[start : start + RUN])
            if left and all(map(_LETTER.search, run)):
                left -= 1
                yield run


def _spelled(run: Run) -> str:
    return " ".join(run).strip(_ENDS)


def _held(runs: Iterable[Run], text: str) -> Iterator[Run]:
    """The runs that stand in a text; marks at their ends need not."""
    words = text.lower().split()
    known = set(words)
    likely = [run for run in runs if known.issuperset(run[1:-1])]
    plain = " ".join(words) if likely else ""
    return (run for run in likely if _spelled(run) in plain)

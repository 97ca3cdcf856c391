"""Files that hold a run of the goal's words just as it stands: a message, a remark, a line of code.

Postings do not know in which order words stand, so the first files are read for it.
"""

import re
from collections.abc import Mapping

from core.retrieval.signals import Scores, best_source
from core.retrieval.snapshot import Snapshot

RUN = 5
"""Words of a run: four stand together by chance, six miss what five find (docs/decisions/0009)."""
FILES = 10
"""First files that are read."""
MOST = 200
"""Runs that are looked for."""
_ENDS = "`.,:;!?()'\"*"
"""Marks around a quotation that do not belong to it."""
_BY_CHANCE = re.compile(r"https?://|^\s*(?:import|from|use|using|#include|require)\b")
"""Lines that many files hold, or none."""
_LETTER = re.compile(r"[a-z]")


def quoted(index: Snapshot, text: str, total: Scores) -> Mapping[int, str]:
    """The files that alone among the first hold a run of the goal, with that run; `total` is how
    they rank so far.
    """
    runs = _runs(text)
    if not runs:
        return {}
    held = {n: _plain(index.lookups.text(index.paths[n])) for n in best_source(index, total, FILES)}
    found: dict[int, str] = {}
    for run in runs:
        holders = [number for number, plain in held.items() if run in plain]
        if len(holders) == 1:
            found.setdefault(holders[0], run)
    return found


def _runs(text: str) -> list[str]:
    """Runs of words within a line, each with a letter in it."""
    found: dict[str, None] = {}
    for line in text.split("\n"):
        if _BY_CHANCE.search(line):
            continue
        words = line.lower().split()
        for start in range(len(words) - RUN + 1):
            run = words[start : start + RUN]
            if all(map(_LETTER.search, run)):
                found[" ".join(run).strip(_ENDS)] = None
    return list(found)[:MOST]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())

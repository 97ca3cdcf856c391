"""Journals, read only and by the kilobyte: figures of a thousand runs in a fraction of a second."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from core.record.figures import RunFigures
from core.record.reading import events_in
from core.record.run import RunFold
from core.record.trust import TrackRecord

JOURNAL_NAME = "journal.sqlite"
_QUERY = """SELECT run, CAST(at AS REAL), CAST(body AS TEXT) FROM event
WHERE run IN (SELECT id FROM run WHERE started >= ? ORDER BY started DESC LIMIT ?)
ORDER BY run, seq"""
Which = tuple[float, int]
"""Since when, and how many."""
REMEMBERED = 200
"""Runs that a track record is made of: models and prompts change, so old ones say little."""
_MAPPED = 1 << 31
"""Bytes of the file that are mapped and not copied."""


@dataclass(slots=True)
class Record:
    """What could be read of some journals."""

    runs: list[RunFigures] = field(default_factory=list)
    """By the time they began."""
    faults: list[str] = field(default_factory=list)
    """A sentence for each journal that could not be read to its end."""
    journals: int = 0


def read_records(journals: list[Path], since: float = 0.0, newest: int = -1) -> Record:
    """The figures of the runs that began at `since` (seconds since the epoch) or later; of each
    journal at most the `newest`, all for -1.

    Never writes, never raises for a damaged or foreign file: what was read before the damage is
    kept, and a sentence says so.
    """
    record = Record()
    for path in journals:
        folds: dict[str, RunFold] = {}
        try:
            _read(path, (since, newest), folds, str)
        except sqlite3.Error:
            try:
                _read(
                    path, (since, newest), folds, _replacing
                )  # slower, and stops at no broken letter
            except sqlite3.Error as error:
                record.faults.append(f"{path} could not be read to its end ({error}).")
        record.journals += 1
        record.runs += [fold.figures for fold in folds.values()]
    record.runs.sort(key=lambda run: run.started)
    return record


def read_track_record(journal: Path) -> TrackRecord:
    """What the last `REMEMBERED` runs of a repository say of its models; nothing for no journal."""
    return TrackRecord(read_records([journal], newest=REMEMBERED).runs)


def journals_in(folder: Path) -> list[Path]:
    """The journals of all repositories below the state folder."""
    return sorted(folder.glob(f"*/{JOURNAL_NAME}"))


def _opened(path: Path) -> sqlite3.Connection:
    """A connection that leaves no trace: without a log beside it nobody has the journal open, and
    the file by itself is all there is.
    """
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if log.exists() else "immutable=1"
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=2.0)
    database.execute(f"PRAGMA mmap_size={_MAPPED}")
    return database


def _read(
    path: Path, which: Which, folds: dict[str, RunFold], text: Callable[[bytes], str]
) -> None:
    with closing(_opened(path)) as database:
        database.text_factory = text
        _fold(database, which, folds)
        _add_outcomes(database, folds)


def _replacing(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _fold(database: sqlite3.Connection, which: Which, folds: dict[str, RunFold]) -> None:
    rows = database.execute(_QUERY, which)
    for run, events in groupby(rows, itemgetter(0)):
        folds[run] = fold = RunFold(run)
        for name, at, values in events_in((at, text) for _, at, text in events):
            if values is None:
                fold.skip()
            else:
                fold.add(name, at, values)


def _add_outcomes(database: sqlite3.Connection, folds: dict[str, RunFold]) -> None:
    """How each run stands by the list of runs: one that was left open never tells its end."""
    for run, outcome in database.execute("SELECT id, outcome FROM run"):
        if outcome and run in folds:
            folds[run].stands(outcome)

"""Events a second through the journal, each one durable before the next."""

import statistics
import tempfile
import time
from pathlib import Path

from core.adapters.journal import SqliteJournal
from core.domain.events import HunkDecided, Recorded
from core.domain.hunk import HunkState

EVENTS = 2_000


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        journal = SqliteJournal(Path(folder) / "journal.sqlite")
        event = HunkDecided(tuple(f"hunk{i:08d}" for i in range(20)), HunkState.ACCEPTED)
        times = []
        for seq in range(1, EVENTS + 1):
            began = time.perf_counter()
            journal.append(Recorded(seq, 0.0, "run", event))
            times.append(time.perf_counter() - began)
        began = time.perf_counter()
        count = sum(1 for _ in journal.read("run"))
        read = time.perf_counter() - began
    times.sort()
    median, late = statistics.median(times) * 1000, times[int(EVENTS * 0.95)] * 1000
    print(f"append of a 20-hunk decision: median {median:.2f} ms, p95 {late:.2f} ms")
    print(f"read back {count / read:,.0f} events/s")


if __name__ == "__main__":
    main()

"""A repository of so many files: what its index costs, and whether the app answers meanwhile.

`python -m benchmarks.large_index REPO... [--files 1000 5000 20000] [--as-is]`

The files are those of the repositories given, copied into as many folders as it takes, each with
words of its own, so that no two contents are equal.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.retrieval_trees import is_source
from benchmarks.terminal import Terminal

ROOT = Path(__file__).parent.parent
INDEXING = """
import resource, sys, time
from pathlib import Path
from core.adapters.finding import Finding
from core.config import environment
began = time.monotonic()
finding = Finding.open(Path(sys.argv[1]), Path(sys.argv[2]), environment())
finding.refresh()
took = time.monotonic() - began
times = resource.getrusage(resource.RUSAGE_SELF)
cpu = times.ru_utime + times.ru_stime
queries = []
for text in sys.argv[3:]:
    began = time.monotonic()
    finding.rank(text)
    queries.append(time.monotonic() - began)
endings = {".py", ".ts", ".js", ".go", ".rs", ".c", ".java", ".cs", ".rb"}
edited = next(file for file in sorted(Path(sys.argv[1]).rglob("*.*")) if file.suffix in endings)
refreshes = []
for number in range(9):
    with edited.open("a") as file:
        file.write(f"# {number}\\n")
    began = time.monotonic()
    finding.refresh()
    refreshes.append(time.monotonic() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(took, cpu, peak / 1024, max(queries[1:]), sorted(refreshes)[4])
"""
QUERIES = ("parse the options", "close the stream when the reader fails", "format numbers", "retry")
KEYS = (b"1", b"2", b"3", b"4")
"""Keys that go from panel to panel: each changes the screen."""
STARTING = 15.0
"""Seconds within which the app begins to index."""
LONGEST = 300.0
"""Seconds after which an index is not waited for any more."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one tree took."""

    files: int
    megabytes: float
    seconds: float
    cpu: float
    peak: float
    index: float
    query: float
    refresh: float
    """After one edited file, median of nine."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of costs, then how long keys waited while the largest tree was indexed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_index", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO")
    parser.add_argument("--files", nargs="*", type=int, default=[1_000, 5_000, 20_000])
    parser.add_argument("--as-is", action="store_true", help="the repositories themselves as well")
    options = parser.parse_args(arguments)
    texts = list(_texts(options.repositories))
    head = "files|MB|index, s|CPU, s|CPU ms a file|peak MB|index MB|query, max ms|one edit, ms"
    print("|", head.replace("|", " | "), "|")
    print("|" + " ---: |" * 9)
    for repository in options.repositories if options.as_is else ():
        with tempfile.TemporaryDirectory(prefix="relaypair-large-") as folder:
            copy = Path(folder) / "r"
            subprocess.run(["git", "clone", "-q", str(repository), str(copy)], check=True)
            files = [
                file for file in copy.rglob("*") if file.is_file() and ".git" not in file.parts
            ]
            size = sum(file.stat().st_size for file in files) / 1e6
            print(
                f"{repository.name}: {_row(_indexed(Path(folder), len(files), size))}", flush=True
            )
    for count in options.files:
        with tempfile.TemporaryDirectory(prefix="relaypair-large-") as folder:
            size = _tree(Path(folder) / "r", texts, count)
            cost = _indexed(Path(folder), count, size)
            print(_row(cost), flush=True)
            if count == max(options.files):
                waits, indexing = _keys(Path(folder))
                middle = sorted(waits)[len(waits) // 2]
                print(
                    f"\n{len(waits)} keys while {count:,} files were indexed ({indexing:.0f} s in "
                    f"the background): screen changed after {1000 * middle:.0f} ms (median), "
                    f"{1000 * max(waits):.0f} ms (longest)"
                )


def _row(cost: Cost) -> str:
    return (
        f"| {cost.files:,} | {cost.megabytes:.0f} | {cost.seconds:.1f} | {cost.cpu:.1f} "
        f"| {1000 * cost.cpu / cost.files:.2f} | {cost.peak:.0f} | {cost.index:.1f} "
        f"| {1000 * cost.query:.0f} | {1000 * cost.refresh:.0f} |"
    )


def _texts(repositories: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for repository in repositories:
        for file in sorted(repository.rglob("*")):
            path = file.relative_to(repository).as_posix()
            if is_source(path) and file.is_file() and file.stat().st_size < 60_000:
                yield f"{repository.name}/{path}", file.read_bytes()


def _tree(root: Path, texts: Sequence[tuple[str, bytes]], count: int) -> float:
    """Write so many files and commit them; their size in megabytes."""
    size = 0
    for number in range(count):
        path, data = texts[number % len(texts)]
        turn = number // len(texts)
        words = " ".join(f"word{turn}x{number % 97}y{n}" for n in range(8)).encode()
        data = data.replace(b"return", b"return_%d" % (turn % 7)) if turn else data
        target = root / f"part{turn}" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data + b"\n// " + words + b"\n")
        size += len(data)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "Begin")):
        subprocess.run(["git", *command], cwd=root, check=True)
    return size / 1e6


def _indexed(folder: Path, count: int, size: float) -> Cost:
    cache = folder / "cache"
    env = {"PATH": os.defpath, "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", INDEXING, str(folder / "r"), str(cache), *QUERIES]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    seconds, cpu, peak, query, refresh = map(float, done.stdout.split())
    index = sum(file.stat().st_size for file in cache.iterdir()) / 1e6
    shutil.rmtree(cache)
    return Cost(count, size, seconds, cpu, peak, index, query, refresh)


def _keys(folder: Path) -> tuple[list[float], float]:
    """Seconds until the screen changed after each key, while the app's finder indexes."""
    env = {"PATH": os.defpath, "HOME": str(folder), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    argv = [sys.executable, str(ROOT / "relaypair.py"), "app", "--repo", str(folder / "r")]
    terminal = Terminal(argv, env)
    try:
        terminal.read_until(b"goal>")
        terminal.key(b"\x1b")
        began, waits = time.monotonic(), []
        while not _is_indexing(terminal.pid) and time.monotonic() - began < STARTING:
            continue
        while _is_indexing(terminal.pid) and time.monotonic() - began < LONGEST:
            waits.append(terminal.key(KEYS[len(waits) % len(KEYS)])[0])
        return waits, time.monotonic() - began
    finally:
        terminal.end()


def _is_indexing(parent: int) -> bool:
    """Whether a child of the app is busy: its processor time grows."""
    before = _busy(parent)
    time.sleep(0.1)
    return _busy(parent) > before


def _busy(parent: int) -> int:
    total = 0
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        try:
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total


if __name__ == "__main__":
    main()

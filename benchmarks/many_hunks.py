"""10,000 hunks in 100 files: derived, linked, decided and composed; and the app over as many."""

import time
from collections.abc import Callable
from typing import TypeVar

from core.adapters.differ import GitDiffer
from core.config import environment
from core.domain.commands import DecideHunk
from core.domain.edit import FileVersion
from core.domain.events import EditsStaged, Recorded
from core.domain.hunk import FileEdit, FileOp, Hunk, HunkState
from core.domain.state import RunState
from core.edits.compose import compose
from core.edits.differing import PlainDiffer
from core.edits.hunks import derive_hunks
from core.edits.needs import link
from core.edits.snapshot import Snapshot, read_snapshot
from core.engine.reduce import reduce
from core.engine.steering import steer
from core.ports import Differ
from tui.app import RelaypairApp
from tui.scripted_session import large_session

FILES = 100
HUNKS = 100
"""Of each file."""

BEFORE = '''\
def part_{n}(size):
    """Part {n}, the long way round."""
    old_value = compute(size, {n})
    if old_value is None:
        raise LookupError({n})
    return old_value + {n}


'''
AFTER = BEFORE.replace("old_value = compute", "old_value = measure")

MEASURE = "\n\ndef measure(size, part):\n    return size\n"

T = TypeVar("T")


def show(hunks: int) -> None:
    """Run the app over a staged change, without an engine behind it, until ended."""
    RelaypairApp(large_session(hunks)).run()


def main() -> None:
    """Print the figures."""
    before, after = (_texts(template) for template in (BEFORE, AFTER))
    for path in after:
        before[path] = "import sys\n\n\n\n" + before[path]
        after[path] = "import sys\nfrom m00 import measure\n\n\n\n" + after[path]
    after["m00.py"] = after["m00.py"].replace("from m00 import measure\n", "") + MEASURE
    for name, differ in (("git", GitDiffer(environment())), ("difflib", PlainDiffer())):
        files, seconds = _timed(lambda differ=differ: derived(before, after, differ))  # type: ignore[misc]
        print(f"derive {_count(files):,} hunks of {len(files)} files with {name}: {seconds:.3f} s")
    snapshots = {path: _snapshot(path, text) for path, text in before.items()}
    texts = {path: "".join(lines) for path, lines in ((p, s.lines) for p, s in snapshots.items())}
    linked, seconds = _timed(lambda: link(files, texts, after))
    needs = sum(len(h.needs) for f in linked for h in f.hunks)
    print(f"link: {needs:,} needs in {seconds:.3f} s")
    state = reduce(RunState(), Recorded("run", 1, 0.0, EditsStaged(tuple(linked))))
    decided, seconds = _timed(lambda: _decided(state))
    accepted = len(decided.hunks_in(HunkState.ACCEPTED))
    print(f"decide {accepted:,} hunks at once: {seconds * 1000:.1f} ms")
    made, seconds = _timed(lambda: _composed(decided, snapshots))
    right = made == {path: text.encode() for path, text in after.items()}
    print(f"compose {len(made)} files: {seconds:.3f} s, {'exact' if right else 'WRONG'}")


def derived(before: dict[str, str], after: dict[str, str], differ: Differ) -> tuple[FileEdit, ...]:
    """From texts to hunks, reading included."""
    pairs = [(_snapshot(p, before[p]), _snapshot(p, after[p])) for p in before]
    runs = differ.runs([(old.lines, new.lines) for old, new in pairs])
    return tuple(
        FileEdit(old.path, FileOp.MODIFY, "", "", False, derive_hunks(old, new.lines, runs=own))
        for (old, new), own in zip(pairs, runs, strict=True)
    )


def _decided(state: RunState) -> RunState:
    command = DecideHunk(tuple(h.id for h in state.hunks), HunkState.ACCEPTED)
    for event in steer(state, command):
        state = reduce(state, Recorded("run", 2, 0.0, event))
    return state


def _composed(state: RunState, snapshots: dict[str, Snapshot]) -> dict[str, bytes | None]:
    return {f.path: compose(snapshots[f.path], f.kept(state.decisions)) for f in state.files}


def _texts(template: str) -> dict[str, str]:
    return {
        f"m{file:02}.py": "".join(template.format(n=file * HUNKS + n) for n in range(HUNKS))
        for file in range(FILES)
    }


def _snapshot(path: str, text: str) -> Snapshot:
    return read_snapshot(FileVersion(path, text.encode()))


def _count(files: tuple[FileEdit, ...]) -> int:
    hunks: list[Hunk] = [h for f in files for h in f.hunks]
    return len(hunks)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """The best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return result, best


if __name__ == "__main__":
    main()

import errno
import fcntl
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.disk import Disk
from core.adapters.worktree import HalfWritten, Worktree
from core.domain.edit import digest
from core.domain.errors import NotWritten
from core.domain.hunk import LandedFile, Landing, Settled

ROOT = Path(__file__).resolve().parents[2]

BEFORE = {"a.py": b"a = 1\n", "run.sh": b"#!/bin/sh\n", "lib/gone.py": b"old\n", "keep": b"k\n"}
AFTER = {"a.py": b"a = 2\n", "run.sh": b"#!/bin/bash\n", "new/x/y.py": b"y\n", "new/z.py": b"z\n", "keep": b"k\n"}  # fmt: skip
MODES = {"a.py": 0o640, "run.sh": 0o755, "lib/gone.py": 0o644, "keep": 0o600}

State = dict[str, tuple[bytes, int]]
"""Path to content and mode."""

KILLED = """\
import json, os, signal, sys
sys.path.insert(0, {code!r})
from pathlib import Path
from core.adapters.disk import Disk
from core.adapters.worktree import Worktree
from core.domain.hunk import LandedFile, Landing

OPERATIONS = ("write_new", "write", "sync", "keep", "replace", "place", "remove", "make_folder", "remove_folder", "sync_folder")
left = [0]

def deadly(name):
    real = getattr(Disk, name)
    def operation(self, *words, **named):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return real(self, *words, **named)
    return operation

Deadly = type("Deadly", (Disk,), {{name: deadly(name) for name in OPERATIONS}})

class Store(dict):
    def get(self, digest): return bytes.fromhex(self[digest])

task = json.load(sys.stdin)
landing = Landing("L", tuple(LandedFile(*f) for f in task["files"]), (), True, tuple(task["folders"]))
for number, root in enumerate(task["roots"]):
    child = os.fork()
    if child == 0:
        left[0] = number
        tree = Worktree(Path(root), Store(task["blobs"]), Path(root + ".lock"), Deadly())
        (tree.undo if task["undo"] else tree.land)(landing)
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Store(dict[str, bytes]):
    """Blobs in memory."""

    def put(self, data: bytes) -> str:
        self[digest(data)] = data
        return digest(data)

    def get(self, digest: str) -> bytes:  # type: ignore[override]
        return self[digest]


class Faulty(Disk):
    """Fails at one operation, or at every one from there on."""

    def __init__(
        self, number: int, code: int, *, for_ever: bool = False, after: bool = False
    ) -> None:
        self.operations = itertools.count()
        self.number, self.code, self.for_ever = number, code, for_ever
        self.after = after
        self.failed = False

    def step(self, then: Callable[[], object]) -> object:
        at = next(self.operations)
        fails = at == self.number or (self.for_ever and at > self.number)
        result = then() if self.after or not fails else None
        if fails:
            self.failed = True
            raise OSError(self.code, os.strerror(self.code), "the place")
        return result

    def write_new(
        self, path: Path, data: bytes, *, like: Path | None = None, executable: bool = False
    ) -> None:
        self.step(lambda: None)
        super().write_new(path, data, like=like, executable=executable)

    def write(self, handle: int, view: memoryview) -> int:
        return int(str(self.step(lambda: super(Faulty, self).write(handle, view))))

    def sync(self, handle: int) -> None:
        self.step(lambda: super(Faulty, self).sync(handle))

    def keep(self, source: Path, name: Path) -> bool:
        return bool(self.step(lambda: super(Faulty, self).keep(source, name)))

    def replace(self, source: Path, target: Path) -> None:
        self.step(lambda: super(Faulty, self).replace(source, target))

    def place(self, source: Path, target: Path) -> None:
        self.step(lambda: super(Faulty, self).place(source, target))

    def remove(self, path: Path) -> None:
        self.step(lambda: super(Faulty, self).remove(path))

    def make_folder(self, path: Path) -> None:
        self.step(lambda: super(Faulty, self).make_folder(path))

    def sync_folder(self, path: Path) -> None:
        self.step(lambda: super(Faulty, self).sync_folder(path))


class ShortWrites(Disk):
    """Writes one byte at a time."""

    def write(self, handle: int, view: memoryview) -> int:
        return super().write(handle, view[:1])


class NoHardLinks(Disk):
    """A file system such as FAT."""

    def keep(self, source: Path, name: Path) -> bool:
        return False


@dataclass
class Log(Disk):
    """Notes each operation."""

    lines: list[str] = field(default_factory=list)

    def sync(self, handle: int) -> None:
        self.lines.append(
            "sync " + Path(f"/proc/self/fd/{handle}").readlink().name.partition(".relaypair-")[0]
        )
        super().sync(handle)

    def replace(self, source: Path, target: Path) -> None:
        self.lines.append(f"replace {target.name}")
        super().replace(source, target)

    def place(self, source: Path, target: Path) -> None:
        self.lines.append(f"place {target.name}")
        super().place(source, target)


class Meddling(Disk):
    """Lets something happen just before the first or a later file is swapped in."""

    def __init__(self, meddle: Callable[[], object], before: str = "sync_folder") -> None:
        self.meddle, self.before = meddle, before

    def _now(self, name: str) -> None:
        if name == self.before:
            self.before = ""
            self.meddle()

    def write_new(
        self, path: Path, data: bytes, *, like: Path | None = None, executable: bool = False
    ) -> None:
        self._now("write_new")
        super().write_new(path, data, like=like, executable=executable)

    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        self._now("replaced")

    def place(self, source: Path, target: Path) -> None:
        self._now("place")
        super().place(source, target)


@dataclass
class Bench:
    """A working tree, its blobs, and one batch that changes, creates and deletes."""

    root: Path
    store: Store
    landing: Landing

    def tree(self, disk: Disk | None = None) -> Worktree:
        return Worktree(self.root, self.store, self.root.parent / "state" / "land.lock", disk)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path / "user")


def make_bench(
    root: Path, before: dict[str, bytes] = BEFORE, after: dict[str, bytes] = AFTER
) -> Bench:
    for path, data in before.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        (root / path).chmod(MODES.get(path, 0o644))
    root.mkdir(exist_ok=True)
    store = Store()
    files = tuple(
        LandedFile(
            path,
            store.put(before[path]) if path in before else "",
            store.put(after[path]) if path in after else "",
            bool(MODES.get(path, 0) & 0o100),
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )
    tree = Worktree(root, store, root.parent / "state" / "land.lock")
    folders = tree.folders_for([f.path for f in files if f.post])
    return Bench(root, store, Landing("L1", files, (), verified=True, folders=folders))


def state(root: Path) -> State:
    return {
        p.relative_to(root).as_posix(): (p.read_bytes(), stat.S_IMODE(p.stat().st_mode))
        for p in root.rglob("*")
        if p.is_file()
    }


def folders(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_dir()}


def contents(found: State) -> dict[str, bytes]:
    return {path: data for path, (data, _) in found.items()}


# Landing and undoing


def test_a_landing_writes_exactly_its_batch(bench: Bench) -> None:
    bench.tree().land(bench.landing)
    assert contents(state(bench.root)) == AFTER


def test_undo_restores_every_byte_and_mode_and_folder(bench: Bench) -> None:
    before, dirs = state(bench.root), folders(bench.root)
    bench.tree().land(bench.landing)
    bench.tree().undo(bench.landing)
    assert state(bench.root) == before
    assert folders(bench.root) == dirs


def test_a_landing_can_be_undone_and_landed_again_and_again(bench: Bench) -> None:
    before = state(bench.root)
    for _ in range(3):
        bench.tree().land(bench.landing)
        bench.tree().undo(bench.landing)
    assert state(bench.root) == before


def test_modes_are_kept(bench: Bench) -> None:
    bench.tree().land(bench.landing)
    modes = {path: mode for path, (_, mode) in state(bench.root).items()}
    assert {path: modes[path] for path in ("a.py", "run.sh", "keep")} == {
        "a.py": 0o640,
        "run.sh": 0o755,
        "keep": 0o600,
    }


def test_created_files_follow_the_umask_and_their_executable_bit(bench: Bench) -> None:
    tool = LandedFile("tool", "", bench.store.put(b"#!/bin/sh\n"), executable=True)
    plain = LandedFile("plain", "", bench.store.put(b"x"))
    previous = os.umask(0o027)
    try:
        bench.tree().land(Landing("L", (tool, plain), (), verified=True))
    finally:
        os.umask(previous)
    modes = {name: stat.S_IMODE((bench.root / name).stat().st_mode) for name in ("tool", "plain")}
    assert modes == {"tool": 0o750, "plain": 0o640}


def test_extended_attributes_are_kept(bench: Bench) -> None:
    try:
        os.setxattr(bench.root / "a.py", "user.note", b"mine")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    bench.tree().land(bench.landing)
    assert os.getxattr(bench.root / "a.py", "user.note") == b"mine"


def test_nothing_but_the_batch_is_left_in_the_folders(bench: Bench) -> None:
    bench.tree().land(bench.landing)
    assert not [p for p in bench.root.rglob("*") if "relaypair" in p.name]


def test_undo_leaves_a_made_folder_that_someone_else_uses(bench: Bench) -> None:
    bench.tree().land(bench.landing)
    (bench.root / "new/x/mine").write_text("mine")
    bench.tree().undo(bench.landing)
    assert (bench.root / "new/x/mine").exists()
    assert not (bench.root / "new/z.py").exists()


def test_folders_that_a_batch_would_make_are_named_outermost_first(bench: Bench) -> None:
    assert bench.tree().folders_for(["lib/a", "p/q/r.py", "p/s.py", "t"]) == ("p", "p/q")


# Row 5


def test_contents_are_flushed_before_the_rename_and_folders_after(bench: Bench) -> None:
    log = Log()
    bench.tree(log).land(bench.landing)
    first_swap = next(
        i for i, line in enumerate(log.lines) if line.startswith(("replace", "place"))
    )
    last_swap = max(i for i, line in enumerate(log.lines) if line.startswith(("replace", "place")))
    assert {"sync .a.py", "sync .run.sh", "sync .y.py", "sync .z.py"} == set(log.lines[:first_swap])
    after = {line.removeprefix("sync ") for line in log.lines[last_swap + 1 :]}
    assert after == {"user", "lib", "new", "x"}


def test_folders_above_a_made_folder_are_flushed_as_well(bench: Bench) -> None:
    log = Log()
    bench.tree(log).land(one(bench, "p/q/r.py", None, b"r"))
    assert set(log.lines[2:]) == {"sync user", "sync p", "sync q"}


# Rows 7, 9, 10


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("undo", [False, True], ids=["land", "undo"])
@pytest.mark.parametrize("after", [False, True], ids=["not done", "done but reported as failed"])
def test_whichever_operation_fails_the_whole_batch_is_as_it_was(
    code: int, undo: bool, after: bool, tmp_path: Path
) -> None:
    for number in itertools.count():
        bench = make_bench(tmp_path / str(number))
        if undo:
            bench.tree().land(bench.landing)
        before, dirs = state(bench.root), folders(bench.root)
        disk = Faulty(number, code, after=after)
        try:
            tree = bench.tree(disk)
            (tree.undo if undo else tree.land)(bench.landing)
        except NotWritten as fault:
            assert state(bench.root) == before
            assert folders(bench.root) == dirs
            assert str(fault).startswith(
                f"Nothing was {'undone' if undo else 'landed'}: {os.strerror(code)}"
            )
        else:
            assert not disk.failed
            break
        shutil.rmtree(bench.root)
    assert number > 15


@pytest.mark.parametrize("disk", [Disk, NoHardLinks])
def test_a_disk_that_gives_up_half_way_is_settled_later(disk: type[Disk], tmp_path: Path) -> None:
    stuck = 0
    for number in itertools.count():
        bench = make_bench(tmp_path / str(number))
        before, dirs = state(bench.root), folders(bench.root)
        try:
            bench.tree(Faulty(number, errno.EIO, for_ever=True)).land(bench.landing)
        except NotWritten:
            assert state(bench.root) == before
        except HalfWritten:
            stuck += 1
            settled = bench.tree(disk()).settle(bench.landing, undo=False)
            assert contents(state(bench.root)) == (AFTER if settled.applied else contents(before))
            assert settled.applied or folders(bench.root) == dirs
        else:
            break
    assert stuck


@pytest.mark.parametrize("number", range(4, 30, 3))
def test_a_file_system_without_hard_links_rolls_back_as_well(number: int, tmp_path: Path) -> None:
    class Both(NoHardLinks, Faulty):
        pass

    bench = make_bench(tmp_path / "user")
    before = state(bench.root)
    disk = Both(number, errno.EIO)
    try:
        bench.tree(disk).land(bench.landing)
    except NotWritten:
        assert contents(state(bench.root)) == contents(before)
    else:
        assert contents(state(bench.root)) == AFTER


def test_a_file_system_without_hard_links_lands_and_undoes(bench: Bench) -> None:
    before = state(bench.root)
    bench.tree(NoHardLinks()).land(bench.landing)
    assert contents(state(bench.root)) == AFTER
    bench.tree(NoHardLinks()).undo(bench.landing)
    assert contents(state(bench.root)) == contents(before)


def test_files_put_back_are_the_very_same_files(bench: Bench) -> None:
    inodes = {path: (bench.root / path).stat().st_ino for path in BEFORE}

    class LastSyncFails(Disk):
        def sync_folder(self, path: Path) -> None:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(NotWritten):
        bench.tree(LastSyncFails()).land(bench.landing)
    assert {path: (bench.root / path).stat().st_ino for path in BEFORE} == inodes


def test_short_writes_are_completed(bench: Bench) -> None:
    bench.tree(ShortWrites()).land(bench.landing)
    assert contents(state(bench.root)) == AFTER


@pytest.mark.parametrize("what", ["a.py", "lib"])
def test_a_file_or_folder_that_may_not_be_written_stops_the_batch_before_it_begins(
    what: str, bench: Bench
) -> None:
    class ReadOnly(Disk):
        def can_write(self, path: Path) -> bool:
            return path.name != what

        def write_new(
            self, path: Path, data: bytes, *, like: Path | None = None, executable: bool = False
        ) -> None:
            raise AssertionError("it began")

    before = state(bench.root)
    with pytest.raises(
        NotWritten, match=r"cannot be written, so nothing was landed; make it writable"
    ) as told:
        bench.tree(ReadOnly()).land(bench.landing)
    assert told.value.paths == (("a.py",) if what == "a.py" else ("lib/gone.py",))
    assert state(bench.root) == before


def test_a_disk_without_room_is_told_before_anything_is_written(bench: Bench) -> None:
    class Huge(Store):
        def get(self, digest: str) -> bytes:  # type: ignore[override]
            return Vast(super().get(digest))

    class Vast(bytes):
        def __len__(self) -> int:
            return 10**18

    tree = Worktree(bench.root, Huge(bench.store), bench.root.parent / "lock")
    with pytest.raises(NotWritten, match="free some space"):
        tree.land(bench.landing)
    assert contents(state(bench.root)) == BEFORE


def test_content_that_is_missing_from_the_store_lands_nothing(bench: Bench) -> None:
    del bench.store[digest(AFTER["new/z.py"])]
    with pytest.raises(NotWritten):
        bench.tree().land(bench.landing)
    assert contents(state(bench.root)) == BEFORE


def test_landing_works_where_no_state_folder_can_be_made(bench: Bench) -> None:
    blocked = bench.root.parent / "blocked"
    blocked.write_text("a file")
    Worktree(bench.root, bench.store, blocked / "land.lock").land(bench.landing)
    assert contents(state(bench.root)) == AFTER


# Row 2


def killed_at_every_operation(
    bench: Bench, tmp_path: Path, *, undo: bool
) -> list[tuple[Path, int]]:
    roots = [tmp_path / f"killed-{number}" for number in range(70)]
    for root in roots:
        shutil.copytree(bench.root, root)
    task = {
        "files": [(f.path, f.pre, f.post, f.executable) for f in bench.landing.files],
        "folders": bench.landing.folders,
        "blobs": {name: data.hex() for name, data in bench.store.items()},
        "roots": [str(root) for root in roots],
        "undo": undo,
    }
    code = KILLED.format(code=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(zip(roots, map(int, done.stdout.split()), strict=True))


@pytest.mark.parametrize("undo", [False, True], ids=["land", "undo"])
def test_a_kill_between_any_two_operations_is_settled(undo: bool, tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "user")
    pre = state(bench.root)
    bench.tree().land(bench.landing)
    post = state(bench.root)
    if not undo:
        bench.tree().undo(bench.landing)
    start, end = (post, pre) if undo else (pre, post)
    outcomes = []
    for root, status in killed_at_every_operation(bench, tmp_path, undo=undo):
        half = contents(state(root))
        tree = Worktree(root, bench.store, tmp_path / "lock")
        settled = tree.settle(bench.landing, undo=undo)
        expected = end if settled.applied else start
        assert contents(state(root)) == contents(expected)
        assert all(path in half or "relaypair" in path for path in half)
        assert folders(root) == {
            str(p) for path in expected for p in map(str, Path(path).parents) if p != "."
        } | {"lib"}
        assert settled.foreign == ()
        outcomes.append((status != 0, settled.applied, bool(settled.rolled_back)))
        assert tree.settle(bench.landing, undo=undo) == Settled(applied=settled.applied)
    assert {o[:2] for o in outcomes} >= {(True, False), (True, True), (False, True)}
    assert any(rolled for _, _, rolled in outcomes)


def test_settling_leaves_a_file_that_is_neither_old_nor_new(bench: Bench) -> None:
    (bench.root / "a.py").write_bytes(AFTER["a.py"])
    (bench.root / "run.sh").write_bytes(b"mine\n")
    settled = bench.tree().settle(bench.landing, undo=False)
    assert settled == Settled(applied=False, rolled_back=("a.py",), foreign=("run.sh",))
    assert (bench.root / "run.sh").read_bytes() == b"mine\n"
    assert (bench.root / "a.py").read_bytes() == BEFORE["a.py"]


def test_settling_a_whole_or_an_untouched_batch_changes_nothing(bench: Bench) -> None:
    assert bench.tree().settle(bench.landing, undo=False) == Settled(applied=False)
    bench.tree().land(bench.landing)
    assert bench.tree().settle(bench.landing, undo=False) == Settled(applied=True)
    assert contents(state(bench.root)) == AFTER


def test_leftovers_of_odd_names_are_cleared(tmp_path: Path) -> None:
    name = "we[i]rd*é" * 10 + ".py"
    bench = make_bench(tmp_path / "user", {name: b"1"}, {name: b"2"})
    left = bench.root / f".{name[:40]}.relaypair-0123abcd"
    left.write_text("half")
    bench.tree().settle(bench.landing, undo=False)
    assert not left.exists()
    bench.tree().land(bench.landing)
    assert contents(state(bench.root)) == {name: b"2"}


# Rows 16 to 19


def test_a_file_that_changed_since_it_was_reviewed_stops_the_batch(bench: Bench) -> None:
    (bench.root / "run.sh").write_text("mine\n")
    before = state(bench.root)
    with pytest.raises(NotWritten) as told:
        bench.tree().land(bench.landing)
    assert told.value.paths == ("run.sh",)
    assert str(told.value) == (
        "run.sh changed on disk since it was reviewed, so nothing was landed; "
        "rerun apply (r) to place the edits again."
    )
    assert state(bench.root) == before


def test_a_deleted_target_stops_the_batch(bench: Bench) -> None:
    (bench.root / "a.py").unlink()
    with pytest.raises(NotWritten, match=r"^a\.py was deleted on disk"):
        bench.tree().land(bench.landing)
    assert not (bench.root / "a.py").exists()


def test_a_file_that_appeared_is_not_overwritten(bench: Bench) -> None:
    (bench.root / "new").mkdir()
    (bench.root / "new/z.py").write_text("mine")
    with pytest.raises(NotWritten, match=r"new/z\.py appeared on disk"):
        bench.tree().land(bench.landing)
    assert (bench.root / "new/z.py").read_text() == "mine"


def test_a_file_that_appears_at_the_last_moment_is_not_overwritten(bench: Bench) -> None:
    target = bench.root / "new/x/y.py"
    with pytest.raises(NotWritten):
        bench.tree(Meddling(lambda: target.write_text("mine"), before="place")).land(bench.landing)
    assert contents(state(bench.root)) == BEFORE | {"new/x/y.py": b"mine"}


@pytest.mark.parametrize("before", ["write_new", "replaced"])
def test_a_file_that_changes_during_the_landing_stops_and_rolls_back_the_batch(
    before: str, bench: Bench
) -> None:
    target = bench.root / "run.sh"
    with pytest.raises(NotWritten, match=r"^run\.sh changed on disk") as told:
        bench.tree(Meddling(lambda: target.write_text("mine\n"), before)).land(bench.landing)
    assert told.value.paths == ("run.sh",)
    assert contents(state(bench.root)) == BEFORE | {"run.sh": b"mine\n"}


def test_rolling_back_spares_a_file_that_someone_wrote_after_it_landed(bench: Bench) -> None:
    def meddle() -> None:
        (bench.root / "a.py").write_text("mine\n")
        (bench.root / "run.sh").write_text("mine too\n")

    with pytest.raises(NotWritten):
        bench.tree(Meddling(meddle, "replaced")).land(bench.landing)
    assert contents(state(bench.root)) == BEFORE | {"a.py": b"mine\n", "run.sh": b"mine too\n"}


def test_undo_refuses_a_file_that_was_saved_after_the_landing(bench: Bench) -> None:
    bench.tree().land(bench.landing)
    (bench.root / "a.py").write_text("saved by an editor\n")
    with pytest.raises(NotWritten) as told:
        bench.tree().undo(bench.landing)
    assert told.value.paths == ("a.py",)
    assert str(told.value).startswith(
        "a.py changed on disk since it was landed, so nothing was undone;"
    )
    assert contents(state(bench.root)) == AFTER | {"a.py": b"saved by an editor\n"}


# Row 24


def test_another_relaypair_that_is_writing_is_named(bench: Bench) -> None:
    lock = bench.root.parent / "state/land.lock"
    lock.parent.mkdir()
    with lock.open("w+") as held:
        held.write("process 4711")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NotWritten, match=r"Another Relaypair \(process 4711\)"):
            bench.tree().land(bench.landing)
        with pytest.raises(NotWritten, match="Another Relaypair"):
            bench.tree().settle(bench.landing, undo=False)
    bench.tree().land(bench.landing)


# Rows 57 to 64


@pytest.mark.parametrize(
    "path",
    [
        "../out",
        "lib/../../out",
        "/etc/out",
        "~/out",
        "C:\\out",
        "C:out",
        "\\\\host\\share",
        ".git/config",
        ".GIT/config",
        "git~1/config",
        ".g\u200cit/config",
        "lib/.git/hooks/x",
        ".git./config",
        ".git::$INDEX_ALLOCATION/config",
        "",
        ".",
        "a\0b",
        "a\nb",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(path: str, bench: Bench, tmp_path: Path) -> None:
    before = state(tmp_path)
    landing = Landing("L", (LandedFile(path, "", bench.store.put(b"evil")),), (), verified=True)
    with pytest.raises(NotWritten, match="nothing was landed"):
        bench.tree().land(landing)
    after = {p: v for p, v in state(tmp_path).items() if not p.startswith("state/")}
    assert after == before


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "a.py").write_bytes(BEFORE["a.py"])
    yield folder
    assert (folder / "a.py").read_bytes() == BEFORE["a.py"]
    assert not (folder / "fresh.py").exists()


def one(bench: Bench, path: str, pre: bytes | None, post: bytes | None) -> Landing:
    hashes = (bench.store.put(data) if data is not None else "" for data in (pre, post))
    return Landing("L", (LandedFile(path, *hashes),), (), verified=True)


@pytest.mark.parametrize("path", ["link/a.py", "link/fresh.py", "file.py"])
def test_a_link_out_of_the_root_is_not_followed(path: str, bench: Bench, outside: Path) -> None:
    (bench.root / "link").symlink_to(outside)
    (bench.root / "file.py").symlink_to(outside / "a.py")
    pre = None if path == "link/fresh.py" else BEFORE["a.py"]
    assert bench.tree().hash_of(path) == ""
    with pytest.raises(NotWritten, match="leads out of the repository"):
        bench.tree().land(one(bench, path, pre, b"evil"))


def test_a_link_into_git_is_not_followed(bench: Bench) -> None:
    (bench.root / ".git").mkdir()
    (bench.root / "innocent").symlink_to(".git")
    with pytest.raises(NotWritten):
        bench.tree().land(one(bench, "innocent/config", None, b"evil"))
    assert list((bench.root / ".git").iterdir()) == []


@pytest.mark.parametrize("before", ["write_new", "replaced"])
def test_a_folder_swapped_for_a_link_while_landing_is_not_followed(
    before: str, bench: Bench, outside: Path
) -> None:
    def swap() -> None:
        (bench.root / "lib").rename(bench.root / "moved")
        (bench.root / "lib").symlink_to(outside)
        for prepared in (bench.root / "moved").glob(".a.py.*"):
            prepared.rename(outside / prepared.name)

    written: list[Path] = []

    class Watched(Meddling):
        def write_new(
            self, path: Path, data: bytes, *, like: Path | None = None, executable: bool = False
        ) -> None:
            written.append(path.parent.resolve())
            super().write_new(path, data, like=like, executable=executable)

    (bench.root / "lib/a.py").write_bytes(BEFORE["a.py"])
    files = (
        LandedFile("a.py", bench.store.put(BEFORE["a.py"]), bench.store.put(b"one")),
        LandedFile("lib/a.py", bench.store.put(BEFORE["a.py"]), bench.store.put(b"two")),
    )
    with pytest.raises(NotWritten):
        bench.tree(Watched(swap, before)).land(Landing("L", files, (), verified=True))
    assert all(place.is_relative_to(bench.root) for place in written)
    assert (bench.root / "a.py").read_bytes() == BEFORE["a.py"]


def test_a_link_inside_the_root_leads_to_its_target(bench: Bench) -> None:
    (bench.root / "lib/link.py").symlink_to("../a.py")
    landing = one(bench, "lib/link.py", BEFORE["a.py"], b"through\n")
    bench.tree().land(landing)
    assert (bench.root / "lib/link.py").is_symlink()
    assert (bench.root / "a.py").read_bytes() == b"through\n"
    bench.tree().undo(landing)
    assert contents(state(bench.root))["a.py"] == BEFORE["a.py"]


def test_a_loop_of_links_is_not_written(bench: Bench) -> None:
    (bench.root / "loop").symlink_to("loop")
    assert bench.tree().hash_of("loop") == ""
    with pytest.raises(NotWritten, match="nothing was landed"):
        bench.tree().land(one(bench, "loop", None, b"x"))
    assert (bench.root / "loop").is_symlink()


def test_hard_links_are_never_parted(bench: Bench) -> None:
    (bench.root / "twin").hardlink_to(bench.root / "a.py")
    with pytest.raises(NotWritten, match="2 hard links"):
        bench.tree().land(bench.landing)
    assert (bench.root / "twin").samefile(bench.root / "a.py")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_regular_file_is_not_written(make: Callable[[Path], None], bench: Bench) -> None:
    make(bench.root / "odd")
    assert bench.tree().hash_of("odd") == ""
    with pytest.raises(NotWritten, match="not a regular file"):
        bench.tree().land(one(bench, "odd", None, b"x"))


# Every batch

paths = st.sampled_from(["a", "b", "c/d", "c/e/f", "g h", "é"])
trees = st.dictionaries(paths, st.binary(max_size=20), max_size=5)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=trees, after=trees, fail=st.integers(0, 60))
def test_any_batch_lands_wholly_or_not_at_all_and_is_undone_exactly(
    before: dict[str, bytes], after: dict[str, bytes], fail: int, tmp_path: Path
) -> None:
    root = tmp_path / "user"
    shutil.rmtree(root, ignore_errors=True)
    bench = make_bench(root, before, after)
    start, dirs = state(root), folders(root)
    try:
        bench.tree(Faulty(fail, errno.EIO)).land(bench.landing)
    except NotWritten:
        assert (state(root), folders(root)) == (start, dirs)
        bench.tree().land(bench.landing)
    assert contents(state(root)) == after
    bench.tree().undo(bench.landing)
    assert (state(root), folders(root)) == (start, dirs)

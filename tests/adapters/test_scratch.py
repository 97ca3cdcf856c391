import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.manifest import COARSE_WINDOW, FINE_WINDOW, settled
from core.adapters.repo import WorkingRepo
from core.adapters.scratch import ScratchTree, ScratchUnusable
from core.domain.edit import FileVersion

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    "app/a.py": "a = 1\n",
    "app/b.py": "b = 2\n",
    "run.sh": "#!/bin/sh\n",
    "docs/deep/er/note.md": "x\n",
}

PREPARE = """\
import sys
sys.path.insert(0, {code!r})
from pathlib import Path
from core.adapters.manifest import COARSE_WINDOW, FINE_WINDOW, settled
from core.adapters.repo import WorkingRepo
from core.adapters.scratch import ScratchTree
repo = WorkingRepo.open(Path({root!r}), {{"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}})
tree = ScratchTree(repo, Path({cache!r}))
tree.tree
print("holding", flush=True)
tree.prepare()
sys.stdin.read()
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write(tmp_path / "user", FILES)
    (root / "run.sh").chmod(0o755)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root.resolve()


@pytest.fixture
def scratch(root: Path, tmp_path: Path) -> Iterator[ScratchTree]:
    tree = open_scratch(root, tmp_path)
    yield tree
    tree.close()


def open_scratch(root: Path, tmp_path: Path) -> ScratchTree:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    return ScratchTree(WorkingRepo.open(root, environment), tmp_path / "cache")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def change(path: str, text: str, *, executable: bool = False) -> FileVersion:
    return FileVersion(path, text.encode(), executable)


def test_the_tree_is_the_working_files_plus_a_change_minus_the_removed(
    scratch: ScratchTree, root: Path
) -> None:
    scratch.prepare([change("app/a.py", "a = 3\n"), change("new/c.py", "c\n")], ["app/b.py"])
    expected = contents(root) | {"app/a.py": b"a = 3\n", "new/c.py": b"c\n"}
    del expected["app/b.py"]
    assert contents(scratch.tree) == expected
    assert (root / "app/a.py").read_text() == "a = 1\n"


def test_uncommitted_and_untracked_work_is_part_of_the_base(
    scratch: ScratchTree, root: Path
) -> None:
    subprocess.run(["git", "add", "app/a.py"], cwd=root, check=True)
    (root / "app/a.py").write_text("a = 'dirty'\n")
    (root / "app/untracked.py").write_text("u\n")
    scratch.prepare()
    assert contents(scratch.tree) == contents(root)


def test_executable_bits_are_kept(scratch: ScratchTree) -> None:
    scratch.prepare([change("tool", "#!/bin/sh\n", executable=True)])
    modes = {n: os.access(scratch.tree / n, os.X_OK) for n in ("run.sh", "app/a.py", "tool")}
    assert modes == {"run.sh": True, "app/a.py": False, "tool": True}


def test_a_lost_executable_bit_changes_the_hash_and_the_tree(
    scratch: ScratchTree, root: Path
) -> None:
    before = scratch.prepare()
    (root / "run.sh").chmod(0o644)
    assert scratch.prepare() != before
    assert not os.access(scratch.tree / "run.sh", os.X_OK)


def test_no_file_of_the_tree_shares_an_inode_with_the_users(
    scratch: ScratchTree, root: Path
) -> None:
    scratch.prepare()
    for name in FILES:
        assert (scratch.tree / name).stat().st_ino != (root / name).stat().st_ino
        assert (scratch.tree / name).stat().st_nlink == 1


def test_only_differing_files_are_written(scratch: ScratchTree) -> None:
    scratch.prepare()
    before = {name: (scratch.tree / name).stat().st_ctime_ns for name in FILES}
    scratch.prepare([change("app/a.py", "a = 9\n")])
    written = [n for n, at in before.items() if (scratch.tree / n).stat().st_ctime_ns != at]
    assert written == ["app/a.py"]


def test_equal_trees_have_equal_hashes_whatever_came_before(scratch: ScratchTree) -> None:
    base = scratch.prepare()
    one = scratch.prepare([change("app/a.py", "x"), change("z", "y")])
    scratch.prepare([change("q", "q")], ["app/b.py"])
    assert scratch.prepare([change("z", "y"), change("app/a.py", "x")]) == one
    assert scratch.prepare([change("app/a.py", FILES["app/a.py"])]) == base
    assert scratch.prepare([change("app/a.py", "x"), change("z", "z")]) != one


def test_a_name_and_a_content_cannot_trade_places_in_the_hash(scratch: ScratchTree) -> None:
    assert scratch.prepare([change("n", "12")]) != scratch.prepare([change("n1", "2")])


def test_what_a_check_left_is_deleted(scratch: ScratchTree) -> None:
    base = scratch.prepare()
    tree = scratch.tree
    (tree / "stray.txt").write_text("x")
    (tree / "app/__pycache__").mkdir()
    (tree / "app/__pycache__/a.cpython-311.pyc").write_bytes(b"trap")
    os.mkfifo(tree / "pipe")
    (tree / "closed/in").mkdir(parents=True)
    (tree / "closed/in/file").write_text("x")
    (tree / "closed/in").chmod(0)
    (tree / "closed").chmod(0)
    (tree / "app/a.py").unlink()
    (tree / "app/b.py").chmod(0o000)
    shutil.rmtree(tree / "docs")
    (tree / "docs").write_text("a file now")
    assert scratch.prepare() == base
    assert sorted(contents(tree)) == sorted(FILES)
    assert {p.name for p in tree.iterdir()} == {"app", "docs", "run.sh"}


def test_files_that_a_check_wrote_are_told(scratch: ScratchTree) -> None:
    scratch.prepare()
    (scratch.tree / "app/b.py").write_text("b = 0\n")
    write(scratch.tree, {"out/report.xml": "<x/>", "__pycache__/x.pyc": "", "top": ""})
    assert scratch.written() == ("app/b.py", "out/report.xml", "top")
    scratch.prepare()
    assert scratch.written() == ()


def test_a_file_changed_in_place_with_its_old_size_and_time_is_restored(
    scratch: ScratchTree,
) -> None:
    scratch.prepare()
    target = scratch.tree / "app/a.py"
    info = target.stat()
    target.write_text("a = 7\n")
    os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
    scratch.prepare()
    assert target.read_text() == "a = 1\n"


def test_a_users_file_changed_with_its_old_size_and_time_is_noticed(
    scratch: ScratchTree, root: Path
) -> None:
    scratch.prepare()
    target = root / "app/a.py"
    info = target.stat()
    target.write_text("a = 7\n")
    os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
    scratch.prepare()
    assert (scratch.tree / "app/a.py").read_text() == "a = 7\n"


def test_a_users_file_changed_at_once_after_it_was_read_is_noticed(
    scratch: ScratchTree, root: Path
) -> None:
    for number in range(30):
        (root / "app/a.py").write_text(f"a = {number:03}\n")
        scratch.prepare()
        assert (scratch.tree / "app/a.py").read_text() == f"a = {number:03}\n"


def test_a_folder_swapped_for_a_link_to_the_users_is_not_written_through(
    scratch: ScratchTree, root: Path
) -> None:
    scratch.prepare()
    shutil.rmtree(scratch.tree / "app")
    (scratch.tree / "app").symlink_to(root / "app")
    (scratch.tree / "run.sh").unlink()
    (scratch.tree / "run.sh").hardlink_to(root / "run.sh")
    scratch.prepare([change("app/a.py", "evil"), change("run.sh", "evil")])
    assert (root / "app/a.py").read_text() == "a = 1\n"
    assert (root / "run.sh").read_text() == "#!/bin/sh\n"
    assert (scratch.tree / "app/a.py").read_text() == "evil"


def test_the_whole_tree_swapped_for_a_link_is_not_written_through(
    scratch: ScratchTree, root: Path, tmp_path: Path
) -> None:
    scratch.prepare()
    shutil.rmtree(scratch.tree)
    precious = write(tmp_path / "precious", {"app/a.py": "mine", "other": "mine"})
    scratch.tree.symlink_to(precious)
    scratch.prepare()
    assert contents(precious) == {"app/a.py": b"mine", "other": b"mine"}
    assert contents(scratch.tree) == contents(root)


def test_paths_that_lead_out_of_the_tree_are_refused(scratch: ScratchTree) -> None:
    for path in ("../x", "/etc/x", ".git/config", ".GIT/hooks/x"):
        with pytest.raises(ScratchUnusable, match="reject that file"):
            scratch.prepare([change(path, "x")])


def test_ignored_dependency_folders_are_linked_and_told(scratch: ScratchTree, root: Path) -> None:
    write(root, {".gitignore": ".venv\nnode_modules\n", "web/package.json": "{}"})
    write(root, {".venv/lib/x.py": "", "node_modules/y.js": "", "web/node_modules/z.js": ""})
    scratch.prepare()
    assert scratch.shared == (".venv", "node_modules", "web/node_modules")
    assert (scratch.tree / ".venv").readlink() == root / ".venv"
    assert (scratch.tree / "web/node_modules/z.js").exists()
    shutil.rmtree(root / "node_modules")
    scratch.prepare()
    assert scratch.shared == (".venv", "web/node_modules")
    assert not (scratch.tree / "node_modules").is_symlink()


def test_a_tracked_dependency_folder_is_copied_not_linked(scratch: ScratchTree, root: Path) -> None:
    write(root, {"node_modules/y.js": "y"})
    scratch.prepare([change("node_modules/y.js", "patched")])
    assert scratch.shared == ()
    assert (scratch.tree / "node_modules/y.js").read_text() == "patched"
    assert (root / "node_modules/y.js").read_text() == "y"


def test_stale_caches_of_the_user_are_not_copied(scratch: ScratchTree, root: Path) -> None:
    base = scratch.prepare()
    write(root, {"app/__pycache__/a.cpython-311.pyc": "trap"})
    assert scratch.prepare() == base
    assert not (scratch.tree / "app/__pycache__").exists()


def test_a_link_between_files_shows_the_change_of_its_target(
    scratch: ScratchTree, root: Path
) -> None:
    (root / "docs/link.py").symlink_to("../app/a.py")
    (root / "absolute.py").symlink_to(root / "app/a.py")
    scratch.prepare([change("app/a.py", "a = 5\n")])
    for name in ("docs/link.py", "absolute.py"):
        assert (scratch.tree / name).read_text() == "a = 5\n"
        assert (scratch.tree / name).resolve() == scratch.tree / "app/a.py"


def test_a_change_made_through_a_link_reaches_its_target(scratch: ScratchTree, root: Path) -> None:
    (root / "link.py").symlink_to("app/a.py")
    scratch.prepare([FileVersion("link.py", b"a = 6\n", is_link=True)])
    assert (scratch.tree / "app/a.py").read_text() == "a = 6\n"
    assert (root / "app/a.py").read_text() == "a = 1\n"


def test_links_out_of_the_root_and_devices_are_left_out(
    scratch: ScratchTree, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s")
    (root / "out").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "fifo")
    scratch.prepare()
    assert sorted(contents(scratch.tree)) == sorted(FILES)


def test_odd_names_are_carried(scratch: ScratchTree, root: Path) -> None:
    names = ["with space", " edge ", "-dash", 'quo"te', "new\nline", os.fsdecode(b"\xff\xfe"), "é"]
    for name in names:
        (root / name).write_text(name.encode("utf-8", "surrogateescape").hex())
    scratch.prepare()
    held = {p.name for p in scratch.tree.iterdir()}
    assert held == {*names, "app", "docs", "run.sh"}
    assert all(contents(scratch.tree)[n] == contents(root)[n] for n in names)


def test_a_plain_folder_without_git_works(tmp_path: Path) -> None:
    root = write(tmp_path / "plain", FILES)
    scratch = open_scratch(root, tmp_path)
    scratch.prepare([change("app/a.py", "x")])
    assert contents(scratch.tree) == contents(root) | {"app/a.py": b"x"}
    scratch.close()


def test_the_users_git_folder_is_neither_copied_nor_touched(
    scratch: ScratchTree, root: Path
) -> None:
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in (root / ".git").rglob("*")}
    scratch.prepare([change("app/a.py", "x")])
    assert {
        p: (p.stat().st_mtime_ns, p.stat().st_size) for p in (root / ".git").rglob("*")
    } == before
    assert not (scratch.tree / ".git").exists()


def grow_old(root: Path) -> None:
    """Wait until every file is older than the window in which its stamp proves nothing."""
    newest = max(path.stat().st_ctime_ns for path in root.rglob("*"))
    while time.time_ns() < newest + 2 * FINE_WINDOW:
        time.sleep(0.001)


def test_a_young_stamp_proves_nothing() -> None:
    second = 1_000_000_000
    fine, coarse = (1, 5 * second + 1, 5 * second + 1, 0, 1), (1, 5 * second, 5 * second, 0, 1)
    assert settled(fine, 5 * second + FINE_WINDOW) is None
    assert settled(fine, 5 * second + FINE_WINDOW + 2) == fine
    assert settled(coarse, 5 * second + FINE_WINDOW + 2) is None
    assert settled(coarse, 5 * second + COARSE_WINDOW + 2) == coarse


def test_an_unchanged_file_is_read_once(root: Path, tmp_path: Path) -> None:
    class Counting(WorkingRepo):
        reads: ClassVar[list[str]] = []

        def read(self, path: str) -> FileVersion | None:
            self.reads.append(path)
            return super().read(path)

    grow_old(root)
    scratch = ScratchTree(Counting.open(root, {"HOME": "/nonexistent"}), tmp_path / "cache")
    scratch.prepare()
    assert sorted(Counting.reads) == sorted(FILES)
    Counting.reads.clear()
    scratch.prepare()
    scratch.prepare([change("app/a.py", "x")])
    assert Counting.reads == []
    scratch.prepare()
    assert Counting.reads == ["app/a.py"]
    scratch.close()


def test_the_next_process_goes_on_with_the_same_tree(root: Path, tmp_path: Path) -> None:
    first = open_scratch(root, tmp_path)
    base = first.prepare()
    inode = (first.tree / "app/a.py").stat().st_ino
    first.close()
    second = open_scratch(root, tmp_path)
    assert second.prepare() == base
    assert (second.tree / "app/a.py").stat().st_ino == inode
    second.close()


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_manifest_costs_a_rebuild_and_nothing_else(
    seed: int, root: Path, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    grow_old(root)
    first = open_scratch(root, tmp_path)
    base = first.prepare()
    manifest = first.tree.parent / "manifest.json"
    data = bytearray(manifest.read_bytes())
    if seed % 2:
        del data[chance.randrange(len(data)) :]
    else:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    (first.tree / "app/a.py").write_text("left by a check")
    first.close()
    manifest.write_bytes(data)
    second = open_scratch(root, tmp_path)
    assert second.prepare() == base
    assert contents(second.tree) == contents(root)
    second.close()


def test_relaypairs_on_one_repository_have_trees_of_their_own(root: Path, tmp_path: Path) -> None:
    first, second = open_scratch(root, tmp_path), open_scratch(root, tmp_path)
    assert (first.tree.parent.name, second.tree.parent.name) == ("scratch-0", "scratch-1")
    first.close()
    third = open_scratch(root, tmp_path)
    assert third.tree.parent.name == "scratch-0"
    second.close()
    third.close()


def started(root: Path, tmp_path: Path) -> subprocess.Popen[str]:
    code = PREPARE.format(code=str(ROOT), root=str(root), cache=str(tmp_path / "cache"))
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "holding\n"
    return child


@pytest.mark.parametrize("files_written", [1, 150, 290])
def test_a_preparation_killed_half_way_is_made_good_by_the_next(
    files_written: int, root: Path, tmp_path: Path
) -> None:
    write(root, {f"many/f{n}.py": f"n = {n}\n" * 2000 for n in range(300)})
    child = started(root, tmp_path)
    with child:
        many = tmp_path / "cache/scratch-0/tree/many"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if many.is_dir() and len(os.listdir(many)) >= files_written:  # noqa: PTH208
                break
        child.send_signal(signal.SIGKILL)
        child.wait()
    scratch = open_scratch(root, tmp_path)
    scratch.prepare()
    assert scratch.tree.parent.name == "scratch-0"
    assert contents(scratch.tree) == contents(root)
    scratch.close()


def test_a_full_or_closed_cache_folder_is_told_in_one_sentence(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ScratchUnusable) as told:
        open_scratch(root, tmp_path).prepare()
    assert str(told.value).endswith("verify again.")


names = st.sampled_from(["a", "b", "d/a", "d/b", "d/e/f"])
versions = st.dictionaries(names, st.tuples(st.binary(max_size=3), st.booleans()))
steps = st.lists(st.tuples(versions, st.sets(names)), min_size=1, max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(base=versions, steps=steps)
def test_any_series_of_preparations_ends_in_exactly_the_composed_tree(
    base: dict[str, tuple[bytes, bool]],
    steps: list[tuple[dict[str, tuple[bytes, bool]], set[str]]],
    tmp_path: Path,
) -> None:
    root = tmp_path / "user"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for path, (data, executable) in base.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        (root / path).chmod(0o755 if executable else 0o644)
    scratch = open_scratch(root, tmp_path)
    hashes: dict[str, str] = {}
    for changed, removed in steps:
        found = scratch.prepare([FileVersion(p, d, x) for p, (d, x) in changed.items()], removed)
        expected = {p: v for p, v in base.items() if p not in removed} | changed
        held = {p: (d, os.access(scratch.tree / p, os.X_OK)) for p, d in held_in(scratch).items()}
        assert held == expected
        assert hashes.setdefault(repr(sorted(expected.items())), found) == found
    assert len(set(hashes.values())) == len(hashes)
    scratch.close()


def held_in(scratch: ScratchTree) -> dict[str, bytes]:
    return contents(scratch.tree)

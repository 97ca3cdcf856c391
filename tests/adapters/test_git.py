import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.adapters import git as door
from core.adapters.git import Git, GitFault
from core.adapters.repo import WorkingRepo

SETTINGS = (
    "-c",
    "user.name=A",
    "-c",
    "user.email=a@example.com",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "protocol.file.allow=always",
)
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


def run(folder: Path, *words: str) -> str:
    """git as the user runs it, with a configuration of its own only."""
    environment = ENVIRONMENT | {"GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *SETTINGS, *words], cwd=folder, env=environment, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "user")


def repository(root: Path) -> Path:
    root.mkdir(parents=True)
    run(root, "init", "-q")
    (root / "a.py").write_text("a = 1\n")
    (root / "lib").mkdir()
    (root / "lib/b.py").write_text("b = 1\n")
    (root / "lib/b.py").chmod(0o755)
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "First", "-m", "The body.")
    return root.resolve()


def git(root: Path) -> Git:
    return Git(root, ENVIRONMENT)


def inside_git(root: Path) -> dict[str, tuple[str, int]]:
    """Every file of `.git`, by content and time."""
    folder = root / ".git"
    return {
        p.relative_to(folder).as_posix(): (
            hashlib.sha256(p.read_bytes()).hexdigest(),
            p.stat().st_mtime_ns,
        )
        for p in folder.rglob("*")
        if p.is_file()
    }


def everything(root: Path) -> None:
    """Every call this module offers, once."""
    asked = git(root)
    door.find_root(root)
    door.repository_state(asked)
    door.listed_files(asked)
    door.history(asked, 10)
    door.untracked(asked)
    head = asked.try_text("rev-parse", "--verify", "-q", "HEAD")
    if head:
        tree = door.resolve(asked, "HEAD")
        door.changed_paths(asked, tree, None)
        door.changed_paths(asked, tree, tree)
        door.contents(asked, tree, door.listed_files(asked))
    repo = WorkingRepo.open(root, ENVIRONMENT)
    repo.state()
    for path in repo.files():
        repo.read(path)
    repo.history(5)


# Row 39


@dataclass(frozen=True)
class Canary:
    """A program that notes that it ran."""

    script: Path
    note: Path

    @property
    def sang(self) -> bool:
        return self.note.exists()


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    script, note = tmp_path / "canary.sh", tmp_path / "ran"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {note}\ncat\n')
    script.chmod(0o755)
    return Canary(script, note)


HOOKS = (
    "post-checkout",
    "post-index-change",
    "reference-transaction",
    "fsmonitor-watchman",
    "pre-auto-gc",
    "post-rewrite",
)


def set_hooks(root: Path, canary: Canary) -> None:
    for name in HOOKS:
        shutil.copy(canary.script, root / ".git/hooks" / name)


def set_hooks_path(root: Path, canary: Canary) -> None:
    hooks = root / "hooks"
    hooks.mkdir()
    for name in HOOKS:
        shutil.copy(canary.script, hooks / name)
    run(root, "config", "core.hooksPath", str(hooks))


def set_fsmonitor(root: Path, canary: Canary) -> None:
    run(root, "config", "core.fsmonitor", str(canary.script))


def set_external_diff(root: Path, canary: Canary) -> None:
    run(root, "config", "diff.external", str(canary.script))


def set_diff_driver(root: Path, canary: Canary) -> None:
    (root / ".gitattributes").write_text("* diff=x\n")
    run(root, "config", "diff.x.command", str(canary.script))
    run(root, "config", "diff.x.textconv", str(canary.script))


def set_filters(root: Path, canary: Canary) -> None:
    (root / ".gitattributes").write_text("* filter=x.y\n")
    for part in ("clean", "smudge", "process"):
        run(root, "config", f"filter.x.y.{part}", str(canary.script))
    run(root, "config", "filter.x.y.required", "true")


def set_programs(root: Path, canary: Canary) -> None:
    for name in (
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.sshCommand",
        "gpg.program",
        "credential.helper",
        "core.gitProxy",
        "alias.log",
        "alias.status",
    ):
        run(root, "config", name, f"!{canary.script}" if "alias" in name else str(canary.script))
    run(root, "config", "log.showSignature", "true")


def set_include(root: Path, canary: Canary) -> None:
    (root / "evil.cfg").write_text(
        f"[core]\n\tfsmonitor = {canary.script}\n\tpager = {canary.script}\n"
    )
    run(root, "config", "include.path", "../evil.cfg")


HOSTILE = [
    set_hooks,
    set_hooks_path,
    set_fsmonitor,
    set_external_diff,
    set_diff_driver,
    set_filters,
    set_programs,
    set_include,
]


def soil(root: Path) -> None:
    """Give git reasons to look at contents: new times, changed and fresh files."""
    (root / "a.py").write_text("a = 2\n")
    os.utime(root / "lib/b.py", (1, 1))
    (root / "fresh.py").write_text("f = 1\n")


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda f: f.__name__)
def test_nothing_that_a_repository_configures_runs(
    hostile: Callable[[Path, Canary], None], root: Path, canary: Canary
) -> None:
    hostile(root, canary)
    soil(root)
    before = inside_git(root)
    everything(root)
    assert not canary.sang
    assert inside_git(root) == before


@pytest.mark.parametrize(
    ("hostile", "provoke"),
    [
        (set_hooks, ("checkout", "-q", "-b", "other")),
        (set_hooks_path, ("checkout", "-q", "-b", "other")),
        (set_fsmonitor, ("status",)),
        (set_external_diff, ("diff",)),
        (set_diff_driver, ("diff",)),
        (set_filters, ("add", "a.py")),
        (set_include, ("status",)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_canaries_do_sing_when_git_is_called_plainly(
    hostile: Callable[[Path, Canary], None],
    provoke: tuple[str, ...],
    root: Path,
    canary: Canary,
) -> None:
    hostile(root, canary)
    soil(root)
    subprocess.run(["git", *provoke], cwd=root, env=ENVIRONMENT, capture_output=True, check=False)
    assert canary.sang


@pytest.mark.parametrize("hostile", [set_hooks, set_hooks_path], ids=lambda f: f.__name__)
def test_hooks_stay_off_whatever_is_asked_of_git(
    hostile: Callable[[Path, Canary], None], root: Path, canary: Canary
) -> None:
    hostile(root, canary)
    git(root).run("checkout", "-q", "-b", "other")
    assert not canary.sang


def test_variables_of_the_users_git_do_not_reach_ours(root: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    (other / "only-there.py").write_text("x")
    hostile = ENVIRONMENT | {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_EXTERNAL_DIFF": "/bin/false",
        "GIT_CONFIG_PARAMETERS": "'core.fsmonitor=/bin/false'",
    }
    assert "only-there.py" not in door.listed_files(Git(root, hostile))
    assert door.listed_files(Git(root, hostile)) == ["a.py", "lib/b.py"]


# `.git` stays byte for byte


def test_no_call_changes_a_byte_of_git_not_even_the_index(root: Path) -> None:
    soil(root)
    before = inside_git(root)
    for _ in range(2):
        everything(root)
    assert inside_git(root) == before


def test_a_lock_of_someone_else_is_respected_and_left(root: Path) -> None:
    (root / ".git/index.lock").write_text("")
    soil(root)
    before = inside_git(root)
    everything(root)
    assert inside_git(root) == before


# Rows 30 to 40


def test_an_unborn_branch_works(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a")
    state = door.repository_state(git(tmp_path))
    assert (state.vcs, state.head, state.branch, state.condition) == ("git", "", "main", "unborn")
    assert door.listed_files(git(tmp_path)) == ["a.py"]
    assert door.history(git(tmp_path), 5) == ()


def test_a_detached_head_is_told(root: Path) -> None:
    run(root, "checkout", "-q", "--detach")
    state = door.repository_state(git(root))
    assert (state.branch, state.condition) == ("", "detached")
    assert state.head == run(root, "rev-parse", "HEAD")


def test_clean_and_dirty_are_told_apart(root: Path) -> None:
    assert door.repository_state(git(root)).condition == "clean"
    (root / "a.py").write_text("a = 2\n")
    assert door.repository_state(git(root)).condition == "dirty"


def test_a_touched_file_with_its_old_content_is_not_dirty(root: Path) -> None:
    os.utime(root / "a.py", (1, 1))
    assert door.repository_state(git(root)).condition == "clean"


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("MERGE_HEAD", "merge"),
        ("rebase-merge/", "rebase"),
        ("rebase-apply/", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
    ],
)
def test_what_is_in_progress_is_told(name: str, condition: str, root: Path) -> None:
    if name.endswith("/"):
        (root / ".git" / name).mkdir()
    else:
        (root / ".git" / name).write_text(run(root, "rev-parse", "HEAD"))
    assert door.repository_state(git(root)).condition == condition


def test_a_submodule_is_listed_by_none_of_its_files(root: Path, tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner")
    run(root, "submodule", "add", "-q", str(inner), "sub")
    run(root, "commit", "-q", "-m", "Add sub")
    repo = WorkingRepo.open(root, ENVIRONMENT)
    assert repo.files() == (".gitmodules", "a.py", "lib/b.py")
    (root / "sub/a.py").write_text("changed\n")
    assert repo.state().condition == "clean"
    assert "sub" not in door.contents(git(root), door.resolve(git(root), "HEAD"), ["sub", "a.py"])


def test_a_nested_repository_is_a_boundary_and_stays_as_it_is(root: Path) -> None:
    nested = repository(root / "nested")
    before = inside_git(nested)
    assert WorkingRepo.open(root, ENVIRONMENT).files() == ("a.py", "lib/b.py")
    assert inside_git(nested) == before


def test_a_linked_worktree_has_its_own_files_and_leaves_both_alone(
    root: Path, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    run(root, "worktree", "add", "-q", "-b", "side", str(linked))
    (linked / "side.py").write_text("s")
    before = inside_git(root)
    found, has_git = door.find_root(linked / "lib")
    repo = WorkingRepo.open(linked, ENVIRONMENT)
    assert (found, has_git) == (linked.resolve(), True)
    assert repo.files() == ("a.py", "lib/b.py", "side.py")
    assert repo.state().branch == "side"
    assert repo.read(".git") is None
    assert inside_git(root) == before


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q", "--bare", "store.git")
    with pytest.raises(GitFault, match="bare repository without files; open a clone"):
        door.find_root(tmp_path / "store.git")


def test_a_repository_of_another_owner_is_left_to_gits_own_judgement(root: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give files away")
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(GitFault, match="dubious ownership"):
        door.listed_files(git(root))
    assert "safe" not in (root / ".git/config").read_text()


def test_lfs_filters_leave_pointers_as_they_are(root: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    (root / "big.bin").write_text(pointer)
    run(root, "add", "big.bin")
    run(root, "commit", "-q", "-m", "Pointer")
    (root / ".git/info/attributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    for part in ("clean", "smudge", "process"):
        run(root, "config", f"filter.lfs.{part}", "git-lfs-is-not-installed-here")
    run(root, "config", "filter.lfs.required", "true")
    os.utime(root / "big.bin", (1, 1))
    tree = door.resolve(git(root), "HEAD")
    assert door.contents(git(root), tree, ["big.bin"]) == {"big.bin": (pointer.encode(), False)}
    assert door.repository_state(git(root)).condition == "clean"


# Row 67

ODD = [
    "new\nline",
    'quo"te',
    "-dash",
    "tab\there",
    " edge ",
    ":(glob)*",
    "back\\slash",
    "é",
    os.fsdecode(b"\xff\xfe"),
]


def test_odd_names_come_through_whole(root: Path) -> None:
    for name in ODD:
        (root / name).write_text(f"{name!r}\n")
    assert sorted(door.untracked(git(root))) == sorted(ODD)
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "Odd")
    tree = door.resolve(git(root), "HEAD")
    found = door.contents(git(root), tree, ODD)
    assert {name: data for name, (data, _) in found.items()} == {
        n: f"{n!r}\n".encode() for n in ODD
    }
    (root / "-dash").write_text("changed")
    (root / "new\nline").write_text("changed")
    assert sorted(door.changed_paths(git(root), tree, None)) == ["-dash", "new\nline"]
    assert set(ODD) <= set(door.listed_files(git(root)))


def test_history_names_odd_paths_whole(root: Path) -> None:
    for name in ODD:
        (root / name).write_text("x")
    run(root, "add", "-A")
    run(root, "commit", "-q", "-m", "Odd")
    newest = door.history(git(root), 1)[0]
    assert sorted(newest.files) == sorted(ODD)


def test_history_is_newest_first_with_subject_body_and_files(root: Path) -> None:
    (root / "a.py").write_text("a = 2\n")
    run(root, "commit", "-q", "-a", "-m", "Second")
    run(root, "commit", "-q", "--allow-empty", "-m", "Third\x1b[31m red")
    commits = door.history(git(root), 10)
    assert [(c.subject, c.body, c.files) for c in commits] == [
        ("Third\x1b[31m red", "", ()),
        ("Second", "", ("a.py",)),
        ("First", "The body.", ("a.py", "lib/b.py")),
    ]
    assert [c.subject for c in door.history(git(root), 1)] == ["Third\x1b[31m red"]


def test_separators_in_a_message_do_not_break_the_history(root: Path) -> None:
    (root / "a.py").write_text("a = 3\n")
    run(root, "commit", "-q", "-a", "-m", "One\x1ftwo", "-m", "three\x1efour\x1ffive")
    commits = door.history(git(root), 10)
    assert len(commits) == 2
    assert commits[0].files == ("a.py",)
    assert commits[1].subject == "First"


def test_executable_bits_of_a_tree_are_told(root: Path) -> None:
    tree = door.resolve(git(root), "HEAD")
    found = door.contents(git(root), tree, ["a.py", "lib/b.py", "absent"])
    assert found == {"a.py": (b"a = 1\n", False), "lib/b.py": (b"b = 1\n", True)}
    assert door.contents(git(root), tree, []) == {}


def test_a_deleted_file_is_a_changed_path(root: Path) -> None:
    (root / "a.py").unlink()
    assert door.changed_paths(git(root), door.resolve(git(root), "HEAD"), None) == ["a.py"]
    assert WorkingRepo.open(root, ENVIRONMENT).files() == ("lib/b.py",)


@pytest.mark.parametrize("revision", ["--output=/tmp/x", "-n", "no-such-branch", ""])
def test_what_is_no_revision_is_refused(revision: str, root: Path) -> None:
    with pytest.raises(GitFault):
        door.resolve(git(root), revision)


def test_a_missing_git_is_told(root: Path) -> None:
    with pytest.raises(GitFault, match="git is not installed"):
        Git(root, {"PATH": "/nonexistent"}).run("status")

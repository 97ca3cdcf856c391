import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.repo import WorkingRepo
from core.domain.edit import FileVersion
from core.domain.errors import RelaypairError

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A plain folder."""
    folder = tmp_path / "user"
    (folder / "lib").mkdir(parents=True)
    (folder / "a.py").write_bytes(b"a = 1\r\n\xff\x00")
    (folder / "lib/b.sh").write_text("#!/bin/sh\n")
    (folder / "lib/b.sh").chmod(0o755)
    return folder.resolve()


@pytest.fixture(params=["plain", "git"])
def repo(request: pytest.FixtureRequest, root: Path) -> WorkingRepo:
    if request.param == "git":
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return opened(root)


def opened(root: Path, **variables: str) -> WorkingRepo:
    return WorkingRepo.open(root, ENVIRONMENT | variables)


def test_files_are_listed_sorted_and_relative(repo: WorkingRepo) -> None:
    assert repo.files() == ("a.py", "lib/b.sh")


def test_a_file_is_read_byte_for_byte_with_its_executable_bit(repo: WorkingRepo) -> None:
    assert repo.read("a.py") == FileVersion("a.py", b"a = 1\r\n\xff\x00")
    assert repo.read("lib/b.sh") == FileVersion("lib/b.sh", b"#!/bin/sh\n", executable=True)


def test_what_is_not_there_reads_as_no_file(repo: WorkingRepo) -> None:
    assert repo.read("absent") is None
    assert repo.read("lib") is None
    assert repo.read("a.py/b") is None


def test_a_file_is_read_as_it_is_now(repo: WorkingRepo, root: Path) -> None:
    repo.files()
    (root / "a.py").write_text("changed")
    (root / "fresh").write_text("f")
    assert repo.read("a.py") == FileVersion("a.py", b"changed")
    assert "fresh" in repo.files()


def test_a_deleted_file_is_listed_no_more(repo: WorkingRepo, root: Path) -> None:
    if repo.git is not None:
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    (root / "a.py").unlink()
    assert repo.files() == ("lib/b.sh",)


def test_spellings_of_a_path_meet_in_its_safe_form(repo: WorkingRepo) -> None:
    assert repo.read("./lib//b.sh") == repo.read("lib/b.sh")
    assert repo.read("lib\\b.sh") == repo.read("lib/b.sh")


# Row 29


def test_a_folder_below_the_root_opens_the_root(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    assert opened(root / "lib").root == root


def test_a_plain_folder_is_its_own_root(root: Path) -> None:
    repo = opened(root / "lib")
    assert (repo.root, repo.state().vcs, repo.history(5)) == (root / "lib", "none", ())


def test_the_home_folder_and_the_root_of_the_disk_are_refused(root: Path) -> None:
    with pytest.raises(RelaypairError, match="is not a repository; start Relaypair in"):
        opened(root, HOME=str(root))
    with pytest.raises(RelaypairError):
        opened(Path("/"))


def test_a_home_folder_that_is_a_repository_may_be_opened(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    assert opened(root, HOME=str(root)).root == root


def test_what_is_no_folder_is_refused(root: Path) -> None:
    for path in (root / "a.py", root / "absent"):
        with pytest.raises(RelaypairError, match="is not a folder"):
            opened(path)


# Row 37


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "x.git"], cwd=tmp_path, check=True)
    with pytest.raises(RelaypairError, match="bare repository"):
        opened(tmp_path / "x.git")


# Rows 57 to 62


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "lib/../../secret",
        "~/secret",
        ".git/config",
        ".GIT/config",
        "git~1/config",
        "",
        ".",
        "a\0b",
    ],
)
def test_paths_that_lead_elsewhere_read_as_no_file(
    path: str, repo: WorkingRepo, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s")
    assert repo.read(path) is None


def test_an_absolute_path_reads_as_no_file(repo: WorkingRepo, root: Path) -> None:
    assert repo.read(str(root / "a.py")) is None


def test_links_out_of_the_root_are_neither_listed_nor_read(
    repo: WorkingRepo, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("s")
    (root / "file").symlink_to(tmp_path / "outside/secret")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")
    assert repo.files() == ("a.py", "lib/b.sh")
    for path in ("file", "folder/secret", "loop", "dangling"):
        assert repo.read(path) is None


def test_links_inside_the_root_show_what_they_lead_to(repo: WorkingRepo, root: Path) -> None:
    (root / "link").symlink_to("lib/b.sh")
    assert repo.files() == ("a.py", "lib/b.sh", "link")
    assert repo.read("link") == FileVersion("link", b"#!/bin/sh\n", executable=True, is_link=True)


def test_a_link_into_git_is_neither_listed_nor_read(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "link").symlink_to(".git/config")
    repo = opened(root)
    assert "link" not in repo.files()
    assert repo.read("link") is None


# Row 67

ODD = [
    "new\nline",
    'quo"te',
    "-dash",
    "tab\there",
    " edge ",
    "~tilde",
    "back\\slash",
    "é",
    "e\u0301",
    os.fsdecode(b"\xff\xfe"),
]


def test_odd_names_are_listed_and_read(repo: WorkingRepo, root: Path) -> None:
    for name in ODD:
        (root / name).write_text(f"{name!r}")
    assert set(ODD) <= set(repo.files())
    for name in ODD:
        assert repo.read(name) == FileVersion(name, f"{name!r}".encode())


def test_a_name_with_spaces_at_its_ends_is_not_taken_for_another(repo: WorkingRepo) -> None:
    assert repo.read(" a.py ") in (None, FileVersion("a.py", b"a = 1\r\n\xff\x00"))
    (repo.root / " a.py ").write_text("other")
    assert repo.read(" a.py ") == FileVersion(" a.py ", b"other")


# Row 68


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize("make", [os.mkfifo, make_socket], ids=["pipe", "socket"])
def test_what_is_no_regular_file_is_neither_listed_nor_opened(
    make: Callable[[Path], None], repo: WorkingRepo, root: Path
) -> None:
    make(root / "odd")
    assert "odd" not in repo.files()
    assert repo.read("odd") is None


def test_a_file_swapped_for_a_pipe_while_it_is_read_blocks_nobody(root: Path) -> None:
    repo = opened(root)
    target, stop = root / "a.py", threading.Event()

    def swap() -> None:
        while not stop.is_set():
            target.unlink()
            os.mkfifo(target)
            target.unlink()
            target.write_text("a")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        found = {repo.read("a.py") for _ in range(2000)}
    finally:
        stop.set()
        swapping.join()
    assert found <= {None, FileVersion("a.py", b"a"), FileVersion("a.py", b"")} | {
        FileVersion("a.py", b"a = 1\r\n\xff\x00")
    }


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.text(max_size=30))
def test_any_text_may_be_asked_for(path: str, root: Path) -> None:
    version = opened(root).read(path)
    assert version is None or (root / version.path).read_bytes() == version.data


# Rows 36 and 38, and folders that hold nothing of the project


def test_caches_of_a_plain_folder_are_left_out(root: Path) -> None:
    for folder in ("node_modules", "__pycache__", ".venv", "target"):
        (root / folder).mkdir()
        (root / folder / "x").write_text("x")
    assert opened(root).files() == ("a.py", "lib/b.sh")


def test_ignored_files_are_left_out_with_git(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text("*.log\n/out/\n")
    (root / "x.log").write_text("x")
    (root / "out").mkdir()
    (root / "out/y").write_text("y")
    assert opened(root).files() == (".gitignore", "a.py", "lib/b.sh")


def test_a_conflicted_file_is_listed_once(root: Path) -> None:
    def git(*words: str, check: bool = True) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        subprocess.run(["git", *who, *words], cwd=root, check=check, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "side")
    (root / "lib/b.sh").write_text("side\n")
    git("commit", "-q", "-am", "side")
    git("checkout", "-q", "main")
    (root / "lib/b.sh").write_text("main\n")
    git("commit", "-q", "-am", "main")
    git("merge", "side", check=False)
    repo = opened(root)
    assert repo.files() == ("a.py", "lib/b.sh")
    assert repo.state().condition == "merge"

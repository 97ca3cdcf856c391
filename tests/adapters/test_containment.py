import asyncio
import contextlib
import errno
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import randbelow

import pytest

from core.adapters.containment import (
    FILE_SIZE,
    Ended,
    Place,
    Rung,
    best_rung,
    describe,
    enclose,
    present_tasks,
    run_enclosed,
    works,
)

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable

RUNGS = [
    pytest.param(
        rung, id=rung.value, marks=pytest.mark.skipif(not works(rung), reason="does not work here")
    )
    for rung in Rung
]
SHUT_IN = RUNGS[:2]
"""The rungs with a network and processes of their own."""

STARTER = """\
import asyncio, sys
sys.path.insert(0, {code!r})
from pathlib import Path
from core.adapters.containment import Place, Rung, run_enclosed
place = Place(Path({tree!r}), Path("/nonexistent"))
asyncio.run(run_enclosed(Rung({rung!r}), {argv!r}, place, {{"PATH": "/usr/bin:/bin"}}, seconds=60,
    on_bytes=lambda data: print(data.decode(), flush=True)))
"""


@dataclass(frozen=True)
class Check:
    """Runs commands on one rung."""

    rung: Rung
    place: Place

    async def __call__(
        self, *argv: str, seconds: float = 20.0, on_bytes: Callable[[bytes], None] | None = None
    ) -> tuple[Ended, str]:
        printed: list[bytes] = []
        environment = {"PATH": "/usr/bin:/bin"}
        ended = await run_enclosed(
            self.rung,
            argv,
            self.place,
            environment,
            seconds=seconds,
            on_bytes=on_bytes or printed.append,
        )
        return ended, b"".join(printed).decode("utf-8", "replace")

    async def python(self, code: str, *words: str, seconds: float = 20.0) -> tuple[Ended, str]:
        return await self(PYTHON, "-c", code, *words, seconds=seconds)


@pytest.fixture(params=RUNGS)
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    return make_check(request.param, tmp_path)


@pytest.fixture(params=SHUT_IN)
def shut_in(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    return make_check(request.param, tmp_path)


def make_check(rung: Rung, tmp_path: Path) -> Check:
    for name in ("tree", "home", "tmp"):
        (tmp_path / name).mkdir()
    place = tmp_path.resolve()
    user = place / "user"
    user.mkdir()
    return Check(rung, Place(place / "tree", user, (place / "home", place / "tmp")))


@pytest.fixture
def mark() -> str:
    """A number of seconds that no other process on this machine sleeps."""
    return f"7{randbelow(10**9)}.5"


def sleepers(mark: str) -> list[int]:
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark in line.read_bytes().decode("utf-8", "replace").split("\0"):
                found.append(int(line.parent.name))
    return found


async def become_true(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    for _ in range(int(seconds * 100)):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


def asleep(mark: str) -> list[int]:
    return [p for p in sleepers(mark) if cmdline(p) == f"sleep\0{mark}\0".encode()]


def cmdline(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def start_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


@pytest.fixture
async def server() -> AsyncIterator[int]:
    """The port of a server on this machine's loopback."""
    served = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    yield served.sockets[0].getsockname()[1]
    served.close()
    await served.wait_closed()


def test_the_best_rung_is_the_first_that_works() -> None:
    assert best_rung() is next(rung for rung in Rung if works(rung))
    assert works(Rung.PLAIN)


@pytest.mark.parametrize("code", [0, 3, 127])
async def test_the_exit_code_is_told(check: Check, code: int) -> None:
    ended, _ = await check("sh", "-c", f"exit {code}")
    assert (ended.code, ended.signal, ended.error) == (code, 0, 0)


async def test_a_signal_is_told_apart_from_an_exit_code(check: Check) -> None:
    ended, _ = await check("sh", "-c", "kill -SEGV $$")
    assert (ended.code, ended.signal) == (None, signal.SIGSEGV)


async def test_a_command_that_is_not_there_is_told_by_its_errno(check: Check) -> None:
    (check.place.tree / "plain.txt").write_text("no program")
    assert (await check("no-such-command"))[0].error == errno.ENOENT
    assert (await check("./plain.txt"))[0].error == errno.EACCES


async def test_output_of_both_streams_arrives_in_order(check: Check) -> None:
    _, printed = await check("sh", "-c", "echo one; echo two >&2; echo three")
    assert printed == "one\ntwo\nthree\n"


async def test_a_check_that_hangs_is_ended_at_its_limit(check: Check, mark: str) -> None:
    ended, _ = await check("sleep", mark, seconds=0.3)
    assert ended.timed_out
    assert ended.seconds < 2.0
    assert sleepers(mark) == []


async def test_a_check_that_ignores_the_first_signal_is_killed_after_two_seconds(
    tmp_path: Path, mark: str
) -> None:
    check = make_check(best_rung(), tmp_path)
    code = (
        "import signal,time,sys; signal.signal(15, signal.SIG_IGN); time.sleep(float(sys.argv[1]))"
    )
    ended, _ = await check.python(code, mark, seconds=0.5)
    assert ended.timed_out
    assert 2.0 <= ended.seconds < 4.5
    assert sleepers(mark) == []


async def test_a_check_may_put_its_things_away_when_it_is_ended(check: Check) -> None:
    code = (
        "import signal,sys,time\n"
        "def tidy(*_): open('tidied','w').close(); sys.exit()\n"
        "signal.signal(15, tidy); open('ready','w').close(); time.sleep(99)"
    )
    running = asyncio.create_task(check.python(code))
    assert await become_true((check.place.tree / "ready").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (check.place.tree / "tidied").exists()


async def test_a_daemon_with_a_session_of_its_own_is_ended_and_told(
    check: Check, mark: str
) -> None:
    ended, _ = await check("sh", "-c", f"setsid sleep {mark} >/dev/null 2>&1 & echo started")
    assert ended.code == 0
    assert ended.leftovers == ("sleep",)
    assert sleepers(mark) == []


async def test_a_daemon_that_forked_twice_is_ended(check: Check, mark: str) -> None:
    code = "import os,sys\nif os.fork()==0:\n os.setsid()\n if os.fork()==0: os.execvp('sleep',['sleep',sys.argv[1]])\n os._exit(0)\nos.wait()"
    ended, _ = await check.python(code, mark)
    assert ended.leftovers == ("sleep",)
    assert sleepers(mark) == []


async def test_a_helper_that_leaves_by_itself_is_no_leftover(check: Check) -> None:
    ended, _ = await check("sh", "-c", "sleep 0.02 & exit 0")
    assert ended.leftovers == ()


async def test_a_storm_of_processes_is_ended(check: Check, mark: str) -> None:
    code = (
        "import os,sys,time\n"
        "for _ in range(6): os.fork()\n"
        "if os.fork(): os.setsid() if os.getpid()!=os.getsid(0) else None\n"
        "os.execvp('sleep',['sleep',sys.argv[1]])"
    )
    ended, _ = await check.python(code, mark, seconds=0.5)
    assert ended.timed_out
    assert sleepers(mark) == []


async def test_cancelling_ends_every_process_before_it_goes_on(check: Check, mark: str) -> None:
    command = f"setsid sleep {mark} & touch ready; sleep {mark}"
    running = asyncio.create_task(check("sh", "-c", command))
    assert await become_true((check.place.tree / "ready").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sleepers(mark) == []


@pytest.mark.parametrize("rung", RUNGS)
async def test_a_check_dies_with_a_relaypair_that_was_killed(
    rung: Rung, tmp_path: Path, mark: str
) -> None:
    argv = ("sh", "-c", f"setsid sleep {mark} & echo ready; sleep {mark}")
    code = STARTER.format(code=str(ROOT), tree=str(tmp_path), rung=rung.value, argv=argv)
    with start_python(code) as child:
        try:
            assert await become_true(lambda: len(asleep(mark)) == 2)
        finally:
            child.kill()
        assert await become_true(lambda: not sleepers(mark))


async def test_there_is_no_terminal_and_no_input(check: Check) -> None:
    code = (
        "import os\n"
        "print(repr(os.read(0, 10)))\n"
        "try: open('/dev/tty'); print('a terminal')\n"
        "except OSError as e: print(e.errno)"
    )
    _, printed = await check.python(code)
    assert printed.split() == ["b''", str(errno.ENXIO)]


async def test_limits_are_set(check: Check) -> None:
    code = (
        "import json,resource as r\n"
        "print(json.dumps([r.getrlimit(x)[1] for x in (r.RLIMIT_CORE,r.RLIMIT_FSIZE,r.RLIMIT_NPROC)]))"
    )
    core, size, processes = json.loads((await check.python(code))[1])
    assert (core, size) == (0, FILE_SIZE)
    allowed = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    assert present_tasks() < processes < (float("inf") if allowed < 0 else allowed)


async def test_no_rights_can_be_gained(check: Check) -> None:
    _, printed = await check("sh", "-c", "grep NoNewPrivs /proc/self/status")
    assert printed.split() == ["NoNewPrivs:", "1"]


async def test_none_of_our_files_stay_open_in_a_check(check: Check) -> None:
    _, printed = await check.python(
        "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"
    )
    assert json.loads(printed)[:3] == [0, 1, 2]
    assert len(json.loads(printed)) == 4  # the listing's own handle


async def test_a_check_reaches_servers_it_starts_itself(check: Check) -> None:
    code = "import socket; s=socket.create_server(('127.0.0.1',0)); socket.create_connection(s.getsockname()); print('ok')"
    assert (await check.python(code))[1] == "ok\n"


CONNECT = (
    "import socket,sys; socket.create_connection(('127.0.0.1',int(sys.argv[1])),5); print('in')"
)


async def test_a_shut_in_check_reaches_no_other_server(shut_in: Check, server: int) -> None:
    ended, printed = await shut_in.python(CONNECT, str(server))
    assert ended.code == 1
    assert "refused" in printed or "unreachable" in printed


async def test_a_shut_in_check_reaches_no_other_machine(shut_in: Check) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
    _, printed = await shut_in.python(code)
    assert "Network is unreachable" in printed


async def test_the_network_is_there_when_it_is_allowed(check: Check, server: int) -> None:
    allowed = replace(check, place=replace(check.place, network=True))
    assert (await allowed.python(CONNECT, str(server)))[1] == "in\n"


async def test_the_tree_home_and_temporary_folder_can_be_written(check: Check) -> None:
    home, temporary = check.place.writable
    ended, printed = await check("sh", "-c", f"touch here {home}/a {temporary}/b")
    assert (ended.code, printed) == (0, "")
    assert (check.place.tree / "here").exists()


@pytest.mark.parametrize("rung", RUNGS[:1])
async def test_bwrap_hides_the_home_folder_and_keeps_the_rest_read_only(
    rung: Rung, tmp_path: Path
) -> None:
    check = make_check(rung, tmp_path)
    secret = check.place.home / "secret"
    secret.write_text("key")
    _, printed = await check("sh", "-c", f"cat {secret}; touch {ROOT}/x; echo new > {secret}")
    assert "No such file" in printed
    assert "Read-only file system" in printed
    assert secret.read_text() == "key"
    assert not (ROOT / "x").exists()


@pytest.mark.parametrize("rung", RUNGS[:1])
async def test_bwrap_shows_the_tool_folders_of_the_home_read_only(
    rung: Rung, tmp_path: Path
) -> None:
    check = make_check(rung, tmp_path)
    tools = check.place.home / ".cargo/bin"
    tools.mkdir(parents=True)
    (tools / "tool").write_text("hi")
    check = replace(check, place=replace(check.place, readable=(tools,)))
    _, printed = await check(
        "sh", "-c", f"cat {tools}/tool; ls -A {check.place.home}; touch {tools}/x"
    )
    assert printed.startswith("hi.cargo\n")
    assert "Read-only file system" in printed


@pytest.mark.parametrize("rung", RUNGS[1:])
async def test_rungs_that_do_not_guard_files_say_so(rung: Rung, tmp_path: Path) -> None:
    check = make_check(rung, tmp_path)
    await check("sh", "-c", f"echo hello > {tmp_path}/outside")
    assert (tmp_path / "outside").exists()
    assert "other files" in describe(rung)


def test_each_rung_says_what_it_does_about_the_network() -> None:
    assert "no network" in describe(Rung.BWRAP)
    assert "no network" in describe(Rung.UNSHARE)
    assert "no network" not in describe(Rung.PLAIN)
    assert all("no network" not in describe(rung, network=True) for rung in Rung)
    assert "cannot stop" in describe(Rung.PLAIN)


def test_the_shutting_in_tool_is_never_one_that_a_project_provides(tmp_path: Path) -> None:
    place = Place(tmp_path, Path("/nonexistent"))
    for rung in Rung:
        if rung is not Rung.PLAIN and works(rung):
            assert enclose(rung, ["true"], place)[0].startswith(("/usr/", "/bin/", "/run/"))


async def test_a_supervisor_that_is_killed_is_told(check: Check, mark: str) -> None:
    running = asyncio.create_task(check("sleep", mark))
    assert await become_true(lambda: asleep(mark))
    for process in sleepers(mark):
        if b"supervise.py" in cmdline(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    ended, _ = await running
    assert not ended.supervised
    assert await become_true(lambda: not sleepers(mark))


async def test_two_cancellations_leave_nothing_behind(check: Check, mark: str) -> None:
    code = "import signal,time,sys; signal.signal(15, signal.SIG_IGN); open('ready','w'); time.sleep(float(sys.argv[1]))"
    running = asyncio.create_task(check.python(code, mark))
    assert await become_true((check.place.tree / "ready").exists)
    running.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await become_true(lambda: not sleepers(mark))

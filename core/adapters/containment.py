"""How far a check is shut in: a ladder of three rungs, each probed by climbing it once.

bwrap shuts in files, network and processes; unshare network and processes; plain neither. Whatever
the rung, the command runs below `supervise.py`, which limits it and ends all of it.
"""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

SCRIPT = Path(__file__).with_name("supervise.py")

TOOL_FOLDERS = "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/run/wrappers/bin:/run/current-system/sw/bin"
"""Where bwrap and unshare are looked for: never on the user's PATH, which a project can add to."""

HIDDEN = (Path("/tmp"), Path("/var/tmp"), Path("/run"))
"""Replaced by empty folders under bwrap, as the home folder is: others' files and sockets."""

PROBE_SECONDS = 10.0
FILE_SIZE = 512 * 1024 * 1024
"""Bytes that one file of a check may have (RLIMIT_FSIZE)."""

MORE_PROCESSES = 1024
"""Processes and threads a check may add to those the user has (RLIMIT_NPROC)."""

PATIENCE = 4.0
"""Seconds the supervisor gets to end a check; its own pause before KILL is 2."""


class Rung(StrEnum):
    """How far a check is shut in."""

    BWRAP = "bwrap"
    UNSHARE = "unshare"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Place:
    """What a check may see and write. All paths are real paths."""

    tree: Path
    home: Path
    """The user's own home, hidden where that can be done."""
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    """What must stay visible although it lies in a hidden folder: tool chains, shared folders."""
    network: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    seconds: float
    code: int | None = None
    """Exit code; None if it did not exit by itself."""
    signal: int = 0
    """The signal that ended it, when that was not us."""
    error: int = 0
    """errno, when it could not be started."""
    timed_out: bool = False
    leftovers: tuple[str, ...] = ()
    """Names of processes it left behind, which were ended."""
    supervised: bool = True
    """Whether the supervisor lived to report; without it nothing else here is known."""


def describe(rung: Rung, *, network: bool = False) -> str:
    """What a rung promises, and what it does not: one honest statement."""
    reach = "has the network" if network else "has no network"
    if rung is Rung.BWRAP:
        return (
            f"The check runs in bubblewrap: it {reach}, sees the system read-only and your home "
            "folder only where tools live, and can write nowhere but in its copy."
        )
    if rung is Rung.UNSHARE:
        return (
            f"The check runs in namespaces: it {reach} and its processes end together. It works in "
            "a copy, but runs as you and can read and change your other files."
        )
    return (
        "The check runs as you, with your file access and network. Relaypair limits time and "
        "output and works in a copy; it cannot stop this command from reading or changing other "
        "files."
    )


def enclose(rung: Rung, argv: Sequence[str], place: Place) -> list[str]:
    """The command line that runs `argv` on a rung."""
    if rung is Rung.BWRAP:
        return [_tool("bwrap"), *_bwrap_options(place), "--", *argv]
    if rung is Rung.UNSHARE:
        options = ["--user", "--map-current-user", "--keep-caps", "--pid", "--fork", "--kill-child"]
        network = [] if place.network else ["--net"]
        return [_tool("unshare"), *options, "--mount-proc", *network, "--", *argv]
    return list(argv)


@cache
def works(rung: Rung) -> bool:
    """Whether a rung can be climbed here, found out by running it once per process. Blocks."""
    if rung is Rung.PLAIN:
        return True
    if not _tool(rung.value):
        return False
    with tempfile.TemporaryDirectory(prefix="relaypair-") as folder:
        place = Place(Path(folder).resolve(), Path("/nonexistent"), readable=_own_folders())
        command = enclose(rung, [sys.executable, "-I", "-S", "-c", ""], place)
        try:
            done = subprocess.run(
                command,
                env={},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def best_rung() -> Rung:
    """The highest rung that works here. Blocks the first time."""
    return next(rung for rung in Rung if works(rung))


async def run_enclosed(
    rung: Rung,
    argv: Sequence[str],
    place: Place,
    environment: Mapping[str, str],
    *,
    seconds: float,
    on_bytes: Callable[[bytes], None],
) -> Ended:
    """Run one command in the tree, giving what it prints to `on_bytes`, until it or its time ends.

    Cancelling ends the whole process tree before the cancellation goes on. Raises OSError when even
    the supervisor cannot be started.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    started = time.monotonic()
    try:
        try:
            process = await _start(rung, argv, place, environment, writing)
        finally:
            os.close(writing)
        timed_out = await _until_end(process, seconds, on_bytes)
        return _ended(reading, time.monotonic() - started, timed_out=timed_out)
    finally:
        os.close(reading)


async def _start(
    rung: Rung, argv: Sequence[str], place: Place, environment: Mapping[str, str], report: int
) -> Process:
    loopback = rung is Rung.UNSHARE and not place.network
    options = json.dumps(
        {
            "report": report,
            "loopback": loopback,
            "file_size": FILE_SIZE,
            "processes": present_tasks() + MORE_PROCESSES,
        }
    )
    supervised = [sys.executable, "-I", "-S", str(SCRIPT), options, *argv]
    return await asyncio.create_subprocess_exec(
        *enclose(rung, supervised, place),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=place.tree,
        env=environment,
        pass_fds=(report,),
        start_new_session=True,
    )


async def _until_end(process: Process, seconds: float, on_bytes: Callable[[bytes], None]) -> bool:
    """Drain and wait; whether the time was up. Nothing of the check lives afterwards."""
    draining = asyncio.create_task(_drain(process, on_bytes))
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        return True
    finally:
        await _to_the_end(_end(process, draining))
    return False


async def _to_the_end(ending: Coroutine[None, None, None]) -> None:
    """Wait for what must be done, however often we are cancelled; the cancellation goes on then."""
    task = asyncio.ensure_future(ending)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as request:
            cancelled = request
    task.result()
    if cancelled:
        raise cancelled


async def _drain(process: Process, on_bytes: Callable[[bytes], None]) -> None:
    assert process.stdout is not None
    while data := await process.stdout.read(65536):
        on_bytes(data)


async def _end(process: Process, draining: asyncio.Task[None]) -> None:
    """Tell the supervisor to end it all, kill that if it does not, and take in the last output."""
    assert process.stdin is not None
    process.stdin.close()
    if not await _left(process, PATIENCE):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await _left(process, 1.0)
    await asyncio.wait((draining,), timeout=1.0)
    draining.cancel()


async def _left(process: Process, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await process.wait()
    return process.returncode is not None


def _ended(reading: int, seconds: float, *, timed_out: bool) -> Ended:
    try:
        report = json.loads(os.read(reading, 1_000_000))
    except (BlockingIOError, ValueError):
        return Ended(seconds, timed_out=timed_out, supervised=False)
    leftovers = () if timed_out else tuple(report["leftovers"])
    return Ended(seconds, report["code"], report["signal"], report["error"], timed_out, leftovers)


def present_tasks() -> int:
    """Processes and threads of this user, which RLIMIT_NPROC counts as well; 0 without `/proc`."""
    count, user = 0, os.getuid()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user:
                count += (folder / "task").stat().st_nlink - 2
    return count


def _tool(name: str) -> str:
    return shutil.which(name, path=TOOL_FOLDERS) or ""


def _own_folders() -> tuple[Path, ...]:
    """What the supervisor needs to start: our interpreter and its script."""
    interpreter = Path(sys.executable)
    places = [Path(sys.prefix), Path(sys.base_prefix), interpreter.resolve().parent, SCRIPT.parent]
    return tuple(dict.fromkeys(places))


def _bwrap_options(place: Place) -> list[str]:
    network = ["--share-net"] if place.network else []
    options = ["--unshare-all", *network, "--die-with-parent", "--new-session"]
    options += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    hidden = [h for h in (*HIDDEN, place.home) if h.is_dir() and h != Path("/")]
    for folder in hidden:
        options += ["--tmpfs", str(folder)]
    for path in dict.fromkeys((*_own_folders(), *place.readable)):
        if any(path.is_relative_to(h) and path != h for h in hidden) and path.exists():
            options += ["--ro-bind", str(path), str(path)]
    for path in (place.tree, *place.writable):
        options += ["--bind", str(path), str(path)]
    return [*options, "--chdir", str(place.tree)]

"""Runs one check and ends all of it: a script for our interpreter, standard library only.

    python -I -S supervise.py OPTIONS-AS-JSON COMMAND...

Standard input is the order to stop: anything read from it, or its end, ends the check. The check
gets no input, a session of its own, limits, and no way to gain rights. When it ends, by itself or
by order, every process it left is ended as well (TERM, a pause, KILL), daemons with a session of
their own included, because we are the subreaper they fall to. Then one JSON object is written to
the report pipe:

    {"code": 1, "signal": 0, "error": 0, "leftovers": ["sleep"]}

`code` is the exit code or null, `signal` what ended the check, `error` the errno when it did not
start.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

GRACE = 2.0
"""Seconds between TERM and KILL (faults.md, row 104)."""

LEAVING = 0.1
"""Seconds that helpers of a check which has ended get to leave by themselves."""

SWEEPS = 200
"""Rounds of killing before we give up on processes that multiply faster."""

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 36, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
"""From the kernel's prctl.h and sockios.h."""

NICENESS = 5


def main() -> None:
    """Run the command given on the command line, end it, report."""
    options: dict[str, Any] = json.loads(sys.argv[1])
    wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if options.get("loopback"):
        _raise_loopback()
    child, error = _start(sys.argv[2:], options)
    report = _watch(child, wake) if not error else {"code": None, "signal": 0}
    leftovers = _end_all()
    report |= {"error": error, "leftovers": leftovers}
    with contextlib.suppress(OSError):
        os.write(int(options["report"]), json.dumps(report).encode())


def _start(argv: list[str], options: dict[str, Any]) -> tuple[int, int]:
    """Fork and execute; process id and errno (0 when it runs)."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        try:
            os.close(int(options["report"]))
            _confine(options)
            os.execvp(argv[0], argv)
        except OSError as failure:
            os.write(writing, struct.pack("i", failure.errno or 1))
        finally:
            os._exit(127)
    os.close(writing)
    told = os.read(reading, 4)
    os.close(reading)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    return child, struct.unpack("i", told)[0] if told else 0


def _confine(options: dict[str, Any]) -> None:
    """In the child: a session of its own, no input, limits, no rights to gain."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.nice(NICENESS)
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: options.get("file_size"),
        resource.RLIMIT_NPROC: options.get("processes"),
        resource.RLIMIT_CPU: options.get("cpu_seconds"),
    }
    for kind, wanted in limits.items():
        if wanted is not None:
            hard = resource.getrlimit(kind)[1]
            value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(kind, (value, value))


def _watch(child: int, wake: int) -> dict[str, Any]:
    """Wait until the check ends or we are told to end it."""
    poll = select.poll()
    poll.register(0, select.POLLIN | select.POLLHUP)
    poll.register(wake, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        numbers = _drain(wake) if wake in ready else b""
        for process, status in _reaped():
            if process == child:
                code = os.waitstatus_to_exitcode(status)
                return {"code": None if code < 0 else code, "signal": max(-code, 0)}
        if 0 in ready or signal.SIGTERM in numbers:
            return {"code": None, "signal": 0}


def _end_all() -> list[str]:
    """End every process below us; the names of those that were there."""
    _await_end(LEAVING)
    living = _descendants()
    names = [_name(process) for process in living]
    _send(living, signal.SIGTERM)
    _send(living, signal.SIGCONT)
    _await_end(GRACE)
    for _ in range(SWEEPS):
        living = _descendants()
        if not living:
            break
        _send(living, signal.SIGSTOP)
        _send(living, signal.SIGKILL)
        _reaped()
        time.sleep(0.005)
    return names


def _await_end(seconds: float) -> None:
    """Wait, at most so long, until no process is below us."""
    deadline = time.monotonic() + seconds
    _reaped()
    while _descendants() and time.monotonic() < deadline:
        time.sleep(0.01)
        _reaped()


def _reaped() -> list[tuple[int, int]]:
    """Processes that ended, with their status."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                break
            ended.append((process, status))
    return ended


def _descendants() -> list[int]:
    """Living processes whose line of parents leads to us."""
    above = _parents()
    own, found = os.getpid(), []
    for process in above.keys() - {own}:
        above_it, seen = above[process], {process}
        while above_it not in (0, own) and above_it not in seen:
            seen.add(above_it)
            above_it = above.get(above_it, 0)
        if above_it == own:
            found.append(process)
    return found


def _parents() -> dict[int, int]:
    """Every process and its parent; 0 for the dead."""
    found: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            text = (folder / "stat").read_text("utf-8", "replace")
            state, parent = text.rpartition(")")[2].split()[:2]
            found[int(folder.name)] = 0 if state in "ZX" else int(parent)
    return found


def _name(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text("utf-8", "replace").strip()
    return "a process"


def _send(processes: list[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _drain(wake: int) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return os.read(wake, 4096)
    return b""


def _prctl(option: int, value: int) -> None:
    """Ask the kernel; where there is no prctl, the control pipe and the session must do."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _raise_loopback() -> None:
    """Bring `lo` up in a fresh network namespace, so that a check can reach its own servers."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sH22x", b"lo", 0)
        flags = struct.unpack("16sH22x", fcntl.ioctl(handle, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | IFF_UP))


if __name__ == "__main__":
    main()

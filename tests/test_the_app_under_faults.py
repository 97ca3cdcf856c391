"""The real app on a pty, over a provider that hangs, cuts, answers HTML, is busy, or dies."""

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.playing import GREETING, PLAN, make_repository
from tests.servers import RunningFaultServer, running_fault_server
from tests.tui.terminal import Terminal

APP = "import sys; sys.argv = ['relaypair', 'app', {goal!r}, '--repo', {root!r}]; import relaypair; sys.exit(relaypair.main())"
ECHO = 1.0
"""Seconds within which a key must change the screen: far below any of the faults' own times."""

FAULTS = (
    ("hang", "plan runs on openai/hang"),
    ("cut-mid", "was cut off"),
    ("html", "came back for openai/html"),
    ("429", "plan"),
)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RunningFaultServer]:
    async with running_fault_server() as running:
        yield running


def echo(terminal: Terminal) -> float:
    """Seconds from a key to a change of the screen: the help opens, and closes again."""
    terminal.settled(0.05)
    began = time.monotonic()
    terminal.send("?")
    while not terminal.pump(1.0):
        assert time.monotonic() - began < 5.0
    took = time.monotonic() - began
    terminal.wait_for("Keys")
    terminal.send("\x1b")
    terminal.wait_for("3 Diffs")
    return took


def choose(terminal: Terminal, model: str) -> None:
    """Swap the model of the focused phase by keystrokes."""
    terminal.send("m")
    terminal.wait_for("Model of plan")
    terminal.send(f"openai/{model}")
    terminal.wait_for(f">openai/{model}")
    terminal.send("\r")
    terminal.wait_for(f"served by openai/{model}")


def stop(terminal: Terminal) -> None:
    """Cancel the call, if it still goes on."""
    terminal.settled()
    if "plan runs on" in terminal.text:
        terminal.send("PP")
        terminal.wait_for("plan was cancelled")


async def test_the_screen_answers_while_providers_fail_and_the_run_goes_on(
    server: RunningFaultServer, tmp_path: Path
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    await server.script({"good": [PLAN]})
    code = APP.format(goal="let `greet` take a loud flag", root=str(root))
    env = server.env | {"HOME": str(tmp_path / "home"), "RELAYPAIR_PLAN_MODEL": "openai/hang"}
    terminal = Terminal(code, 140, 40, **env)
    try:
        terminal.wait_for("press . to start", 30)
        terminal.send(".")
        terminal.wait_for("plan is next", 30)
        slowest = 0.0
        for name, sign in FAULTS:
            if name != "hang":
                choose(terminal, name)
            terminal.send(".")
            terminal.wait_for(f"plan: started on openai/{name}", 30)
            slowest = max(slowest, echo(terminal))
            terminal.wait_for(sign, 40)
            stop(terminal)
        choose(terminal, "hang")
        terminal.send(".")
        terminal.wait_for("plan runs on openai/hang", 30)
        kill_host(terminal.pid)
        terminal.wait_for("model host", 30)
        stop(terminal)
        choose(terminal, "good")
        terminal.send(".")
        terminal.wait_for("PLN ok", 40)
        terminal.wait_for("Add a loud flag")
        assert slowest < ECHO
    finally:
        terminal.close()
    assert [row["model"] for row in await server.seen()][-1] == "good"


HOSTILE_PLAN = PLAN.replace(
    "Add a loud flag",
    "\\u001b]0;owned\\u0007\\u001b]52;c;cm0=\\u0007\\u001b[2J[link=x]loud[/link]\\u202e",
)


async def test_what_a_model_says_does_nothing_to_the_terminal(
    server: RunningFaultServer, tmp_path: Path
) -> None:
    root = make_repository(tmp_path / "r", GREETING)
    await server.script({"p": [f"\x1b]0;owned\x07\x1b[31m{HOSTILE_PLAN}"]})
    code = APP.format(goal="let `greet` take a loud flag", root=str(root))
    env = server.env | {"HOME": str(tmp_path / "home"), "RELAYPAIR_PLAN_MODEL": "openai/p"}
    terminal = Terminal(code, 160, 40, **env)
    try:
        terminal.wait_for("press . to start", 30)
        terminal.send(".")
        terminal.wait_for("plan is next", 30)
        terminal.send(".")
        terminal.wait_for("PLN ok", 40)
        terminal.wait_for("<U+001B>]0;owned")
        terminal.send("4o")
        terminal.wait_for("[link=x]loud[/link]")
        terminal.settled()
    finally:
        terminal.close()
    for payload in (b"\x1b]0;owned", b"\x1b]52", "\u202e".encode()):
        assert payload not in terminal.raw


def kill_host(parent: int) -> None:
    """End the app's model host as a crash would."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[1]) == parent and b"model_host" in line:
                os.kill(int(entry.name), signal.SIGKILL)
                return
    raise AssertionError("the app has no model host")

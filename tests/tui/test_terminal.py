import os
import re
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.tui.terminal import Terminal

START = """
from dataclasses import replace
from core.domain import events as e
from core.domain.hunk import HunkState
from tui.app import RelaypairApp
from tui.cockpit import AppOptions
from tui.scripted_session import ScriptedSession, large_session, sample_session
"""

RUN = """
leave = RelaypairApp(session, AppOptions({options})).run()
print("left", leave.lines if leave else None)
"""

HOSTILE = """
evil = "\\x1b]0;owned\\x07\\x1b]52;c;b3duZWQ=\\x07\\x9b31m\\u202e[link=https://x]l[/link][@click=app.quit]q"
session = sample_session()
first = session.files[0]
hunk = replace(first.hunks[0], id="m", symbol=evil, new=(evil + "\\n",), model=evil, task=evil)
session.publish(e.GoalChanged(replace(session.state.goal, text=evil)))
session.publish(e.EditsStaged((replace(first, path=evil, hunks=(hunk,)),)))
for phase, route in tuple(session.state.routes.items()):
    session.publish(e.RouteChanged(replace(route, models=(evil,), setting=evil)))
session.publish(e.PhaseFailed(session.state.cursor, evil))
session.publish(e.RunPaused(evil))
"""

Open = Callable[..., Terminal]


@pytest.fixture
def opened() -> Iterator[Open]:
    made: list[Terminal] = []

    def start(session: str, options: str = "", **more: object) -> Terminal:
        terminal = Terminal(START + session + RUN.format(options=options), **more)  # type: ignore[arg-type]
        made.append(terminal)
        return terminal

    yield start
    for terminal in made:
        terminal.close()


def test_hostile_text_is_shown_and_does_nothing(opened: Open) -> None:
    terminal = opened(HOSTILE, columns=180)
    terminal.wait_for("<U+001B>]0;owned<U+0007>")
    for keys in ("\x1b", "4", "5", "3"):
        terminal.send(keys)
        terminal.settled()
    terminal.wait_for("[link=https://x]l[/link][@click=app.quit]")
    terminal.send("m")
    terminal.wait_for("Model of")
    raw = bytes(terminal.raw)

    assert b"\x1b]0;owned" not in raw
    assert b"\x1b]52;" not in raw
    assert b"\x1b]8;" not in raw
    assert "\u202e".encode() not in raw
    assert b"\xc2\x9b" not in raw


def test_without_colour_no_colour_is_emitted(opened: Open) -> None:
    terminal = opened("session = sample_session()", "no_colour=True")
    terminal.wait_for("core/clock.py")
    terminal.send("\x1bj")
    terminal.settled()
    codes = re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.raw))
    parts = {part for code in codes for part in code.split(b";")}

    assert parts <= {b"", b"0", b"1", b"7", b"39", b"49"}


def test_a_key_in_a_large_diff_costs_one_small_frame(opened: Open) -> None:
    terminal = opened("session = large_session(10_000)")
    terminal.wait_for("src/part_000.py")
    terminal.send("\x1b")
    terminal.settled(0.4)
    sizes = []
    for key in "jjjjyn":
        terminal.send(key)
        sizes.append(terminal.settled())

    assert max(sizes) <= 8_000
    assert "1 accepted, 1 rejected" in terminal.text


def test_an_editor_that_does_not_start_leaves_the_screen_as_it_was(opened: Open) -> None:
    terminal = opened("session = sample_session()", "editor=('/no/such/editor',)")
    terminal.wait_for("core/clock.py")
    terminal.send("\x1b")
    terminal.settled()
    terminal.send("e")
    terminal.wait_for("the editor /no/such/editor did not start: No such file or directory")
    terminal.send("5")
    terminal.wait_for("[5 Events]")


def test_quitting_gives_the_terminal_back_and_says_how_to_resume(opened: Open) -> None:
    terminal = opened("session = sample_session()")
    terminal.wait_for("core/clock.py")
    terminal.send("\x1b")
    terminal.settled()
    terminal.send("q")

    assert terminal.ended() == 0
    raw = bytes(terminal.raw)
    assert raw.rfind(b"\x1b[?1049l") > raw.rfind(b"\x1b[?1049h")
    assert raw.rfind(b"\x1b[?25h") > raw.rfind(b"\x1b[?25l")
    assert b"relaypair resume 3f2a" in raw


def test_being_terminated_gives_the_terminal_back(opened: Open) -> None:
    terminal = opened("session = sample_session()")
    terminal.wait_for("core/clock.py")
    os.kill(terminal.pid, signal.SIGTERM)

    assert terminal.ended() == 0
    assert b"\x1b[?1049l" in terminal.raw


def test_a_storm_of_sizes_ends_in_a_whole_screen(opened: Open) -> None:
    terminal = opened("session = sample_session()")
    terminal.wait_for("core/clock.py")
    for size in [(20, 5), (400, 100), (40, 8), (1, 1), (80, 24), (120, 40)]:
        terminal.resize(*size)
        terminal.pump(0.02)
    terminal.settled(0.4)
    terminal.wait_for("2 Context")

    assert terminal.text.splitlines()[39].startswith(" goal>")


def test_a_goal_pasted_right_after_its_key_is_no_command(opened: Open) -> None:
    terminal = opened("session = sample_session()")
    terminal.wait_for("core/clock.py")
    terminal.send("\x1b")
    terminal.settled()
    terminal.send("iyes and add docs")
    terminal.wait_for("goal> yes and add docs")

    assert "8 undecided, 2 accepted, 2 rejected" in terminal.text

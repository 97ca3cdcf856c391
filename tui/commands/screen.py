"""Opening the app: the first frame comes before the engine is even imported."""

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which

from core.config import environment, load_settings
from core.domain.errors import Refused
from tui.late_session import LateSession
from tui.session_port import SessionPort

Opener = Callable[[], tuple[Path, SessionPort]]
"""Gives the root of the opened repository and a session on it."""


def has_screen() -> bool:
    """Whether there is a terminal to draw on and to type at."""
    return sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()


def is_dumb(env: Mapping[str, str]) -> bool:
    """Whether the terminal can do nothing but print."""
    return env.get("TERM", "") in ("", "dumb", "unknown")


def elsewhere(root: Path) -> str:
    """The option that names a repository, where the current folder does not."""
    return "" if Path.cwd().resolve().is_relative_to(root) else f" --repo {shlex.quote(str(root))}"


def program(folders: str | None = None, script: str = "") -> str:
    """How the user starts Relaypair again from here: by its name only where a shell finds it.

    `folders` is a search path (the shell's when it is None), `script` what was started.
    """
    if which("relaypair", path=folders):
        return "relaypair"
    return shlex.join((sys.executable, script or sys.argv[0]))


def run_screen(folder: Path, opener: Opener, goal: str = "", *, begun: bool = False) -> int:
    """Draw the app, then open its session; say at the end how to come back.

    Raises `Refused` without a terminal that can be drawn on.
    """
    env = environment()
    if not has_screen():
        raise Refused("There is no terminal to draw on; `relaypair run GOAL` runs without one.")
    from tui.app import RelaypairApp
    from tui.cockpit import AppOptions

    roots: list[Path] = []

    def opening() -> SessionPort:
        root, session = opener()
        roots.append(root)
        return session

    settings = load_settings(folder, env)
    options = AppOptions(
        goal=goal,
        begun=begun,
        ascii=settings.ascii,
        no_colour=settings.no_colour,
        editor=tuple(settings.editor.split()),
    )
    app = RelaypairApp(LateSession(opening), options)
    leave = app.run()
    if leave and leave.lines:
        said = "\n".join(leave.lines) + (elsewhere(roots[0]) if roots else "")
        print(said.replace("resume  relaypair ", f"resume  {program()} "))
    return app.return_code or 0

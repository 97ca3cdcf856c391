"""Playing a relay in a test: a real git repository, a real journal and worktree, scripted models
and checks.
"""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.adapters.finding import Finding, InlineFinder
from core.adapters.journal import SqliteJournal
from core.adapters.repo import WorkingRepo
from core.adapters.scripted import Line, ScriptedChecker, ScriptedClient
from core.adapters.worktree import Worktree
from core.domain.check import CheckCommand
from core.domain.commands import Command, RunOn, StartRun
from core.domain.events import Event, Recorded
from core.domain.goal import Budget, LimitChange, Scope
from core.domain.model import ModelInfo, Timeouts
from core.domain.phase import ORDER, Phase
from core.domain.risk_rules import RiskPolicy
from core.domain.route import Layer, Route
from core.domain.state import RunState
from core.engine.bus import Bus
from core.engine.clients import Clients
from core.engine.runner import Outside
from core.engine.session import Session, Start
from core.record.trust import TrackRecord

CHECK = CheckCommand(("pytest", "-q"), "--check")

GREETING = {
    "app/greet.py": 'def greet(name):\n    """Say hello.\n\n    To one at a time.\n    """\n    return f"Hello, {name}!"\n\n\ndef part(name):\n    return f"Bye, {name}."\n',
    "app/__init__.py": "",
    "tests/test_greet.py": 'from app.greet import greet\n\n\ndef test_greet():\n    assert greet("Ada") == "Hello, Ada!"\n',
    "README.md": "# Greetings\n\n`greet(name)` says hello.\n",
}

PLAN = """```json
{"summary": "Let greet shout.", "tasks": [{"title": "Add a loud flag", "intent": "greet(name, loud=False)",
"files": ["app/greet.py", "tests/test_greet.py"], "acceptance": ["greet(x, loud=True) is upper case"]}],
"decisions": [{"what": "a keyword with a default", "why": "callers stay as they are"}]}
```"""

EDITS = """I add the flag.

app/greet.py
<<<<<<< SEARCH
def greet(name):
    \"\"\"Say hello.

    To one at a time.
    \"\"\"
    return f"Hello, {name}!"
=======
def greet(name, loud=False):
    \"\"\"Say hello.

    To one at a time.
    \"\"\"
    text = f"Hello, {name}!"
    return text.upper() if loud else text
>>>>>>> REPLACE

tests/test_greet.py
<<<<<<< SEARCH
def test_greet():
    assert greet("Ada") == "Hello, Ada!"
=======
def test_greet():
    assert greet("Ada") == "Hello, Ada!"


def test_greet_loud():
    assert greet("Ada", loud=True) == "HELLO, ADA!"
>>>>>>> REPLACE
"""


class FastClock:
    """A clock that does not wait; it notes how long it was asked to."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._time = 1_000.0

    def now(self) -> float:
        return self._time

    def monotonic(self) -> float:
        return self._time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._time += seconds
        await asyncio.sleep(0)


def make_repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A git repository with one commit."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git as a user would, without the user's own settings."""
    fixed = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
    }
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, env=fixed, check=True, capture_output=True, text=True
    )
    return done.stdout


def route(phase: Phase, *models: str) -> Route:
    return Route.of(phase, models, Layer.USER, f"models.{phase.knob}")


def routes(**models: str) -> dict[Phase, Route]:
    """`plan="x/y"` and so on; phases that are not named use no model."""
    return {p: route(p, *models.get(p.knob, "local").split(",")) for p in ORDER}


@dataclass
class Played:
    """A session with everything around it that a test may look at."""

    root: Path
    session: Session
    model: ScriptedClient
    checker: ScriptedChecker
    journal: SqliteJournal
    clock: FastClock
    recorded: list[Recorded] = field(default_factory=list)
    listening: "asyncio.Future[None] | None" = None

    @property
    def state(self) -> RunState:
        return self.session.state

    @property
    def events(self) -> list[Event]:
        return [r.event for r in self.recorded]

    def names(self) -> list[str]:
        return [type(r.event).__name__ for r in self.recorded if r.seq]

    def told(self, kind: type[Event]) -> list[Event]:
        return [x for x in self.events if type(x) is kind]

    async def do(self, *commands: Command) -> None:
        """Submit commands one after another, each carried out to its end."""
        for command in commands:
            await self.session.submit(command)
            await self.session.idle()
            await asyncio.sleep(0)

    async def play(self, goal: str) -> None:
        await self.do(StartRun(goal), RunOn())


def open_played(
    root: Path,
    state: Path,
    *lines: Line,
    models: Mapping[Phase, Route] | None = None,
    checker: ScriptedChecker | None = None,
    checks: tuple[CheckCommand, ...] = (CHECK,),
    approved: bool = True,
    run_id: str = "run1",
    scope: Scope | None = None,
    budget: Budget | None = None,
    known: tuple[ModelInfo, ...] = (),
    journal: SqliteJournal | None = None,
    near: Callable[[str], bool] = lambda _model: False,
    policy: RiskPolicy | None = None,
    record: TrackRecord | None = None,
    trailers: bool = False,
    start_checks: tuple[CheckCommand, ...] = (),
    limits: tuple[LimitChange, ...] = (),
    warm: Callable[[], Awaitable[None]] | None = None,
) -> Played:
    """A session over a repository; every model is the one scripted client."""
    client = ScriptedClient(*lines, models=known)
    clock, judge = FastClock(), checker or ScriptedChecker()
    journal = journal or SqliteJournal(state / "journal.sqlite")
    repo = WorkingRepo(
        root, {"PATH": "/usr/local/bin:/usr/bin:/bin"}, has_git=(root / ".git").exists()
    )
    bus = Bus(journal, clock, run_id)
    finder = InlineFinder(Finding(repo, state / "index"))
    clients = Clients({}, client, client, reaches_nobody=near, warm=warm)
    outside = Outside(
        repo,
        journal,
        judge,
        finder,
        clients,
        clock,
        Timeouts(),
        lambda: bus.state.named_checks or checks,
        policy=policy or RiskPolicy(),
        record=lambda: record or TrackRecord(),
        trailers=trailers,
    )
    start = Start(
        models or routes(plan="x/planner", generate="x/writer"),
        scope or Scope(),
        budget or Budget(),
        approved=frozenset(c.id for c in checks) if approved else frozenset(),
        checks=start_checks,
        limits=limits,
    )
    session = Session(bus, outside, Worktree(root, journal, state / "land.lock"), journal, start)
    played = Played(root, session, client, judge, journal, clock)
    events = session.events()

    async def listen() -> None:
        async for recorded in events:
            played.recorded.append(recorded)

    played.listening = asyncio.ensure_future(listen())
    return played

"""A whole relay over a provider that fails: its state, what a user was shown, and the files."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.adapters.builtin.engine import BuiltinRewrite
from core.adapters.finding import Finding, InlineFinder
from core.adapters.journal import SqliteJournal
from core.adapters.model_host.client import ModelHost
from core.adapters.repo import WorkingRepo
from core.adapters.scripted import ScriptedChecker, ScriptedClient
from core.adapters.worktree import Worktree
from core.domain.commands import Command, RunOn, StartRun
from core.domain.events import CommandRefused, Event, Recorded, TextStreamed
from core.domain.goal import Budget, Scope
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText, Timeouts
from core.domain.phase import Phase, PhaseState
from core.domain.route import Route
from core.domain.state import PhaseRun, RunState
from core.engine.bus import Bus
from core.engine.clients import Clients
from core.engine.runner import Outside
from core.engine.session import Session, Start
from core.ports import ignore
from tests.playing import CHECK, GREETING, FastClock, make_repository, routes
from tui.keyless import keyless, keyless_sentence

GOAL = "let `greet` take a loud flag"
HOST_LIMITS = Timeouts(first_token=10.0, idle=5.0, total=20.0, max_bytes=50_000)


class SharedHost:
    """One model host for the relays of many tests: a session that ends does not end it."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        return await self._host.complete(request, on_text)

    async def models(self) -> tuple[ModelInfo, ...]:
        return await self._host.models()

    async def close(self) -> None:
        """The fixture that started the host ends it."""


class HeldClock(FastClock):
    """A clock whose waits never end by themselves."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()


@dataclass
class Relay:
    """A session, and all that can be seen of it from outside."""

    root: Path
    session: Session
    checker: ScriptedChecker
    clock: FastClock = field(default_factory=FastClock)
    recorded: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.files = contents(self.root)
        """Every file of the user as it was before."""
        self._listening = asyncio.ensure_future(self._listen(self.session.events()))

    async def _listen(self, events: AsyncIterator[Recorded]) -> None:
        async for recorded in events:
            self.recorded.append(recorded)

    @property
    def state(self) -> RunState:
        return self.session.state

    @property
    def events(self) -> list[Event]:
        return [recorded.event for recorded in self.recorded]

    @property
    def shown(self) -> list[str]:
        """The lines that line mode and headless mode print, refusals of commands included."""
        return [
            keyless(x.reason) if isinstance(x, CommandRefused) else keyless_sentence(x)
            for x in self.events
            if not isinstance(x, TextStreamed)
        ]

    def said(self, *parts: str) -> str:
        """The one line shown that holds all of these parts."""
        found = [line for line in self.shown if all(part in line for part in parts)]
        assert found, f"none of these lines says {parts}:\n" + "\n".join(self.shown)
        return found[0]

    @property
    def streamed(self) -> str:
        """What the user saw of replies as they came."""
        return "".join(x.text for x in self.events if isinstance(x, TextStreamed))

    def phase(self, phase: Phase) -> PhaseRun:
        return self.state.phases[phase]

    def failed(self, phase: Phase) -> bool:
        return self.phase(phase).state is PhaseState.FAILED

    def passed(self, phase: Phase) -> bool:
        return self.phase(phase).state is PhaseState.PASSED

    @property
    def is_untouched(self) -> bool:
        """Whether every file of the user holds what it held, and none came or went."""
        return contents(self.root) == self.files

    async def do(self, *commands: Command) -> None:
        """Submit commands one after another, each carried out to its end."""
        for command in commands:
            await self.session.submit(command)
            await self.session.idle()
            await asyncio.sleep(0)

    async def play(self, until: Phase | None = None, goal: str = GOAL) -> None:
        await self.do(StartRun(goal), RunOn(until) if until else RunOn())

    async def close(self) -> None:
        await self.session.close()
        await self._listening


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder but git's own."""
    paths = (p for p in root.rglob("*") if p.is_file() and ".git" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


def open_relay(
    folder: Path,
    client: ScriptedClient | SharedHost,
    *,
    files: Mapping[str, str | bytes] = GREETING,
    models: Mapping[Phase, Route] | None = None,
    limits: Timeouts = HOST_LIMITS,
    clock: FastClock | None = None,
    scope: Scope | None = None,
    budget: Budget | None = None,
    is_approved: bool = True,
) -> Relay:
    """A relay over a repository in `folder`, made if it is not there; its journal is beside it."""
    root, state = folder / "r", folder / "s"
    if not root.exists():
        make_repository(root, files)
    journal, checker = SqliteJournal(state / "journal.sqlite"), ScriptedChecker()
    clock = clock or FastClock()
    repo = WorkingRepo(root, {"PATH": "/usr/local/bin:/usr/bin:/bin"}, has_git=True)
    bus = Bus(journal, clock, "run1")
    outside = Outside(
        repo,
        journal,
        checker,
        InlineFinder(Finding(repo, state / "index")),
        Clients({"builtin": BuiltinRewrite(repo)}, client, client, (BUILTIN,)),
        clock,
        limits,
        lambda: (CHECK,),
    )
    chosen = models or routes(plan="openai/planner", generate="openai/writer")
    approved = frozenset({CHECK.id} if is_approved else ())
    start = Start(chosen, scope or Scope(), budget or Budget(), approved=approved)
    session = Session(bus, outside, Worktree(root, journal, state / "land.lock"), journal, start)
    return Relay(root, session, checker, clock)


BUILTIN = ModelInfo("builtin/rewrite", 0.0, 0.0, None, "", True, "builtin", "")


def plan_of(*files: str, summary: str = "Do it.") -> str:
    """A plan of one task."""
    task = {"title": "Do it", "intent": "Do it.", "files": list(files), "acceptance": ["done"]}
    return json.dumps({"summary": summary, "tasks": [task]})


def block(path: str, old: str, new: str) -> str:
    """One edit of a reply."""
    return f"{path}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n\n"


def prompt_of(row: Mapping[str, Any]) -> str:
    """What a request that the fault server saw asks."""
    text: str = row["body"]["messages"][-1]["content"]
    return text

"""A user with a repository and stand-in programs on the PATH, and what must hold after each call."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from core.adapters.cli_models.client import CliModels
from core.adapters.cli_models.declared import read_commands
from core.domain.errors import FaultKind, ModelFault
from core.domain.model import ModelReply, ModelRequest, Timeouts
from core.domain.phase import Phase

KEY = "sk-ant-loopback-0123456789"
SYSTEM, PROMPT = "You plan changes.\n", "Add a flag to {model} and 'cli.py'.\n@dataclass\n"

STAND_IN = """\
#!{python} -IS
import json, os, subprocess, sys, time
prompt = sys.stdin.read()
def note(**more):
    with open({log!r}, "a") as log:
        log.write(json.dumps(more) + "\\n")
def say(*objects):
    for one in objects:
        print(one if isinstance(one, str) else json.dumps(one), flush=True)
def file_after(flag):
    path = sys.argv[sys.argv.index(flag) + 1]
    with open(path) as file:
        return file.read()
note(pid=os.getpid(), argv=sys.argv, env=dict(os.environ), cwd=os.getcwd(), prompt=prompt,
    entries=os.listdir("."), tty=[os.isatty(fd) for fd in (0, 1, 2)])
"""


@dataclass
class Bench:
    """Makes programs, asks them, and looks at what is left."""

    root: Path
    notes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    declared: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    more_env: dict[str, str] = field(default_factory=dict)
    expected_runs: int = 1

    def __post_init__(self) -> None:
        for folder in (self.repo, self.home, self.bin):
            folder.mkdir()
        (self.repo / "cli.py").write_text("print('hello')\n")
        self.git("init", "-q")
        self.git("add", ".")
        self.git("-c", "user.name=U", "-c", "user.email=u@example.com", "commit", "-qm", "Begin")

    @property
    def repo(self) -> Path:
        return self.root / "repo"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": f"{self.repo}/node_modules/.bin:{self.bin}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PWD": str(self.repo),
            "OLDPWD": str(self.repo),
            "GIT_DIR": str(self.repo / ".git"),
            "CLAUDE_PROJECT_DIR": str(self.repo),
            "GEMINI_CLI_IDE_WORKSPACE_PATH": f"/other:{self.repo}",
            "ANTHROPIC_API_KEY": KEY,
            "OPENAI_API_KEY": "sk-openai-loopback-0123456789",
            "GEMINI_API_KEY": "gemini-loopback-0123456789",
            "DEEPSEEK_API_KEY": "sk-deepseek-loopback-0123456789",
        } | self.more_env

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.repo, check=True, capture_output=True, text=True
        )
        return done.stdout

    def program(self, name: str, body: str) -> None:
        """A stand-in: it reads its input to the end, notes how it was run, and goes on like so."""
        path = self.bin / name
        path.write_text(STAND_IN.format(python=sys.executable, log=str(self.log)) + body)
        path.chmod(0o755)

    def saying(self, name: str, *lines: object) -> None:
        """A stand-in that prints objects or lines and ends well."""
        self.program(name, f"say(*json.loads({json.dumps(lines)!r}))\n")

    def runs(self) -> list[dict[str, Any]]:
        if not self.log.exists():
            return []
        found = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [one for one in found if "argv" in one]

    @property
    def run(self) -> dict[str, Any]:
        (only,) = self.runs()
        return only

    def pids(self) -> list[int]:
        """Every process that noted itself."""
        found = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [one["pid"] for one in found if "pid" in one]

    def client(self, **prices: tuple[float, float]) -> CliModels:
        return CliModels(
            read_commands(self.declared),
            self.env,
            repository=self.repo,
            prices={f"cli/{name}": price for name, price in prices.items()},
            on_note=self.notes.append,
        )

    def request(
        self, prompt: str = PROMPT, system: str = SYSTEM, timeouts: Timeouts | None = None
    ) -> ModelRequest:
        return ModelRequest(
            Phase.PLAN, "cli/claude", system, prompt, timeouts=timeouts or Timeouts()
        )

    async def ask(
        self,
        model: str = "cli/claude",
        *,
        timeouts: Timeouts | None = None,
        system: str = SYSTEM,
        prompt: str = PROMPT,
        **prices: tuple[float, float],
    ) -> ModelReply:
        request = replace(self.request(prompt, system, timeouts), model=model)
        return await self.client(**prices).complete(request, self.texts.append)

    async def fault(
        self, kind: FaultKind, said: str = "", model: str = "cli/claude", **more: Any
    ) -> ModelFault:
        """Ask, and be told a fault of this kind in one sentence that holds these words."""
        with pytest.raises(ModelFault) as caught:
            await self.ask(model, **more)
        fault = caught.value
        assert (fault.kind, fault.model) == (kind, model), fault.sentence
        assert said in fault.sentence
        assert "\n" not in fault.sentence
        assert fault.sentence.endswith(".")
        return fault

    def check_nothing_is_left(self) -> None:
        """No process, no temporary directory, an untouched repository, no run too many."""
        if not self.log.exists():
            return
        assert not [pid for pid in self.pids() if is_alive(pid)]
        for run in self.runs():
            assert not Path(run["cwd"]).parent.exists()
        assert self.git("status", "--porcelain", "--ignored") == ""
        assert len(self.runs()) == self.expected_runs


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

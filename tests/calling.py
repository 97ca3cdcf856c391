"""Calling the command line as a user does: a process, a home of its own, a repository."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

RENAMED = {
    "a.py": "def old_name(x):\n    return x\n\n\nprint(old_name(1))\n",
    "b.py": "from a import old_name\n\nONE = 1\nNINE = 9\n\nTWO = old_name(2)\n",
}
GOAL = "rename `old_name` to `new_name`"
CHECK = "grep -q new_name a.py"


@dataclass
class Called:
    """What one call of the command line said."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


@dataclass
class User:
    """A home folder and a repository to call from."""

    home: Path
    root: Path

    def environment(self, **more: str) -> dict[str, str]:
        plain = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        return plain | more

    def call(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Called:
        done = subprocess.run(
            [sys.executable, str(ROOT / "relaypair.py"), *arguments],
            cwd=self.root,
            env=self.environment(**(env or {})),
            input=stdin.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Called(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def configure(self, text: str) -> Path:
        file = self.home / ".config/relaypair/config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def state(self) -> list[Path]:
        return sorted((self.home / ".local/state").rglob("*"))

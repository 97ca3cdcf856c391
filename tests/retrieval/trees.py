"""Small real repositories to search in, and the doors to ask them through."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.adapters.retriever import Answer, Retriever

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
AUTHOR = ("-c", "user.name=someone", "-c", "user.email=someone@example.com")


@dataclass
class Tree:
    """A folder and where its index is kept."""

    root: Path
    cache: Path

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *AUTHOR, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str, files: Mapping[str, str] | None = None) -> str:
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def retriever(self) -> Retriever:
        return Retriever.open(self.root, self.cache, ENVIRONMENT)

    def ask(self, query: str, k: int = 10) -> Answer:
        retriever = self.retriever()
        try:
            return retriever.ask(query, k)
        finally:
            retriever.close()

    def files(self, query: str, k: int = 10) -> list[str]:
        return [result.path for result in self.ask(query, k).ranking.files]

    def first(self, query: str) -> str:
        return next(iter(self.files(query)), "")

    def why(self, query: str) -> str:
        return "; ".join(self.ask(query).ranking.files[0].why)

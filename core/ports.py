"""The outside world as the engine sees it: small protocols, each with one door behind it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from core.domain.check import CheckCommand, CheckResult
from core.domain.context import Candidate, ContextItem, Definition, Found
from core.domain.edit import FileVersion
from core.domain.events import Recorded
from core.domain.hunk import Landing, Run, Settled
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.domain.progress import OnProgress, unwatched
from core.domain.project import Part
from core.domain.repository import Commit, RepositoryState


def ignore(_text: str) -> None:
    """An `OnText` that drops what it is told."""


class ModelClient(Protocol):
    """Something that answers requests: a model, an engine, a recording."""

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """Answer once, completely, calling `on_text` as text arrives.

        Retries nothing. Cancelling the task ends the call. Raises `ModelFault`.
        """
        ...

    async def close(self) -> None:
        """Let go of everything; further calls are errors."""
        ...


class Catalogue(Protocol):
    """What models there are."""

    async def models(self) -> tuple[ModelInfo, ...]:
        """Every model known by id, with price, window and whether its key is present."""
        ...


class Repo(Protocol):
    """The user's files, read only. Paths are relative, with `/`."""

    root: Path

    def state(self) -> RepositoryState:
        """Head, branch and anything unusual about the repository."""
        ...

    def files(self) -> tuple[str, ...]:
        """Tracked and untracked-but-not-ignored regular files, sorted."""
        ...

    def read(self, path: str) -> FileVersion | None:
        """The file as it is on disk now, or None if there is none.

        Never follows a link out of the root.
        """
        ...

    def history(self, limit: int) -> tuple[Commit, ...]:
        """The newest commits reachable from HEAD, newest first."""
        ...


class Finder(Protocol):
    """Finds what matters for a goal in the user's files. No network, no model.

    Every method raises `RelaypairError` when there is no way to keep an index.
    """

    async def refresh(self, on_progress: OnProgress = unwatched) -> None:
        """Bring the index up to date, history included, before anything is asked."""
        ...

    async def rank(
        self, goal: str, *, with_history: bool = True, on_progress: OnProgress = unwatched
    ) -> Found:
        """Files for a goal, the index brought up to date first.

        Without history the answer comes sooner, and says by `is_whole` whether anything is
        missing from it.
        """
        ...

    async def quote(
        self, goal: str, candidates: Sequence[Candidate], budget: int
    ) -> tuple[ContextItem, ...]:
        """Slices of files, the first candidates first, in at most `budget` tokens."""
        ...

    async def definitions(self, name: str, limit: int) -> tuple[Definition, ...]:
        """Definitions of a name: exact ones, then those that hold it, then those like it."""
        ...

    async def describe(self, parts: Sequence[Part]) -> None:
        """Keep what parts of the project are for; `rank` tells it until their names change."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class Checker(Protocol):
    """Runs checks in a scratch tree, never in the worktree."""

    async def prepare(self, changes: Iterable[FileVersion], removed: Iterable[str] = ()) -> str:
        """Bring the scratch tree to the worktree plus `changes`; the hash of exactly that tree."""
        ...

    async def run(
        self, command: CheckCommand, tree_hash: str, on_text: OnText = ignore
    ) -> CheckResult:
        """Run one approved command in the prepared tree."""
        ...


class Differ(Protocol):
    """Tells which lines of two texts differ."""

    def runs(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> list[list[Run]]:
        """For each `(before, after)` the runs of lines that differ, in order.

        Lines carry their ends and end at `\\r\\n`, `\\n` and `\\r`. Raises nothing.
        """
        ...


class Blobs(Protocol):
    """Content-addressed bytes kept with the journal."""

    def put(self, data: bytes) -> str:
        """Store; the sha256 in hex."""
        ...

    def get(self, digest: str) -> bytes:
        """What `put` stored. Raises KeyError for an unknown digest."""
        ...


class Clock(Protocol):
    """Time, so that tests need not wait for it."""

    def now(self) -> float:
        """Seconds since the epoch, for showing."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Journal(Blobs, Protocol):
    """Where events go before anyone sees them."""

    def begin(self, run: str, goal: str, kind: str, at: float) -> None:
        """Add a run to the list."""
        ...

    def append(self, recorded: Recorded) -> None:
        """Write one event durably. Raises `RelaypairError` if it cannot."""
        ...

    def read(self, run: str) -> Iterator[Recorded]:
        """Every event of a run, in order."""
        ...

    def finish(self, run: str, outcome: str, at: float) -> None:
        """Note how a run ended."""
        ...

    def approve(self, command_id: str, line: str, at: float) -> None:
        """Remember that the user allowed exactly this command."""
        ...

    def approved(self) -> frozenset[str]:
        """Ids of every allowed command."""
        ...


class Worktree(Protocol):
    """The one writer of the user's files."""

    def hash_of(self, path: str) -> str:
        """sha256 of a file now; empty where there is none."""
        ...

    def land(self, landing: Landing) -> None:
        """Write a batch, or nothing. Raises `NotWritten`."""
        ...

    def undo(self, landing: Landing) -> None:
        """Restore a batch, or nothing. Raises `NotWritten`."""
        ...

    def settle(self, landing: Landing, *, undo: bool) -> Settled:
        """After a crash: make a half-written batch whole again, one way or the other."""
        ...

    def folders_for(self, paths: list[str]) -> tuple[str, ...]:
        """Folders that landing these paths would make."""
        ...

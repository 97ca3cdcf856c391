"""The composition root: settings and adapters become a workspace, a workspace opens sessions."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.adapters.clock import SystemClock
from core.adapters.differ import GitDiffer
from core.adapters.existing import find_change
from core.adapters.finder import ChildFinder
from core.adapters.git import former_paths
from core.adapters.journal import JournalUnusable, RunRow, SqliteJournal
from core.adapters.model_host.client import ModelHost
from core.adapters.recorded import PREFIX, RecordedReplies
from core.adapters.records import JOURNAL_NAME as JOURNAL_NAME
from core.adapters.records import read_track_record
from core.adapters.repo import WorkingRepo
from core.adapters.worktree import Worktree
from core.config import USER_FILE, Flags, Settings, load_settings
from core.domain.check import CheckCommand
from core.domain.errors import Refused
from core.domain.events import NoticeGiven
from core.domain.model import ModelInfo, OnText, Timeouts
from core.domain.route import LOCAL
from core.edits.annotate import annotator, find_owners
from core.edits.snapshot import split_lines
from core.engine.bus import Bus
from core.engine.clients import Clients
from core.engine.intake import review_events
from core.engine.provenance import Origin, landings, origin
from core.engine.routes import BUILTIN, is_on_this_machine, resolve_routes
from core.engine.runner import Outside
from core.engine.session import Session, Start
from core.ports import Checker, Differ, ModelClient, ignore
from core.record.trust import TrackRecord

if TYPE_CHECKING:
    from core.adapters.cli_models.client import CliModels
    from core.adapters.cli_models.command import CliCommand

DEMO_REPLIES = Path(__file__).parent / "demo" / "replies.json"


@dataclass
class Workspace:
    """One repository, opened: its files, settings and journal."""

    repo: WorkingRepo
    settings: Settings
    detects_checks: bool = True
    """Whether check commands are looked for; without a person to approve them there is no use in
    it.
    """
    notices: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        folder: Path,
        env: Mapping[str, str],
        flags: Flags | None = None,
        *,
        detects_checks: bool = True,
    ) -> "Workspace":
        """Open the repository a folder is in. Raises `Refused` with the reason."""
        repo = WorkingRepo.open(folder, env)
        settings = load_settings(repo.root, env, flags)
        return cls(repo, settings, detects_checks, list(settings.notices))

    @cached_property
    def journal(self) -> SqliteJournal:
        """The repository's journal; in memory, with a notice, where none can be written."""
        try:
            journal = SqliteJournal(self.state_folder / JOURNAL_NAME)
        except (JournalUnusable, OSError) as fault:
            self.notices.append(f"This run cannot be resumed: {fault}")
            return SqliteJournal.in_memory()
        if journal.recovered:
            self.notices.append(journal.recovered)
        return journal

    @property
    def state_folder(self) -> Path:
        """Where this repository's journal lives."""
        return self.settings.repository_folder(self.repo.root, self.settings.folders.state)

    @property
    def cache_folder(self) -> Path:
        """Where this repository's scratch trees live."""
        return self.settings.repository_folder(self.repo.root, self.settings.folders.cache)

    @cached_property
    def host(self) -> ModelHost:
        """The model host, not started before it is needed."""
        return ModelHost(self.settings.environment, prices=self.settings.user.prices)

    @cached_property
    def checker(self) -> Checker:
        """The checker over this repository's scratch tree."""
        from core.adapters.checker import SandboxedChecker

        return SandboxedChecker(
            self.repo,
            self.cache_folder,
            self.settings.environment,
            passed_variables=self.settings.user.passed_variables,
        )

    @cached_property
    def differ(self) -> Differ:
        """Tells which lines changed."""
        return GitDiffer(self.settings.environment)

    @cached_property
    def worktree(self) -> Worktree:
        """The one writer."""
        return Worktree(self.repo.root, self.journal, self.state_folder / "land.lock")

    @cached_property
    def proposed_checks(self) -> tuple[CheckCommand, ...]:
        """What may be asked for: the user's own commands, else the project file's, else what is
        detected.
        """
        if self.settings.checks or not self.detects_checks:
            return self.settings.checks
        if self.settings.proposed_checks:
            return self.settings.proposed_checks
        from core.adapters.detect_checks import detect_checks

        return detect_checks(self.repo, self.settings.environment)

    @cached_property
    def track_record(self) -> TrackRecord:
        """How far models were good enough in this repository's newest runs."""
        return read_track_record(self.state_folder / JOURNAL_NAME)

    def runs(self) -> tuple[RunRow, ...]:
        """Every run of this repository, newest first."""
        return self.journal.runs()

    def origin(self, path: str, line: int) -> Origin | None:
        """The landed hunk that wrote a line (1-based) of a file as it is now, or None.

        Raises `Refused` when there is no such line.
        """
        version = self.repo.read(path)
        text = version.data.decode("utf-8", "replace") if version else ""
        if not 1 <= line <= len(split_lines(text)):
            raise Refused(
                f"There is no line {line} in {path}; name a line of a file, as in a.py:3."
            )
        former = former_paths(self.repo.git, path) if self.repo.git else []
        journal = self.journal
        found = [one for run in journal.runs_that_landed() for one in landings(journal.read(run))]
        found.sort(key=lambda one: -one.at)
        return origin(text, line, [path, *former], found, journal, self.differ)

    def session(self, run_id: str = "") -> Session:
        """A session for a new run, or for the run with this id (call `resume` on it then)."""
        clock = SystemClock()
        bus = Bus(self.journal, clock, run_id or secrets.token_hex(3))
        outside = Outside(
            repo=self.repo,
            blobs=self.journal,
            checker=self.checker,
            finder=ChildFinder(self.repo.root, self.cache_folder, self.settings.environment),
            clients=self._clients(lambda note: bus.publish(NoticeGiven(note))),
            clock=clock,
            timeouts=Timeouts(),
            proposed=lambda: bus.state.named_checks or self.proposed_checks,
            differ=self.differ,
            policy=self.settings.policy,
            record=lambda: self.track_record,
            trailers=self.settings.user.trailers,
        )
        routes = resolve_routes(self.settings)
        own = frozenset(command.id for command in self.settings.checks)
        start = Start(
            routes=routes,
            scope=self.settings.scope.narrowed(deny=self.repo.submodules()),
            budget=self.settings.budget,
            notices=tuple(self.notices),
            approved=own | self.journal.approved(),
            checks=self.settings.named_checks,
            limits=self.settings.flags.limits,
        )
        return Session(bus, outside, self.worktree, self.journal, start)

    def review(self, change: str, patch: bytes = b"") -> Session:
        """A session over a change that exists already: `A..B`, a revision, a patch file, `-` for
        `patch`, or (empty) the working tree.

        Raises `Refused` when there is no such change.
        """
        read = self.repo.read
        annotate = annotator(self.settings.policy, find_owners(read), read)
        title, staged = find_change(self.repo, change, patch, annotate, self.journal, self.differ)
        events = list(
            review_events(
                title, staged, self.repo.state(), self.settings.scope, self.settings.budget
            )
        )
        session = self.session()
        session.begin_review(f"review {title}", events)
        return session

    @cached_property
    def cli_commands(self) -> "Mapping[str, CliCommand]":
        """Coding CLIs by name. Raises `Refused` for a declaration that cannot be understood."""
        from core.adapters.cli_models.declared import read_commands

        try:
            return read_commands(self.settings.user.cli)
        except ValueError as error:
            path = self.settings.folders.config / USER_FILE
            raise Refused(f"{path}: cli.{error}.") from error

    def programs(self, on_note: OnText = ignore) -> "CliModels":
        """The coding CLIs; `on_note` hears of files one wrote that were ignored."""
        from core.adapters.cli_models.client import CliModels

        settings = self.settings
        return CliModels(
            self.cli_commands,
            settings.environment,
            repository=self.repo.root,
            prices=settings.user.prices,
            on_note=on_note,
        )

    def _clients(self, on_note: OnText = ignore) -> Clients:
        from core.adapters.builtin.engine import BuiltinRewrite

        recorded = RecordedReplies(DEMO_REPLIES)
        host = self.host
        builtin = ModelInfo(
            BUILTIN, 0.0, 0.0, None, "", True, "builtin", "mechanical changes, no network"
        )
        local: dict[str, ModelClient] = {"builtin": BuiltinRewrite(self.repo), PREFIX: recorded}
        none = ModelInfo(LOCAL, 0.0, 0.0, None, "", True, "", "no model, only code on this machine")
        programs = self.programs(on_note)
        return Clients(
            local,
            host,
            host,
            (none, builtin, *programs.models, *recorded.models),
            programs,
            partial(is_on_this_machine, env=self.settings.environment),
            host.warm,
        )

"""Settings, from defaults < user file < project file (narrowing only) < environment < flags; the
only reader of the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.config_file import ConfigFile, ProjectFile, read_project_file, read_user_file
from core.domain.check import CheckCommand
from core.domain.edit import digest
from core.domain.errors import Refused
from core.domain.goal import Budget, LimitChange, Limits, Scope
from core.domain.phase import ORDER, Phase
from core.domain.risk_rules import RiskPolicy

USER_FILE = "config.toml"
PROJECT_FILE = ".relaypair.toml"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line said; empty where it said nothing."""

    models: Mapping[str, str] = field(default_factory=dict)
    """Knob (`plan`, …, or `model` for all) to model or comma-separated chain."""
    preset: str = ""
    checks: tuple[tuple[str, ...], ...] = ()
    limits: tuple[LimitChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Folders:
    """Where we keep things, all outside repositories."""

    state: Path
    cache: Path
    config: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is configured, read once."""

    environment: Mapping[str, str]
    folders: Folders
    user: ConfigFile
    project: ProjectFile
    flags: Flags
    notices: tuple[str, ...] = ()
    """What was ignored, and why; shown at start."""
    policy: RiskPolicy = RiskPolicy()
    """The built-in rules of risk with what both files add; the project's can only tighten."""

    @property
    def scope(self) -> Scope:
        """Where edits may go: the project file can only narrow it."""
        return Scope().narrowed(self.project.write, (*self.user.deny, *self.project.deny))

    @property
    def budget(self) -> Budget:
        """Limits of a run and of its phases."""
        user = self.user
        limited = {p: s.limits for p, s in user.phases.items() if s.limits != Limits()}
        budget = Budget(user.dollars, user.tokens, user.seconds, limited, user.cut)
        return budget.changed(self.flags.limits)

    @property
    def named_checks(self) -> tuple[CheckCommand, ...]:
        """Commands that the command line names."""
        return tuple(CheckCommand(argv, "--check") for argv in self.flags.checks)

    @property
    def checks(self) -> tuple[CheckCommand, ...]:
        """Commands named by the user, which need no further approval."""
        own = tuple(CheckCommand(argv, "user file") for argv in self.user.checks)
        return self.named_checks or own

    @property
    def proposed_checks(self) -> tuple[CheckCommand, ...]:
        """Commands named by the project file: they run only once approved."""
        return tuple(
            CheckCommand(argv, PROJECT_FILE, self.project.hash) for argv in self.project.checks
        )

    @property
    def editor(self) -> str:
        """The user's editor command."""
        return self.environment.get("VISUAL") or self.environment.get("EDITOR") or "vi"

    @property
    def no_colour(self) -> bool:
        """Whether the user wants no colour (no-color.org)."""
        return bool(self.environment.get("NO_COLOR"))

    @property
    def ascii(self) -> bool:
        """Whether only ASCII may be drawn: asked for, or the locale is not UTF-8."""
        if self.user.ascii is not None:
            return self.user.ascii
        locale = next(
            (
                self.environment[k]
                for k in ("LC_ALL", "LC_CTYPE", "LANG")
                if self.environment.get(k)
            ),
            "",
        )
        return "utf" not in locale.casefold()

    def repository_folder(self, root: Path, base: Path) -> Path:
        """Our folder for one repository below a base, keyed by its root."""
        return base / f"{root.name[:40] or 'root'}-{digest(os.fsencode(root))[:12]}"


def environment() -> dict[str, str]:
    """A copy of the process environment."""
    return dict(os.environ)


def find_folders(env: Mapping[str, str]) -> Folders:
    """XDG folders; relative values are ignored, as the XDG specification asks."""
    home = Path(env.get("HOME") or "/nonexistent")

    def folder(name: str, default: str) -> Path:
        given = env.get(name, "")
        return (Path(given) if given.startswith("/") else home / default) / "relaypair"

    return Folders(
        state=folder("XDG_STATE_HOME", ".local/state"),
        cache=folder("XDG_CACHE_HOME", ".cache"),
        config=folder("XDG_CONFIG_HOME", ".config"),
    )


def load_settings(root: Path, env: Mapping[str, str], flags: Flags | None = None) -> Settings:
    """Read both files and the environment.

    Raises `Refused` for a user file that cannot be understood.
    """
    folders = find_folders(env)
    user = read_user_file(folders.config / USER_FILE)
    project, notices = read_project_file(root / PROJECT_FILE)
    policy, ignored = _policy(folders.config / USER_FILE, user, project)
    return Settings(
        dict(env), folders, user, project, flags or Flags(), (*notices, *ignored), policy
    )


def _policy(
    path: Path, user: ConfigFile, project: ProjectFile
) -> tuple[RiskPolicy, tuple[str, ...]]:
    """The policy of both files, and a notice for each wish of the project's to loosen it."""
    try:
        own = RiskPolicy().with_table(user.risk)
    except ValueError as error:
        raise Refused(f"{path}: risk.{error}.") from error
    policy, ignored = own.tightened(project.risk)
    if project.risk.allow:
        ignored = ("allow: only your own file lets something through", *ignored)
    return policy, tuple(f"{PROJECT_FILE}: risk.{clause}; it is ignored." for clause in ignored)


def model_variables() -> dict[str, Phase | None]:
    """Environment variables that choose models; None stands for every phase."""
    named: dict[str, Phase | None] = {f"RELAYPAIR_{p.knob.upper()}_MODEL": p for p in ORDER}
    return {"RELAYPAIR_MODEL": None, **named}

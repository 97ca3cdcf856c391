"""`relaypair doctor`: what works on this machine and what does not, one line each."""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from core.adapters.containment import Rung, best_rung, describe
from core.adapters.git import Git
from core.adapters.indexer import FILE_NAME as INDEX_NAME
from core.adapters.model_host import keys
from core.adapters.model_host.client import ModelHost
from core.bootstrap import JOURNAL_NAME, Workspace
from core.config import USER_FILE, environment, find_folders
from core.domain.errors import RelaypairError
from core.engine.clients import CLI
from core.engine.routes import KEYS, OWN, resolve_routes
from tui.commands.environment_files import Odd, odd_files
from tui.commands.finding import BAD, OK, WARN, Finding
from tui.commands.listening import Listening
from tui.exit_codes import ExitCode
from tui.sanitise import one_line
from tui.setting_words import settings_said

PYTHONS = (3, 11), (3, 15)
"""The first version that works and the first that is not promised, as in pyproject.toml."""

NEEDED = (
    "textual",
    "prompt-toolkit",
    "pydantic",
    "gitpython",
    "ast-grep-py",
    "rapidfuzz",
    "pyyaml",
    "litellm",
)
STOLEN = {"litellm": ("1.82.7", "1.82.8")}
"""Releases that were published with code that steals credentials."""


def main(options: argparse.Namespace) -> int:
    """Look at everything; 1 when something is bad, else 0."""
    env = environment()
    worst = ExitCode.DONE
    for finding in _findings(options.repo, env, starts_host=options.host):
        print(f"{finding.mark:<4}  {one_line(finding.text)}", flush=True)
        worst = ExitCode.FAILED if finding.mark == BAD else worst
    return int(worst)


def _findings(folder: Path, env: Mapping[str, str], *, starts_host: bool) -> Iterator[Finding]:
    yield _python()
    yield from _packages()
    yield from _environment_files()
    yield _git(folder, env)
    yield from _folders(env)
    try:
        workspace = Workspace.open(folder, env)
    except RelaypairError as fault:
        yield Finding(BAD, str(fault))
    else:
        yield from _workspace(workspace)
    yield _containment()
    yield _keys(env)
    if starts_host:
        yield asyncio.run(_host(env))
    else:
        yield Finding(OK, "model host: not started; --host starts it and says how long it takes")


def _python() -> Finding:
    first, beyond = PYTHONS
    where = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < first:
        return Finding(
            BAD, f"{where}: install Relaypair with Python {first[0]}.{first[1]} or newer"
        )
    if sys.version_info[:2] >= beyond:
        return Finding(WARN, f"{where}: newer than what Relaypair is tested with")
    return Finding(OK, where)


def _packages() -> Iterator[Finding]:
    found = {}
    for name in NEEDED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding(BAD, f"package {name} is missing; install Relaypair again")
    for name, versions in STOLEN.items():
        if found.get(name) in versions:
            yield Finding(
                BAD, f"{name} {found[name]} steals credentials: remove it and change your keys"
            )
    yield Finding(OK, "packages: " + ", ".join(f"{n} {v}" for n, v in found.items()))


def _environment_files() -> Iterator[Finding]:
    odd = odd_files([Path(p) for p in sys.path if p])
    for file in odd:
        owner = f"from {file.owner}" if file.owner else "from no installed package"
        yield Finding(
            BAD if file.kind is Odd.FOREIGN else WARN,
            f"{file.path} runs code whenever Python starts here, {owner}: look at it, remove it if "
            "you do not know it",
        )
    if not odd:
        yield Finding(OK, "no .pth file of an unknown package runs code in this environment")


def _git(folder: Path, env: Mapping[str, str]) -> Finding:
    version = Git(folder if folder.is_dir() else Path("/"), env).try_text("version")
    if not version:
        return Finding(WARN, "git cannot be run: history, diffs and `review` are off; install it")
    numbers = version.removeprefix("git version ").split(".")
    if tuple(int(n) for n in numbers[:2] if n.isdigit()) < (2, 31):
        return Finding(BAD, f"{version}: 2.31 or newer is needed, so that settings can be shut out")
    return Finding(OK, version)


def _folders(env: Mapping[str, str]) -> Iterator[Finding]:
    folders = find_folders(env)
    yield _folder("state", folders.state, "runs cannot be resumed")
    yield _folder("cache", folders.cache, "checks cannot run")
    config = folders.config / USER_FILE
    there = "" if config.exists() else " (no file: defaults)"
    yield Finding(OK, f"settings: {config}{there}")


def _folder(name: str, folder: Path, loss: str) -> Finding:
    if not folder.is_dir():
        parent = next(p for p in folder.parents if p.exists())
        if folder.exists() or not os.access(parent, os.W_OK | os.X_OK):
            return Finding(BAD, f"{name} folder {folder} cannot be made, so {loss}: check {parent}")
        return Finding(OK, f"{name} folder {folder}: is made when it is needed")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            BAD, f"{name} folder {folder} cannot be written, so {loss}: check its rights"
        )
    mode = folder.stat().st_mode & 0o777
    if mode & 0o022:
        return Finding(
            WARN, f"{name} folder {folder} can be written by others ({mode:o}): chmod 700"
        )
    return Finding(OK, f"{name} folder {folder} ({mode:o})")


def _workspace(workspace: Workspace) -> Iterator[Finding]:
    state = workspace.repo.state()
    where = f"repository {state.root}"
    if state.vcs == "none":
        yield Finding(WARN, f"{where}: without git there is no history and no `review`; git init")
    elif state.condition in ("merge", "rebase", "cherry-pick"):
        yield Finding(
            WARN, f"{where}: a {state.condition} is in progress; finish it before landing"
        )
    else:
        yield Finding(OK, f"{where}: {state.branch or 'no branch'}, {state.condition}")
    for notice in workspace.settings.notices:
        yield Finding(WARN, notice)
    yield from _journal(workspace.state_folder / JOURNAL_NAME)
    yield _index(workspace.cache_folder / INDEX_NAME)
    checks = ", ".join(f"`{c.line}` ({c.source})" for c in workspace.proposed_checks)
    if checks:
        yield Finding(OK, f"checks: {checks}")
    else:
        yield Finding(WARN, "checks: none found; --check CMD or checks.commands names one")
    yield from _programs(workspace)
    yield from _routes(workspace)


def _index(path: Path) -> Finding:
    """Where the search index is and how large; it may be removed at any time."""
    try:
        size = path.stat().st_size
    except OSError:
        return Finding(OK, f"search index: none yet; {path} is made when it is needed")
    return Finding(OK, f"search index: {path}, {size / 1e6:,.1f} MB; made again if you remove it")


def _programs(workspace: Workspace) -> Iterator[Finding]:
    try:
        programs, names = workspace.programs(), sorted(workspace.cli_commands)
    except RelaypairError as fault:
        yield Finding(BAD, str(fault))
        return
    found = [f"cli/{name} ({path})" for name in names if (path := programs.find(name))]
    missing = [f"cli/{name}" for name in names if not programs.find(name)]
    yield Finding(OK, f"coding CLIs: {', '.join(found) or 'none found'}")
    if found and missing:
        yield Finding(OK, f"coding CLIs not on your PATH: {', '.join(missing)}")


def _journal(path: Path) -> Iterator[Finding]:
    if path.exists() and path.stat().st_mode & 0o077:
        yield Finding(WARN, f"{path} can be read by others: chmod 600")


def _routes(workspace: Workspace) -> Iterator[Finding]:
    try:
        routes = resolve_routes(workspace.settings)
    except RelaypairError as fault:
        yield Finding(BAD, str(fault))
        return
    env, budget = workspace.settings.environment, workspace.settings.budget
    models = {phase: (*route.models, *route.up) for phase, route in routes.items()}
    asked = [model.partition("/")[0] for names in models.values() for model in names]
    listening = Listening(env, asked)
    yield listening.told
    for phase, route in routes.items():
        own = settings_said(route, budget.phases.get(phase))
        said = f"{phase.value}: {route.spelled} ({route.why}){f'; {own}' if own else ''}"
        lacks = [_lacks(model, workspace, listening) for model in models[phase]]
        trouble = "; ".join(dict.fromkeys(filter(None, lacks)))
        yield Finding(WARN, f"{said}: {trouble}") if trouble else Finding(OK, said)


def _lacks(model: str, workspace: Workspace, listening: Listening) -> str:
    """What a call of a model would be refused for, as far as this machine knows."""
    provider, slash, rest = model.partition("/")
    if not slash or provider in OWN:
        return ""
    if model.startswith(CLI):
        name = rest.partition(":")[0]
        return _program(workspace, name)
    wanted = keys.variables(provider)
    if wanted and not any(workspace.settings.environment.get(name) for name in wanted):
        return f"{wanted[0]} is not set"
    return listening.lacks(provider)


def _program(workspace: Workspace, name: str) -> str:
    try:
        command = workspace.cli_commands.get(name)
        if command is None:
            return f"there is no coding CLI {name}"
        return "" if workspace.programs().find(name) else f"{command.program} is not on your PATH"
    except RelaypairError:
        return ""  # told of by the line about coding CLIs


def _containment() -> Finding:
    rung = best_rung()
    return Finding(WARN if rung is Rung.PLAIN else OK, f"checks, {rung.value}: {describe(rung)}")


def _keys(env: Mapping[str, str]) -> Finding:
    looked = tuple(name for names in KEYS.values() for name in names)
    present = sorted({n for n, v in env.items() if v and (n in looked or n.endswith("_API_KEY"))})
    if present:
        return Finding(OK, f"keys: {', '.join(present)}")
    return Finding(
        WARN,
        f"keys: none ({', '.join(looked)}); mechanical changes, `review` and `demo` need none",
    )


async def _host(env: Mapping[str, str]) -> Finding:
    host = ModelHost(env)
    started = time.monotonic()
    try:
        await host.warm()
        took = time.monotonic() - started
        spoken = await host.contacted()
    except RelaypairError as fault:
        return Finding(BAD, f"model host: {fault}")
    finally:
        await host.close()
    calls = f", and asked {', '.join(spoken)}" if spoken else ", and contacted nobody"
    return Finding(OK, f"model host: ready after {took:.1f} s{calls}")

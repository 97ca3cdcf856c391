"""`relaypair compare GOALS.toml`: the same goals through several arms, run by run."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.adapters.composition import SHARED
from core.adapters.disk import Disk
from core.adapters.git import Git
from core.adapters.records import read_records
from core.bootstrap import JOURNAL_NAME, Workspace
from core.compare.goals import Arm, Case, Comparison, read_goals
from core.compare.markup import as_html, as_markdown
from core.compare.report import price, report
from core.compare.rows import AGAIN, Row, read_rows
from core.config import Flags, environment
from core.domain.check import CheckCommand
from core.domain.edit import digest
from core.domain.errors import Refused
from core.domain.goal import LimitChange
from core.domain.phase import PhaseState
from core.engine.session import Session
from core.record.figures import RunFigures
from tui.commands.compare_settings import held_in, phases_of
from tui.exit_codes import ExitCode
from tui.figures import seconds
from tui.headless import Accept, Headless, HeadlessOptions
from tui.sanitise import one_line, visible

MAX_BYTES = 1_000_000
"""Of a file of goals, and of a hidden file."""

RULE = HeadlessOptions(accept=Accept.ALL, land=True, unverified=True)
"""What stands in for the person in every arm: hunks without a doubt are accepted and landed."""

_ENDS = {
    ExitCode.FAILED: "a phase or a check failed",
    ExitCode.REJECTED: "no hunk was accepted",
    ExitCode.REFUSED: "landing was refused",
    ExitCode.ASKED: "the run waits for an answer that only a person can give",
}


def main(options: argparse.Namespace) -> int:
    """Make the runs that are lacking, then print the report. Raises `Refused`."""
    try:
        text, page = _compare(options)
    except OSError as error:
        raise Refused(
            f"The comparison broke off ({error}); free some space or check that place, then "
            "compare again: the runs that are done are kept."
        ) from error
    print(text)
    _tell(f"Report: {page}; the same as Markdown: {page.with_suffix('.md').name}, beside it")
    return int(ExitCode.DONE)


def _compare(options: argparse.Namespace) -> tuple[str, Path]:
    """The report as Markdown, and where it is as a page."""
    comparison, data, hidden = _read(options.goals)
    workspace = Workspace.open(options.repo, environment(), detects_checks=False)
    if workspace.repo.git is None:
        raise Refused(f"{workspace.repo.root} is no git repository; compare needs commits.")
    held = tuple(held_in(workspace.settings, comparison))
    key = _key(data, hidden, held)
    place = Place(workspace, workspace.repo.git, options.goals, hidden, key)
    for case in comparison.cases:
        for kind, commands in (("check", case.checks), ("hidden", case.hidden)):
            for argv in commands:
                _tell(f"{case.id}: {kind}: {' '.join(argv)}")
    with _locked(place.rows) as handle:
        if options.again:
            _append(handle, AGAIN)
        rows = _complete(place, comparison, handle)
        sections = report(options.goals.name, comparison, rows, held)
        text = "\n".join(map(visible, as_markdown(sections).split("\n")))
        _write(place.rows.with_suffix(".md"), text)
        _write(place.rows.with_suffix(".html"), as_html(sections))
    return text, place.rows.with_suffix(".html")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comparison reads and where it writes: never in the user's repository."""

    workspace: Workspace
    git: Git
    goals: Path
    hidden: Mapping[str, bytes]
    """Contents of the hidden files, by their path as the file of goals has it."""
    key: str

    @property
    def rows(self) -> Path:
        """One line for each run that is done."""
        return self.workspace.state_folder / "compare" / f"{self.key}.jsonl"

    @property
    def temporary(self) -> Path:
        """The tree, index and scratch tree of the run that is going on."""
        return self.workspace.cache_folder / "compare" / self.key

    def state_of(self, case: Case, arm: Arm) -> Path:
        """The state folder of one goal in one arm."""
        return self.rows.with_suffix("") / f"{case.id}.{arm.name}"


def _read(path: Path) -> tuple[Comparison, bytes, dict[str, bytes]]:
    """The comparison, its bytes, and its hidden files."""
    data = _bytes(path)
    comparison = read_goals(str(path), data)
    named = sorted({name for case in comparison.cases for name in case.hidden_files.values()})
    return comparison, data, {name: _bytes(path.parent / name) for name in named}


def _key(data: bytes, hidden: Mapping[str, bytes], held: Sequence[str]) -> str:
    """Names a comparison by all that decides what its runs are: runs of another one never count."""
    return digest(b"\0".join((data, *hidden.values(), *(text.encode() for text in held))))[:16]


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror}); name a file that can.") from error
    if len(data) > MAX_BYTES:
        raise Refused(f"{path} has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    return data


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file of rows, open for adding to it; the kernel unlocks it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("This comparison is running already; wait for it, or end it.") from error
        yield handle
    finally:
        os.close(handle)


def _append(handle: int, line: bytes) -> None:
    """Add one line durably, on a line of its own even after one that was cut short."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        line = b"\n" + line
    disk, view = Disk(), memoryview(line)
    while view:
        view = view[disk.write(handle, view) :]
    disk.sync(handle)


def _complete(place: Place, comparison: Comparison, handle: int) -> list[Row]:
    """All rows, after the runs that were lacking have been made."""
    rows = read_rows(place.rows.read_bytes())
    done = {(row.goal, row.arm) for row in rows}
    # A branch may move between two calls; a goal stays at the commit its first run began from.
    commits = {row.goal: row.commit for row in reversed(rows)}
    for case in comparison.cases:
        commits.setdefault(case.id, _commit(place.git, case))
    order = list(comparison.order())
    for number, (case, arm) in enumerate(order, 1):
        if (case.id, arm.name) in done:
            continue
        row = _run(place, case, arm, commits[case.id])
        _append(handle, row.line())
        rows.append(row)
        how = "success" if row.success else f"no success: {row.failure}"
        cost = price(row.cost, row.basis)
        _tell(f"[{number}/{len(order)}] {case.id} {arm.name}: {seconds(row.seconds)} {cost} {how}")
    return rows


def _commit(git: Git, case: Case) -> str:
    name = f"{case.commit}^{{commit}}"
    found = git.try_text("rev-parse", "--verify", "-q", "--end-of-options", name)
    if not found:
        raise Refused(f"goal {case.id}: there is no commit {case.commit} in {git.folder}.")
    return found


def _run(place: Place, case: Case, arm: Arm, commit: str) -> Row:
    """One goal through one arm in a tree of its own, which is deleted afterwards."""
    _clear(place.temporary)
    place.temporary.mkdir(parents=True, mode=0o700)
    try:
        tree = _tree(place, commit)
        _need_hidden(place, case, tree)
        own = () if case.dollars is None else (LimitChange("dollars", case.dollars),)
        flags = Flags(arm.models, arm.preset, case.checks, own)
        workspace = _opened(place, case, arm, tree, flags)
        try:
            return asyncio.run(_carried(place, workspace, case, arm, commit))
        finally:
            workspace.journal.close()
    finally:
        shutil.rmtree(place.temporary, ignore_errors=True)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise Refused(f"{folder} is left of an earlier run and cannot be deleted; delete it.")


def _tree(place: Place, commit: str) -> Path:
    """The files of a commit, with no history but its own: no branch, no remote, no reflog."""
    root = place.workspace.repo.root
    tree = place.temporary / (root.name or "root")
    above = Git(place.temporary, place.workspace.settings.environment)
    quiet = ("--quiet", "--shared", "--no-checkout", "--no-tags", "--template=")
    above.run("clone", *quiet, "-c", "core.logAllRefUpdates=false", "--", str(root), str(tree))
    git = Git(tree, place.workspace.settings.environment)
    git.run("checkout", "--quiet", "--force", "--detach", commit)
    git.run("remote", "remove", "origin")
    listed = git.text("for-each-ref", "--format=delete %(refname)")
    git.run("update-ref", "--no-deref", "--stdin", stdin=f"{listed}\n".encode() if listed else b"")
    for name in SHARED:
        if (root / name).is_dir() and not (tree / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).symlink_to((root / name).resolve())
    return tree


def _need_hidden(place: Place, case: Case, tree: Path) -> None:
    """Refuse answers that the models would be shown, and hidden files that have no place."""
    root = place.workspace.repo.root
    for path in (place.goals, *(place.goals.parent / name for name in place.hidden)):
        real = path.resolve()
        if real.is_relative_to(root) and os.path.lexists(tree / real.relative_to(root)):
            raise Refused(
                f"{path} is part of the commit that goal {case.id} begins from, so models would "
                "see it; keep it out of the repository."
            )
    for name in case.hidden_files:
        inside = (tree / name).parent.resolve().is_relative_to(tree.resolve())
        if not inside or (tree / name).is_dir():
            raise Refused(
                f"goal {case.id}: {name} is a folder or lies behind a link in this commit; choose "
                "another path for the hidden file."
            )


def _opened(place: Place, case: Case, arm: Arm, tree: Path, flags: Flags) -> Workspace:
    """The tree with the user's settings, phases set as the arm says, and state and cache folders of
    its own.
    """
    env = place.workspace.settings.environment
    opened = Workspace.open(tree, env, flags, detects_checks=False)
    own = place.state_of(case, arm), place.temporary / "cache"
    folders = replace(opened.settings.folders, state=own[0], cache=own[1])
    user = replace(opened.settings.user, phases=phases_of(opened.settings.user.phases, arm))
    return replace(opened, settings=replace(opened.settings, folders=folders, user=user))


async def _carried(place: Place, workspace: Workspace, case: Case, arm: Arm, commit: str) -> Row:
    session = workspace.session()
    await session.warm()  # starting the model host is no part of any arm's time
    headless = Headless(session, RULE, write=lambda _line: None)
    began, failure = time.monotonic(), ""
    try:
        async with asyncio.timeout(case.seconds):
            failure = _why(session, await headless.run(case.text))
    except TimeoutError:
        failure = f"it took more than {case.seconds:g} s"
    took = time.monotonic() - began
    landing = session.state.last_landing
    if landing is not None:
        failure = await _judged(place, workspace, case)
    row = _row(session, workspace, Row(case.id, arm.name, commit, {}, False, False, False, took))
    return replace(
        row,
        success=landing is not None and not failure,
        landed=landing is not None,
        verified=landing is not None and landing.verified,
        failure=failure,
    )


def _why(session: Session, code: ExitCode) -> str:
    """Why nothing was landed, in the words of the phase that failed, else of how the run ended."""
    failed = [
        f"{phase.value}: {run.reason}"
        for phase, run in session.state.phases.items()
        if run.state is PhaseState.FAILED
    ]
    waiting = session.state.waiting if code is ExitCode.ASKED else ""
    return one_line(failed[0] if failed else waiting or _ENDS.get(code, "nothing was landed"))


async def _judged(place: Place, workspace: Workspace, case: Case) -> str:
    """What the hidden checks have against what was landed; empty for nothing."""
    try:
        await asyncio.to_thread(_uncover, place, workspace.repo.root, case)
    except OSError as error:
        return one_line(f"a hidden file has no place in what was landed: {error}")
    checker = workspace.checker
    tree_hash = await checker.prepare(())
    for argv in case.hidden:
        command = CheckCommand(argv, place.goals.name, timeout=case.seconds)
        result = await checker.run(command, tree_hash)
        if not result.passed:
            return one_line(f"hidden check {command.line}: {result.summary}")
    return ""


def _uncover(place: Place, tree: Path, case: Case) -> None:
    """Put the hidden files into the tree, in place of what is there."""
    disk = Disk()
    for name, source in case.hidden_files.items():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            disk.remove(target)
        disk.write_new(target, place.hidden[source])


def _row(session: Session, workspace: Workspace, row: Row) -> Row:
    """The row with what the run's journal tells of it."""
    state = session.state
    record = read_records([workspace.state_folder / JOURNAL_NAME])
    unbegun = RunFigures(state.run_id) if not state.goal.text else None
    figures = next((run for run in record.runs if run.id == state.run_id), unbegun)
    if figures is None:
        raise Refused(
            f"The run of goal {row.goal} in arm {row.arm} is not in its journal; "
            "free some space, then compare again."
        )
    return replace(
        row,
        routes={phase.value: route.spelled for phase, route in state.routes.items()},
        cost=state.usage.cost,
        basis=state.usage.basis,
        tokens_in=state.usage.tokens_in,
        tokens_out=state.usage.tokens_out,
        staged=figures.hunks.staged,
        landed_hunks=figures.hunks.landed,
        again=figures.hunks.rework,
        retries=sum(call.retries for call in figures.calls),
        escalations=sum(call.escalations for call in figures.calls),
        run=state.run_id,
    )


def _write(path: Path, text: str) -> None:
    """Replace a report, whole or not at all."""
    disk, part = Disk(), path.with_name(f"{path.name}.part")
    if part.exists():
        disk.remove(part)
    disk.write_new(part, text.encode())
    disk.replace(part, path)


def _tell(text: str) -> None:
    print(visible(text), file=sys.stderr, flush=True)
